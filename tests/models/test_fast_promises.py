"""What the fast loop promises whatever arrives: safe in ticks, and with its cause."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.benchmarks.fuzz_line import (
    DT,
    KINDS,
    LIMITS,
    POISON,
    Line,
    disturb,
    faults,
)
from neural_brain.models.fast import FastConfig
from neural_brain.models.signals import ReflexLevel
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.sim.robots import READY, panda

GUARDS = FastConfig().reflex.guards

# Each fault of one input, the ticks that may pass, and a word of the cause.
STATE_TICKS = round(GUARDS.state_timeout_s / DT) + 2
FAULTS = {
    "q not finite": ({"q": np.full(7, np.nan)}, 1, "not finite"),
    "dq missing": ({"dq": None}, 1, "malformed"),
    "wrench too short": ({"wrench_ee": np.zeros(3)}, 1, "malformed"),
    "wrench impossible": ({"wrench_ee": np.full(6, 900.0)}, 1, "impossible"),
    "joint impossible": ({"q": np.full(7, 9.0)}, 1, "impossible"),
    "infinite stamp": ({"stamp": np.inf}, 1, "not finite"),
    "frozen time": ({"stamp": 0.599}, STATE_TICKS, "stale"),
    "time from the past": ({"stamp": 0.1}, 1, "backward"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bad_state_is_safe_within_its_ticks_and_named(fault):
    change, allowed, word = FAULTS[fault]
    line = Line()
    for _ in range(600):
        line.tick()
    assert line.fast.level == ReflexLevel.NOMINAL
    before = len(line.events)
    for _ in range(allowed):
        line.tick(line.state(**change))
    assert line.fast.level >= ReflexLevel.HOLD
    assert any(word in event.cause for event in line.events[before:])


@pytest.mark.parametrize(
    ("cut", "allowed_s", "word"),
    [
        ("targets", GUARDS.command_timeout_s, "target stale"),
        ("scans", GUARDS.lidar_timeout_s, "scan stale"),
    ],
)
def test_a_silent_input_holds_no_later_than_its_timeout_and_two_ticks(
    cut, allowed_s, word
):
    line = Line()
    for _ in range(600):
        line.tick()
    newest = 550 if cut == "targets" else 500
    while line.fast.level < ReflexLevel.HOLD and line.ticks < 2000:
        line.tick(**{cut: False})
    assert line.ticks - newest <= round(allowed_s / DT) + 2
    assert word in line.events[-1].cause
    for _ in range(400):
        line.tick(**{cut: False})
    assert line.commands[-1].twist_base.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("v", "free"), [(0.3, False), (-0.3, True)])
def test_a_base_inside_the_stop_zone_can_leave_and_not_go_deeper(v, free):
    line = Line()
    line.points, line.twist = np.array([[0.285, 0.0]]), np.array([v, 0.0])
    for _ in range(800):
        line.tick()
    moves = abs(line.commands[-1].twist_base[0])
    assert moves == pytest.approx(abs(v)) if free else moves == 0.0


@pytest.mark.parametrize(("w", "free"), [(0.8, False), (-0.8, True)])
def test_pure_rotation_of_a_stretched_arm_beside_an_obstacle_is_caught(w, free):
    q = READY + np.array([0.0, 0.5, 0.0, 0.6, 0.0, 0.0, 0.0])
    line = Line(q)
    arm = arm_dynamics()
    arm.update(q, np.zeros(7))
    reach = float(arm.T_base_ee[0, 3])
    assert reach > LIMITS.radius_m + FastConfig().reflex.base.arm_reach_m
    side = np.radians(8.0)  # closer than half the width of the hand
    line.points = 0.9 * reach * np.array([[np.cos(side), np.sin(side)]])
    line.twist = np.array([0.0, w])
    for _ in range(800):
        line.tick()
    turns = abs(line.commands[-1].twist_base[1])
    assert turns > 0.5 if free else turns < 0.1


@pytest.mark.parametrize("seed", range(12))
def test_a_stop_from_any_state_brakes_within_all_limits(seed):
    """The effort rate bounds the jerk of the arm, the deceleration that of the base."""
    rng = np.random.default_rng(seed)
    low, high = panda.Q_MIN + 0.3, panda.Q_MAX - 0.3
    line = Line(np.clip(READY + rng.uniform(-0.6, 0.6, 7), low, high))
    plant = arm_dynamics()
    for _ in range(400):
        line.tick()
    line.dq = 0.5 * rng.uniform(-1.0, 1.0, 7) * panda.DQ_MAX
    speeds = []
    line.fast.estop()
    for _ in range(1500):
        command = line.tick()
        plant.update(line.q, line.dq)
        line.dq = line.dq + DT * np.linalg.solve(
            plant.mass, command.effort - plant.bias
        )
        line.q = line.q + DT * line.dq
        speeds.append(np.abs(line.dq).max())
        assert (line.q > panda.Q_MIN).all() and (line.q < panda.Q_MAX).all()
        assert (np.abs(line.dq) <= panda.DQ_MAX).all()
    assert line.fast.level == ReflexLevel.ESTOP and speeds[-1] < 0.05
    efforts = np.array([command.effort for command in line.commands])
    steps = np.abs(np.diff(efforts, axis=0))
    assert (steps <= panda.EFFORT_RATE_MAX * DT + 1e-9).all()
    twists = np.array([command.twist_base for command in line.commands])
    assert twists[399, 0] > 0.1  # it drove when it was stopped
    assert (np.abs(np.diff(twists, axis=0)) <= LIMITS.accel_max * DT + 1e-9).all()
    assert twists[-1].tolist() == [0.0, 0.0]


events = st.tuples(
    st.sampled_from(KINDS),
    st.integers(0, 5),
    st.integers(0, 35),
    st.sampled_from(POISON),
    st.integers(1, 12),
)


@settings(max_examples=60)
@given(st.lists(events, min_size=4, max_size=25))
def test_whatever_arrives_commands_stay_in_limits_and_every_change_is_logged(script):
    line, last = Line(), None
    for kind, name, index, poison, ticks in script:
        for _ in range(ticks):
            body = disturb(line, kind, name, index, poison)
            line.tick(body if kind in ("state", "stamp", "junk") else None)
            assert not faults(line.commands[-1], last)
            last = line.commands[-1]
            if kind == "flood":
                break
    assert line.fast.counters["ticks"] == line.ticks
    level, changes = ReflexLevel.HOLD, {event.tick: event for event in line.events}
    for tick, now in enumerate(line.levels, start=1):
        if now != level:
            assert changes[tick].level == now and changes[tick].cause
        level = now
