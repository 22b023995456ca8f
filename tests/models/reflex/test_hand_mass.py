"""The hand's effective mass against the equation, and where it has none."""

import numpy as np
import pytest

from neural_brain.models.reflex.hand_mass import HandMass
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY


@pytest.mark.parametrize("way", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, -2, 2)])
def test_it_is_that_of_the_equation(way):
    arm = arm_dynamics()
    arm.update(READY, np.zeros(7))
    mass = HandMass(arm, 1.5)
    mass.refresh()
    u = np.array(way) / np.linalg.norm(way)
    mobility = arm.jacobian[:3] @ np.linalg.solve(arm.mass, arm.jacobian[:3].T)
    assert mass.along(*u) == pytest.approx(1.0 / (u @ mobility @ u) + 1.5)


def test_what_is_not_known_or_not_finite_is_heavy():
    arm = arm_dynamics()
    mass = HandMass(arm, 0.0)
    assert mass.along(1.0, 0.0, 0.0) == 50.0
    arm.jacobian[:] = np.nan
    mass.refresh()
    assert mass.along(1.0, 0.0, 0.0) == 50.0
