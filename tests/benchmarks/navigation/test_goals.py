"""Goals are drawn from the seed, can be reached, and are some way apart."""

import numpy as np
import pytest

from neural_brain.benchmarks.navigation.goals import (
    APART_M,
    among_others,
    by_category,
    by_colour,
    chain_lengths,
)
from neural_brain.benchmarks.navigation.lives import (
    changed_day,
    first_day,
    next_day,
    referee_of,
)
from neural_brain.sim.homes import generate_home
from neural_brain.sim.homes.changed import close_a_door
from neural_brain.sim.homes.plan import connected

SEED = 1002


@pytest.fixture(scope="module")
def home():
    return generate_home(SEED)


def test_goals_name_all_that_fit(home):
    assert sum(len(goal.right) for goal in by_category(home)) == len(home.objects)
    for goal in by_colour(home):
        names = {f"{home.objects[k].colour} {home.objects[k].category}" for k in
                 goal.right}  # fmt: skip
        assert names == {goal.words.removeprefix("find the ")}


def test_instances_have_others_of_their_kind(home):
    goals = among_others(home)
    assert goals
    for goal in goals:
        kind, colour = (getattr(home.objects[goal.right[0]], name) for name in
                        ("category", "colour"))  # fmt: skip
        same = [thing for thing in home.objects if thing.category == kind]
        assert any(thing.colour != colour for thing in same)


@pytest.mark.parametrize("day", [first_day, next_day, changed_day])
def test_a_day_is_the_same_every_time_and_its_goals_are_apart(day):
    part, again = day(SEED, 4), day(SEED, 4)
    assert part.goals == again.goals
    assert np.array_equal(part.start, again.start)
    assert len(part.goals) == 4
    referee = referee_of(part.home)
    lengths = [0.0, *chain_lengths(part.goals, referee, part.start)]
    assert np.all(np.isfinite(lengths))
    assert np.all(np.diff(lengths) >= APART_M - 0.2)


def test_days_differ():
    first, second = first_day(SEED, 4), next_day(SEED, 4)
    assert first.home == second.home
    assert first.goals != second.goals
    assert np.hypot(*(first.start - second.start)[:2]) > 2.0


def test_most_goals_of_a_changed_home_were_moved():
    part, before = changed_day(SEED, 5), generate_home(SEED)
    moved = [goal for goal in part.goals if goal.kind == "moved"]
    assert len(moved) >= 2
    for goal in part.goals:
        for number in goal.right:
            there = part.home.objects[number].position
            same = there == before.objects[number].position
            assert same is (goal.kind == "unmoved")


def test_a_door_is_closed_only_if_all_rooms_stay_joined():
    closed = 0
    for seed in range(20):
        home = generate_home(seed)
        later = close_a_door(home, np.random.default_rng(seed))
        pairs = [door.rooms for door in later.doors if not door.closed]
        assert connected(len(home.rooms), pairs)
        more = sum(d.closed for d in later.doors) - sum(d.closed for d in home.doors)
        assert more in (0, 1)
        closed += more
    assert closed > 3
