"""Views of places: what the camera saw from where, within a budget of bytes.

A view is kept where none was near; a newer one takes the place of an old one, so that
the store shows the home as it is now. Over the budget the older of the two that are
closest together goes. What a view says is compared in `view_recall.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from neural_brain.models.config import param, validate
from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array, compose2, wrap
from neural_brain.models.maps.correction import Correction
from neural_brain.models.signals import SceneView

SCALE = 127.0
MM = 1000.0
CODE_BYTES = 32
POSE_BYTES = 2 * 3 * 8 + 8 + 8
LONGEST = 65536  # a vector that claims to be longer is damage


@dataclass(frozen=True, kw_only=True)
class ViewConfig:
    """What is kept, and how it is recalled."""

    budget_bytes: int = param(4_000_000, "memory for views", low=0, high=10**9)
    near_m: float = param(
        0.4, "views so near to each other are one", low=0.05, high=5.0
    )
    near_rad: float = param(0.4, "and turned by less", low=0.05, high=3.2)
    old_s: float = param(30.0, "age from which a newer view takes over", low=1.0,
                         high=1e6)  # fmt: skip
    corners: int = param(120, "corners kept of a view", low=10, high=1000)
    fewest: int = param(12, "corners without which none is kept", low=4, high=1000)
    checked: int = param(8, "likest views whose geometry is looked at", low=1, high=100)
    sequence: int = param(4, "last views that vote together", low=1, high=20)
    sure_spots: int = param(7, "spots more than any rival's = recognised", low=1,
                            high=100)  # fmt: skip

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class PlaceView:
    """A view and where it was taken.

    Attributes:
        pose: pose_map_base (3,).
        stamp: [s].
        anchor: number of the keyframe with which it moves, 0 = none.
        view: what was seen, its points in `base_link`.
    """

    pose: Array
    stamp: float
    anchor: int
    view: SceneView

    @property
    def camera(self) -> Array:
        """Where the camera was and looked, on the ground: (3,) in `map`."""
        return compose2(self.pose, self.view.camera)

    @property
    def used_bytes(self) -> int:
        """What a file of it needs before compression."""
        corner = CODE_BYTES + 3 * 2
        return POSE_BYTES + len(self.view.vector) + corner * len(self.view.codes)


@dataclass
class PlaceViews:
    """The store; all its views are of one embedding.

    Attributes:
        views: in the order in which they were taken.
    """

    config: ViewConfig = field(default_factory=ViewConfig)
    views: list[PlaceView] = field(default_factory=list)

    @property
    def used_bytes(self) -> int:
        """What the views cost; never more than the budget."""
        return sum(view.used_bytes for view in self.views)

    @property
    def embedding(self) -> str:
        """Name of the embedding of all vectors, "" without views."""
        return self.views[0].view.embedding if self.views else ""

    def poses(self) -> Array:
        """pose_map_base (n, 3) of all views."""
        return np.array([view.pose for view in self.views]).reshape(-1, 3)

    def cameras(self) -> Array:
        """Where the cameras were and looked, (n, 3) in `map`."""
        return np.array([view.camera for view in self.views]).reshape(-1, 3)

    def vectors(self) -> NDArray[np.float32]:
        """Vectors (n, d) of all views."""
        return np.array([view.view.vector for view in self.views], np.float32)

    def note(
        self, view: SceneView | None, pose: Array, stamp: float, anchor: int = 0
    ) -> bool:
        """Keep a view taken at pose_map_base (3,) if it is worth it; says whether.

        Views of another embedding than the one before cannot be compared with it, so
        they take the place of all that was.
        """
        if view is None or not _usable(view, self.config.fewest):
            return False
        if not np.isfinite(pose).all() or not np.isfinite(stamp):
            return False
        if view.embedding != self.embedding:
            self.views.clear()
        new = PlaceView(
            pose=np.array(pose, dtype=np.float64),
            stamp=float(stamp),
            anchor=int(anchor),
            view=_trimmed(view, self.config.corners),
        )
        near = self._near(new.camera, self.cameras())
        if near is not None:
            if 0.0 <= new.stamp - self.views[near].stamp < self.config.old_s:
                return False
            del self.views[near]
        self.views.append(new)
        self._thin_out()
        return True

    def move(self, correction: Correction) -> None:
        """Each with its keyframe, when closed loops have moved those."""
        for k, view in enumerate(self.views):
            change = correction.change_of(view.anchor, view.pose[:2])
            self.views[k] = replace(view, pose=compose2(change, view.pose))

    def absorb(self, other: PlaceViews, pose_map_other: Array, first_key: int) -> None:
        """Take over the views of another map whose frame lies at a pose (3,).

        Args:
            other: is not changed; left out if its embedding is another one.
            pose_map_other: pose (3,) of its frame.
            first_key: what is added to the numbers of its keyframes.
        """
        if self.views and other.embedding != self.embedding:
            return
        for view in other.views:
            pose = compose2(pose_map_other, view.pose)
            anchor = view.anchor + first_key if view.anchor else 0
            self.views.append(replace(view, pose=pose, anchor=anchor))
        self._thin_out()

    def take_news(self, theirs: PlaceViews, base: PlaceViews) -> None:
        """Add the views that another robot took since both had the base, in one frame.

        Of two views of one place the newer one stays; over the budget they are thinned
        out as usual. Keyframes are each robot's own, so what is added hangs on none.

        Args:
            theirs: is not changed; left out if its embedding is another one.
            base: of the map that both were continued from.
        """
        known = {_key(view) for view in base.views}
        news = [view for view in theirs.views if _key(view) not in known]
        if self.views:
            like = self.views[0].view
            news = [view for view in news if _comparable(view.view, like)]
        cameras, old = self.cameras(), set()
        for view in news:
            near = self._near(view.camera, cameras)
            if near is not None and self.views[near].stamp >= view.stamp:
                continue
            if near is not None:
                old.add(near)
            self.views.append(replace(view, anchor=0))
        kept = [view for k, view in enumerate(self.views) if k not in old]
        self.views = sorted(kept, key=lambda view: view.stamp)
        self._thin_out()

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything but the name of the embedding as arrays of numbers."""
        if not self.views:
            return {}
        kept = [view.view for view in self.views]
        return {
            "view_pose": self.poses(),
            "view_camera": np.array([view.camera for view in kept]).reshape(-1, 3),
            "view_stamp": np.array([view.stamp for view in self.views]),
            "view_anchor": np.array([view.anchor for view in self.views], np.int64),
            "view_vector": np.round(self.vectors() * SCALE).astype(np.int8),
            "view_count": np.array([len(view.codes) for view in kept], np.int32),
            "view_codes": np.concatenate([view.codes for view in kept]),
            "view_points": np.concatenate([_mm(view.points) for view in kept]),
        }

    def restore(self, arrays: dict[str, NDArray[Any]], embedding: object) -> None:
        """Continue from `arrays()`; a map without views has none.

        Args:
            arrays: of a map snapshot.
            embedding: name that was kept with it.

        Raises:
            MapFileError: if the arrays do not fit each other.
        """
        self.views = []
        if "view_pose" not in arrays:
            return
        try:
            self.views = _restored(arrays, embedding)
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise MapFileError(
                f"The map's views are damaged ({error}). Restore an earlier "
                "generation, or begin a new map."
            ) from error
        self._thin_out()

    def _near(self, pose: Array, poses: Array) -> int | None:
        """Index of the nearest of cameras (n, 3) to a camera (3,), None if none is."""
        if not len(poses):
            return None
        c = self.config
        away = np.hypot(*(poses[:, :2] - pose[:2]).T)
        turn = np.abs([wrap(float(yaw)) for yaw in poses[:, 2] - pose[2]])
        one = (away < c.near_m) & (turn < c.near_rad)
        return int(np.argmin(np.where(one, away, np.inf))) if one.any() else None

    def _thin_out(self) -> None:
        """Drop views until the budget is kept."""
        used = self.used_bytes
        while used > self.config.budget_bytes:
            poses = self.cameras()
            yaw = poses[:, 2]
            place = np.column_stack([poses[:, :2], np.cos(yaw), np.sin(yaw)])
            first = 0
            if len(place) > 1:
                apart, nearest = cKDTree(place).query(place, 2)
                k = int(np.argmin(apart[:, 1]))
                first = min(k, int(nearest[k, 1]))
            used -= self.views.pop(first).used_bytes


def _key(view: PlaceView) -> tuple[float, bytes]:
    """Tells a view from all others; the same in every copy of a map."""
    return view.stamp, view.pose.tobytes()


def _comparable(a: SceneView, b: SceneView) -> bool:
    return a.embedding == b.embedding and a.vector.shape == b.vector.shape


def _usable(view: SceneView, fewest: int) -> bool:
    """Whether a view can be found again: numbers, a vector, enough corners in space."""
    n = len(view.codes)
    shapes = view.codes.shape == (n, CODE_BYTES) and view.points.shape == (n, 3)
    if n < fewest or not shapes or view.vector.ndim != 1 or not view.embedding:
        return False
    numbers = view.points, view.vector, view.camera
    finite = all(np.isfinite(values).all() for values in numbers)
    return bool(finite and view.camera.shape == (3,) and np.any(view.vector))


def _trimmed(view: SceneView, most: int) -> SceneView:
    """As a file holds it: a byte a number, whole millimetres, the first corners."""
    vector = np.round(np.clip(view.vector, -1.0, 1.0) * SCALE) / np.float32(SCALE)
    return SceneView(
        embedding=view.embedding,
        vector=vector.astype(np.float32),
        codes=view.codes[:most].copy(),
        rays=np.zeros((0, 2), np.float32),
        points=_metres(_mm(view.points[:most])),
        camera=np.array(view.camera, dtype=np.float64),
    )


def _mm(points: NDArray[np.floating]) -> NDArray[np.int16]:
    return np.clip(np.round(points * MM), -32767, 32767).astype(np.int16)


def _metres(points: NDArray[np.int16]) -> NDArray[np.float32]:
    return points.astype(np.float32) / np.float32(MM)


def _restored(arrays: dict[str, NDArray[Any]], embedding: object) -> list[PlaceView]:
    """The views of a snapshot.

    Raises:
        ValueError: says what does not fit.
    """
    if not isinstance(embedding, str) or not 0 < len(embedding) <= 100:
        raise ValueError(f"the name of their embedding is {embedding!r:.60}")
    poses = np.asarray(arrays["view_pose"], np.float64)
    cameras = np.asarray(arrays["view_camera"], np.float64)
    stamps = np.asarray(arrays["view_stamp"], np.float64)
    vectors, count = arrays["view_vector"], np.asarray(arrays["view_count"], np.int64)
    codes, points = arrays["view_codes"], arrays["view_points"]
    anchors = np.asarray(arrays["view_anchor"], np.int64)
    n, total = len(poses), int(count.sum())
    wanted = {
        "view_pose": (poses, (n, 3), np.float64),
        "view_camera": (cameras, (n, 3), np.float64),
        "view_stamp": (stamps, (n,), np.float64),
        "view_anchor": (anchors, (n,), np.int64),
        "view_count": (count, (n,), np.int64),
        "view_vector": (vectors, (n, *vectors.shape[1:2]), np.int8),
        "view_codes": (codes, (total, CODE_BYTES), np.uint8),
        "view_points": (points, (total, 3), np.int16),
    }
    for name, (array, shape, kind) in wanted.items():
        if array.shape != shape or array.dtype != kind:
            got = f"{array.dtype} of shape {array.shape}"
            raise ValueError(f"{name} is {got}, expected {kind.__name__} {shape}")
    finite = all(np.isfinite(a).all() for a in (poses, stamps, cameras))
    if not finite or np.any(count < 0) or not 0 < vectors.shape[1] <= LONGEST:
        raise ValueError("a pose is not finite, or a length is wrong")
    ends = np.cumsum(count)
    return [
        PlaceView(
            pose=poses[k].copy(),
            stamp=float(stamps[k]),
            anchor=int(anchors[k]),
            view=SceneView(
                embedding=embedding,
                vector=vectors[k].astype(np.float32) / np.float32(SCALE),
                codes=codes[ends[k] - count[k] : ends[k]].copy(),
                rays=np.zeros((0, 2), np.float32),
                points=_metres(points[ends[k] - count[k] : ends[k]]),
                camera=cameras[k].copy(),
            ),
        )
        for k in range(n)
    ]
