"""Idle consolidation: what a robot that rests does with its landmarks.

Landmarks that overlap and were hardly ever seen side by side are joined, and so are
parts of one piece of furniture that the detector saw as several: two tables cannot
stand in one place. Those that were never confirmed and not seen again are dropped. It
works in small steps, one change in each, only while the robot stands without a task.
Every change is a candidate: what was seen lately must be found in the changed map as
well as before, and the map must stay sound, or the change is rolled back. Only the
number of landmarks is kept to its budget at all times: what is least worth goes first.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from neural_brain.models.categories import FURNITURE
from neural_brain.models.config import param, validate
from neural_brain.models.maps.landmarks import LandmarkMap
from neural_brain.models.maps.sightings import Sightings
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import BodyState, MotionStatus

News = tuple[str, str, dict[str, Any]]
STILL = 0.01  # m/s and rad/s
FADES_S = 3600.0  # a landmark is worth half when it was not seen for so long
HALF_SURE = 10  # views that are worth half of very many
Change = tuple[int, ...]
"""Numbers of two landmarks to join, or of one to drop."""


@dataclass(frozen=True, kw_only=True)
class ConsolidationConfig:
    """When and what is consolidated."""

    active: bool = param(True, "whether a resting robot tidies its map")
    idle_s: float = param(5.0, "rest before it begins", low=0.0, high=3600.0)
    overlap: float = param(0.3, "of the smaller one, to join", low=0.05, high=1.0)
    part_overlap: float = param(0.7, "of parts of furniture", low=0.05, high=1.0)
    apart_share: float = param(0.05, "seen together at most", low=0.0, high=1.0)
    stale_s: float = param(120.0, "unconfirmed and unseen for", low=1.0, high=1e7)
    landmarks: int = param(100_000, "kept at most", low=10, high=10**7)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class Consolidation:
    """Call `step` often; it does at most one change in each call.

    Attributes:
        sightings: log that candidates are checked against.
        joined, dropped, refused: what was done so far.
    """

    def __init__(self, config: ConsolidationConfig) -> None:
        self.config = config
        self.sightings = Sightings()
        self.joined = self.dropped = self.refused = 0
        self._idle_since: float | None = None
        self._left: deque[Change] | None = None
        self._done = (0, 0, 0)

    def attend(
        self, t: float, status: MotionStatus, body: BodyState, landmarks: LandmarkMap
    ) -> Iterator[News]:
        """`step` of a robot whose motion and body are like that."""
        return self.step(t, resting(status, body), landmarks)

    def step(self, t: float, idle: bool, landmarks: LandmarkMap) -> Iterator[News]:
        """Do a little, if the robot rests; yields what is worth telling at the end.

        Args:
            t: now [s].
            idle: it stands and has nothing to do.
            landmarks: changed in place.
        """
        yield from self._shed(t, landmarks)
        if not (idle and self.config.active):
            self._idle_since = self._left = None
            return
        if self._idle_since is None or t < self._idle_since:
            self._idle_since = t
            self._done = (self.joined, self.dropped, self.refused)
        if t - self._idle_since < self.config.idle_s:
            return
        if self._left is None:
            self._left = deque(candidates(landmarks, self.config, t))
        elif self._left:
            self._try(self._left.popleft(), landmarks)
            if not self._left:
                yield from self._news()

    def _shed(self, t: float, landmarks: LandmarkMap) -> Iterator[News]:
        """Keep to the number of landmarks even without a rest.

        What was never confirmed and not seen lately is forgotten first, then what is
        worth least, and what was seen lately last, because it may yet be confirmed; a
        little more than needed, so that it is not done often.
        """
        tracks, most = landmarks.tracks, self.config.landmarks
        if len(tracks) <= most:
            return
        fresh = t - self.config.stale_s

        def rank(track: Track) -> tuple[int, float]:
            seen = track.last_seen > fresh
            return 2 * seen or int(track.told), log_worth(track, t)

        worst = sorted(tracks.values(), key=rank)
        count = len(tracks) - most + most // 50
        for track in worst[:count]:
            del tracks[track.id]
        text = f"my map of things is full: forgot {count} that were least worth"
        yield "forgotten", text, {"forgotten": count}

    def _try(self, change: Change, landmarks: LandmarkMap) -> None:
        """Make a change; take it back if the map is worse by it."""
        tracks = landmarks.tracks
        if any(key not in tracks for key in change):
            return
        before = {key: deepcopy(_bare(tracks[key])) for key in change}
        names = {tracks[key].category for key in change}
        around = _around(landmarks, change)
        pair = [before[key] for key in change]
        own = len(pair) == 1 or not _side_by_side(pair[0], pair[1], self.config)
        was, _ = self.sightings.recall(around, names, own=own)
        if len(change) == 2:
            a, b = (tracks[key] for key in change)
            landmarks.join(*((a, b) if a.count >= b.count else (b, a)))
        else:
            del tracks[change[0]]
        left = [track for track in around if track.id in tracks]
        names |= {track.category for track in left if track.id in change}
        found, _ = self.sightings.recall(left, names, own=own)
        if found >= was and all(_sound(tracks[k]) for k in change if k in tracks):
            self.joined += len(change) == 2
            self.dropped += len(change) == 1
            return
        self.refused += 1
        for key, track in before.items():
            tracks[key] = track

    def _news(self) -> Iterator[News]:
        joined, dropped = self.joined - self._done[0], self.dropped - self._done[1]
        if joined or dropped:
            text = f"tidied my map: {joined} things joined, {dropped} dropped"
            data = {"joined": joined, "dropped": dropped}
            yield "consolidated", text, {**data, "refused": self.refused}


def log_worth(track: Track, t: float) -> float:
    """Logarithm of confidence times views times recency.

    Views count less the more there are: count / (count + HALF_SURE). Of two things seen
    in the same hour the surer one is worth more; hours outweigh that, because what was
    not seen for long may be gone.
    """
    names = track.categories.values()
    named = max(names) / max(sum(names), 1e-9)
    exists = 1.0 / (1.0 + math.exp(-max(track.log_odds, -50.0)))
    views = track.count / (track.count + HALF_SURE)
    age_s = max(0.0, t - track.last_seen)
    faded = age_s * math.log(2.0) / FADES_S
    return math.log(max(exists * named * views, 1e-12)) - faded


def resting(status: MotionStatus, body: BodyState) -> bool:
    """Whether the base stands and motion has nothing to do."""
    still = bool(np.all(np.abs(body.twist_base) < STILL))
    return still and status.state != "running"


def candidates(
    landmarks: LandmarkMap, config: ConsolidationConfig, t: float
) -> list[Change]:
    """Changes worth trying: pairs to join, then single ones to drop."""
    tracks = list(landmarks.tracks.values())
    changes: list[Change] = []
    if len(tracks) >= 2:
        tree = cKDTree(np.array([track.center[:2] for track in tracks]))
        reach = 0.5 * max(float(np.hypot(*track.size[:2])) for track in tracks)
        near = tree.query_pairs(2.0 * min(reach, 1.5), output_type="ndarray")
        for i, j in sorted(map(tuple, near.tolist())):
            if _may_be_one(tracks[i], tracks[j], config):
                changes.append((tracks[i].id, tracks[j].id))
    for track in tracks:
        if not track.told and not t - track.last_seen < config.stale_s:
            changes.append((track.id,))
    return changes


def _may_be_one(a: Track, b: Track, config: ConsolidationConfig) -> bool:
    """Whether two landmarks overlap and have a name in common."""
    if not (a.category in b.categories or b.category in a.categories):
        return False
    low = np.maximum(a.center - 0.5 * a.size, b.center - 0.5 * b.size)
    high = np.minimum(a.center + 0.5 * a.size, b.center + 0.5 * b.size)
    common = float(np.prod(np.clip(high - low, 0.0, None)[:2]))
    least = min(float(np.prod(a.size[:2])), float(np.prod(b.size[:2])))
    share = common / max(least, 1e-6)
    whole = a.category == b.category and a.category in FURNITURE
    if whole and share >= config.part_overlap:
        return True
    if _side_by_side(a, b, config) or not _colours_agree(a, b):
        return False
    stacked = high[2] < low[2] - 0.1
    return share >= config.overlap and not stacked


def _side_by_side(a: Track, b: Track, config: ConsolidationConfig) -> bool:
    """Whether both were seen in one frame more often than by chance."""
    together = max(a.rivals.get(b.id, 0), b.rivals.get(a.id, 0))
    return together > 2 + config.apart_share * min(a.count, b.count)


def _colours_agree(a: Track, b: Track) -> bool:
    if not (a.colour and b.colour) or a.colour == b.colour:
        return True
    return a.colour in b.colours or b.colour in a.colours


def _around(landmarks: LandmarkMap, change: Change) -> list[Track]:
    """Landmarks that a sighting of the changed ones could be matched to."""
    tracks = [landmarks.tracks[key] for key in change]
    centers = np.array([track.center[:2] for track in tracks])
    reach = 2.0 + max(float(track.size[:2].max()) for track in tracks)
    return landmarks.tracks.near(centers, reach)


def _bare(track: Track) -> Track:
    """A copy that nobody watches."""
    values = {k: v for k, v in track.__dict__.items() if k != "_watcher"}
    return Track(**values)


def _sound(track: Track) -> bool:
    """Whether a landmark can be what it says."""
    numbers = (track.center, track.covariance, track.size)
    finite = all(bool(np.all(np.isfinite(values))) for values in numbers)
    spread = np.linalg.eigvalsh(track.covariance) if finite else np.full(3, -1.0)
    return finite and bool(spread.min() > 0.0) and bool(track.categories)
