"""How long a stop takes to save a map that is as large as a home.

A robot on paper tours a hall (see `day_world`) until more than a hundred square metres
are known, with things, views, keyframes and rooms. Then that map is saved and its file
closed, as at every stop. Times are of the clock on the wall: the disk counts.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from neural_brain.benchmarks.day_hall import Hall
from neural_brain.benchmarks.day_world import PaperRobot
from neural_brain.benchmarks.result import Metric, percentile_interval
from neural_brain.models.maps import CognitiveMap, LandmarkConfig, MapsConfig
from neural_brain.models.memory import MemoryStore

STOP_MS = 2000.0
"""A stop has saved by then; launch kills a process 5 s after it asked it to end."""
EVERY_S = 2.0  # between two scans
SURVEY = 240  # scans: 8 minutes, 140 m of way


def surveyed(scans: int = SURVEY) -> CognitiveMap:
    """The product's map after a tour of the hall with so many scans."""
    robot = PaperRobot(
        Hall(np.random.default_rng(0)), EVERY_S, np.random.default_rng(1)
    )
    maps = CognitiveMap(MapsConfig(landmarks=LandmarkConfig(confirm=3)))
    for _ in range(scans):
        seen = robot.go_on()
        maps.step(seen.t, seen.body, seen.scan, seen.percepts)
    maps.settle(seen.body)
    return maps


def known_m2(maps: CognitiveMap) -> float:
    """Floor area that the map knows to be free [m2]."""
    grid = maps.grid.view()
    free = (grid.cells >= 0) & (grid.cells < 50)
    return float(free.sum()) * maps.grid.resolution**2


def save_metrics(maps: CognitiveMap, saves: int = 30) -> list[Metric]:
    """Median and 95th percentile [ms] of saving a map and closing its file."""
    times = save_times(maps, saves)
    name = f"stop saves a map of {known_m2(maps):.0f} m2"
    return [
        Metric(
            name=f"{name}, p{share:.0f}",
            value=float(np.percentile(times, share)),
            low=low,
            high=high,
            unit="ms",
            n=saves,
            goal=f"<= {STOP_MS:g}",
        )
        for share in (50.0, 95.0)
        for low, high in [percentile_interval(np.array(times), share, resamples=1000)]
    ]


def save_times(maps: CognitiveMap, saves: int) -> list[float]:
    """Milliseconds of each save; from the fourth on, an old generation makes room."""
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for k in range(saves):
            store = MemoryStore(Path(folder) / "home.db")
            started = time.perf_counter()
            store.save_map(maps.snapshot(), float(k))
            store.close()
            times.append(1e3 * (time.perf_counter() - started))
    return times
