"""Planning on the topological map: exact, by successor map, by endotaxis.

Graphs are the places and passages of generated homes, and of buildings of up to 10^4
places. Every planner answers the same goals: do all places that have a way get there,
how much dearer than the best way, and how long does a change of the goal take? Then a
door on a best way is closed: how long until the ways are right again? Times are of the
CPU, one thread. "Goal change" is the time until the value of every place is known.
Last, which of two things is nearer by the way there, as the executive must judge.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from neural_brain.benchmarks.navigation.true_space import TrueSpace
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.benchmarks.topology.choice import (
    Choice,
    nearer_of_two,
    summarise_choices,
)
from neural_brain.benchmarks.topology.graphs import (
    building_ways,
    home_ways,
    place_graph,
    without,
)
from neural_brain.benchmarks.topology.planners import (
    Exact,
    Planner,
    Scent,
    Successor,
    ValueIteration,
    replay,
)
from neural_brain.benchmarks.topology.timing import timed
from neural_brain.models.maps.ways import walk
from neural_brain.sim.homes import generate_home

HELP = "ways on the topological map: Dijkstra, successor map, endotaxis"
FIRST_HOME, SEED = 10_300, 0
SIZES = (100, 1_000, 10_000)
OURS, SR, VI = "Dijkstra", "successor map", "value iteration"
MAKERS: dict[str, Callable[[csr_matrix], Planner]] = {
    OURS: Exact,
    VI: ValueIteration,
    SR: Successor,
    "endotaxis 0.8": lambda costs: Scent(costs, 0.8),
    "endotaxis 0.3": lambda costs: Scent(costs, 0.3),
}
Samples = dict[str, dict[str, list[float]]]
"""By measure and planner."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=20, help="generated homes")
    parser.add_argument("--buildings", type=int, default=3, help="of each size")
    parser.add_argument("--goals", type=int, default=10, help="goals in each graph")
    parser.add_argument("--doors", type=int, default=5, help="closed in each graph")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=list(SIZES), help="places of buildings"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure, print and write the result."""
    groups: dict[str, list[csr_matrix]] = {"homes": []}
    pairs: list[Choice] = []
    for k in range(args.homes):
        home = generate_home(FIRST_HOME + k)
        space = TrueSpace(home)
        places, grid = place_graph(space)
        rng = np.random.default_rng([SEED, k])
        groups["homes"].append(home_ways(places, rng).costs)
        pairs += nearer_of_two(home, space, places, grid.view(), rng)
    for size in args.sizes:
        groups[f"{size} places"] = [
            building_ways(size, np.random.default_rng([SEED, size, k])).costs
            for k in range(args.buildings)
        ]
    metrics = summarise_choices(pairs)
    for name, graphs in groups.items():
        samples: Samples = defaultdict(lambda: defaultdict(list))
        for k, costs in enumerate(graphs):
            rng = np.random.default_rng([SEED, 1, k])
            measure_goals(costs, rng, args.goals, samples)
            measure_doors(costs, rng, args.doors, samples)
        metrics += summarise(name, graphs, samples)
    print(table(metrics))
    notes = {"homes": f"seeds from {FIRST_HOME}, whose coordinate map is perfect"}
    path = write_result(
        "nav-topology", metrics, seeds=[SEED], out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def measure_goals(
    costs: csr_matrix, rng: np.random.Generator, goals: int, samples: Samples
) -> None:
    """Build every planner, then ask all for the same goals."""
    planners = {}
    for name, make in MAKERS.items():
        planners[name], ms = timed_ms(partial(make, costs))
        samples["build"][name].append(ms)
    samples["memory"][SR].append(nonzeros(planners[SR]) * 12 / 1e6)
    for goal in rng.integers(0, costs.shape[0], goals).tolist():
        best = planners[OURS].value(goal)
        there = np.isfinite(best) & (best > 0.0)
        if not there.any():
            continue
        for name, planner in planners.items():
            value, ms = timed_ms(partial(planner.value, goal), 3)
            way = walk(planner.following(goal, value), costs, goal)
            arrived = np.isfinite(way[there])
            samples["goal change"][name].append(ms)
            samples["arrives"][name].append(float(arrived.mean()))
            if arrived.any():
                dearer = way[there][arrived] / best[there][arrived]
                samples["cost over best"][name].append(float(dearer.mean()))


def measure_doors(
    costs: csr_matrix, rng: np.random.Generator, doors: int, samples: Samples
) -> None:
    """Close the middle of a best way; repair what was known for its goal."""
    exact = Exact(costs)
    for _ in range(doors):
        start, goal = rng.integers(0, costs.shape[0], 2).tolist()
        best = exact.value(goal)
        if not 0.0 < best[start] < np.inf:
            continue
        way = [start]
        following = exact.following(goal, best)
        while way[-1] != goal:
            way.append(int(following[way[-1]]))
        k = (len(way) - 1) // 2
        a, b = way[k], way[k + 1]
        shut = without(costs, {(a, b), (b, a)})
        measure_repair(costs, shut, (a, b), goal, samples)


def measure_repair(
    costs: csr_matrix,
    shut: csr_matrix,
    door: tuple[int, int],
    goal: int,
    samples: Samples,
) -> None:
    """Every way to mend the ways to one goal after a door was closed."""
    a, b = door
    best, ms = timed_ms(lambda: Exact(shut).value(goal))
    note_repair(samples, "Dijkstra anew", best, best, ms)
    sweeps = ValueIteration(shut)
    value, ms = timed_ms(lambda: sweeps.value(goal))
    note_repair(samples, "value iteration anew", value, best, ms)
    old = Successor(costs)
    column = old.value(goal)
    fresh, ms = timed_ms(lambda: Successor(shut))
    value, more = timed_ms(lambda: fresh.value(goal))
    right = walk(fresh.following(goal, value), shut, goal)
    note_repair(samples, "successor map anew", right, best, ms + more)

    def update() -> np.ndarray:
        old.map.close(a, b)
        old.map.close(b, a)
        return old.value(goal)

    value, ms = timed_ms(update)
    way = walk(old.following(goal, value), shut, goal)
    note_repair(samples, "rank-one update", way, best, ms)
    again = column.copy()
    _, ms = timed_ms(lambda: replay(shut, column, goal, [a, b]))
    way = walk(fresh.following(goal, column), shut, goal)
    note_repair(samples, "idle replay", way, best, ms)

    def right(value: np.ndarray) -> bool:
        mended = walk(fresh.following(goal, value), shut, goal)
        return bool(np.isfinite(mended[np.isfinite(best)]).all())

    steps = replay(shut, again, goal, [a, b], right)
    samples["steps replayed"]["idle replay"].append(float(steps))


def note_repair(
    samples: Samples, name: str, way: np.ndarray, best: np.ndarray, ms: float
) -> None:
    """How long it took and what part of the places arrives again."""
    there = np.isfinite(best)
    samples["repair"][name].append(ms)
    samples["arrives after repair"][name].append(float(np.isfinite(way[there]).mean()))


def summarise(name: str, graphs: list[csr_matrix], samples: Samples) -> list[Metric]:
    """Rows of one group of graphs; the planner in use is ours, others are baselines."""
    sizes = [float(costs.shape[0]) for costs in graphs]
    metrics = [mean_metric(f"places, {name}", sizes, "")]
    for what, unit in (("arrives", ""), ("cost over best", ""), ("goal change", "ms")):
        metrics.append(_against(f"{what}, {name}", samples[what], OURS, unit))
    sr, vi = (np.array(samples["goal change"][key]) for key in (SR, VI))
    text = f"goal change, successor map / value iteration, {name}"
    metrics.append(mean_metric(text, sr / np.maximum(vi, 1e-9), "", goal="<= 0.1"))
    exact = np.array(samples["goal change"][OURS])
    text = f"goal change, Dijkstra / value iteration, {name}"
    metrics.append(mean_metric(text, exact / np.maximum(vi, 1e-9), "", goal="<= 0.1"))
    metrics.append(_against(f"build, {name}", samples["build"], OURS, "ms"))
    text = f"memory of the successor map, {name}"
    full = {"full table": float(np.mean([8e-6 * n * n for n in sizes]))}
    metrics.append(mean_metric(text, samples["memory"][SR], "MB", baseline=full))
    for what, unit in (("repair", "ms"), ("arrives after repair", "")):
        text = f"{what} of a closed door, {name}"
        metrics.append(_against(text, samples[what], "Dijkstra anew", unit))
    steps = samples["steps replayed"]["idle replay"]
    text = f"steps replayed until all arrive again, {name}"
    return [*metrics, mean_metric(text, steps, "")]


def _against(
    text: str, by_name: dict[str, list[float]], ours: str, unit: str
) -> Metric:
    others = {k: float(np.mean(v)) for k, v in by_name.items() if k != ours}
    return mean_metric(text, by_name[ours], unit, baseline=others)


def nonzeros(planner: Planner) -> int:
    """Entries of the factors that a successor map keeps."""
    lu = planner.map._lu  # type: ignore[attr-defined]
    return int(lu.L.nnz + lu.U.nnz)


def timed_ms(work: Callable[[], Any], times: int = 1) -> tuple[Any, float]:
    """As `timed`, in ms."""
    result, took_s = timed(work, times)
    return result, 1000.0 * took_s
