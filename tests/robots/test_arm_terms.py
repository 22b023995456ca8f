"""The one call of the arm's terms gives what MuJoCo's own functions give."""

import numpy as np
import pytest

from neural_brain.robots import arm_dynamics, arm_terms, dynamics
from neural_brain.sim.robots import READY

PARTS = ("bias", "jacobian", "T_base_ee", "mass")


@pytest.mark.skipif(arm_terms.refresh is None, reason="MuJoCo's library lies elsewhere")
def test_one_call_gives_what_five_give(monkeypatch):
    rng = np.random.default_rng(0)
    one, five = arm_dynamics(1.0), arm_dynamics(1.0)
    for _ in range(50):
        q, dq = READY + rng.uniform(-1.0, 1.0, 7), rng.uniform(-2.0, 2.0, 7)
        one.update(q, dq)
        with monkeypatch.context() as patch:
            patch.setattr(dynamics, "refresh", None)
            five.update(q, dq)
        for part in PARTS:
            np.testing.assert_array_equal(getattr(one, part), getattr(five, part))
