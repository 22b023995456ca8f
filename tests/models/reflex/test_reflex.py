"""The reflex as a whole, in front of a foreign controller."""

import dataclasses

import numpy as np
import pytest

from neural_brain.models.reflex import GuardConfig, Reflex, ReflexConfig
from neural_brain.models.signals import ReflexLevel

CONFIG = ReflexConfig(guards=GuardConfig(lidar_required=False))
TICK = 1e-3


@pytest.fixture
def reflex(make):
    return Reflex(CONFIG, make.LIMITS)


def run(
    reflex, make, ticks, start=0, twist=(0.2, 0.0), effort=(5.0, 5.0, 1.0, 1.0), **body
):
    for tick in range(start, start + ticks):
        t = tick * TICK
        verdict = reflex.tick(make.body(t, **body), make.command(t, effort, twist))
    return verdict


def test_a_good_command_passes(reflex, make):
    verdict = run(reflex, make, 600)
    assert verdict.level == ReflexLevel.NOMINAL
    np.testing.assert_array_equal(verdict.command.effort, [5.0, 5.0, 1.0, 1.0])
    np.testing.assert_allclose(verdict.command.twist_base, [0.2, 0.0])


@pytest.mark.parametrize("kind", [np.float32, np.int64, "strided", "read-only"])
def test_arrays_of_another_type_mean_the_same(reflex, make, kind):
    run(reflex, make, 600)
    effort = np.array([5.0, 5.0, 1.0, 1.0])
    if kind == "strided":
        effort = np.repeat(effort, 2)[::2]
    elif kind == "read-only":
        effort.flags.writeable = False
    else:
        effort = effort.astype(kind)
    command = dataclasses.replace(make.command(0.6), effort=effort)
    verdict = reflex.tick(make.body(0.6), command, bias=np.zeros(4, np.float32))
    assert verdict.level == ReflexLevel.NOMINAL
    np.testing.assert_array_equal(verdict.command.effort, [5.0, 5.0, 1.0, 1.0])


def test_a_silent_controller_is_held(reflex, make):
    run(reflex, make, 600)
    last = make.command(0.599, (5.0, 5.0, 1.0, 1.0), (0.2, 0.0))
    for tick in range(600, 1100):
        verdict = reflex.tick(make.body(tick * TICK), last)
        if verdict.level == ReflexLevel.HOLD:
            break
    assert tick - 600 <= CONFIG.guards.command_timeout_s / TICK + 2
    assert verdict.event is not None and "stale" in verdict.event.cause
    for later in range(tick + 1, tick + 300):
        verdict = reflex.tick(make.body(later * TICK), last)
    assert verdict.command.twist_base[0] == 0.0


def test_a_force_spike_between_two_commands_acts_within_two_ticks(reflex, make):
    run(reflex, make, 600)
    hit = np.array([0.0, 30.0, 0.0, 0.0, 0.0, 0.0])
    first = run(reflex, make, 1, 600, wrench_ee=hit).level
    second = run(reflex, make, 1, 601, wrench_ee=hit).level
    assert ReflexLevel.RETRACT in (first, second)


@pytest.mark.parametrize("junk", [None, 3, "command"])
def test_junk_instead_of_a_command_or_a_state_is_survived(reflex, make, junk):
    run(reflex, make, 300)
    assert reflex.tick(make.body(0.3), junk).level == ReflexLevel.HOLD
    out = reflex.tick(junk, make.command(0.301))
    assert out.level == ReflexLevel.HOLD and np.isfinite(out.command.effort).all()


@pytest.mark.parametrize("part", ["effort", "twist_base", "head"])
@pytest.mark.parametrize("kind", [complex, object, "U8"])
def test_a_command_of_no_numbers_is_malformed(reflex, make, part, kind):
    run(reflex, make, 300)
    values = getattr(make.command(0.3), part).astype(kind)
    command = dataclasses.replace(make.command(0.3), **{part: values})
    out = reflex.tick(make.body(0.3), command)
    assert out.level == ReflexLevel.HOLD and out.event.cause == "command malformed"
    assert np.isfinite(out.command.effort).all()


def test_an_estop_is_latched_until_reset(reflex, make):
    from neural_brain.models.reflex import Cause

    run(reflex, make, 300)
    reflex.demand(Cause(ReflexLevel.ESTOP, "person"))
    assert run(reflex, make, 1, 300).level == ReflexLevel.ESTOP
    assert run(reflex, make, 3000, 301).level == ReflexLevel.ESTOP
    reflex.reset()
    assert run(reflex, make, 1, 3301).level == ReflexLevel.HOLD
    assert run(reflex, make, 200, 3302).level == ReflexLevel.NOMINAL


def test_a_reset_with_bad_inputs_is_not_granted(reflex, make):
    run(reflex, make, 300)
    stop = np.array([0.0, 200.0, 0, 0, 0, 0])
    assert run(reflex, make, 3, 300, wrench_ee=stop).level == ReflexLevel.STOP
    reflex.reset()
    assert run(reflex, make, 3, 303, wrench_ee=stop).level == ReflexLevel.STOP
    assert run(reflex, make, 500, 306).level == ReflexLevel.STOP


def test_a_state_from_the_future_holds_until_time_has_caught_up(reflex, make):
    run(reflex, make, 300)
    for late in range(60):  # a clock that runs twice as fast
        t = 0.3 + late * TICK
        verdict = reflex.tick(make.body(t + late * TICK), make.command(t), now=t)
        if verdict.level == ReflexLevel.HOLD:
            break
    assert late * TICK == pytest.approx(CONFIG.guards.future_s, abs=2 * TICK)
    assert reflex.cause.name == "body state from the future"
    assert not reflex.state.valid
    for tick in range(420, 700):
        t = tick * TICK
        verdict = reflex.tick(make.body(t), make.command(t), now=t)
    assert verdict.level == ReflexLevel.NOMINAL


def test_a_scan_is_compared_with_the_time_of_the_last_tick(reflex, make):
    assert reflex.set_scan(make.scan(7.0))  # no tick yet: no time
    reflex.tick(make.body(5.0), make.command(5.0), now=5.01)
    assert not reflex.set_scan(make.scan(5.07))
    assert reflex.set_scan(make.scan(5.05))


def feel(reflex, make, ticks, **body):
    """Level after so many ticks with a wrench that repeats itself."""
    stuck = np.array([0.0, 3.0, 0.0, 0.0, 0.0, 0.0])
    start = reflex.ticks
    for tick in range(start, start + ticks):
        move = {"q": np.array([0.1, -0.2, 0.3, -1.5 + 1e-4 * tick])}
        state = make.body(tick * TICK, **{"wrench_ee": stuck, **move, **body})
        level = reflex.tick(state, make.command(tick * TICK)).level
    return level


MOVES = {"dq": np.full(4, 0.1)}


def test_a_wrench_that_stands_still_while_the_arm_moves_holds_it(make):
    guards = GuardConfig(lidar_required=False, wrench_frozen_ticks=100)
    reflex = Reflex(ReflexConfig(guards=guards), make.LIMITS)
    assert feel(reflex, make, 300) == ReflexLevel.NOMINAL  # at rest
    assert feel(reflex, make, 300, wrench_ee=np.zeros(6), **MOVES) == 0  # no sensor
    assert feel(reflex, make, 100, **MOVES) == ReflexLevel.NOMINAL
    assert feel(reflex, make, 2, **MOVES) == ReflexLevel.HOLD
    assert reflex.cause.name == "wrench frozen"
    assert feel(reflex, make, 300) == ReflexLevel.HOLD  # standing heals nothing
    other = np.array([0.0, 3.1, 0.0, 0.0, 0.0, 0.0])
    assert feel(reflex, make, 200, wrench_ee=other) == ReflexLevel.NOMINAL


def test_nobody_looks_for_frozen_wrenches_unless_asked(reflex, make):
    assert feel(reflex, make, 800, **MOVES) == ReflexLevel.NOMINAL


def test_every_change_is_logged_with_cause_value_and_limit(reflex, make):
    run(reflex, make, 300)
    run(reflex, make, 3, 300, wrench_ee=np.array([0.0, 30.0, 0, 0, 0, 0]))
    events = reflex.pop_events()
    assert [e.level for e in events][-1] == ReflexLevel.RETRACT
    last = events[-1]
    assert last.cause == "collision" and last.value >= 30.0 > last.limit > 0.0
    assert last.tick in (301, 302) and reflex.pop_events() == []


def test_a_larger_command_never_gives_a_larger_output(make):
    rng = np.random.default_rng(0)
    for _ in range(20):
        effort, twist = rng.uniform(-60, 60, 4), rng.uniform(-0.7, 0.7, 2)
        sizes = []
        for scale in (1.0, 3.0, 1e6):
            one = Reflex(CONFIG, make.LIMITS)
            out = run(one, make, 60, effort=scale * effort, twist=scale * twist)
            assert (np.abs(out.command.effort) <= make.LIMITS.effort_max).all()
            sizes.append(np.abs(out.command.twist_base))
        assert (sizes[0] <= make.LIMITS.twist_max).all()
        assert (sizes[2] <= make.LIMITS.twist_max).all()


POISON = np.array(
    [0.0, -0.0, 1.0, -1.0, 5e-324, -2.2e-308, 1e-300, 0.3, 50.0, 1e6, -1e9, 1e200,
     1.7e308, -1.7e308, np.inf, -np.inf, np.nan]
)  # fmt: skip


JUMPS = (0.0, -1.0, 1e-9, 0.5, 1e6, -1e6)
FIELDS = ("q", "dq", "wrench_ee", "twist_base", "pose_odom_base")


def poisoned_state(make, stamp, kind, dice, uniform):
    """A body state with one kind of fault; `dice` are integers (3,)."""
    values = {}
    if kind == 1:
        name = FIELDS[dice[0] % len(FIELDS)]
        bad = getattr(make.body(), name)
        bad[dice[1] % bad.size] = POISON[dice[2] % POISON.size]
        values[name] = bad
    elif kind == 2:
        values["q"] = 3.3 * uniform
        values["dq"] = 4.0 * uniform[::-1]
    elif kind == 3:
        values["wrench_ee"] = 100.0 * np.concatenate([uniform, uniform[:2]])
    elif kind == 4:
        stamp = POISON[dice[0] % POISON.size]
    return make.body(stamp, **values)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_arrives_the_output_is_finite_and_inside_all_limits(make, seed):
    """25 000 ticks a seed of poison in states, commands and time, mixed with good."""
    rng = np.random.default_rng(seed)
    limits, ticks = make.LIMITS, 25_000
    reflex = Reflex(CONFIG, limits)
    kinds = rng.integers(0, 12, ticks).tolist()
    dices = rng.integers(0, 1000, (ticks, 3)).tolist()
    noise = rng.uniform(-1, 1, (ticks, 4))
    effort_step = limits.effort_rate_max * TICK + 1e-9
    twist_step = limits.accel_max * TICK + 1e-9
    last, t = None, 0.0
    for kind, dice, uniform in zip(kinds, dices, noise, strict=True):
        t += 1e-3 if kind else JUMPS[dice[0] % len(JUMPS)]
        body = poisoned_state(make, t, kind, dice, uniform)
        effort, twist = 80.0 * uniform, 0.7 * uniform[:2]
        if kind == 5:
            effort = POISON[[(dice[0] + i * dice[1]) % POISON.size for i in range(4)]]
        elif kind == 6:
            twist = POISON[[dice[0] % POISON.size, dice[1] % POISON.size]]
        proposed = make.command(t, effort, twist)
        if kind == 7:
            proposed = dataclasses.replace(
                proposed,
                stamp=float(POISON[dice[0] % POISON.size]),
                head=POISON[[dice[1] % POISON.size, dice[2] % POISON.size]],
                gripper_m=float(POISON[dice[2] % POISON.size]),
            )
        if kind == 8 and dice[0] < 100:
            reflex.reset()
        out = reflex.tick(body, proposed, contact=kind == 9).command
        total = out.effort.sum() + out.twist_base.sum() + out.head.sum() + out.gripper_m
        assert np.isfinite(total)
        assert (np.abs(out.effort) <= limits.effort_max).all()
        assert (np.abs(out.twist_base) <= limits.twist_max).all()
        if last is not None:
            assert (np.abs(out.effort - last.effort) <= effort_step).all()
            assert (np.abs(out.twist_base - last.twist_base) <= twist_step).all()
        last = out
    assert reflex.ticks == ticks
