"""Step and stiffness in contact: the fixed one and the hand-written rule."""

import numpy as np
import pytest

from neural_brain.models.motion import (
    Felt,
    FixedStiffness,
    StepConfig,
    StiffnessRule,
    contact_target,
)

CONFIG = StepConfig()
WAY = np.array([0.0, 0.1, 0.0, 0.0, 0.0, 0.0])


def felt(speed_m_s=0.0, force_n=0.0, way=WAY):
    """Towards the way-point at a speed, with a force against it."""
    first = way[:3] / max(np.linalg.norm(way[:3]), 1e-9)
    velocity, wrench = np.zeros(6), np.zeros(6)
    velocity[:3], wrench[:3] = speed_m_s * first, -force_n * first
    return Felt(way=way, velocity=velocity, wrench=wrench)


def test_a_step_is_short_and_points_to_the_way_point():
    way = np.array([0.3, 0.4, 0.0, 0.0, 0.0, 1.0])
    chosen = FixedStiffness(300.0, CONFIG).choose(felt(way=way))
    np.testing.assert_allclose(
        chosen.step[:3], CONFIG.step_m * np.array([0.6, 0.8, 0.0])
    )
    np.testing.assert_allclose(chosen.step[3:], [0.0, 0.0, CONFIG.turn_rad])
    assert np.diag(chosen.stiffness)[:3].tolist() == [300.0] * 3


def test_the_rule_stiffens_along_the_way_while_held_and_only_there():
    rule = StiffnessRule(CONFIG)
    along = [rule.choose(felt()).stiffness[1, 1] for _ in range(40)]
    assert along[0] < 1.2 * CONFIG.soft_n_m
    assert (np.diff(along) >= 0.0).all()
    last = rule.choose(felt()).stiffness
    assert last[0, 0] == last[2, 2] == pytest.approx(CONFIG.soft_n_m)
    assert last[1, 1] * CONFIG.step_m == pytest.approx(CONFIG.push_n)


def test_the_rule_softens_when_the_hand_is_free_or_pressed_too_hard():
    rule = StiffnessRule(CONFIG)
    for _ in range(40):
        stiff = rule.choose(felt()).stiffness[1, 1]
    pressed = rule.choose(felt(force_n=CONFIG.push_n + 5.0)).stiffness[1, 1]
    assert pressed < stiff
    for _ in range(40):
        free = rule.choose(felt(speed_m_s=0.06)).stiffness[1, 1]
    assert free == pytest.approx(CONFIG.soft_n_m)
    rule.reset()
    assert rule.choose(felt()).stiffness[1, 1] < 1.2 * CONFIG.soft_n_m


def test_the_harder_the_hand_pushes_the_slower_it_moves():
    """At the speed that the rule keeps, push and knock add up to the same."""
    speeds, along = [], []
    for speed in (0.03, 0.025, 0.02):
        rule = StiffnessRule(CONFIG)
        for _ in range(60):
            k = rule.choose(felt(speed_m_s=speed)).stiffness[1, 1]
        speeds.append(speed)
        along.append(k * CONFIG.step_m + speed * CONFIG.knock_n_s_m)
    assert along == pytest.approx([CONFIG.calm_n] * 3, rel=0.25)


def test_a_hand_that_is_thrown_back_is_soft_at_once():
    rule = StiffnessRule(CONFIG)
    for _ in range(40):
        stiff = rule.choose(felt()).stiffness[1, 1]
    assert stiff > 2.0 * CONFIG.soft_n_m
    back = rule.choose(felt(speed_m_s=-0.02)).stiffness[1, 1]
    assert back == pytest.approx(CONFIG.soft_n_m)


def test_at_the_way_point_there_is_no_step_and_no_stiff_direction():
    chosen = StiffnessRule(CONFIG).choose(felt(way=np.zeros(6)))
    assert not chosen.step.any()
    assert np.linalg.eigvalsh(chosen.stiffness[:3, :3]).max() == CONFIG.soft_n_m


def test_the_anchor_lies_one_step_ahead_of_the_hand():
    T = np.eye(4)
    T[:3, 3] = [0.5, 0.1, 0.9]
    chosen = FixedStiffness(300.0, CONFIG).choose(
        felt(way=np.array([0.01, 0.0, 0.0, 0.0, 0.0, 0.2]))
    )
    target = contact_target(1.5, T, chosen, np.zeros(7))
    np.testing.assert_allclose(target.T_base_ee[:3, 3], [0.51, 0.1, 0.9])
    cosine, sine = np.cos(0.2), np.sin(0.2)
    np.testing.assert_allclose(
        target.T_base_ee[:2, :2], [[cosine, -sine], [sine, cosine]], atol=1e-12
    )
    assert target.contact and target.stamp == 1.5
