"""Goals are drawn from the seed, can be reached, and are some way apart."""

import mujoco
import numpy as np
import pytest

from neural_brain.benchmarks import nav_change
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
from neural_brain.benchmarks.navigation.true_space import BORDER_M, CELL_M, TrueSpace
from neural_brain.models.errors import SimulationError
from neural_brain.sim.homes import generate_home
from neural_brain.sim.homes.changed import close_a_door, spare_doors
from neural_brain.sim.homes.plan import connected
from neural_brain.sim.scene import build_model

SEED = 1015  # has a spare door
NONE_SPARE = 10120  # every open door is needed


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


def test_the_door_of_a_changed_home_is_closed_and_all_goals_stay_in_reach():
    part, before = changed_day(SEED, 4), generate_home(SEED)
    was, door = before.doors[part.door_closed], part.home.doors[part.door_closed]
    assert (was.closed, door.closed) == (False, True)
    assert [d for d in before.doors if d != was] == [
        d for d in part.home.doors if d != door
    ]
    referee = referee_of(part.home)
    assert TrueSpace(before).free[middle(door)]
    assert not referee.space.free[middle(door)]
    assert leaf_in_the_way(build_model(part.home), door)
    assert not leaf_in_the_way(build_model(before), door)
    assert len(part.goals) == 4
    assert np.all(np.isfinite(chain_lengths(part.goals, referee, part.start)))


def middle(door):
    """Row and column of the middle of a doorway."""
    x, y = (np.array(door.center) + BORDER_M) / CELL_M
    return int(y), int(x)


def leaf_in_the_way(model, door):
    """Whether a ray through the doorway, 0.3 m above the floor, ends in it."""
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    across = np.array([0.0, 1.0, 0.0] if door.along == "x" else [1.0, 0.0, 0.0])
    start = np.array([*door.center, 0.3]) - 0.25 * across
    hit = np.zeros(1, np.int32)
    far = mujoco.mj_ray(model, data, start, across, None, 1, -1, hit)
    return 0.0 <= far < 0.5


def test_homes_without_a_spare_door_are_left_out():
    assert spare_doors(generate_home(NONE_SPARE)) == []
    homes = nav_change.TASK.homes(NONE_SPARE, 4)
    assert homes == [10121, 10123, 10124, 10126]
    with pytest.raises(SimulationError, match="Leave it out"):
        changed_day(NONE_SPARE, 4)


def test_a_door_is_closed_only_if_all_rooms_stay_joined():
    closed = 0
    for seed in range(20):
        home = generate_home(seed)
        if not spare_doors(home):
            continue
        later, shut = close_a_door(home, np.random.default_rng(seed))
        pairs = [door.rooms for door in later.doors if not door.closed]
        assert connected(len(home.rooms), pairs)
        changed = [d.id for d in later.doors if d != home.doors[d.id]]
        assert changed == [shut]
        closed += 1
    assert closed > 3
