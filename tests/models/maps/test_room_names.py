"""Rooms named from tables have the names of looking at one landmark after the other."""

import numpy as np
import pytest

from neural_brain.benchmarks.nav_scale import strewn
from neural_brain.benchmarks.topology.floors import floor_grid
from neural_brain.models.maps import RoomConfig, RoomMap, name_room
from neural_brain.models.maps.room_names import describe_rooms


@pytest.fixture(scope="module")
def rooms():
    rooms = RoomMap(RoomConfig())
    rooms.update(floor_grid(100.0, np.random.default_rng(0)))
    return rooms


def slow_room(rooms, xy):
    """The first room on the way round a thing (2,), 0 if there is none."""
    spots = [xy]
    for r in (0.3, 0.6, 0.9):
        angles = np.arange(0.0, 2.0 * np.pi, np.pi / 4.0)
        spots += [xy + r * np.array([np.cos(a), np.sin(a)]) for a in angles]
    found = [int(rooms.room_of(spot)[0]) for spot in spots]
    return next((room for room in found if room), 0)


@pytest.mark.parametrize("seed", range(4))
def test_names_are_those_of_the_things_in_each_room(rooms, seed):
    rng = np.random.default_rng(seed)
    landmarks = strewn(90, rng)
    for track in landmarks.tracks.values():
        track.center = track.center - np.array([6.0, 6.0, 0.0])
        track.log_odds = float(rng.uniform(-1.0, 3.0))
    marks = landmarks.landmarks()
    inside = {}
    for mark in marks:
        room = slow_room(rooms, mark.center_map[:2])
        inside.setdefault(room, []).append(mark)
    found = describe_rooms(rooms, marks)
    assert found
    for room in found:
        assert room.name == name_room(inside.get(room.id, []))
    plain = describe_rooms(rooms, tuple(marks))
    assert [room.name for room in plain] == [room.name for room in found]


def test_rooms_without_things_have_no_name(rooms):
    assert {room.name for room in describe_rooms(rooms, ())} == {""}
