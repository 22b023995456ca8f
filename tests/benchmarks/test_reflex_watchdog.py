"""The benchmark of the watchdog, on one small case of each kind."""

import math
from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks.impact_rig import Outcome
from neural_brain.benchmarks.push_rig import EVENTS, WITHDRAW, press
from neural_brain.benchmarks.reflex_watchdog import (
    MAKERS,
    draw_impacts,
    draw_presses,
)
from neural_brain.benchmarks.watchdog_metrics import OURS, RULES, contact_metrics


@pytest.fixture(scope="module")
def scene():
    """A press with 12 N that a person disturbs with 25 N."""
    scene = draw_presses(1, "side")[0]
    surface = replace(scene.surface, stiffness_n_m=2e4, payload_kg=0.5, latency_s=0.005)
    return replace(scene, surface=surface, press_n=12.0, force_n=25.0, rise_s=0.05)


def test_scenes_are_the_same_in_every_run_and_cover_the_ranges():
    for event in ("", *EVENTS):
        first, again = draw_presses(30, event), draw_presses(30, event)
        assert [s.press_n for s in first] == [s.press_n for s in again]
        forces = np.array([s.force_n for s in first])
        assert 20.0 <= forces.min() < 25.0 and 35.0 < forces.max() <= 40.0
    speeds = [impact.speed_m_s for impact in draw_impacts(60)]
    assert min(speeds) < 0.08 and 0.27 < max(speeds) <= 0.3


def test_a_person_at_the_side_is_answered_by_the_watchdog_alone(scene):
    ours, rules = press(MAKERS[OURS], scene), press(MAKERS[RULES], scene)
    assert 0 < ours.acted - ours.event < 80
    assert rules.acted is None
    np.testing.assert_allclose(ours.force_n[: ours.event], rules.force_n[: ours.event])
    assert rules.force_n[-100:].mean() > 20.0


def test_withdrawing_from_a_soft_surface_is_no_reason(scene):
    surface = replace(scene.surface, stiffness_n_m=1e3, latency_s=0.02)
    back = replace(scene, event=WITHDRAW, surface=surface, speed_m_s=0.1, press_n=25.0)
    outcome = press(MAKERS[OURS], back)
    assert outcome.acted is None
    assert outcome.force_n[outcome.event - 1] > 20.0 > outcome.force_n[-1]


def test_the_tables_can_be_made_of_few_runs():
    """Of contacts that nobody answered."""
    calm = Outcome(
        force_n=np.full(300, 5.0), wrench=np.full((300, 6), 3.0), acted=None,
        arrived_s=math.nan,
    )  # fmt: skip
    hard = replace(calm, force_n=np.full(300, 80.0))
    names = [*MAKERS]
    rows = contact_metrics({name: [calm, hard] for name in names})
    found = {row.name: row for row in rows}
    assert found["free motion: below 65 N"].value == 0.5
    assert found["free motion: warning before the limit"].value == -300.0
    assert not [row for row in rows if "reaction" in row.name]
