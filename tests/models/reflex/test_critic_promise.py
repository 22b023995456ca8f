"""Promise P4: with the critic the robot is never less safe than without it.

The same inputs go to a reflex without a critic and to one with a critic whose weights,
limits and inputs are anything, bad ones included, with a recovery policy or without. At
every tick the level must be at least as high, the base no faster and in no other
direction, and every hard limit kept.
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.reflex import (
    FEATURES,
    Cause,
    CriticConfig,
    LadderConfig,
    Reflex,
    ReflexConfig,
)
from neural_brain.models.signals import ReflexLevel

INPUTS = len(FEATURES)
DT = 1e-3
SHORT = LadderConfig(
    dwell_ticks=3, clear_ticks=2, retract_ticks=10, hold_ticks=6, caution_ticks=8
)
BAD = (math.nan, math.inf, -math.inf, 1e300, 5e-324, -1e30)
JUNK = (None, 3, "risk", [], np.zeros(3), np.zeros((INPUTS, 1)), object())


def features_of(rng, kind):
    """An input of the critic: usual, strange, poisoned, malformed, or "absent"."""
    x = rng.normal(0.0, (1.0, 1.0, 40.0, 1.0, 1.0, 1.0)[kind], INPUTS)
    if kind == 3:
        x[rng.integers(INPUTS)] = BAD[rng.integers(len(BAD))]
    elif kind == 4:
        return JUNK[rng.integers(len(JUNK))]
    return "absent" if kind == 5 else x


def pair(make, critics, rng):
    """Two reflexes of one configuration; the second has a critic."""
    config = ReflexConfig(ladder=SHORT)
    plain, guarded = Reflex(config, make.LIMITS), Reflex(config, make.LIMITS)
    limits = CriticConfig(
        enabled=True,
        risk_max=float(rng.choice([0.0, 0.01, 0.5, 1.0])),
        strange_max=float(rng.choice([0.0, 0.5, 1e5])),
        slow_share=float(rng.choice([0.05, 0.4, 1.0])),
    )
    guarded.critic = critics.critic(int(rng.integers(1000)), limits)
    guarded.critic._ladder_config = SHORT
    if rng.random() < 0.5:
        guarded.critic.recovery = critics.policy(int(rng.integers(1000)))
    if rng.random() < 0.1:  # a cosmic ray
        guarded.critic.net._w0.flat[rng.integers(10)] = np.nan
    return plain, guarded


def disturb(make, rng, kind, t, tick):
    """Body, command and scan of a tick, with one kind of trouble or none."""
    changes, stamp = {}, t
    twist, effort = rng.uniform(-0.9, 0.9, 2), rng.normal(0.0, 20.0, 4)
    points = np.zeros((0, 2))
    if kind == 1:
        changes["wrench_ee"] = np.r_[rng.normal(0.0, 30.0, 3), np.zeros(3)]
    elif kind == 2:
        changes["bumper"] = rng.random(8) < 0.3
    elif kind == 3:
        points = rng.uniform(-0.6, 0.6, (6, 2))
    elif kind == 4:
        changes["q"] = np.full(4, BAD[rng.integers(len(BAD))])
    elif kind == 5:
        effort[0] = BAD[rng.integers(3)]
    elif kind == 6:
        stamp = t - 1.0
    elif kind == 7:
        twist[rng.integers(2)] = BAD[rng.integers(len(BAD))]
    scan = make.scan_of(points, stamp=t, beams=36) if tick % 10 == 0 else None
    command = make.command(stamp=stamp, effort=effort, twist=twist)
    return make.body(stamp=t, **changes), command, scan


def say(reflex, word):
    """What persons and other modules ask for, now and then."""
    if word == 8:
        reflex.reset()
    elif word == 9:
        reflex.demand(Cause(ReflexLevel.ESTOP, "person"))


def compare(plain, guarded, verdicts, limits, last):
    """Every part of the promise; returns the twist that was sent."""
    off, on = (verdict.command for verdict in verdicts)
    assert guarded.level >= plain.level
    assert guarded.rules_level == plain.level
    assert verdicts[1].level == guarded.level
    assert (on.twist_base * off.twist_base >= 0.0).all()
    assert (np.abs(on.twist_base) <= np.abs(off.twist_base) + 1e-12).all()
    assert np.isfinite(on.effort).all()
    assert (np.abs(on.effort) <= limits.effort_max).all()
    steps = np.abs(on.twist_base - last)
    assert (steps <= limits.accel_max * DT + 1e-12).all()
    if plain.level >= ReflexLevel.RETRACT:
        np.testing.assert_array_equal(on.head, off.head)
    return on.twist_base


def run_pair(make, critics, seed, script):
    """Both reflexes through one script of (trouble, kind of critic input, ticks)."""
    rng = np.random.default_rng(seed)
    plain, guarded = pair(make, critics, rng)
    last, tick = np.zeros(2), 0
    for trouble, look, ticks in script:
        for reflex in (plain, guarded):
            say(reflex, trouble)
        for _ in range(ticks):
            body, command, scan = disturb(make, rng, trouble, tick * DT, tick)
            features = features_of(rng, look)
            verdicts = []
            for reflex in (plain, guarded):
                if scan is not None:
                    reflex.set_scan(scan)
                more = {} if isinstance(features, str) and features == "absent" else {
                    "features": features
                }  # fmt: skip
                verdicts.append(reflex.tick(body, command, contact=False, **more))
            last = compare(plain, guarded, verdicts, make.LIMITS, last)
            tick += 1
    return guarded


scripts = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 6)),
    min_size=2,
    max_size=6,
)


@settings(max_examples=400)
@given(st.integers(0, 2**32 - 1), scripts)
def test_with_the_critic_it_is_never_less_safe(make_module, critics, seed, script):
    run_pair(make_module, critics, seed, script)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(4))
@settings(max_examples=2500)
@given(st.integers(0, 2**32 - 1), scripts)
def test_with_the_critic_it_is_never_less_safe_ten_thousand_times(
    make_module, critics, part, seed, script
):
    run_pair(make_module, critics, [part, seed], script)


def test_the_critic_does_act_in_these_scripts(make, critics):
    """Else the promise would be kept by doing nothing."""
    levels = [
        run_pair(make, critics, seed, [(0, 1, 12), (0, 0, 8)]).level
        for seed in range(60)
    ]
    assert len(set(levels)) >= 2 and max(levels) >= ReflexLevel.HOLD


def test_without_rules_against_it_a_way_out_of_a_bump_stays_open(make, critics):
    """The rules back off from a bumper; a critic in HOLD must not forbid that."""
    reflex = Reflex(ReflexConfig(), make.LIMITS)
    reflex.critic = critics.critic(config=CriticConfig(enabled=True))
    bumper = np.zeros(8, bool)
    bumper[0] = True
    speeds = []
    for k in range(200):
        body = make.body(stamp=k * DT, bumper=bumper)
        if k % 50 == 0:
            reflex.set_scan(make.scan(stamp=k * DT))
        command = make.command(stamp=k * DT, twist=(0.3, 0.0))
        verdict = reflex.tick(body, command, features=np.full(INPUTS, np.nan))
        speeds.append(verdict.command.twist_base[0])
    assert reflex.critic.level is ReflexLevel.HOLD
    assert min(speeds) < -0.05 and max(speeds) <= 0.0
