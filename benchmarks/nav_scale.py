"""What a frame and a question cost when more and more is remembered.

Landmarks are strewn over an area that grows with their number. A frame shows a dozen of
them around a random pose; a question asks for things of one category and colour, as the
executive does for a goal in words. A feature map with as many entries is asked so, too.
Grids of growing area take scans of a room and are published. On generated floors rooms,
places and landmarks are brought up to date, as the map does every few seconds. Times
are of the CPU, one thread, free of other load as far as it is; but for those of a save
at a stop, which are of the wall clock (`save_times`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from neural_brain.benchmarks.result import (
    Metric,
    bootstrap_interval,
    percentile_interval,
    table,
    write_result,
)
from neural_brain.benchmarks.save_times import save_metrics, surveyed
from neural_brain.benchmarks.topology.passes import around_origin, pass_times
from neural_brain.benchmarks.topology.timing import cpu_ms
from neural_brain.models.categories import CATEGORIES, COLOURS
from neural_brain.models.executive.candidates import candidates
from neural_brain.models.executive.config import ExecutiveConfig
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.geometry import Array, inverse2, transform2
from neural_brain.models.maps import (
    FeatureConfig,
    FeatureMap,
    GridConfig,
    LandmarkConfig,
    LandmarkMap,
    word_feature,
)
from neural_brain.models.maps.feature_store import ENTRY_BYTES
from neural_brain.models.maps.occupancy import OccupancyGrid
from neural_brain.models.maps.patches import DIMENSION
from neural_brain.models.maps.scan_points import ScanPoints
from neural_brain.models.maps.track import Track
from neural_brain.models.signals import Goal, MapState, ObjectPercept, Percepts

HELP = "costs of a frame and a question against the number of landmarks; of a stop"
PER_M2 = 0.6  # landmarks, as in the generated homes
SIZES = (1_000, 10_000, 100_000)
LARGEST = 1_000_000
AREAS_M2 = (100, 1_000, 10_000)
LARGEST_M2 = 100_000  # beyond the 40,000 m2 that a map has by default
PASSES = 5
WHOLE = 100_000  # the size that the goals speak of
SEED = 0
Times = dict[int, list[float]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--frames", type=int, default=200, help="frames and questions")
    parser.add_argument("--million", action="store_true", help="10^6 landmarks, too")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Measure, print and write the result."""
    sizes = (*SIZES, LARGEST) if args.million else SIZES
    updates, asks = {}, {}
    for size in sizes:
        rng = np.random.default_rng([SEED, size])
        landmarks = strewn(size, rng)
        updates[size] = update_times(landmarks, args.frames, rng)
        asks[size] = question_times(landmarks, args.frames, rng)
    grids = {area: grid_times(area, args.frames) for area in AREAS_M2}
    hall = {LARGEST_M2: grid_times(LARGEST_M2, max(args.frames // 10, 1))}
    looks = {size: look_times(size, args.frames) for size in sizes}
    metrics = [*summarise(updates, grids), *questions(asks, looks)]
    metrics += save_metrics(surveyed())
    metrics.append(
        percentile_metric("scan into a grid, p95", hall, 95.0, of="m2", goal="")
    )
    metrics += topology_rows(AREAS_M2, max(sizes[:3]))
    print(table(metrics))
    path = write_result("nav-scale", metrics, seeds=[SEED], out=args.out)
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def strewn(count: int, rng: np.random.Generator) -> LandmarkMap:
    """A landmark map with `count` believed landmarks, side^2 = count / PER_M2."""
    landmarks = LandmarkMap(LandmarkConfig())
    side = np.sqrt(count / PER_M2)
    xy = rng.uniform(0.0, side, (count, 2))
    names = rng.integers(1, len(CATEGORIES), count)
    shades = rng.integers(0, len(COLOURS), count)
    for k in range(count):
        landmarks.tracks[k + 1] = Track(
            id=k + 1,
            center=np.array([*xy[k], 0.5]),
            covariance=np.eye(3) * 0.01,
            size=np.full(3, 0.2),
            categories={CATEGORIES[names[k]]: 3.0},
            colours={COLOURS[shades[k]]: 2.0},
            log_odds=3.0,
            count=5,
            first_seen=0.0,
            last_seen=0.0,
            near=0.8,
            far=3.5,
            told=True,
        )
    landmarks.next_id = count + 1
    landmarks.landmarks()
    landmarks.tracks.near(np.zeros(2), 1.0)  # builds the index
    return landmarks


def update_times(
    landmarks: LandmarkMap, frames: int, rng: np.random.Generator
) -> list[float]:
    """Milliseconds of CPU for each frame, message of all landmarks included."""
    side = np.sqrt(len(landmarks.tracks) / PER_M2)
    times = []
    for k in range(frames):
        pose = np.array([*rng.uniform(0.1 * side, 0.9 * side, 2), rng.uniform(-3, 3)])
        percepts = view(landmarks, pose, float(k), rng)

        def work(percepts: Percepts = percepts, pose: Array = pose) -> None:
            landmarks.update(percepts, pose, lambda *_: True)
            landmarks.landmarks()

        times.append(cpu_ms(work))
    return times


def view(
    landmarks: LandmarkMap, pose: Array, t: float, rng: np.random.Generator
) -> Percepts:
    """What a camera would see of the nearest dozen, each a little beside its place."""
    near = landmarks.tracks.near(pose[:2], 3.5)
    objects = []
    for track in near:
        local = transform2(inverse2(pose), track.center[None, :2])[0]
        if not 0.5 < local[0] < 3.5 or abs(local[1]) > local[0] or len(objects) == 12:
            continue
        center = np.array([*local, 0.5]) + rng.normal(0.0, 0.03, 3)
        objects.append(
            ObjectPercept(
                category=track.category,
                colour=track.colour,
                confidence=0.8,
                center_base=center,
                size=np.full(3, 0.2),
            )
        )
    return Percepts(
        stamp=t,
        pose_odom_base=pose,
        obstacles=np.zeros((0, 2)),
        free=np.zeros((0, 2)),
        objects=tuple(objects),
        view_polygon=np.array([[0.0, 0.0], [3.5, -3.5], [3.5, 3.5]]),
    )


def question_times(
    landmarks: LandmarkMap, count: int, rng: np.random.Generator
) -> list[float]:
    """Milliseconds of CPU for finding what fits a goal, ranked."""
    config = ExecutiveConfig()
    state = MapState(
        stamp=0.0,
        pose_map_odom=np.zeros(3),
        covariance=np.eye(3),
        localised=True,
        grid=OccupancyGrid(GridConfig()).view(),
        places=(),
        passages=(),
        rooms=(),
        landmarks=landmarks.landmarks(),
        room_grid=None,
    )
    situation = Situation(
        t=0.0, state=state, pose=np.zeros(3), status=None, fields=FieldCache(config)
    )
    times = []
    for _ in range(count):
        goal = Goal(
            words="",
            action="find",
            category=CATEGORIES[int(rng.integers(1, len(CATEGORIES)))],
            colour=COLOURS[int(rng.integers(len(COLOURS)))],
        )
        times.append(cpu_ms(lambda goal=goal: candidates(goal, situation, config)))
    return times


def look_times(size: int, count: int) -> list[float]:
    """Milliseconds of CPU for asking a feature map with so many entries in words."""
    rng = np.random.default_rng([SEED, size, 1])
    config = FeatureConfig(writer="random", budget_bytes=size * ENTRY_BYTES)
    features = FeatureMap(config)
    side = np.sqrt(size / PER_M2)
    for k in range(size):
        category = CATEGORIES[int(rng.integers(1, len(CATEGORIES)))]
        seen = word_feature(category, COLOURS[int(rng.integers(len(COLOURS)))])
        seen += rng.uniform(0.0, 0.1, DIMENSION).astype(np.float32)
        xyz = rng.uniform(0.0, side, 3)
        features.store.add(xyz, seen / np.linalg.norm(seen), float(k), 0.0)
    times = []
    for _ in range(count):
        category = CATEGORIES[int(rng.integers(1, len(CATEGORIES)))]
        asked = word_feature(category, COLOURS[int(rng.integers(len(COLOURS)))])
        times.append(cpu_ms(lambda asked=asked: features.query(asked)))
    return times


def grid_times(area_m2: float, frames: int) -> list[float]:
    """Milliseconds of CPU for a scan of a round room into a grid of some area."""
    side = float(np.sqrt(area_m2))
    config = GridConfig(start_size_m=side, max_size_m=max(side, 10.0) + 20.0)
    grid = OccupancyGrid(config)
    angle = np.linspace(-np.pi, np.pi, 360, endpoint=False)
    hits = 4.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    scan = ScanPoints(origin=np.zeros(2), hits=hits, outline=0.95 * hits)

    def work() -> None:
        grid.add_scan(scan)
        grid.view()

    work()
    return [cpu_ms(work) for _ in range(frames)]


def topology_rows(areas_m2: Sequence[int], many: int) -> list[Metric]:
    """Passes on floors with the landmarks of a home, and on the largest with many."""
    firsts, later = {}, {}
    for area in areas_m2:
        rng = np.random.default_rng([SEED, area, 2])
        landmarks = around_origin(strewn(max(2, round(PER_M2 * area)), rng))
        first, later[area] = pass_times(area, landmarks, PASSES, rng)
        firsts[area] = [first]
    rng = np.random.default_rng([SEED, many, 3])
    landmarks, area = around_origin(strewn(many, rng)), max(areas_m2)
    first, crowded = pass_times(area, landmarks, PASSES, rng)
    of = f"landmarks on {area} m2"
    rows = [
        ("first topology pass", firsts, "m2"),
        ("topology pass, median", later, "m2"),
        ("first topology pass", {many: [first]}, of),
        ("topology pass, median", {many: crowded}, of),
    ]
    return [
        percentile_metric(name, times, 50.0, of=unit, goal="")
        for name, times, unit in rows
    ]


def summarise(updates: Times, grids: Times) -> list[Metric]:
    """Percentiles at the size of the goals, other sizes as baselines."""
    rows = [
        ("update of a frame", "landmarks", updates, 50.0, "<= 20"),
        ("update of a frame", "landmarks", updates, 95.0, "<= 20"),
        ("scan into a grid", "m2", grids, 95.0, "<= 20"),
    ]
    metrics = [
        percentile_metric(f"{name}, p{share:.0f}", times, share, of=of, goal=goal)
        for name, of, times, share, goal in rows
    ]
    small, whole = min(updates), _whole(updates)
    ratios = np.array(updates[whole]) / np.mean(updates[small])
    low, high = bootstrap_interval(ratios)
    growth = Metric(
        name=f"mean update, {whole} over {small} landmarks",
        value=float(ratios.mean()),
        low=low,
        high=high,
        unit="",
        n=len(ratios),
        goal="<= 2",
    )
    return [*metrics, growth]


def questions(asks: Times, looks: Times) -> list[Metric]:
    """Percentiles of questions to landmarks and to the feature map."""
    found = []
    for of, times in (("landmarks", asks), ("features", looks)):
        for share in (50.0, 95.0):
            name = f"question, p{share:.0f}"
            found.append(percentile_metric(name, times, share, of=of, goal="<= 5"))
            if LARGEST in times:
                million = {LARGEST: times[LARGEST]}
                found.append(
                    percentile_metric(name, million, share, of=of, goal="<= 20")
                )
    return found


def percentile_metric(
    name: str, times: Times, share: float, *, of: str, goal: str
) -> Metric:
    """A percentile [ms] with its bootstrap interval at the size of the goal."""
    whole = _whole(times)
    values = np.array(times[whole])
    low, high = percentile_interval(values, share, resamples=1000)
    return Metric(
        name=f"{name}, {whole} {of}",
        value=float(np.percentile(values, share)),
        low=low,
        high=high,
        unit="ms",
        n=len(values),
        baseline={
            f"{n} {of}": float(np.percentile(v, share))
            for n, v in times.items()
            if n != whole
        },
        goal=goal,
    )


def _whole(times: Times) -> int:
    """The size that the goals speak of, or the largest that was measured."""
    return WHOLE if WHOLE in times else max(times)
