"""Force reflex: thresholds, direction of the retreat, reaction in ticks."""

import numpy as np
import pytest

from neural_brain.models.reflex import ForceConfig
from neural_brain.models.reflex.force import ForceReflex
from neural_brain.models.signals import ReflexLevel

CONFIG = ForceConfig()


def levels(forces, contact=False, config=CONFIG):
    reflex = ForceReflex(config, 1e-3)
    return [
        reflex.judge(np.array([0.0, 0.0, f, 0.0, 0.0, 0.0]), contact=contact).level
        for f in forces
    ]


def test_a_collision_is_answered_within_two_ticks():
    found = levels([0.0] * 20 + [CONFIG.collision_n + 1.0] * 3)
    assert found[:20] == [ReflexLevel.NOMINAL] * 20
    assert ReflexLevel.RETRACT in found[20:22]


def test_one_spike_of_a_tick_is_noise():
    calm = ForceConfig(lead_s=0.0)
    found = levels([0.0, 0.0, 40.0, 0.0, 0.0], config=calm)
    assert found == [ReflexLevel.NOMINAL] * 5


def test_noise_around_the_threshold_does_not_delay_the_answer():
    noisy = [CONFIG.collision_n + 0.3 * (-1) ** k for k in range(8)]
    found = levels([0.0, 5.0, 10.0, *noisy], config=ForceConfig(lead_s=0.0))
    assert found[3:5] == [ReflexLevel.NOMINAL, ReflexLevel.RETRACT]


def test_a_force_that_only_comes_near_is_no_collision():
    below = [0.9 * CONFIG.collision_n] * 50
    assert max(levels(below)) == ReflexLevel.NOMINAL


def test_a_fast_rise_is_answered_before_the_threshold():
    ramp = np.arange(0.0, CONFIG.collision_n, 1.0)  # 1000 N/s
    assert levels(ramp)[-1] == ReflexLevel.RETRACT
    assert levels(ramp, config=ForceConfig(lead_s=0.0))[-1] == ReflexLevel.NOMINAL


def test_intended_contact_allows_more_force():
    pressing = [CONFIG.collision_n + 5.0] * 50
    assert max(levels(pressing, contact=True)) == ReflexLevel.NOMINAL
    too_much = [CONFIG.intended_share * CONFIG.limit_n + 1.0] * 50
    assert max(levels(too_much, contact=True)) == ReflexLevel.RETRACT


@pytest.mark.parametrize("contact", [False, True])
def test_near_the_limit_everything_stops(contact):
    assert levels([CONFIG.limit_n * 0.95] * 5, contact)[-1] == ReflexLevel.STOP


def test_the_retreat_goes_where_the_force_points():
    reflex = ForceReflex(CONFIG, 1e-3)
    wrench = np.array([30.0, 0.0, -40.0, 0.0, 0.0, 0.0]) * 0.5
    for _ in range(4):
        reflex.judge(wrench, contact=False)
    np.testing.assert_allclose(reflex.normal, [0.6, 0.0, -0.8], atol=1e-9)


def test_a_moment_alone_is_a_collision_too():
    reflex = ForceReflex(CONFIG, 1e-3)
    wrench = np.array([0, 0, 0, 0, CONFIG.collision_nm + 1.0, 0])
    found = [reflex.judge(wrench, contact=False).level for _ in range(4)]
    assert found[-1] == ReflexLevel.RETRACT
