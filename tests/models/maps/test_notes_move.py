"""What the executive has noted of places moves when a real loop is closed."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.executive.going_back import Beginnings
from neural_brain.models.executive.moved import follow
from neural_brain.models.executive.sightings import Sightings
from neural_brain.models.geometry import move_spots, transform2, wrap
from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.maps.moves import KEPT_S, Moves
from neural_brain.models.maps.seen import SeenGrid
from neural_brain.models.signals import MapMove
from tests.models.executive.conftest import Flat, Robot
from tests.models.maps.test_loop_closure import Veered, ring_path, ring_segments


@pytest.fixture(scope="module")
def correction(world):
    """Of the first loop that a drive around a block closes."""
    ring = Veered(type(world)(ring_segments()), ring_path(), veer=0.005)
    ring.run()
    found = ring.closures[0].correction
    turns = found.after[:, 2] - found.before[:, 2]
    assert found.shift_m > 0.3
    assert np.ptp(turns) > 0.02  # not one rigid motion
    return found


@pytest.fixture
def state(world, tour):
    """Makes the state of a map in which that loop was closed."""
    cognitive = CognitiveMap(MapsConfig())
    first = next(iter(world.drive(tour[1:2])))
    before = cognitive.step(first.t, first.body, first.scan, None)

    def after(correction):
        cognitive._moves.note(first.t + 1.0, correction)
        return before, cognitive._publish(first.t + 1.5)

    return after


def disc(xy, radius=0.8):
    angles = np.linspace(0.0, 2.0 * np.pi, 24, endpoint=False)
    return xy + radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def test_going_back_leads_to_where_the_spot_is_now(correction, state):
    beginnings = Beginnings()
    k = int(np.argmax(np.hypot(*(correction.after - correction.before)[:, :2].T)))
    beginnings.note(correction.before[k])
    follow(*state(correction), [beginnings, None, object()])
    spot = beginnings.take(np.full(3, 100.0))
    assert np.allclose(spot[:2], correction.after[k, :2], atol=1e-9)
    assert abs(wrap(spot[2] - correction.after[k, 2])) < 1e-9


def test_what_was_looked_at_moves_with_the_floor(correction, state):
    seen = SeenGrid(2.8)
    for pose in correction.before[::4]:
        for _ in range(3):
            seen.add_view(disc(pose[:2]), pose[:2])
    seen.give_up(correction.before[1:2, :2] + [0.0, 1.5])
    follow(*state(correction), [seen])
    inside = np.concatenate([disc(p[:2], 0.5) for p in correction.after[::4]])
    assert seen.seen(inside, 3).mean() > 0.97
    k = int(np.argmax(np.hypot(*(correction.after - correction.before)[:, :2].T)))
    assert not seen.seen(disc(correction.after[k, :2], 2.5), 1).all()
    tired = correction.move(correction.before[1:2, :2] + [0.0, 1.5])
    assert seen.seen(tired, 255).all()


def test_spots_to_touch_move_with_their_thing(correction, state):
    views, k = Sightings(), len(correction.before) - 3
    spots = np.array([[0.2, 0.1, 0.8, 1.0, 0.0, 0.0], [0.2, 0.2, 0.8, 1.0, 0.0, 0.0]])
    views.touch[7] = np.add(spots, [*correction.before[k, :2], 0, 0, 0, 0])
    views.seen_from[7] = correction.before[k, :2].copy()
    old = views.touch[7].copy()
    follow(*state(correction), [views])
    near = correction.change_of(0, old[:, :2].mean(axis=0))
    assert np.allclose(views.touch[7], move_spots(near, old))
    assert np.allclose(views.seen_from[7], correction.after[k, :2])


def test_nothing_moves_twice_nor_before_anything_was_noted(correction, state):
    beginnings = Beginnings()
    beginnings.note(correction.before[5])
    before, after = state(correction)
    assert not before.moves
    assert len(after.moves) == 1
    follow(None, after, [beginnings])
    follow(after, after, [beginnings])
    spot = beginnings.take(np.full(3, 100.0))
    assert np.allclose(spot, correction.before[5])


def test_an_absurd_move_is_not_believed(correction, state):
    beginnings = Beginnings()
    beginnings.note(correction.before[5])
    far = type(correction)(
        numbers=correction.numbers, before=correction.before,
        after=np.add(correction.after, [1e4, 0.0, 0.0]),
    )  # fmt: skip
    follow(*state(far), [beginnings])
    spot = beginnings.take(np.full(3, 100.0))
    assert np.allclose(spot, correction.before[5])


def test_moves_are_told_for_a_while(correction):
    moves = Moves()
    moves.note(5.0, correction)
    assert len(moves.lately(5.0 + KEPT_S)) == 1
    assert moves.lately(5.1 + KEPT_S) == ()
    moves.note(20.0, correction)
    moves.clear()
    assert moves.lately(20.0) == ()


def test_the_robot_goes_back_to_the_moved_spot(correction):
    """All the way through the executive: a goal, a closed loop, 'go back'."""
    robot = Robot(Flat())
    start = robot.pose[:2].copy()
    robot.say("go to the office")
    robot.run()
    shift = np.array([0.7, 0.4, 0.1])
    move = MapMove(stamp=robot.t, before=np.zeros((1, 3)), after=shift[None])
    plain = robot.flat.state
    robot.flat.state = lambda t: replace(plain(t), moves=(move,))
    robot.say("go back")
    robot.run()
    assert robot.executive.finished[-1].success
    expected = transform2(shift, start[None])[0]
    assert np.hypot(*(robot.pose[:2] - expected)) < 0.2
