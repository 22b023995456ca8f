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


def hardest_blow(arm, dq, behind_m):
    """Largest v sqrt(k m) of a point behind the hand over many directions."""
    T, J = arm.T_base_ee, arm.jacobian
    back = -behind_m * T[:3, 2]
    part = J[:3] + np.array([np.cross(turn, back) for turn in J[3:].T]).T
    mobility = part @ np.linalg.solve(arm.mass, part.T)
    u = np.random.default_rng(1).normal(size=(4000, 3))
    u /= np.linalg.norm(u, axis=1)[:, None]
    mass = 1.0 / np.einsum("ki,ij,kj->k", u, mobility, u)
    force = np.abs(u @ (part @ dq)) * np.sqrt(CONFIG.impact_stiffness_n_m * mass)
    return float(force.max())


@pytest.mark.parametrize("payload_kg", [0.0, 3.0])
def test_the_blow_is_that_of_hand_wrist_or_flange_against_the_worst_wall(payload_kg):
    rng = np.random.default_rng(5)
    for _ in range(6):
        arm = arm_at(READY + 0.3 * rng.normal(size=7), payload_kg)
        dq = 0.2 * rng.normal(size=7)
        blows = [hardest_blow(arm, dq, b) for b in (0.0, 0.1, 0.2)]
        told = ImpactSpeed(CONFIG, arm).blow_n(dq)
        assert told == pytest.approx(max(blows), rel=0.01)
        still = ImpedanceConfig(impact_stiffness_n_m=0.0)
        assert ImpactSpeed(still, arm).blow_n(dq) == 0.0


def test_a_flange_that_is_heavier_than_the_hand_slows_the_joints():
    arm = arm_at(np.array([0.0, -0.56, 0.0, -1.59, 0.0, 1.09, 0.78]))  # outstretched
    dq = np.array([0.0, 0.26, 0.0, 0.18, 0.0, 0.21, 0.0])
    hand = ImpactSpeed(ImpedanceConfig(impact_behind_m=0.0), arm).blow_n(dq)
    assert ImpactSpeed(CONFIG, arm).blow_n(dq) > 1.3 * hand
