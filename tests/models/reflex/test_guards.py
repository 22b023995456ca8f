"""Input guards: bad, impossible, stale and frozen inputs are danger."""

import dataclasses

import numpy as np
import pytest

from neural_brain.models.reflex import GuardConfig
from neural_brain.models.reflex.guards import StateGuard, TargetGuard
from neural_brain.models.signals import ReflexLevel

CONFIG = GuardConfig(absurd_ticks=3, state_lost_ticks=20, frozen_ticks=10)
NAN = float("nan")


@pytest.fixture
def guard(make):
    return StateGuard(CONFIG, make.LIMITS, 1e-3)


def test_a_good_state_is_clear(guard, make):
    for tick in range(100):
        cause = guard.judge(make.body(tick * 1e-3), tick * 1e-3)
        assert cause.level == ReflexLevel.NOMINAL and guard.valid
    assert guard.dt == pytest.approx(1e-3)


BAD = [
    {"q": np.array([NAN, 0, 0, -1.0])},
    {"dq": np.array([0, np.inf, 0, 0])},
    {"q": np.array([0, 0, -1.0])},
    {"q": None},
    {"q": [0.0, 0.0, 0.0, -1.0]},
    {"wrench_ee": np.full(6, -np.inf)},
    {"wrench_ee": np.zeros(3)},
    {"twist_base": np.array([NAN, 0.0])},
    {"twist_base": np.zeros(3)},
    {"pose_odom_base": np.array([0.0, NAN, 0.0])},
    {"bumper": None},
    {"effort": np.zeros(2)},
    {"stamp": NAN},
    {"stamp": np.inf},
    {"stamp": None},
    {"q": np.full(4, 1e308)},
]


@pytest.mark.parametrize("change", BAD, ids=str)
def test_a_bad_state_holds_at_once_and_stops_when_it_lasts(guard, make, change):
    guard.judge(make.body(0.0), 0.0)
    levels = []
    for tick in range(1, 25):
        bad = dataclasses.replace(make.body(tick * 1e-3), **change)
        levels.append(guard.judge(bad, tick * 1e-3).level)
        assert not guard.valid
    assert levels[0] == ReflexLevel.HOLD
    assert levels[-1] == ReflexLevel.STOP


@pytest.mark.parametrize("junk", [None, 3, "state", object()])
def test_things_that_are_no_state_hold(guard, junk):
    assert guard.judge(junk, 0.0).level == ReflexLevel.HOLD and not guard.valid


IMPOSSIBLE = [
    {"q": np.array([0.1, 2.5, 0.3, -1.5])},
    {"dq": np.array([0.0, 0.0, 50.0, 0.0])},
    {"wrench_ee": np.array([0, 0, 800.0, 0, 0, 0])},
    {"twist_base": np.array([50.0, 0.0])},
]


@pytest.mark.parametrize("change", IMPOSSIBLE, ids=str)
def test_impossible_values_hold_and_then_stop(guard, make, change):
    levels = [
        guard.judge(make.body(tick * 1e-3, **change), tick * 1e-3).level
        for tick in range(4)
    ]
    hold, stop = ReflexLevel.HOLD, ReflexLevel.STOP
    assert levels == [hold, hold, stop, stop]


def test_time_that_goes_back_holds_for_one_tick(guard, make):
    guard.judge(make.body(5.0), 5.0)
    cause = guard.judge(make.body(1.0), 1.0)
    assert cause.level == ReflexLevel.HOLD and "backward" in cause.name
    assert guard.dt == 0.0
    assert guard.judge(make.body(1.001), 1.001).level == ReflexLevel.NOMINAL


def test_a_state_that_stands_still_in_time_is_stale(guard, make):
    levels = [guard.judge(make.body(1.0), 1.0).level for _ in range(30)]
    first = levels.index(ReflexLevel.HOLD)
    assert first <= CONFIG.state_timeout_s / 1e-3 + 2
    assert not guard.valid


def test_an_old_state_is_stale_on_the_receivers_clock(guard, make):
    guard.judge(make.body(1.0), 1.0)
    cause = guard.judge(make.body(1.001), 1.1)
    assert cause.level == ReflexLevel.HOLD and "stale" in cause.name


def test_joints_that_repeat_bit_by_bit_while_moving_are_frozen(guard, make):
    moving = {"dq": np.full(4, 0.5)}
    causes = [
        guard.judge(make.body(tick * 1e-3, **moving), tick * 1e-3) for tick in range(15)
    ]
    assert causes[-1].level == ReflexLevel.STOP and "frozen" in causes[-1].name


def test_joints_at_rest_may_repeat(guard, make):
    for tick in range(100):
        cause = guard.judge(make.body(tick * 1e-3), tick * 1e-3)
    assert cause.level == ReflexLevel.NOMINAL


BAD_TARGETS = [
    {"twist_base": np.array([NAN, 0.0])},
    {"q_target": np.zeros(3)},
    {"q_target": None},
    {"T_base_ee": np.zeros((4, 4))},
    {"T_base_ee": np.diag([1.0, 1.0, -1.0, 1.0])},
    {"T_base_ee": np.full((4, 4), NAN)},
    {"stiffness": np.full((6, 6), np.inf)},
    {"wrench_ff": np.full(6, 1e300)},
    {"head": np.array([0.0, NAN])},
    {"gripper_m": NAN},
    {"stamp": 9.0},
    {"stamp": 0.9},
    {"stamp": NAN},
]


@pytest.mark.parametrize("change", BAD_TARGETS, ids=lambda c: next(iter(c)))
def test_a_bad_target_is_refused_and_the_last_one_kept(make, change):
    guard = TargetGuard(CONFIG, make.LIMITS, 1e-3)
    good = make.target(1.0)
    assert guard.offer(good, 1.0)
    assert not guard.offer(dataclasses.replace(make.target(1.05), **change), 1.05)
    assert guard.target is good and guard.refused == 1 and guard.reason


def test_no_target_and_a_stale_target_hold(make):
    guard = TargetGuard(CONFIG, make.LIMITS, 1e-3)
    assert guard.judge(0.0).level == ReflexLevel.HOLD
    guard.offer(make.target(0.0), 0.0)
    levels = [guard.judge(tick * 1e-3).level for tick in range(1, 160)]
    held = levels.index(ReflexLevel.HOLD) + 1
    assert abs(held - CONFIG.command_timeout_s / 1e-3) <= 2


def test_frozen_time_does_not_keep_a_target_fresh(make):
    guard = TargetGuard(CONFIG, make.LIMITS, 1e-3)
    guard.offer(make.target(0.0), 0.0)
    levels = [guard.judge(0.0).level for _ in range(200)]
    assert levels[-1] == ReflexLevel.HOLD
