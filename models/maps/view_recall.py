"""Recognising a place by its views: likeness, votes of a sequence, prior, geometry.

The likest views are only candidates. Each is laid onto what is seen now by its corners;
a place is recognised when many more spots agree there than at any other place.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array, compose2, inverse2, wrap
from neural_brain.models.maps.looked import Looked
from neural_brain.models.maps.place_views import PlaceViews, ViewConfig
from neural_brain.models.maps.view_matching import fit_views
from neural_brain.models.signals import Percepts, Picture, PicturePlace, SceneView

SAME_M, SAME_RAD = 0.4, 0.3  # fits so near to each other tell of one place
NEAR_M, NEAR_RAD = 1.0, 0.6  # a view so near to where it should be votes along
SPREAD_M = 1.0  # a view shows the same place from so far, beside the prior's spread
SIGMAS = 3.0
LEAST_LEAD = 3  # spots more than anywhere else, for a place that scans then confirm


@dataclass(frozen=True, kw_only=True)
class ViewPrior:
    """Where the robot probably is: pose (3,) in `map`, standard deviation [m]."""

    pose: Array
    sigma_m: float


@dataclass(frozen=True, kw_only=True)
class ViewMatch:
    """A place at which the picture may have been taken.

    Attributes:
        pose: of the base (3,) in `map`, or of a camera that is nobody's, on the ground:
            by the corners where they agree, else as if the camera was where that of
            the view was.
        likeness: of the view, about 0..1.
        spots: that agree, 0 = the geometry says nothing.
        lead: spots more than at any other place; the measure of sureness.
    """

    pose: Array
    likeness: float
    spots: int = 0
    lead: int = 0


@dataclass(frozen=True)
class Glimpse:
    """A view and the odometry pose (3,) at which it was taken."""

    view: SceneView
    pose_odom_base: Array

    @property
    def camera(self) -> Array:
        """Where the camera was and looked, on the ground: (3,) in `odom`."""
        return compose2(self.pose_odom_base, self.view.camera)


class Recogniser:
    """The views of a map, and what the camera has seen last.

    Args:
        config: of the store and of recalling.

    Attributes:
        store: the views that are kept.
        looked: what the camera has looked at.
    """

    def __init__(self, config: ViewConfig | None = None) -> None:
        self.store = PlaceViews(config or ViewConfig())
        self.looked = Looked()
        self._glimpses: deque[Glimpse] = deque(maxlen=self.store.config.sequence)

    def note(self, percepts: Percepts, pose: Array, anchor: int = 0) -> None:
        """Take in what was seen at pose_map_base (3,), hanging on a keyframe."""
        self._glimpse(percepts)
        self.looked.note(percepts, pose)
        self.store.note(percepts.view, pose, percepts.stamp, anchor)

    def correction(self, percepts: Percepts, before: Array | None) -> Array | None:
        """Where the robot is by what it sees: pose_map_odom (3,), None if not known.

        Args:
            percepts: what was seen.
            before: what is believed until there is a new view.
        """
        if not self._glimpse(percepts):
            return before
        found = recall_places(self.store, list(self._glimpses))
        if not found or found[0].lead < LEAST_LEAD:
            return None
        return compose2(found[0].pose, inverse2(percepts.pose_odom_base))

    def _glimpse(self, percepts: Percepts) -> bool:
        if percepts.view is None or not np.isfinite(percepts.pose_odom_base).all():
            return False
        self._glimpses.append(Glimpse(percepts.view, percepts.pose_odom_base))
        return True


def place_picture(picture: Picture, views: Recogniser) -> Picture:
    """The picture with the places where it may have been taken, the surest first."""
    found = recall_places(views.store, [Glimpse(picture.view, np.zeros(3))])
    places = [
        PicturePlace(pose_map=match.pose, spots=match.spots, lead=match.lead)
        for match in found
    ]
    return replace(picture, places=tuple(places))


def likeness(store: PlaceViews, view: SceneView) -> NDArray[np.float64]:
    """Cosine (n,) of a view with all that are kept; 0 where they cannot be compared."""
    if not store.views or view.embedding != store.embedding:
        return np.zeros(len(store.views))
    known = store.vectors()
    if known.shape[1] != len(view.vector):
        return np.zeros(len(known))
    return (known @ view.vector).astype(np.float64)


def votes(store: PlaceViews, glimpses: Sequence[Glimpse]) -> NDArray[np.float64]:
    """Likeness (n,) with the last one, averaged with that of those before it.

    An earlier glimpse votes for a view by the likest view where it should have been
    taken if the last one was taken at that view.
    """
    total = likeness(store, glimpses[-1].view)
    if len(glimpses) == 1 or not len(total):
        return total
    poses = store.cameras()
    back = inverse2(glimpses[-1].camera)
    for earlier in glimpses[:-1]:
        way = compose2(back, earlier.camera)
        there = np.array([compose2(pose, way) for pose in poses])
        gap = np.hypot(*(there[:, None, :2] - poses[None, :, :2]).transpose(2, 0, 1))
        turn = np.abs(_wrapped(there[:, None, 2] - poses[None, :, 2]))
        near = (gap < NEAR_M) & (turn < NEAR_RAD)
        alike = likeness(store, earlier.view)
        total = total + np.where(near, alike, 0.0).max(axis=1)
    return total / len(glimpses)


def recall_places(
    store: PlaceViews,
    glimpses: Sequence[Glimpse],
    *,
    prior: ViewPrior | None = None,
    check: bool = True,
) -> list[ViewMatch]:
    """Places that look like the last glimpse, the surest first.

    Args:
        store: what is remembered.
        glimpses: the last views, in order of time; only the last one is placed.
        prior: where the base probably was; None = anywhere.
        check: whether to look at the geometry of the likest.
    """
    if not glimpses or not store.views:
        return []
    alike = votes(store, glimpses)
    if not np.any(alike):
        return []
    poses = store.poses()
    if prior is not None:
        away = np.hypot(*(poses[:, :2] - prior.pose[:2]).T)
        sigmas = away / float(np.hypot(prior.sigma_m, SPREAD_M))
        alike = alike * np.where(sigmas < SIGMAS, np.exp(-0.5 * sigmas**2), 0.0)
    order = np.argsort(-alike, kind="stable")[: store.config.checked]
    order = order[alike[order] > 0.0]
    found, last = [], glimpses[-1].view
    for k in order:
        fit = fit_views(store.views[k].view, last) if check else None
        beside = compose2(store.views[k].view.camera, inverse2(last.camera))
        pose = compose2(poses[k], beside if fit is None else fit.pose)
        spots = 0 if fit is None else fit.spots
        found.append(ViewMatch(pose=pose, likeness=float(alike[k]), spots=spots))
    found.sort(key=lambda match: (-match.spots, -match.likeness))
    return _apart(found)


def recognised(store: PlaceViews, matches: Sequence[ViewMatch]) -> ViewMatch | None:
    """The first match if it is sure, else None."""
    sure = matches and matches[0].lead >= store.config.sure_spots
    return matches[0] if sure else None


def _apart(found: list[ViewMatch]) -> list[ViewMatch]:
    """One match for each place, with its lead over the next place."""
    kept: list[ViewMatch] = []
    for match in found:
        if not any(_same(match.pose, other.pose) for other in kept):
            kept.append(match)
    rivals = [match.spots for match in kept]
    return [
        ViewMatch(
            pose=match.pose,
            likeness=match.likeness,
            spots=match.spots,
            lead=match.spots - max(rivals[:k] + rivals[k + 1 :], default=0),
        )
        for k, match in enumerate(kept)
    ]


def _same(a: Array, b: Array) -> bool:
    near = np.hypot(*(a - b)[:2]) < SAME_M
    return bool(near and abs(wrap(float(a[2] - b[2]))) < SAME_RAD)


def _wrapped(angle: Array) -> Array:
    return np.asarray((angle + np.pi) % (2.0 * np.pi) - np.pi)
