"""Does the memory of a map stay within its budget for 24 hours?

A robot tours a hall of six rooms for a simulated day. Every hour boxes are moved, small
things go and others come, and it rests for three minutes. Time is stretched: a scan and
a picture come every few seconds (`--every`) instead of several in one, and rooms and
places are brought up to date as much less often, so that a day takes minutes. Budgets
are small, so that they are reached early. Each hour the resident memory of the process
and what the map counts itself are noted.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import time
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.benchmarks.day_hall import Hall
from neural_brain.benchmarks.day_world import Moment, PaperRobot
from neural_brain.benchmarks.result import (
    Metric,
    mean_metric,
    table,
    write_result,
)
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import compose2, inverse2, transform2
from neural_brain.models.maps import CognitiveMap, GridConfig, LandmarkConfig
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.consolidation import ConsolidationConfig
from neural_brain.models.maps.keyframes import MOST_EDGES, KeyframeConfig
from neural_brain.models.maps.loop_closer import LATE, ClosureConfig
from neural_brain.models.maps.place_views import ViewConfig
from neural_brain.models.signals import MotionStatus

HELP = "resident memory of the map over a simulated day, with budgets"
SEED = 10_400
HOUR_S = 3600.0
REST_S = 180.0  # of every hour
STEPS = 4  # of the map for each frame: the search for loops goes on between frames
LANDMARKS, VIEWS_BYTES, KEYFRAMES, SIDE_M = 250, 500_000, 300, 60.0
BUDGET_MB = 48.0  # for the grid and its working copies at SIDE_M, and all of the above
FLAT = 0.1  # MB an hour
Row = dict[str, float]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--hours", type=float, default=24.0, help="simulated time")
    parser.add_argument("--every", type=float, default=20.0, help="s between frames")
    parser.add_argument("--seed", type=int, default=SEED, help="of the hall")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Simulate, print and write the result."""
    rows = simulate(args.hours, args.every, args.seed)
    metrics = summarise(rows)
    print(table(metrics))
    notes = {
        "time": f"stretched: one scan and one picture every {args.every:g} s",
        "budgets": {
            "landmarks": LANDMARKS,
            "views_bytes": VIEWS_BYTES,
            "keyframes": KEYFRAMES,
            "side_m": SIDE_M,
        },
        "hours": rows,
    }
    path = write_result(
        "nav-day", metrics, seeds=[args.seed], out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def maps_config(every_s: float) -> MapsConfig:
    """The product's map with small budgets."""
    keys = KeyframeConfig(most=KEYFRAMES)
    return MapsConfig(
        grid=GridConfig(max_size_m=SIDE_M),
        consolidation=ConsolidationConfig(landmarks=LANDMARKS),
        closure=ClosureConfig(keyframes=keys),
        views=ViewConfig(budget_bytes=VIEWS_BYTES),
        landmarks=LandmarkConfig(confirm=3),  # frames are few
        topology_every_s=min(60.0, 10.0 * every_s),
        rooms_every_s=min(60.0, 20.0 * every_s),
    )


def simulate(hours: float, every_s: float, seed: int) -> list[Row]:
    """What is noted at the start (after five minutes) and at the end of each hour."""
    hall = Hall(np.random.default_rng([seed, 0]))
    robot = PaperRobot(hall, every_s, np.random.default_rng([seed, 1]))
    maps = CognitiveMap(maps_config(every_s))
    rows: list[Row] = []
    began, told, changed = time.process_time(), 0, 0
    frames = round(hours * HOUR_S / every_s)
    for k in range(frames):
        rests = (robot.t % HOUR_S) > HOUR_S - REST_S
        moment = robot.go_on(rests=rests)
        step(maps, moment, rests)
        if not rows and robot.t >= 300.0:
            rows.append(noted(maps, robot, hall))
            continue
        if robot.t >= (changed + 1) * HOUR_S or k == frames - 1:
            changed += 1
            row = noted(maps, robot, hall)
            row["ms a frame"] = 1e3 * (time.process_time() - began) / (k + 1 - told)
            rows.append(row)
            print(" ".join(f"{name} {x:.4g}" for name, x in row.items()), flush=True)
            began, told = time.process_time(), k + 1
            hall.hour_passes()
    return rows


def step(maps: CognitiveMap, moment: Moment, rests: bool) -> None:
    """One frame, as the brain would give it to the map."""
    maps.step(moment.t, moment.body, moment.scan, moment.percepts)
    for _ in range(STEPS - 1):
        maps.step(moment.t, moment.body, None, None)
    status = MotionStatus(id=1, state="done" if rests else "running")
    for share in np.linspace(0.0, 1.0, 20 if rests else 1, endpoint=False):
        maps.note_motion(moment.t + 0.1 * share, moment.body, status)
    maps.pop_events()


def noted(maps: CognitiveMap, robot: PaperRobot, hall: Hall) -> Row:
    """Memory of the process and of the parts of the map, and whether it is right."""
    gc.collect()
    grid, tracks = maps.grid, maps.landmarks.tracks
    layers = (grid.lidar, grid.depth, grid.hit_count, grid.hit_mean, grid._cells)
    places, passages = maps.graph.messages()
    off = compose2(inverse2(robot.pose), compose2(robot.start, maps.last_pose))
    return {
        "hour": robot.t / HOUR_S,
        "resident MB": resident_mb(),
        "grid MB": 1e-6 * sum(layer.nbytes for layer in layers),
        "keyframes": len(maps.closer.keys.frames),
        "keyframes MB": 1e-6 * maps.closer.keys.used_bytes,
        "edges": len(maps.closer.keys.edges),
        "views MB": 1e-6 * maps.views.store.used_bytes,
        "landmarks": len(tracks),
        "rivals": max((len(track.rivals) for track in tracks.values()), default=0),
        "places": len(places),
        "passages": len(passages),
        "rooms": len(maps.state().rooms),
        "things known": known_share(maps, robot, hall),
        "pose error m": float(np.hypot(*off[:2])),
    }


def known_share(maps: CognitiveMap, robot: PaperRobot, hall: Hall) -> float:
    """Share of the things that have a landmark of their name within 0.5 m."""
    marks = maps.landmarks.landmarks()
    xy = np.array([mark.center_map[:2] for mark in marks]).reshape(-1, 2)
    names = np.array([mark.category for mark in marks])
    local = transform2(inverse2(robot.start), np.array([t.xy for t in hall.things]))
    found = [
        bool(np.any((names == thing.category) & (np.hypot(*(xy - at).T) < 0.5)))
        for thing, at in zip(hall.things, local, strict=True)
    ]
    return float(np.mean(found))


def resident_mb() -> float:
    """Resident memory of this process [MB] without what the C library keeps for later.

    What was freed stays with glibc in pieces that come and go by 20 MB from hour to
    hour; a leak would hide in that.

    Raises:
        NeuralBrainError: where the system has no /proc.
    """
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if give_back is not None:
        give_back(0)
    status = Path("/proc/self/status")
    if not status.is_file():
        raise NeuralBrainError(
            "Resident memory is read from /proc/self/status, which is not there. Run "
            "this benchmark on Linux."
        )
    for line in status.read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return float(line.split()[1]) / 1024.0
    raise NeuralBrainError("/proc/self/status has no line VmRSS; use another kernel.")


def summarise(rows: list[Row]) -> list[Metric]:
    """Growth after the budgets are reached, the peak, and every part's own count."""
    start, hours = rows[0], rows[1:]
    full = next((k for k, row in enumerate(hours) if is_full(row)), len(hours) - 3)
    late = hours[max(0, min(full, len(hours) - 3)) :]
    resident = np.array([row["resident MB"] for row in late])
    at = np.array([row["hour"] for row in late])
    slopes = resampled_slopes(at, resident)
    peak = max(row["resident MB"] for row in rows) - start["resident MB"]
    grid_mb = [row["grid MB"] for row in hours]
    metrics = [
        Metric(
            name="growth of resident memory after the budgets are reached",
            value=float(np.polyfit(at, resident, 1)[0]),
            low=float(np.percentile(slopes, 2.5)),
            high=float(np.percentile(slopes, 97.5)),
            unit="MB/h",
            n=len(late),
            goal=f"<= {FLAT:g}",
        ),
        one("peak of resident memory over the start", peak, "MB", f"<= {BUDGET_MB:g}"),
        one("resident memory at the start", start["resident MB"], "MB"),
        one("all budgets reached after", late[0]["hour"], "h"),
        one("landmarks, most", most(hours, "landmarks"), "", f"<= {LANDMARKS}"),
        one("views, most", most(hours, "views MB"), "MB", f"<= {1e-6 * VIEWS_BYTES:g}"),
        one("keyframes, most", most(hours, "keyframes"), "", f"<= {KEYFRAMES + LATE}"),
        mean_metric("layers of the grid", grid_mb, "MB"),
    ]
    for name, unit in (
        ("ms a frame", "ms"),
        ("things known", ""),
        ("pose error m", "m"),
    ):
        values = [row[name] for row in hours]
        early = float(np.mean(values[:3]))
        title = f"{name.removesuffix(' m')}, last 12 h"
        metrics.append(
            mean_metric(title, values[-12:], unit, baseline={"first 3 h": early})
        )
    return metrics


def is_full(row: Row) -> bool:
    """Whether landmarks, views, keyframes and their edges are at, or near, the most."""
    views = row["views MB"] >= 0.95e-6 * VIEWS_BYTES
    landmarks = row["landmarks"] >= 0.95 * LANDMARKS
    edges = row["edges"] >= 0.9 * MOST_EDGES * KEYFRAMES
    return bool(views and landmarks and edges and row["keyframes"] >= KEYFRAMES - 1)


def most(rows: list[Row], name: str) -> float:
    """The largest value of all hours."""
    return max(row[name] for row in rows)


def one(name: str, value: float, unit: str, goal: str = "") -> Metric:
    """A metric that was measured once."""
    return Metric(
        name=name, value=value, low=value, high=value, unit=unit, n=1, goal=goal
    )


def resampled_slopes(x: np.ndarray, y: np.ndarray, times: int = 500) -> np.ndarray:
    """Slopes of lines through samples that are drawn anew with return."""
    rng = np.random.default_rng(0)
    slopes = []
    for _ in range(times):
        picks = rng.integers(0, len(x), len(x))
        if np.ptp(x[picks]) > 0.0:
            slopes.append(np.polyfit(x[picks], y[picks], 1)[0])
    return np.array(slopes)
