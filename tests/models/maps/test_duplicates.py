"""Duplicates found among what has changed are those of comparing all pairs."""

import numpy as np
import pytest

from neural_brain.models.maps import LandmarkConfig, LandmarkMap
from neural_brain.models.maps.track import Track


class BruteForce(LandmarkMap):
    """Compares all pairs by rising numbers, every time."""

    def merge_duplicates(self):
        numbers = sorted(self.tracks)
        for k, low in enumerate(numbers):
            for high in numbers[k + 1 :]:
                a, b = self.tracks.get(low), self.tracks.get(high)
                if a is not None and b is not None and self._same(a, b):
                    self.join(*((a, b) if a.count >= b.count else (b, a)))


def some_track(key, rng, at=None):
    xy = rng.uniform(-3.0, 3.0, 2) if at is None else at
    return Track(
        id=key,
        center=np.array([*xy, 0.5]),
        covariance=np.eye(3) * float(rng.uniform(0.01, 0.1)),
        size=np.full(3, float(rng.choice([0.1, 0.4, 1.5]))),
        categories={("mug", "sofa", "book")[int(rng.integers(3))]: 1.0},
        colours={("red", "blue")[int(rng.integers(2))]: 1.0},
        log_odds=1.0,
        count=int(rng.integers(1, 9)),
        first_seen=0.0,
        last_seen=0.0,
        near=1.0,
        far=2.0,
        told=True,
    )


def change(landmarks, rng):
    """One of the things that happen to landmarks, the same for the same draws."""
    tracks, kind = landmarks.tracks, int(rng.integers(6))
    if kind == 0 or len(tracks) < 5:
        key = landmarks.new_id()
        tracks[key] = some_track(key, rng)
        return
    track = tracks[int(rng.choice(sorted(tracks)))]
    other = tracks[int(rng.choice(sorted(tracks)))]
    if kind == 1:
        track.center = track.center + np.array([*rng.normal(0.0, 0.3, 2), 0.0])
    elif kind == 2:
        del tracks[track.id]
    elif kind == 3:
        track.size = track.size + 0.2
    elif kind == 4 and other is not track:
        landmarks._note_rivals([track, other])
        track.count += 1  # who was seen was fused, too
        other.count += 1
    elif kind == 5:
        track.categories["mug"] = track.categories.get("mug", 0.0) + 2.0
        track.count += 1


def known(landmarks):
    return [
        (key, t.center.tolist(), t.count, t.categories, t.rivals)
        for key, t in sorted(landmarks.tracks.items())
    ]


@pytest.mark.parametrize("seed", range(8))
def test_merging_what_has_changed_is_the_same_as_comparing_all_pairs(seed):
    fast, slow = LandmarkMap(LandmarkConfig()), BruteForce(LandmarkConfig())
    joined = 0
    for landmarks in (fast, slow):
        rng = np.random.default_rng(seed)
        for _ in range(60):
            key = landmarks.new_id()
            landmarks.tracks[key] = some_track(key, rng)
    for step in range(40):
        for landmarks in (fast, slow):
            rng = np.random.default_rng([seed, step])
            for _ in range(int(rng.integers(0, 12))):
                change(landmarks, rng)
        before = len(fast.tracks)
        for landmarks in (fast, slow):
            landmarks.merge_duplicates()
        joined += before - len(fast.tracks)
        assert known(fast) == known(slow)
    assert joined > 20


def test_a_chain_of_duplicates_becomes_one_as_by_comparing_all_pairs():
    maps = LandmarkMap(LandmarkConfig()), BruteForce(LandmarkConfig())
    for landmarks in maps:
        rng = np.random.default_rng(3)
        for key in range(1, 31):
            track = some_track(key, rng, at=(0.2 * ((7 * key) % 31), 0.0))
            track.categories, track.colours = {"sofa": 1.0}, {}
            landmarks.tracks[key] = track
        landmarks.merge_duplicates()
    assert known(maps[0]) == known(maps[1])
    assert len(maps[0].tracks) < 20


def test_only_what_has_changed_is_compared(monkeypatch):
    landmarks, rng = LandmarkMap(LandmarkConfig()), np.random.default_rng(0)
    for key in range(1, 201):
        track = some_track(key, rng, at=(2.0 * (key // 2), 0.5 * (key % 2)))
        track.categories, track.colours = {"mug": 1.0}, {("red", "blue")[key % 2]: 1.0}
        track.size = np.full(3, 0.2)
        landmarks.tracks[key] = track
    landmarks.merge_duplicates()
    compared = []
    same = landmarks._same
    monkeypatch.setattr(
        landmarks, "_same", lambda a, b: compared.append((a.id, b.id)) or same(a, b)
    )
    landmarks.merge_duplicates()
    assert compared == []
    landmarks.tracks[20].count += 1
    landmarks.merge_duplicates()
    assert compared == [(20, 21)]
