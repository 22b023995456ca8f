"""The runner on one tiny home: it plays, remembers, resumes and stops in time."""

import argparse
import json
import time
from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks import nav_change, nav_lifelong
from neural_brain.benchmarks.navigation.agents import (
    COLOUR_BLIND,
    DETECTORS,
    KEPT,
    WRONG,
    spoiled,
)
from neural_brain.benchmarks.navigation.command import add_options, run_task
from neural_brain.benchmarks.navigation.goals import Part, by_category
from neural_brain.benchmarks.navigation.play import Conditions
from neural_brain.benchmarks.navigation.runs import Job, Play, Task, run_all, work
from neural_brain.models.errors import ConfigError
from neural_brain.models.signals import ObjectPercept
from neural_brain.sim.homes import generate_home
from neural_brain.sim.scene import start_pose

SEED = 21


def tiny(seed, goals):
    """A day and the next in a home of three rooms, with a few large things to find."""
    home = generate_home(seed, small=True)
    known = [goal for goal in by_category(home) if goal.words.split()[-1] in
             ("sofa", "bed", "fridge", "table")][:goals]  # fmt: skip
    part = Part(name="first", home=home, start=start_pose(home), goals=tuple(known))
    return {"first": part, "second": replace(part, name="second")}


TASK = Task(
    plays=(
        Play(name="first", agent=KEPT, part="first", remembers=True),
        Play(name="second", agent=KEPT, part="second", after="first"),
    ),
    parts=tiny,
)


@pytest.mark.gl
@pytest.mark.slow
def test_a_home_is_played_and_its_map_recalled(tmp_path):
    job = Job(
        home=SEED, goals=2, task=TASK, chain=TASK.plays, conditions=Conditions(),
        folder=tmp_path,
    )  # fmt: skip
    done = work(job)
    assert set(done) == {"first", "second"}
    for results in done.values():
        assert [r.success for r in results] == [True, True]
        assert all(r.driven_m > 0.5 * r.shortest_m for r in results)
    files = sorted(path.name for path in tmp_path.glob("*.json"))
    assert files == [f"{SEED}-oracle-usual-2-{day}.json" for day in done]
    diary = json.loads((tmp_path / files[1]).read_text(encoding="utf-8"))["diary"]
    assert any("I know a" in line for line in diary[:20])  # remembered from day one
    before = time.monotonic()
    assert work(job) == done  # read, not played again
    assert time.monotonic() - before < 5.0


def test_a_run_that_is_out_of_time_plays_nothing(tmp_path):
    late = Conditions(deadline=time.monotonic() - 1.0)
    found = run_all(TASK, [SEED], 1, late, ["oracle"], jobs=1, folder=tmp_path)
    assert found == {}
    assert list(tmp_path.iterdir()) == []


def test_later_plays_come_in_chains_of_their_own():
    chains = [
        [[play.name for play in chain] for chain in nav_change.TASK.chains(later)]
        for later in (False, True)
    ]
    assert chains == [
        [["first", "changed", "changed, never corrected"]],
        [["changed, wiped map"]],
    ]
    late = [[p.name for p in chain] for chain in nav_lifelong.TASK.chains(True)]
    poorer = ["second, map without things", "second, things by place"]
    assert late == [["first", *poorer]]


@pytest.mark.parametrize(
    "wrong",
    [
        ["--homes", "0"],
        ["--detectors", "eagle"],
        ["--detectors", "misses"],
        ["--minutes", "-1"],
    ],
)
def test_wrong_options_are_named(wrong):
    parser = argparse.ArgumentParser()
    add_options(parser, homes=1, goals=1, minutes=1.0)
    with pytest.raises(ConfigError, match=wrong[1]):
        run_task(parser.parse_args(wrong), TASK)


def test_a_robot_that_hears_only_the_name():
    assert COLOUR_BLIND.words("find the red toy car") == "find the toy car"
    assert COLOUR_BLIND.words("find the washing machine") == "find the washing machine"
    assert COLOUR_BLIND.words("find the mug") == "find the mug"


class SeesSofas:
    def detect(self, frame):
        return (
            ObjectPercept(
                category="sofa", colour="red", confidence=1.0,
                center_base=np.zeros(3), size=np.ones(3),
            ),
        ) * 4000  # fmt: skip


@pytest.mark.parametrize("percent", [10, 20, 30])
def test_rungs_of_the_ladder_miss_and_misname_as_much_as_they_say(percent):
    assert f"misses{percent}" in DETECTORS
    seen = spoiled(f"misses{percent}", SeesSofas(), 1).detect(None)
    assert len(seen) / 4000 == pytest.approx(1.0 - percent / 100, abs=0.025)
    wrong = np.mean([p.category != "sofa" for p in seen])
    assert wrong == pytest.approx(WRONG, abs=0.015)


def test_the_oracle_misses_nothing():
    assert len(spoiled("oracle", SeesSofas(), 1).detect(None)) == 4000
