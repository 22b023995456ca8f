"""Energy tank: what the controller puts in was in the tank before."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.errors import ConfigError
from neural_brain.models.impedance import EnergyTank, ImpedanceConfig

SMALL = ImpedanceConfig(
    tank_start_j=0.1, tank_min_j=0.01, tank_soft_j=0.03, tank_max_j=0.2,
    tank_allowance_w=0.0, tank_refill_share=1.0,
)  # fmt: skip


def attack(D, *, guarded, seconds=2.0, dt=1e-4):
    """A mass of 1 kg whose stiffness and target fight it; largest energy [J]."""
    tank = EnergyTank(SMALL)
    K, x, v, target = 100.0, 0.01, 0.0, 0.0
    start = 0.5 * K * x * x + tank.energy_j
    top = total_rise = 0.0
    for _ in range(int(seconds / dt)):
        error = target - x
        wanted = 1000.0 if error * v > 0.0 else 100.0
        slew = np.clip((wanted - K) / dt, -20e3, 20e3)
        speed = 0.3 * np.sign(v)
        opening = tank.opening if guarded else 1.0
        slew, speed = (opening * slew if slew > 0 else slew), opening * speed
        spent = max(0.5 * error * slew * error, 0.0)
        K += dt * slew
        spent += max(K * (error + 0.5 * dt * speed) * speed, 0.0)  # exact in a step
        target += dt * speed
        before = v
        v += dt * (K * (target - x) - D * v)
        x += dt * v
        tank.flow(damped_w=D * before * 0.5 * (before + v), spent_w=spent, dt=dt)
        stored = 0.5 * v * v + 0.5 * K * (target - x) ** 2
        top = max(top, stored)
        total_rise = max(total_rise, stored + tank.energy_j - start)
        if stored > 2.0:
            break
    return top, total_rise


def test_the_attack_is_real():
    assert attack(0.5, guarded=False)[0] > 1.0


@pytest.mark.parametrize("D", [0.5, 2.0, 5.0])
def test_stored_energy_never_exceeds_what_was_there(D):
    top, rise = attack(D, guarded=True)
    assert top <= 0.005 + 0.1 + 1e-3
    assert rise <= 1e-3


@given(
    st.lists(
        st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 3), max_size=30
    )
)
def test_level_and_opening_stay_in_their_range(flows):
    config = ImpedanceConfig()
    tank = EnergyTank(config)
    for damped, spent, dt in flows:
        tank.flow(damped_w=damped, spent_w=spent, dt=abs(dt))
        assert 0.0 <= tank.energy_j <= config.tank_max_j
        assert 0.0 <= tank.opening <= 1.0 and math.isfinite(tank.energy_j)


def test_the_opening_closes_smoothly():
    tank = EnergyTank(ImpedanceConfig(tank_allowance_w=0.0))
    openings = []
    while tank.opening > 0.0:
        tank.flow(damped_w=0.0, spent_w=10.0, dt=1e-3)
        openings.append(tank.opening)
    steps = -np.diff(openings)
    assert openings[0] == 1.0 and steps.min() >= 0.0 and steps.max() < 0.05


def test_a_wrong_order_of_levels_is_refused():
    with pytest.raises(ConfigError, match="tank_soft_j"):
        ImpedanceConfig(tank_min_j=1.0, tank_soft_j=0.5)
