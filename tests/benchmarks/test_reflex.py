"""The benchmarks of the reflex and the impedance, on one small case each."""

import math
from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks.cyclictest import histogram
from neural_brain.benchmarks.impact_rig import SETTLE_TICKS, Frozen, Guarded
from neural_brain.benchmarks.reflex_impact import (
    LIMIT_N,
    OURS_N,
    draw,
    outcomes,
    reaction_metric,
    trips,
)
from neural_brain.benchmarks.reflex_passivity import (
    OURS,
    RULE,
    attack,
    overshoot,
    posture_mass,
)
from neural_brain.benchmarks.reflex_timing import BLOCK, Ticker, timed_block
from neural_brain.benchmarks.reflex_timing import timing_metrics as metrics_of

FORWARD = np.array([0.0, 1.0, 0.0])


@pytest.fixture(scope="module")
def impact():
    return replace(
        draw(1)[0],
        direction=FORWARD,
        speed_m_s=0.2,
        gap_m=0.03,
        stiffness_n_m=5e3,
        latency_s=0.0,
        payload_kg=0.0,
    )


def test_contacts_are_the_same_in_every_run_and_cover_the_ranges():
    first, again = draw(60), draw(60)
    assert [i.stiffness_n_m for i in first] == [i.stiffness_n_m for i in again]
    values = np.array([[i.speed_m_s, i.payload_kg, i.latency_s] for i in first])
    assert (values >= [0.05, 0.0, 0.0]).all() and (values <= [0.22, 3.0, 0.02]).all()
    assert np.ptp(values, axis=0) == pytest.approx([0.17, 3.0, 0.02], rel=0.2)


def test_the_reflex_lowers_the_force_of_the_same_contact(impact):
    ours = outcomes([impact], Guarded, OURS_N)[0]
    none = outcomes([impact], Frozen, math.inf)[0]
    touched = int(np.flatnonzero(ours.force_n)[0])
    assert abs(int(np.flatnonzero(none.force_n)[0]) - touched) < 20
    assert touched > SETTLE_TICKS
    assert none.acted is None and ours.acted > touched
    late = slice(touched + 100, touched + 250)
    assert none.force_n[late].mean() > 15.0 > ours.force_n[late].mean()
    assert 10.0 < ours.force_n.max() < LIMIT_N
    assert reaction_metric([ours]).value <= 3.0


def test_a_low_threshold_trips_in_free_motion_and_a_high_one_does_not(impact):
    loaded = replace(impact, gap_m=math.inf, payload_kg=3.0)
    free = outcomes([loaded], Frozen, math.inf)[0]
    assert free.force_n.max() == 0.0
    assert trips(free, 1.0) and not trips(free, 60.0)


def test_our_damping_does_not_overshoot_where_the_rule_does():
    mass = posture_mass(4100)
    assert overshoot(OURS, mass) < 1.0 < overshoot(RULE, mass)


def test_the_attack_overdraws_the_rule_and_not_ours():
    mass = posture_mass(4100)
    ours = attack(OURS, mass, 1.0, moving=True)
    rule = attack(RULE, mass, 1.0, moving=True)
    assert max(ours[1:]) < 1e-3 < max(rule[1:])


def test_a_block_of_ticks_keeps_its_deadlines_in_order():
    ticker = Ticker(np.random.default_rng(0))
    rows = timed_block(ticker.tick, 60)
    assert rows.shape == (60, 4) and sum(ticker.levels.values()) == 60
    assert (rows[:, :2] > 0.0).all()
    assert set(rows[:, 3]) <= {0.0, 1.0}


def test_misses_are_told_in_a_million_and_beside_the_empty_loop():
    work, empty = np.ones((BLOCK, 4)), np.ones((BLOCK, 4))
    work[:, 3] = np.arange(BLOCK) < 4
    empty[:, 3] = np.arange(BLOCK) < 1
    cycles = np.r_[np.full(BLOCK - 2, 40.0), 1500.0, 20_000.0]
    rigid = np.full((BLOCK, 4), 0.5)
    found = metrics_of(work, empty, rigid, cycles, np.ones(BLOCK))
    rows = {row.name: row for row in found}
    assert rows["compute p99"].baseline == {"rigid-body terms alone": 0.5}
    missed = rows["missed deadlines in 1e6 ticks"]
    assert missed.value == pytest.approx(1e6 * 4 / BLOCK)
    assert missed.baseline["empty loop"] == pytest.approx(1e6 / BLOCK)
    assert missed.baseline["cyclictest"] == pytest.approx(2e6 / BLOCK)
    assert rows["(misses + 1) / (misses of empty loop + 1)"].value == 2.5
    assert rows["(misses + 1) / (misses of cyclictest + 1)"].value == 5 / 3


def test_the_histogram_of_cyclictest_is_read_with_what_lies_beyond_it():
    text = "# Histogram\n000000 000000\n000017 000002\n000023 000001\n"
    text += "# Total: 000000003\n# Histogram Overflows: 00001\n"
    assert histogram(text).tolist() == [17.0, 17.0, 23.0, 20_000.0]
