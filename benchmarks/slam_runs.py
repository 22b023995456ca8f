"""Drives that SLAM is measured on: recorded logs and simulated homes."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from neural_brain.models.geometry import Array, compose2, inverse2, wrap
from neural_brain.models.maps import CognitiveMap, MapsConfig, OccupancyGrid
from neural_brain.models.maps.correlative import Likelihood, correlate
from neural_brain.models.maps.loop_closer import ClosureConfig
from neural_brain.models.maps.matching import ScanMatcher
from neural_brain.models.maps.scan_points import in_map, scan_points, thin
from neural_brain.models.signals import LaserScan, Observation
from neural_brain.robots.recordings import (
    Replay,
    mrpt_datasets,
    read_rawlog,
    replay,
    trajectory_error,
    wall_cells,
)
from neural_brain.sim.datasets.drive import DriveSample, drive_samples
from neural_brain.sim.homes import generate_home

SIMUL = "graphslam-engine-demos/action_observations_map/simul.rawlog"
LOGS = {
    "faculty": ("2006-01ENE-21-SENA_Telecom Faculty_one_loop_only.rawlog", ""),
    "office": ("uwb_ro-localization_demo.rawlog", "uwb_ro-localization_demo_GT.txt"),
    "simulated": (SIMUL, f"{SIMUL}.GT.txt"),
}
ENDS_M = 3.0  # passes so near to each other are compared
PASS_S = 15.0  # and at least so long after each other
FIRST_PASS = 6  # scans before and after that the small map of the first pass holds
KIDNAPS = 2
PATIENCE_S = 40.0
NEAR_M, NEAR_RAD = 0.3, 0.2


@dataclass(frozen=True, kw_only=True)
class LogResult:
    """Errors [m] and occupied cells of a recorded log, by way of mapping."""

    name: str
    ate: dict[str, float]
    loop: dict[str, float]
    walls: dict[str, int]
    closures: int


@dataclass(frozen=True, kw_only=True)
class HomeResult:
    """The same of a drive through a home, and times [ms] and kidnappings."""

    seed: int
    drift: float
    way_m: float
    ate: dict[str, float]
    walls: dict[str, int]
    found: dict[str, list[float]]
    found_s: dict[str, list[float]]
    step_p50_ms: dict[str, list[float]]
    step_p95_ms: dict[str, list[float]]
    step_max_ms: dict[str, list[float]]
    closures: int
    keyframes: int


def config(*, closure: bool) -> MapsConfig:
    """The default maps with or without loop closure."""
    return MapsConfig(closure=ClosureConfig(enabled=closure))


def run_log(name: str) -> LogResult:
    """Replay a log with and without loop closure.

    Raises:
        DatasetError: if the logs cannot be fetched.
    """
    folder = mrpt_datasets()
    file, truth_file = LOGS[name]
    seen = list(read_rawlog(folder / file))
    seldom = {"scan_every_s": 0.0, "topology_every_s": 20.0, "rooms_every_s": 20.0}
    plain, closed = (
        replay(seen, replace(config(closure=on), **seldom)) for on in (False, True)
    )
    trails = _trails(plain, closed)
    ate: dict[str, float] = {}
    loop: dict[str, float] = {}
    if truth_file:
        truth = np.loadtxt(Path(folder) / truth_file)[:, 1:3]
        n = min(len(truth), len(trails["matching"]))
        ate = {k: trajectory_error(v[:n, :2], truth[:n])[0] for k, v in trails.items()}
    else:
        scans = [one.scan for one in seen if one.scan is not None]
        loop = loop_errors(scans, plain.stamps, trails)
    return LogResult(
        name=name,
        ate=ate,
        loop=loop,
        walls=_walls(plain, closed),
        closures=_closures(closed),
    )


def run_home(seed: int, drift: float) -> HomeResult:
    """Drive through a home once, map it both ways, then kidnap the robot."""
    samples = list(drive_samples(generate_home(seed), seed, drift=drift))
    start = inverse2(samples[0].true)
    true = np.array([compose2(start, sample.true) for sample in samples])
    seen = [Observation(body=s.body, scan=s.scan) for s in samples]
    runs, times = {}, {}
    for way, on in (("matching", False), ("closure", True)):
        clock = StepClock()
        runs[way] = replay(clock.over(seen), config(closure=on))
        times[way] = clock.milliseconds
    trails = _trails(runs["matching"], runs["closure"])
    found = {
        way: kidnap(run.map, samples, true, np.random.default_rng([seed, 0x1D]))
        for way, run in runs.items()
    }
    return HomeResult(
        seed=seed,
        drift=drift,
        way_m=float(np.hypot(*np.diff(true[:, :2], axis=0).T).sum()),
        ate={k: trajectory_error(v[:, :2], true[:, :2])[0] for k, v in trails.items()},
        walls={
            **_walls(runs["matching"], runs["closure"]),
            "truth": _walls_with_truth(samples, true),
        },
        found={way: [float(t is not None) for t in f] for way, f in found.items()},
        found_s={way: [t for t in f if t is not None] for way, f in found.items()},
        step_p50_ms={w: [float(np.percentile(t, 50))] for w, t in times.items()},
        step_p95_ms={w: [float(np.percentile(t, 95))] for w, t in times.items()},
        step_max_ms={w: [float(np.max(t))] for w, t in times.items()},
        closures=_closures(runs["closure"]),
        keyframes=len(runs["closure"].map.closer.keys.frames),
    )


class StepClock:
    """CPU time between one observation and the next: what the map does with it."""

    def __init__(self) -> None:
        self.milliseconds: list[float] = []

    def over(self, seen: list[Observation]):  # type: ignore[no-untyped-def]
        """Pass observations on and note the time until the next one is asked for."""
        for one in seen:
            started = time.process_time_ns()
            yield one
            self.milliseconds.append(1e-6 * (time.process_time_ns() - started))


def kidnap(
    cognitive: CognitiveMap,
    samples: list[DriveSample],
    true: Array,
    rng: np.random.Generator,
) -> list[float | None]:
    """Seconds until the robot knows where it is, or None, for each kidnapping.

    It is put to a sample at least 2 m away and drives on as it did there; odometry goes
    on as if nothing had happened. The map may lie elsewhere than the truth: what counts
    is where it has the place, by the robot's own trail before.
    """
    results: list[float | None] = []
    body = samples[-1].body
    odom, t = body.pose_odom_base, body.stamp
    frame = compose2(cognitive.pose_map_base(body), inverse2(true[-1]))
    here = true[-1]
    for _ in range(KIDNAPS):
        far = np.flatnonzero(np.hypot(*(true[:, :2] - here[:2]).T) > 2.0)
        k = int(rng.choice(far))
        found, begun = None, t
        while t - begun < PATIENCE_S and k + 1 < len(samples):
            before, sample = samples[k].body, samples[k + 1]
            step = compose2(inverse2(before.pose_odom_base), sample.body.pose_odom_base)
            odom, k, t = compose2(odom, step), k + 1, t + 0.2
            body = replace(sample.body, stamp=t, pose_odom_base=odom)
            state = cognitive.step(t, body, replace(sample.scan, stamp=t), None)
            gap = compose2(
                inverse2(compose2(frame, true[k])), cognitive.pose_map_base(body)
            )
            near = np.hypot(*gap[:2]) < NEAR_M and abs(wrap(float(gap[2]))) < NEAR_RAD
            if state.localised and near:
                found = t - begun
                break
        here = true[k]
        results.append(found)
    return results


def loop_errors(
    scans: list[LaserScan], stamps: list[float], trails: dict[str, Array]
) -> dict[str, float]:
    """Mean distance [m] of both passes of a loop from where the scans say they lie."""
    trail = trails["matching"]
    gaps: dict[str, list[float]] = {name: [] for name in trails}
    for late in range(len(scans) - 1, 0, -4):
        early = np.flatnonzero(np.array(stamps) < stamps[late] - PASS_S)
        apart = np.hypot(*(trail[early, :2] - trail[late, :2]).T)
        if len(early) == 0 or apart.min() > ENDS_M:
            continue
        first = int(early[np.argmin(apart)])
        around = range(max(0, first - FIRST_PASS), first + FIRST_PASS + 1)
        members = [k for k in around if k <= early[-1]]
        pose = _measured(scans, trail, members, first, late)
        if pose is None:
            continue
        for name, way in trails.items():
            has = compose2(inverse2(way[first]), way[late])
            gaps[name].append(float(np.hypot(*(has - pose)[:2])))
    return {name: float(np.mean(g)) for name, g in gaps.items() if g}


def _measured(
    scans: list[LaserScan], trail: Array, members: list[int], first: int, late: int
) -> Array | None:
    """Pose (3,) of a late scan beside an early one by the scans alone, if unique.

    Args:
        scans: of the log.
        trail: poses (n, 3), right among the members.
        members: scans of the first pass.
        first: the one beside which the pose is wanted.
        late: scan of the second pass.
    """
    maps = MapsConfig()
    grid = OccupancyGrid(maps.grid)
    for k in members:
        beside = compose2(inverse2(trail[first]), trail[k])
        grid.add_scan(in_map(_points(scans[k], grid), beside))
    hits = thin(_points(scans[late], grid).hits, maps.match.point_spacing_m)
    guess = compose2(inverse2(trail[first]), trail[late])
    work = correlate(Likelihood(grid), hits, guess, (8.0, 0.8), 0.4)
    try:
        while True:
            next(work)
    except StopIteration as end:
        peaks = end.value
    if peaks is None or peaks.rival > 0.85 * peaks.score:
        return None
    sigma = np.array([0.2, 0.2, 0.08])
    match = ScanMatcher(maps.match).match(grid, hits, peaks.pose, sigma)
    if match is None or match.agreement < 0.8 or match.known < 0.5:
        return None
    return match.pose_map_base


def _points(scan: LaserScan, grid: OccupancyGrid):  # type: ignore[no-untyped-def]
    c = grid.config
    return scan_points(
        scan,
        max_range_m=c.max_range_m,
        margin_m=grid.resolution,
        clear_range_m=c.clear_range_m,
    )


def _trails(plain: Replay, closed: Replay) -> dict[str, Array]:
    return {
        "odometry": np.array(plain.trail_odom),
        "matching": np.array(plain.trail_map),
        "closure live": np.array(closed.trail_map),
        "closure mended": np.array(closed.trail_mended),
    }


def _walls(plain: Replay, closed: Replay) -> dict[str, int]:
    if plain.by_odometry is None or plain.state is None or closed.state is None:
        return {}
    return {
        "odometry": wall_cells(plain.by_odometry.view()),
        "matching": wall_cells(plain.state.grid),
        "closure mended": wall_cells(closed.state.grid),
    }


def _walls_with_truth(samples: list[DriveSample], true: Array) -> int:
    grid = OccupancyGrid(MapsConfig().grid)
    for sample, pose in zip(samples, true, strict=True):
        grid.add_scan(in_map(_points(sample.scan, grid), pose))
    return wall_cells(grid.view())


def _closures(run: Replay) -> int:
    return sum(event.kind == "loop closed" for event in run.events)
