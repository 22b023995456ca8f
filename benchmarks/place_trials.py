"""Two drives through one home for the nav-places benchmark, and ways to recognise.

The first drive is remembered, the second one asks: on another day, from other stops,
with other headings, with things and light furniture moved. Every way to recognise a
place gives one pose and how sure it is; the truth decides whether it is right.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import SMALL_OBJECTS
from neural_brain.models.geometry import Array, compose2, inverse2, wrap
from neural_brain.models.maps import (
    Glimpse,
    MapsConfig,
    OccupancyGrid,
    PlaceViews,
    ScanMatcher,
    ViewConfig,
    ViewPrior,
    recall_places,
    scan_points,
)
from neural_brain.models.maps.relocaliser import Relocaliser
from neural_brain.models.maps.scan_points import in_map, thin
from neural_brain.models.sensing import NetDetector, OrbVlad, frame_view
from neural_brain.models.signals import LaserScan, RgbdFrame, SceneView
from neural_brain.sim.datasets.frames import capture, set_pose
from neural_brain.sim.datasets.tour import TILT_RAD, tour_poses
from neural_brain.sim.homes import HomeSpec, generate_home
from neural_brain.sim.homes.changed import moved_things
from neural_brain.sim.robots import STOWED
from neural_brain.sim.scene import build_model, object_of_geom
from neural_brain.sim.sensors.lidar import Lidar, LidarConfig
from neural_brain.sim.sensors.rgbd import RgbdCamera, RgbdConfig
from neural_brain.sim.simulation import Simulation

MOVABLE = (*SMALL_OBJECTS, "chair", "plant", "lamp")
MOVED_SHARE = 0.3
OTHER_DAY = 1_000_000
ASIDE_RAD = 0.35  # headings of the second drive differ by so much, on average
RIGHT_M, RIGHT_RAD = 1.0, 0.55  # a pose so near to the truth is right
PRIOR_M = 1.0
OFF = (PRIOR_M, PRIOR_M, 0.0)
UNBOUND = 10**9
VectorOf = Callable[[RgbdFrame], NDArray[np.float32]]


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What camera and lidar saw at the true pose (3,) in frame `home`."""

    pose: Array
    frame: RgbdFrame
    scan: LaserScan


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Where a way to recognise puts a query, how sure it is, and how far it is off."""

    score: float
    right: bool
    error_m: float
    error_rad: float


@dataclass(frozen=True, kw_only=True)
class Method:
    """A way to recognise a place.

    Attributes:
        vector: makes the vector of a frame.
        sequence: last glimpses that vote.
        prior: whether the pose is known to about a metre.
        check: whether corners must agree.
    """

    vector: str
    sequence: int = 1
    prior: bool = False
    check: bool = False


METHODS = {
    "tiny image": Method(vector="tiny"),
    "colour histogram": Method(vector="colours"),
    "detector's features": Method(vector="detector"),
    "ORB-VLAD": Method(vector="orb"),
    "ORB-VLAD, sequence": Method(vector="orb", sequence=4),
    "ORB-VLAD, prior": Method(vector="orb", prior=True),
    "checked": Method(vector="orb", check=True),
    "checked, sequence": Method(vector="orb", sequence=4, check=True),
    "checked, sequence, prior": Method(
        vector="orb", sequence=4, prior=True, check=True
    ),
    "checked, detector's features": Method(vector="detector", check=True),
}
FULL = "checked, sequence"


def two_drives(seed: int) -> tuple[list[Sight], list[Sight]]:
    """Sights of both drives through the home of a seed."""
    home = generate_home(seed)
    rng = np.random.default_rng([seed, 0x91ACE])
    later, _ = moved_things(home, MOVED_SHARE, rng, MOVABLE)
    again = tour_poses(later, seed + OTHER_DAY)
    again[:, 2] += rng.normal(0.0, ASIDE_RAD, len(again))
    first = list(sights(home, tour_poses(home, seed), seed))
    return first, list(sights(later, again, seed + OTHER_DAY))


def sights(home: HomeSpec, poses: Array, seed: int) -> Iterator[Sight]:
    """Camera frames and scans from poses (n, 3) in a home."""
    simulation = Simulation(build_model(home, "mobile_manipulator", (0.0, 0.0, 0.0)))
    simulation.place_arm(STOWED)
    parts = simulation.model, simulation.data, simulation.index
    eye, beam = np.random.default_rng([seed, 0x516]).spawn(2)
    camera = RgbdCamera(RgbdConfig(), *parts, eye)
    lidar = Lidar(LidarConfig(), *parts, beam)
    objects = np.append(object_of_geom(simulation.model), np.int32(-1))
    try:
        for k, pose in enumerate(poses):
            set_pose(simulation, tuple(pose), (0.0, TILT_RAD))
            frame = capture(camera, home, objects, simulation).frame
            yield Sight(pose=pose, frame=frame, scan=lidar.measure(float(k)))
    finally:
        camera.close()


def dimmed(frame: RgbdFrame, rng: np.random.Generator) -> RgbdFrame:
    """The frame by warm evening light: darker, tinted, noisier."""
    lit = frame.rgb * np.array([0.6, 0.5, 0.42]) + rng.normal(0.0, 4.0, frame.rgb.shape)
    return replace(frame, rgb=np.clip(lit, 0, 255).astype(np.uint8))


def views_of(drive: list[Sight]) -> dict[str, list[SceneView]]:
    """Views of all sights by what makes their vectors."""
    return {
        kind: [_view(sight.frame, kind, vector_of) for sight in drive]
        for kind, vector_of in makers().items()
    }


def answers(
    first: list[Sight],
    known_views: dict[str, list[SceneView]],
    second: list[Sight],
    seed: int,
) -> tuple[dict[str, list[Answer]], dict[str, float], NDArray[np.bool_]]:
    """Ask all ways to recognise about all sights of the second drive.

    Args:
        first: the drive that is remembered.
        known_views: its views.
        second: the drive that asks.
        seed: of odometry and prior.

    Returns:
        Answers by way, CPU time [ms] of a query by way, and which queries have a view
        of the first drive near them.
    """
    asked_views = views_of(second)
    rng = np.random.default_rng([seed, 0x0D0])
    odometry = _odometry(second, rng)
    priors = [
        ViewPrior(pose=s.pose + rng.normal(0.0, OFF), sigma_m=PRIOR_M) for s in second
    ]
    found: dict[str, list[Answer]] = {}
    spent: dict[str, float] = {}
    for name, method in METHODS.items():
        store = filled(first, known_views[method.vector])
        begun = time.process_time()
        found[name] = []
        for k, sight in enumerate(second):
            start = max(0, k + 1 - method.sequence)
            glimpses = [
                Glimpse(asked_views[method.vector][i], odometry[i])
                for i in range(start, k + 1)
            ]
            prior = priors[k] if method.prior else None
            matches = recall_places(store, glimpses, prior=prior, check=method.check)
            if not matches:
                found[name].append(_answer(0.0, None, sight.pose))
                continue
            best = matches[0]
            score = float(best.lead) if method.check else best.likeness
            found[name].append(_answer(score, best.pose, sight.pose))
        spent[name] = 1e3 * (time.process_time() - begun) / len(second)
    poses = filled(first, known_views["orb"]).poses()
    known = np.array([_right(poses, sight.pose).any() for sight in second])
    return found, spent, known


def lidar_answers(
    first: list[Sight], second: list[Sight], every: int
) -> tuple[list[Answer], float, NDArray[np.intp]]:
    """Every so manieth query by the search of a scan over the whole map.

    Returns:
        Answers, CPU time of a query [ms], and which queries were asked.
    """
    config = MapsConfig()
    grid, matcher = OccupancyGrid(config.grid), ScanMatcher(config.match)

    def points(sight: Sight):  # type: ignore[no-untyped-def]
        return scan_points(
            sight.scan,
            max_range_m=config.grid.max_range_m,
            margin_m=grid.resolution,
            clear_range_m=config.grid.clear_range_m,
        )

    for sight in first:
        grid.add_scan(in_map(points(sight), sight.pose))
    asked = np.arange(0, len(second), every)
    search, found, begun = Relocaliser(), [], time.process_time()
    for k in asked:
        hits = thin(points(second[k]).hits, config.match.point_spacing_m)
        at = None
        for _ in range(60):
            at = search.step(grid, hits)
            if at is not None:
                break
        search.reset()
        match = None
        if at is not None:
            match = matcher.match(grid, hits, at, np.array([0.5, 0.5, 0.2]))
        score, pose = (0.0, None) if match is None else (
            match.agreement, match.pose_map_base
        )  # fmt: skip
        found.append(_answer(score, pose, second[k].pose))
    return found, 1e3 * (time.process_time() - begun) / max(1, len(asked)), asked


def makers() -> dict[str, VectorOf]:
    """What makes the vectors of frames, by name."""
    orb, net = OrbVlad(), NetDetector()
    return {
        "orb": lambda frame: orb.embed(frame.rgb),
        "tiny": lambda frame: tiny_image(frame.rgb),
        "colours": lambda frame: colour_histogram(frame.rgb),
        "detector": lambda frame: detector_features(frame, net),
    }


def tiny_image(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A grey picture of 32 x 24, each patch of 8 x 8 normalised: NCC as dot product."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    small = cv2.resize(grey, (32, 24), interpolation=cv2.INTER_AREA)
    patches = small.reshape(3, 8, 4, 8)
    patches = patches - patches.mean(axis=(1, 3), keepdims=True)
    patches = patches / (patches.std(axis=(1, 3), keepdims=True) + 1.0)
    return _unit(patches.ravel())


def colour_histogram(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Square roots of a histogram of 16 hues, 4 saturations, 4 values."""
    hsv = cv2.cvtColor(rgb, cv2.COLOR_RGB2HSV)
    ends = [0, 180, 0, 256, 0, 256]
    counts = cv2.calcHist([hsv], [0, 1, 2], None, [16, 4, 4], ends).ravel()
    return _unit(np.sqrt(counts))


def detector_features(frame: RgbdFrame, net: NetDetector) -> NDArray[np.float32]:
    """Shares of the detector's classes in 4 x 6 parts of the picture, square roots."""
    classes, probability = net.segment(frame)
    h, w = classes.shape
    row = np.arange(h)[:, None] * 4 // h
    column = np.arange(w) * 6 // w
    cell = (row * 6 + column) * 64 + classes
    thing = np.where(classes > 0, probability, 0.1 * probability)  # walls say little
    shares = np.bincount(cell.ravel(), thing.ravel(), minlength=24 * 64)
    return _unit(np.sqrt(shares))


def filled(drive: list[Sight], views: list[SceneView]) -> PlaceViews:
    """A store that has seen a drive, a view a second."""
    store = PlaceViews(ViewConfig(budget_bytes=UNBOUND))
    for k, (sight, view) in enumerate(zip(drive, views, strict=True)):
        store.note(view, sight.pose, float(k))
    return store


def _view(frame: RgbdFrame, kind: str, vector_of: VectorOf) -> SceneView:
    view = frame_view(frame, _ORB)
    return replace(view, embedding=kind, vector=vector_of(frame).astype(np.float32))


_ORB = OrbVlad()


def _odometry(drive: list[Sight], rng: np.random.Generator) -> list[Array]:
    """Poses (3,) by wheels that err by 2 % and 1 degree from sight to sight."""
    at = [np.zeros(3)]
    for k in range(1, len(drive)):
        step = compose2(inverse2(drive[k - 1].pose), drive[k].pose)
        step[:2] *= 1.0 + rng.normal(0.0, 0.02)
        step[2] += rng.normal(0.0, 0.017)
        at.append(compose2(at[-1], step))
    return at


def _answer(score: float, pose: Array | None, true: Array) -> Answer:
    if pose is None:
        return Answer(score=score, right=False, error_m=np.inf, error_rad=np.inf)
    away = float(np.hypot(*(pose - true)[:2]))
    turn = abs(wrap(float(pose[2] - true[2])))
    right = away < RIGHT_M and turn < RIGHT_RAD
    return Answer(score=score, right=right, error_m=away, error_rad=turn)


def _right(poses: Array, true: Array) -> NDArray[np.bool_]:
    turn = np.abs((poses[:, 2] - true[2] + np.pi) % (2 * np.pi) - np.pi)
    return (np.hypot(*(poses[:, :2] - true[:2]).T) < RIGHT_M) & (turn < RIGHT_RAD)


def _unit(vector: NDArray[np.floating]) -> NDArray[np.float32]:
    length = max(float(np.linalg.norm(vector)), 1e-9)
    return np.asarray(vector / length, np.float32)
