"""Robots that write one map at the same time: speed, and whether anything is lost.

Robots in processes of their own map one home and save after every look around, as fast
as they can, on a PostgreSQL server of the benchmark's own that waits for the disk. What
was confirmed is looked for in the end: things, cells of the grid, lines of the diary.
The baseline is the same with one SQLite file, which was not made for several writers:
the last one wins. All run on one machine, so the robots also compete for its cores.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.fleet_robot import (
    Promise,
    begin,
    distinct,
    scan_from,
    survey,
)
from neural_brain.benchmarks.postgres import PostgresServer, temporary_server
from neural_brain.benchmarks.result import (
    Metric,
    mean_metric,
    table,
    write_result,
)
from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.memory import Place, load_newest, open_memory
from neural_brain.models.memory.fleet.address import read_address
from neural_brain.models.memory.fleet.connection import Server
from neural_brain.sim.homes import generate_home, seed_ranges

HELP = "robots that share a map: commits, latency, and what is lost"
NEAR_M = 0.3  # a thing is found if a landmark of its category is so near
FILE = "one SQLite file"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of some robots mapping one home: speed, and what is missing.

    `commits_s` are commits a second of all robots, `latencies_ms` of every commit,
    `refused` the saves that were not confirmed (the next save has it all).
    """

    commits_s: float
    latencies_ms: tuple[float, ...]
    things: int
    cells: int
    events: int
    refused: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--robots", type=int, nargs="+", default=[2, 4, 8])
    parser.add_argument("--rounds", type=int, default=15, help="saves of each robot")
    parser.add_argument("--homes", type=int, default=3, help="held-out homes")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Measure, print and write the result."""
    seeds = list(seed_ranges()["test"][: args.homes])
    shared: dict[int, list[Outcome]] = {n: [] for n in args.robots}
    single: dict[int, list[Outcome]] = {n: [] for n in args.robots}
    tasks = [(n, seed) for n in args.robots for seed in seeds]
    with temporary_server() as server:
        notes = {"postgresql": version_of(server)}
        for n, seed in tqdm(tasks, desc="fleets", disable=None):
            url = make_database(server, f"home_{seed}_{n}")
            shared[n].append(play(url, seed, n, args.rounds))
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "memory.sqlite"
                single[n].append(play(file, seed, n, args.rounds))
    metrics = [m for n in args.robots for m in summarise(n, shared[n], single[n])]
    print(table(metrics))
    path = write_result("fleet", metrics, seeds=seeds, out=args.out, notes=notes)
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def version_of(server: PostgresServer) -> str:
    """The version of a server, as it names itself."""
    connection = Server(read_address(server.url()))
    with connection.transaction(reading=True) as session:
        version = str(session.execute("SHOW server_version").fetchone()[0])
    connection.close()
    return version


def make_database(server: PostgresServer, name: str) -> str:
    """The address of a new, empty database."""
    connection = Server(read_address(server.url()))
    connection.outside(f'CREATE DATABASE "{name}"')
    connection.close()
    return server.url(name)


def play(place: Place, seed: int, robots: int, rounds: int) -> Outcome:
    """Let robots map a home, then look for what they were promised."""
    begin(place, seed)
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(robots)
    with tempfile.TemporaryDirectory() as folder:
        lists = [Path(folder) / f"robot-{k}.jsonl" for k in range(robots)]
        crew = [
            context.Process(
                target=survey,
                args=(place, seed, k),
                kwargs={"rounds": rounds, "listed": listed, "gate": gate},
            )
            for k, listed in enumerate(lists)
        ]
        for process in crew:
            process.start()
        for process in crew:
            process.join()
        promises = [promise for listed in lists for promise in read_promises(listed)]
    return judge(place, seed, promises, tried=robots * rounds)


def read_promises(listed: Path) -> list[Promise]:
    """What one robot was promised; a line that a kill has cut short does not count."""
    if not listed.exists():
        return []
    lines = listed.read_text().split("\n")[:-1]
    return [Promise(**json.loads(line)) for line in lines]


def judge(
    place: Place, seed: int, promises: Sequence[Promise], tried: int = 0
) -> Outcome:
    """Look for everything that was promised in the memory as it is now."""
    final = load_newest(place, MapsConfig())
    store = open_memory(place)
    told = {event.text for event in store.events(kind="look", limit=10**7)}
    store.close()
    span = max(p.end for p in promises) - min(p.start for p in promises)
    return Outcome(
        commits_s=len(promises) / max(span, 1e-9),
        latencies_ms=tuple(1e3 * promise.latency_s for promise in promises),
        things=lost_things(final, seed, promises),
        cells=lost_cells(final, seed, promises),
        events=sum(promise.event not in told for promise in promises),
        refused=max(0, tried - len(promises)),
    )


def lost_things(final: CognitiveMap, seed: int, promises: Sequence[Promise]) -> int:
    """Things that some robot has seen and saved and that the map does not have."""
    seen = {thing for promise in promises for thing in promise.things}
    marks = final.landmarks.landmarks()
    lost = 0
    for thing in distinct(generate_home(seed)):
        if thing.id in seen:
            lost += not any(
                mark.category == thing.category
                and np.linalg.norm(mark.center_map - thing.center) < NEAR_M
                for mark in marks
            )
    return lost


def lost_cells(final: CognitiveMap, seed: int, promises: Sequence[Promise]) -> int:
    """Cells that some robot has seen and saved and that the map does not know."""
    home = generate_home(seed)
    alone = CognitiveMap(MapsConfig()).grid
    for promise in promises:
        alone.add_scan(scan_from(home, np.array(promise.spot)))
    rows, columns = np.nonzero(alone.lidar)
    centers = np.stack([columns, rows], axis=1) + 0.5
    cells = final.grid.cells_of(alone.origin + alone.resolution * centers)
    inside = final.grid.inside(cells)
    rows, columns = cells[inside].T
    return int(np.sum(~inside) + np.sum(final.grid.lidar[rows, columns] == 0))


def summarise(
    robots: int, shared: Sequence[Outcome], single: Sequence[Outcome]
) -> list[Metric]:
    """The rows of one number of robots."""

    def row(name: str, unit: str, value: Callable[[Outcome], float]) -> Metric:
        base = float(np.mean([value(outcome) for outcome in single]))
        return mean_metric(
            f"{name}, {robots} robots",
            [value(outcome) for outcome in shared],
            unit,
            goal="== 0" if name.endswith("lost") else "",
            baseline={FILE: base},
        )

    return [
        row("things lost", "", lambda o: o.things),
        row("cells lost", "", lambda o: o.cells),
        row("events lost", "", lambda o: o.events),
        row("saves refused", "", lambda o: o.refused),
        row("commits", "1/s", lambda o: o.commits_s),
        row("merge p50", "ms", lambda o: float(np.percentile(o.latencies_ms, 50))),
        row("merge p95", "ms", lambda o: float(np.percentile(o.latencies_ms, 95))),
    ]
