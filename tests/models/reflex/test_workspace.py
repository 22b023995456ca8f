"""Planes: what is refused, and how far the balls are from them."""

import numpy as np
import pytest

from neural_brain.models.config import from_dict, to_dict
from neural_brain.models.errors import ConfigError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.reflex import Reflex, ReflexConfig, WorkspaceConfig
from neural_brain.models.reflex.workspace import PlaneGaps
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY

TABLE = (0.0, 0.0, 1.0, 0.75)


@pytest.mark.parametrize(
    "plane",
    [(0, 0, 1), (0, 0, 0, 0.5), (0, 0, 1, np.nan), (0, np.inf, 1, 0), ("a", 0, 0, 1),
     (0, 0, True, 1), 3.0],
    ids=str,
)  # fmt: skip
def test_what_is_no_plane_is_refused(plane):
    with pytest.raises(ConfigError, match=r"planes has .*\[0, 0, 1, 0.75\]"):
        WorkspaceConfig(planes=(plane,))


def test_an_approach_faster_than_the_gain_is_refused():
    with pytest.raises(ConfigError, match="approach_per_s"):
        WorkspaceConfig(approach_per_s=50.0, gain_per_s=40.0)


def test_planes_come_from_a_file():
    config = from_dict(WorkspaceConfig, {"planes": [[0, 0, 1, 0.75], [1, 0, 0, -1.0]]})
    assert config.planes == (TABLE, (1.0, 0.0, 0.0, -1.0))
    assert from_dict(WorkspaceConfig, to_dict(config)) == config
    assert config.watches and not WorkspaceConfig().watches


def test_gaps_are_those_of_the_balls_whatever_the_length_of_the_normal():
    shape = arm_dynamics().shape()
    shape.update(READY)
    config = WorkspaceConfig(planes=((0.0, 0.0, 2.0, 1.5), (0.6, 0.0, 0.8, 0.1)))
    gaps = PlaneGaps(config, shape)
    out = np.zeros(gaps.balls.size)
    gaps.measure(out)
    high = shape.center[:, 2] - 0.75 - shape.radius
    np.testing.assert_allclose(out[::2], high[shape.link >= 3])
    slant = shape.center @ [0.6, 0.0, 0.8] - 0.1 - shape.radius
    np.testing.assert_allclose(out[1::2], slant[shape.link >= 3])
    assert set(gaps.names) == {"workspace plane 1", "workspace plane 2"}


def test_a_first_link_beyond_the_hand_is_refused():
    with pytest.raises(ConfigError, match="first_link = 9"):
        PlaneGaps(
            WorkspaceConfig(planes=(TABLE,), first_link=9), arm_dynamics().shape()
        )


def test_a_robot_without_a_shape_works_unless_something_is_watched(make):
    config = ReflexConfig(workspace=WorkspaceConfig(planes=(TABLE,)))
    assert Reflex(ReflexConfig(), make.LIMITS).places is None
    with pytest.raises(ConfigError, match="ShapedArm"):
        Reflex(config, make.LIMITS)


class Shapeless:
    """Dynamics that do not say where the arm is solid."""

    def __init__(self):
        self.arm = arm_dynamics()

    def __getattr__(self, name):
        if name == "shape":
            raise AttributeError(name)
        return getattr(self.arm, name)


def test_the_fast_loop_says_that_a_shape_is_missing(make):
    import dataclasses

    limits = dataclasses.replace(
        make.LIMITS, q_min=np.full(7, -3.0), q_max=np.full(7, 3.0), dq_max=np.ones(7),
        effort_max=np.full(7, 50.0), effort_rate_max=np.full(7, 1000.0),
    )  # fmt: skip
    FastLoop(FastConfig(), Shapeless(), limits)
    config = FastConfig(reflex=ReflexConfig(workspace=WorkspaceConfig(planes=(TABLE,))))
    with pytest.raises(ConfigError, match="ShapedArm"):
        FastLoop(config, Shapeless(), limits)
    none = np.zeros(0)
    legless = dataclasses.replace(
        limits, q_min=none, q_max=none, dq_max=none, effort_max=none,
        effort_rate_max=none,
    )  # fmt: skip
    with pytest.raises(ConfigError, match="no arm"):
        FastLoop(config, arm_dynamics(), legless)
