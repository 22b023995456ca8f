"""Two flats of one plan: the lidar cannot tell them apart, a look at them can.

The second flat is the first one with other paint and things of other colours, beside it
in one map. A robot that was carried somewhere drives on and has to find itself; without
views it takes whichever flat the scans fit first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neural_brain.benchmarks.place_trials import OTHER_DAY, Sight, sights
from neural_brain.models.categories import COLOURS
from neural_brain.models.geometry import Array, compose2, inverse2, wrap
from neural_brain.models.maps import (
    CognitiveMap,
    MapsConfig,
    ViewConfig,
    scan_points,
)
from neural_brain.models.maps.scan_points import in_map
from neural_brain.models.sensing import OrbVlad, frame_view
from neural_brain.models.sensing.sensing import empty_percepts
from neural_brain.models.signals import BodyState, LaserScan, Percepts
from neural_brain.sim.datasets.tour import tour_poses
from neural_brain.sim.homes import HomeSpec, generate_home

GAP_M = 3.0
PERIOD_S = 0.8  # from sight to sight
LENGTH = 30  # sights of one try
NEAR_M, NEAR_RAD = 0.3, 0.2
ROUNDS = 4  # scans that the robot takes at one sight


@dataclass(frozen=True, kw_only=True)
class Try:
    """One carried robot: found where it is, believed to be elsewhere, how long [s]."""

    found: bool
    wrong: bool
    time_s: float


def twin(home: HomeSpec) -> HomeSpec:
    """The same plan with other paint, and all things in other colours."""
    other = {a: COLOURS[(k + 4) % len(COLOURS)] for k, a in enumerate(COLOURS)}
    things = tuple(replace(x, colour=other[x.colour]) for x in home.objects)
    return replace(home, seed=home.seed + 3, objects=things)


def tries(seed: int, count: int) -> dict[str, list[Try]]:
    """Carry the robot into both flats in turn, with and without views."""
    home = generate_home(seed)
    flats = (home, twin(home))
    beside = np.array([home.size[0] + GAP_M, 0.0, 0.0])
    shifts = (np.zeros(3), beside)
    drives = [
        list(sights(flat, tour_poses(home, seed, 1), seed + k))
        for k, flat in enumerate(flats)
    ]
    rng = np.random.default_rng([seed, 0x7B1])
    asked = []
    for number in range(count):
        flat = number % 2
        poses = tour_poses(home, seed + OTHER_DAY, 1)
        start = int(rng.integers(0, max(1, len(poses) - LENGTH)))
        way = poses[start : start + LENGTH]
        drive = list(sights(flats[flat], way, seed + OTHER_DAY + number))
        asked.append((drive, shifts[flat]))
    found: dict[str, list[Try]] = {}
    for name, budget in (("with views", ViewConfig().budget_bytes), ("without", 0)):
        config = MapsConfig(views=ViewConfig(budget_bytes=budget))
        drawn = _drawn(config, drives, shifts)
        found[name] = [_carried(config, drawn, *one) for one in asked]
    return found


def _drawn(
    config: MapsConfig, drives: list[list[Sight]], shifts: tuple[Array, ...]
) -> CognitiveMap:
    """One map of both flats, drawn at the true poses."""
    cognitive, embedding = CognitiveMap(config), OrbVlad()
    for drive, shift in zip(drives, shifts, strict=True):
        for k, sight in enumerate(drive):
            pose = sight.pose + shift
            points = scan_points(
                sight.scan,
                max_range_m=config.grid.max_range_m,
                margin_m=cognitive.grid.resolution,
                clear_range_m=config.grid.clear_range_m,
            )
            for _ in range(2):
                cognitive.grid.add_scan(in_map(points, pose))
            view = frame_view(sight.frame, embedding)
            cognitive.views.store.note(view, pose, float(k))
    return cognitive


def _carried(
    config: MapsConfig, drawn: CognitiveMap, drive: list[Sight], shift: Array
) -> Try:
    """Recall the map somewhere, drive on, see whether the robot finds itself."""
    cognitive = CognitiveMap.restore(config, drawn.snapshot())
    embedding, t = OrbVlad(), 1000.0
    back = inverse2(drive[0].pose)
    for sight in drive:
        odom = compose2(back, sight.pose)
        for k in range(ROUNDS):
            t += PERIOD_S / ROUNDS
            body = _body(t, odom)
            percepts = None
            if k == 0:
                percepts = _percepts(t, odom, sight, embedding)
            scan: LaserScan = replace(sight.scan, stamp=t)
            state = cognitive.step(t, body, scan, percepts)
        if state.localised or cognitive.map_id != drawn.map_id:
            break
    at, true = cognitive.pose_map_base(_body(t, odom)), sight.pose + shift
    near = np.hypot(*(at - true)[:2]) < NEAR_M
    near = bool(near and abs(wrap(float(at[2] - true[2]))) < NEAR_RAD)
    known = state.localised and cognitive.map_id == drawn.map_id
    return Try(found=known and near, wrong=known and not near, time_s=t - 1000.0)


def _percepts(t: float, odom: Array, sight: Sight, embedding: OrbVlad) -> Percepts:
    return replace(empty_percepts(t, odom), view=frame_view(sight.frame, embedding))


def _body(t: float, odom: Array) -> BodyState:
    return BodyState(
        stamp=t,
        q=np.zeros(0),
        dq=np.zeros(0),
        effort=np.zeros(0),
        twist_base=np.zeros(2),
        pose_odom_base=odom,
        wrench_ee=np.zeros(6),
        bumper=np.zeros(0, dtype=bool),
        gyro=np.zeros(3),
        accel=np.array([0.0, 0.0, 9.81]),
        head=np.zeros(2),
        gripper_m=0.0,
        battery=1.0,
    )
