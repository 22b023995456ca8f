"""The index of the landmark map gives what looking at every track gives."""

import pickle

import numpy as np
import pytest

from neural_brain.models.maps import LandmarkConfig, LandmarkMap
from neural_brain.models.maps.said import numbers_of
from neural_brain.models.maps.track import Track
from neural_brain.models.maps.tracks import Tracks, named
from neural_brain.models.signals import ObjectPercept, Percepts

NAMES = ("mug", "book", "ball")
SHADES = ("red", "blue", "")


class BruteForce(Tracks):
    """Answers by looking at all tracks."""

    def near(self, points, radius_m):
        return list(self.values()) if len(points) else []

    def untold(self):
        return [track for track in self.values() if not track.told]

    def messages(self):
        return tuple(track.public() for track in self.values() if track.told)


def make_track(key, xy, told=True):
    return Track(
        id=key,
        center=np.array([*xy, 0.5]),
        covariance=np.eye(3) * 0.01,
        size=np.full(3, 0.2),
        categories={"mug": 1.0},
        colours={},
        log_odds=1.0,
        count=1,
        first_seen=0.0,
        last_seen=0.0,
        near=1.0,
        far=2.0,
        told=told,
    )


def frames(seed, count):
    """A robot that looks around among 40 things, some of which come and go."""
    rng = np.random.default_rng(seed)
    things = [
        (rng.uniform(-5, 5, 2), NAMES[k % 3], SHADES[int(rng.integers(3))])
        for k in range(40)
    ]
    for k in range(count):
        if k % 10 == 0:
            things[int(rng.integers(40))][0][:] = rng.uniform(-5, 5, 2)
        pose = np.array([*rng.uniform(-3, 3, 2), rng.uniform(-np.pi, np.pi)])
        c, s = np.cos(pose[2]), np.sin(pose[2])
        seen = []
        for xy, name, shade in things:
            local = np.array([[c, s], [-s, c]]) @ (xy - pose[:2])
            if 0.3 < local[0] < 4.0 and abs(local[1]) < local[0]:
                seen.append(
                    ObjectPercept(
                        category=name,
                        colour=shade,
                        confidence=float(rng.uniform(0.4, 0.9)),
                        center_base=np.array([*local, 0.5]) + rng.normal(0, 0.05, 3),
                        size=np.full(3, float(rng.uniform(0.1, 0.4))),
                    )
                )
        yield (
            Percepts(
                stamp=0.5 * k,
                pose_odom_base=pose,
                obstacles=np.zeros((0, 2)),
                free=np.zeros((0, 2)),
                objects=tuple(seen),
                view_polygon=np.array([[0.0, 0.0], [4.0, -4.0], [4.0, 4.0]]),
            ),
            pose,
        )


@pytest.mark.parametrize("seed", range(4))
def test_the_landmark_map_is_the_same_as_by_brute_force(seed):
    config = LandmarkConfig(miss_cost=2.0)
    fast, slow = LandmarkMap(config), LandmarkMap(config)
    slow.tracks = BruteForce()
    for k, (percepts, pose) in enumerate(frames(seed, 150)):
        for landmarks in (fast, slow):
            landmarks.update(percepts, pose, lambda *_: True)
            if k % 20 == 0:
                landmarks.merge_duplicates()
        everything = fast.landmarks()
        for name in NAMES:
            of_name = tuple(m for m in everything if m.category == name)
            assert named(everything, name) == of_name == named(of_name, name)
            for shade in {m.colour for m in of_name}:
                kept = numbers_of(named(everything, name, shade))
                assert np.array_equal(kept, numbers_of(named(of_name, name, shade)))
        told = [(m.id, m.count, m.colour, m.confidence) for m in fast.landmarks()]
        assert told == [
            (m.id, m.count, m.colour, m.confidence) for m in slow.landmarks()
        ]
    assert fast.next_id == slow.next_id
    assert [m.id for m in fast.new] == [m.id for m in slow.new]
    assert [m.id for m in fast.gone] == [m.id for m in slow.gone]
    assert len(fast.gone) > 0
    for key, track in slow.tracks.items():
        assert np.array_equal(fast.tracks[key].center, track.center)


@pytest.mark.parametrize("seed", range(4))
def test_near_misses_nothing_while_tracks_come_move_and_go(seed):
    rng = np.random.default_rng(seed)
    tracks = Tracks()
    for key in range(1, 300):
        tracks[key] = make_track(key, rng.uniform(-20, 20, 2))
        if rng.random() < 0.5:
            moved = tracks[int(rng.choice(list(tracks)))]
            moved.center = np.array([*rng.uniform(-20, 20, 2), 0.5])
        if rng.random() < 0.3:
            del tracks[int(rng.choice(list(tracks)))]
        if key % 10:
            continue
        point, radius = rng.uniform(-20, 20, 2), float(rng.uniform(0.1, 5.0))
        found = [track.id for track in tracks.near(point, radius)]
        within = [
            k for k, t in tracks.items() if np.hypot(*(t.center[:2] - point)) <= radius
        ]
        assert found == sorted(found)
        assert set(within) <= set(found) <= set(tracks)


def test_messages_stay_the_same_objects_until_their_track_changes():
    tracks = Tracks()
    for key in (1, 2, 3):
        tracks[key] = make_track(key, (key, 0.0), told=key != 2)
    first = tracks.messages()
    assert [m.id for m in first] == [1, 3]
    assert tracks.messages() is first
    tracks[3].log_odds = -1.0
    second = tracks.messages()
    assert second[0] is first[0]
    assert second[1].confidence < first[1].confidence
    tracks[2].told = True
    assert [m.id for m in tracks.messages()] == [1, 2, 3]
    del tracks[1]
    assert [m.id for m in tracks.messages()] == [2, 3]
    assert tracks.untold() == []


def test_messages_stay_as_they_were_when_the_map_goes_on():
    tracks = Tracks()
    for key in range(1, 2001):
        tracks[key] = make_track(key, (key, 0.0))
    before = tracks.messages()
    assert tracks.messages() is before
    tracks[7].center = np.array([-5.0, 0.0, 0.5])
    del tracks[300]
    after = tracks.messages()
    assert (len(before), len(after)) == (2000, 1999)
    assert before[6].center_map[0] == 7.0
    assert after[6].center_map[0] == -5.0
    assert [mark.id for mark in after] == [k for k in range(1, 2001) if k != 300]
    assert [mark.id for mark in before] == list(range(1, 2001))
    assert named(after, "mug") == after  # the same objects
    assert tuple(after[20:]) == tuple(m for m in before[20:] if m.id != 300)


def test_messages_are_a_sequence_like_a_tuple():
    tracks = Tracks()
    assert tracks.messages() == ()
    for key in (900, 3, 256, 255):
        tracks[key] = make_track(key, (key, 0.0))
    marks = tracks.messages()
    assert [mark.id for mark in marks] == [3, 255, 256, 900]
    assert marks[-1].id == 900
    assert [mark.id for mark in marks[1:3]] == [255, 256]
    assert marks[2] in marks
    assert pickle.loads(pickle.dumps(marks))[0].id == 3  # noqa: S301
    with pytest.raises(IndexError):
        marks[4]


def test_a_frame_rebuilds_only_the_blocks_that_it_touches():
    tracks = Tracks()
    for key in range(1, 5001):
        tracks[key] = make_track(key, (key, 0.0))
    before = tracks.messages()
    tracks[1000].count = 2
    after = tracks.messages()
    shared = {id(block) for block in before._blocks}
    assert sum(id(block) not in shared for block in after._blocks) == 1
