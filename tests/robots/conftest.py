"""Physics engines in which the tests of bodies run."""

import pytest

from neural_brain.robots import MujocoBody
from neural_brain.sim.simulation import Simulation

NO_BULLET = "pybullet is absent: pip install neural_brain[pybullet]"


def _mujoco(model, config=None, **options):
    return MujocoBody(Simulation(model), config, **options)


def _bullet(model, config=None, **options):
    from neural_brain.robots.bullet_body import BulletBody
    from neural_brain.sim.bullet import BulletSimulation

    return BulletBody(BulletSimulation(model), config, **options)


@pytest.fixture(params=["mujoco", "bullet"])
def engine(request):
    """Makes a body of a compiled world: `engine(model, config, posture=...)`."""
    if request.param == "mujoco":
        return _mujoco
    pytest.importorskip("pybullet", reason=NO_BULLET)
    return _bullet


@pytest.fixture
def kind(engine):
    """The most complete robot that the engine takes."""
    return "mobile_manipulator" if engine is _mujoco else "arm"
