"""Landmarks: objects that were seen, fused over views, forgotten when gone.

Association is by distance, category and colour, one percept to one landmark per
frame. Positions are fused by covariance (a static Kalman filter). Category and
colour are kept as evidence per name, so that a confusion in one view does not
rename an object. A landmark that should be in view and is not seen loses log odds
until it is removed (negative evidence, as in DynaMem's ray-cast removal).
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

import cv2
import numpy as np
from scipy.spatial import cKDTree

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array, inverse2, transform2
from neural_brain.models.maps.former import Former, joined
from neural_brain.models.maps.said import Landmarks
from neural_brain.models.maps.track import Track, evidence
from neural_brain.models.maps.tracks import Tracks
from neural_brain.models.signals import Landmark, ObjectPercept, Percepts

HIGHEST = 4.0  # log odds of existence are kept in [-HIGHEST, HIGHEST]
SAME_SHARE = 0.7  # of the gate, nearer to which two landmarks may be one
MANY_RIVALS = 64  # seen beside a track, from which on it is tidied


@dataclass(frozen=True, kw_only=True)
class LandmarkConfig:
    """How percepts become landmarks."""

    gate_m: float = param(0.35, "same thing within (+ gate_size)", low=0.05, high=2.0)
    gate_size: float = param(0.5, "gate grows with the size by", low=0.0, high=1.0)
    gate_max_m: float = param(1.5, "gate is at most", low=0.1, high=5.0)
    colour_size_m: float = param(0.6, "larger things may be motley", low=0.0, high=5.0)
    confuse_m: float = param(0.3, "other category, same thing", low=0.0, high=1.0)
    sigma_m: float = param(0.06, "spread of one view", low=0.01, high=1.0)
    sigma_per_m: float = param(0.02, "spread grows with range", low=0.0, high=1.0)
    min_confidence: float = param(0.3, "weaker percepts are dropped", low=0.0, high=1.0)
    confirm: int = param(6, "views until it is believed", low=1, high=50)
    near_m: float = param(0.5, "expected to be seen from", low=0.0, high=5.0)
    far_m: float = param(3.0, "expected to be seen up to", low=0.5, high=20.0)
    miss_cost: float = param(0.6, "log odds lost by a miss", low=0.05, high=4.0)
    miss_every_s: float = param(0.5, "misses count this often", low=0.0, high=60.0)
    remove_below: float = param(0.12, "confidence to remove at", low=0.01, high=0.9)
    recalled_evidence: float = param(6.0, "kept for recalled names", low=0.5, high=30.0)
    recalled_log_odds: float = param(1.5, "kept for recalled things", low=0.0, high=4.0)
    pose_floor_m: float = param(0.03, "a landmark stays this unsure", low=0.0, high=0.5)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class LandmarkMap:
    """All landmarks, and `former` ones that are gone.

    `new` and `gone` hold what changed since they were cleared.
    """

    def __init__(self, config: LandmarkConfig) -> None:
        self.config = config
        self.tracks = Tracks()
        self.new: list[Landmark] = []
        self.gone: list[Landmark] = []
        self.former: Former = ()
        self.next_id = 1
        self.anchor = 0  # newest keyframe: what is seen now hangs on it

    def landmarks(self) -> Landmarks:
        """Confirmed landmarks; the same objects until something changes."""
        return self.tracks.messages()

    def new_id(self) -> int:
        """A number that no landmark has."""
        while self.next_id in self.tracks:  # one that came from another robot
            self.next_id += 1
        self.next_id += 1
        return self.next_id - 1

    def update(self, percepts: Percepts, pose: Array, line_of_sight: Any) -> None:
        """Fuse one frame.

        Args:
            percepts: what was seen.
            pose: pose_map_base (3,) at the percepts' stamp.
            line_of_sight: function (from (2,), to (2,), radius [m]) -> bool in `map`.
        """
        seen = [p for p in percepts.objects if self._usable(p)]
        centers = np.array([p.center_base for p in seen]).reshape(-1, 3)
        centers[:, :2] = transform2(pose, centers[:, :2])
        hit = self._associate(seen, centers, pose, percepts.stamp)
        self._note_rivals(list(hit.values()))
        fused = {track.id for track in hit.values()}
        self._miss(percepts, pose, fused, line_of_sight)
        self._confirm()

    def doubt(self) -> None:
        """Believe less in what is known from another day: things may have moved.

        Names, colours and existence keep only so much evidence that a second of other
        views can overrule them.
        """
        for track in self.tracks.values():
            track.categories = _at_most(track.categories, self.config.recalled_evidence)
            track.colours = _at_most(track.colours, self.config.recalled_evidence)
            track.log_odds = min(track.log_odds, self.config.recalled_log_odds)

    def merge_duplicates(self) -> None:
        """Join landmarks that are one thing seen with drift (low rate).

        As if all pairs were compared by rising numbers. Those of which neither has
        changed since the last time were two things then, and still are.
        """
        queue = self._suspects(self.tracks.pop_changed())
        heapify(queue)
        while queue:
            pair = heappop(queue)
            a, b = map(self.tracks.get, pair)
            if a is None or b is None or not self._same(a, b):
                continue
            keep, drop = (a, b) if a.count >= b.count else (b, a)
            self.join(keep, drop)  # moves the one that is kept
            for other in self.tracks.near(keep.center[:2], self.config.gate_max_m):
                again = min(keep.id, other.id), max(keep.id, other.id)
                if other is not keep and again > pair:
                    heappush(queue, again)

    def join(self, keep: Track, drop: Track) -> None:
        """Let one landmark take over all that is known of another one."""
        self._absorb(keep, drop)
        del self.tracks[drop.id]

    def _usable(self, percept: ObjectPercept) -> bool:
        finite = np.all(np.isfinite(percept.center_base))
        finite &= np.all(np.isfinite(percept.size))
        return bool(finite) and percept.confidence >= self.config.min_confidence

    def _gate(self, size: Array) -> float:
        c = self.config
        return min(c.gate_max_m, c.gate_m + c.gate_size * float(np.max(size[:2])))

    def _associate(
        self, seen: list[ObjectPercept], centers: Array, pose: Array, t: float
    ) -> dict[int, Track]:
        """Greedy one-to-one assignment by cost; returns percept index -> track."""
        tracks = self.tracks.near(centers[:, :2], self.config.gate_max_m)
        known = np.array([track.center for track in tracks]).reshape(-1, 3)
        gap = np.hypot(
            centers[:, None, 0] - known[:, 0], centers[:, None, 1] - known[:, 1]
        )
        pairs = []
        for i, j in zip(*np.nonzero(gap < self.config.gate_max_m), strict=True):
            cost = self._cost(seen[i], centers[i], tracks[j])
            if cost is not None:
                pairs.append((cost, int(i), int(j)))
        hit: dict[int, Track] = {}
        taken: set[int] = set()
        for _, i, j in sorted(pairs):
            if i not in hit and j not in taken:
                hit[i] = tracks[j]
                taken.add(j)
        for i, percept in enumerate(seen):
            distance = float(np.hypot(*(centers[i, :2] - pose[:2])))
            if i in hit:
                self._fuse(hit[i], percept, centers[i], distance, t)
            else:
                hit[i] = self._create(percept, centers[i], distance, t)
            hit[i].seen_from = pose[:2].copy()
        return hit

    def _cost(
        self, percept: ObjectPercept, center: Array, track: Track
    ) -> float | None:
        offset = center - track.center
        distance = float(np.hypot(offset[0], offset[1]))
        gate = self._gate(np.maximum(percept.size, track.size))
        known = percept.category == track.category
        if not known:
            largest = float(max(np.max(percept.size), np.max(track.size), 1e-6))
            smallest = float(min(np.max(percept.size), np.max(track.size)))
            gate = self.config.confuse_m if smallest > 0.4 * largest else 0.0
        if distance > gate or abs(offset[2]) > max(0.4, float(track.size[2])):
            return None
        cost = distance / gate + 0.5 * abs(offset[2])
        if not known:
            cost += 1.0
        if percept.colour and track.colour and percept.colour != track.colour:
            cost += 0.7
            motley = float(np.max(track.size)) > self.config.colour_size_m
            if distance > 0.5 * gate and not motley:
                return None
        return cost

    def _fuse(
        self,
        track: Track,
        percept: ObjectPercept,
        center: Array,
        distance: float,
        t: float,
    ) -> None:
        hidden = np.max(track.size[:2]) - np.max(percept.size[:2])
        R = self._spread(percept, distance, max(0.0, float(hidden)))
        gain = track.covariance @ np.linalg.inv(track.covariance + R)
        track.center = track.center + gain @ (center - track.center)
        floor = np.eye(3) * self.config.pose_floor_m**2
        track.covariance = (np.eye(3) - gain) @ track.covariance
        track.covariance = np.maximum(track.covariance, floor)
        grow = percept.size > track.size  # what was seen in part was too small
        track.size = track.size + np.where(grow, 0.3, 0.03) * (
            percept.size - track.size
        )
        _add(track.categories, percept.category, evidence(percept.confidence))
        if percept.colour:  # a part may have another colour than the whole
            whole = min(
                1.0, float(np.max(percept.size) / max(np.max(track.size), 1e-6))
            )
            _add(track.colours, percept.colour, percept.confidence * whole**2)
        gain_odds = evidence(percept.confidence)
        track.log_odds = min(HIGHEST, track.log_odds + gain_odds)
        track.count += 1
        track.last_seen = t
        track.anchor = self.anchor
        track.near, track.far = min(track.near, distance), max(track.far, distance)

    def _create(
        self, percept: ObjectPercept, center: Array, distance: float, t: float
    ) -> Track:
        track = Track(
            id=self.new_id(),
            center=center.copy(),
            covariance=self._spread(
                percept, distance, 0.3 * float(np.max(percept.size[:2]))
            ),
            size=np.array(percept.size, dtype=np.float64),
            categories={percept.category: evidence(percept.confidence)},
            colours={percept.colour: percept.confidence} if percept.colour else {},
            log_odds=evidence(percept.confidence) - 0.5,
            count=1,
            first_seen=t,
            last_seen=t,
            near=distance,
            far=distance,
            anchor=self.anchor,
        )
        self.tracks[track.id] = track
        return track

    def _spread(
        self, percept: ObjectPercept, distance: float, hidden_m: float
    ) -> Array:
        """Covariance (3, 3) of one view: noise, and how much of it was hidden."""
        sigma = self.config.sigma_m + self.config.sigma_per_m * distance
        sigma += 0.5 * hidden_m
        return np.eye(3) * (sigma / max(percept.confidence, 0.3)) ** 2

    def _note_rivals(self, seen: list[Track]) -> None:
        """Count how often tracks of one category were seen in the same frame."""
        for track in seen:
            if len(track.rivals) > MANY_RIVALS:  # of those that are no more
                known = {k: n for k, n in track.rivals.items() if k in self.tracks}
                track.rivals = known
            for other in seen:
                if other is not track and other.category == track.category:
                    track.rivals[other.id] = track.rivals.get(other.id, 0) + 1

    def _miss(
        self, percepts: Percepts, pose: Array, fused: set[int], line_of_sight: Any
    ) -> None:
        """Landmarks that should have been seen and were not lose belief."""
        polygon = np.asarray(percepts.view_polygon, dtype=np.float32)
        around = self.tracks.near(pose[:2], self.config.far_m)
        others = [t for t in around if t.id not in fused]
        if len(polygon) < 3 or not others:
            return
        local = transform2(inverse2(pose), np.array([t.center[:2] for t in others]))
        c = self.config
        range_m = np.hypot(local[:, 0], local[:, 1])
        for k in np.flatnonzero((range_m >= c.near_m) & (range_m <= c.far_m)):
            track, xy, distance = others[k], local[k], float(range_m[k])
            low = max(c.near_m, 0.8 * track.near)
            high = min(c.far_m, 1.1 * track.far)
            if not low <= distance <= high:
                continue
            if percepts.stamp - track.last_miss < c.miss_every_s:
                continue
            point = (float(xy[0]), float(xy[1]))
            inside = cv2.pointPolygonTest(polygon, point, measureDist=True)
            radius = 0.5 * float(np.max(track.size[:2])) + 0.1
            if inside < min(0.3, radius):
                continue
            if not line_of_sight(pose[:2], track.center[:2], radius):
                continue
            track.last_miss = percepts.stamp
            track.log_odds -= c.miss_cost
            if track.exists < c.remove_below:
                del self.tracks[track.id]
                if track.told:
                    self.gone.append(track.public())
                    self.former = joined(self.former, self.gone[-1:])

    def _confirm(self) -> None:
        for track in self.tracks.untold():
            if track.count >= self.config.confirm:
                track.told = True
                self.new.append(track.public())

    def _same(self, a: Track, b: Track) -> bool:
        if a.category != b.category or b.rivals.get(a.id, 0) > 2:
            return False
        size = np.maximum(a.size, b.size)
        motley = float(np.max(size)) > self.config.colour_size_m
        if a.colour and b.colour and a.colour != b.colour and not motley:
            return False
        distance = float(np.hypot(*(a.center[:2] - b.center[:2])))
        return distance < SAME_SHARE * self._gate(size)

    def _suspects(self, changed: list[Track]) -> list[tuple[int, int]]:
        """Numbers, lower first, of near pairs of a name with one that has changed."""
        around, reach = list(self.tracks.values()), SAME_SHARE * self.config.gate_max_m
        if 4 * len(changed) < len(around):
            at = np.array([track.center[:2] for track in changed])
            around = self.tracks.near(at, reach)
        if len(around) < 2:
            return []
        places = cKDTree(np.array([track.center[:2] for track in around]))
        pairs = places.query_pairs(reach + 1e-6, output_type="ndarray")
        is_changed = np.isin([t.id for t in around], [t.id for t in changed])
        names = np.unique([track.category for track in around], return_inverse=True)[1]
        i, j = pairs.T
        fits = (is_changed[i] | is_changed[j]) & (names[i] == names[j])
        numbers = np.sort(np.array([t.id for t in around])[pairs[fits]], axis=1)
        return [(a, b) for a, b in numbers.tolist()]

    def _absorb(self, keep: Track, drop: Track) -> None:
        a, b = np.linalg.inv(keep.covariance), np.linalg.inv(drop.covariance)
        keep.covariance = np.linalg.inv(a + b)
        keep.center = keep.covariance @ (a @ keep.center + b @ drop.center)
        for name, value in drop.categories.items():
            _add(keep.categories, name, value)
        for name, value in drop.colours.items():
            _add(keep.colours, name, value)
        keep.log_odds = max(keep.log_odds, drop.log_odds)
        keep.count += drop.count
        if drop.last_seen > keep.last_seen:
            keep.anchor = drop.anchor
        keep.first_seen = min(keep.first_seen, drop.first_seen)
        keep.last_seen = max(keep.last_seen, drop.last_seen)
        keep.near, keep.far = min(keep.near, drop.near), max(keep.far, drop.far)
        for key, count in drop.rivals.items():
            keep.rivals[key] = keep.rivals.get(key, 0) + count


def _add(scores: dict[str, float], name: str, amount: float) -> None:
    """Add evidence and keep the sum bounded, so that a name can still change."""
    scores[name] = scores.get(name, 0.0) + amount
    total = sum(scores.values())
    if total > 30.0:
        for key in scores:
            scores[key] *= 30.0 / total


def _at_most(scores: dict[str, float], total: float) -> dict[str, float]:
    """Scores in the same proportions, with no larger sum."""
    share = min(1.0, total / max(sum(scores.values()), 1e-9))
    return {name: score * share for name, score in scores.items()}
