"""An unexpected contact stays below a force, because the hand is slow enough."""

import math

import numpy as np
import pytest

from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.impedance.impact import ImpactSpeed
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY

CONFIG = ImpedanceConfig()
WAYS = np.vstack([np.eye(3), [[0.6, -0.8, 0.0], [1.0, 1.0, 1.0]]])


def arm_at(q, payload_kg=0.0):
    arm = arm_dynamics(payload_kg)
    arm.update(q, np.zeros(7))
    return arm


def mass_towards(arm, way):
    """The task-space inertia by its definition."""
    u = way / np.linalg.norm(way)
    J = arm.jacobian[:3]
    return 1.0 / (u @ J @ np.linalg.inv(arm.mass) @ J.T @ u)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("payload_kg", [0.0, 3.0])
def test_the_impact_of_the_allowed_speed_has_the_allowed_force(way, payload_kg):
    config = ImpedanceConfig(speed_m_s=1.0)  # nothing else limits the hand
    arm = arm_at(READY, payload_kg)
    speed = ImpactSpeed(config, arm).allowed(way)
    force = speed * math.sqrt(config.impact_stiffness_n_m * mass_towards(arm, way))
    assert force == pytest.approx(config.impact_n)
    assert ImpactSpeed(config, arm).allowed(7.0 * way) == pytest.approx(speed)


def test_a_payload_makes_the_hand_slower():
    for way in WAYS:
        light = ImpactSpeed(CONFIG, arm_at(READY)).allowed(way)
        assert ImpactSpeed(CONFIG, arm_at(READY, 3.0)).allowed(way) < 0.9 * light


def test_it_never_allows_more_than_the_usual_speed():
    soft = ImpedanceConfig(impact_stiffness_n_m=100.0)
    ignored = ImpedanceConfig(impact_stiffness_n_m=0.0)
    for config in (soft, ignored):
        allowed = ImpactSpeed(config, arm_at(READY)).allowed(WAYS[0])
        assert allowed == config.speed_m_s


@pytest.mark.parametrize("way", [np.zeros(3), np.full(3, math.nan)])
def test_without_a_direction_it_is_slow(way):
    slowest = CONFIG.impact_n / math.sqrt(
        CONFIG.impact_stiffness_n_m * CONFIG.mass_max_kg
    )
    allowed = ImpactSpeed(CONFIG, arm_at(READY)).allowed(way)
    assert allowed == pytest.approx(slowest)
