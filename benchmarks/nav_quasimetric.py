"""A learned quasimetric against the exact table, on the graphs of `nav-topology`.

Every rule tells how far it is from place to place: how wrong, do greedy ways arrive and
how dear are they, how many bytes, how long does it take to build, to ask, to change the
goal, and to mend when a door closes; how much does it help A*? Quasimetrics learn from
a half of the pairs of at most 1000 places; errors are those of the other half. Last,
what is known when only a few ways were driven and nothing else is known of passages.
Places that cannot be reached from all others are left out. Times are of the CPU, one
thread.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from neural_brain.benchmarks.navigation.true_space import TrueSpace
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.benchmarks.topology import driven
from neural_brain.benchmarks.topology.distances import (
    Distances,
    Rule,
    alt,
    discounted,
    fitted_alt,
    guided_search,
    iqe_of,
    joined_part,
    mrn_of,
    searched,
    tabled,
)
from neural_brain.benchmarks.topology.doors import (
    ALT,
    EXACT,
    IQE,
    MRN,
    OURS,
    SEARCH,
    SR,
    Samples,
    measure_door,
    ways_of,
)
from neural_brain.benchmarks.topology.graphs import (
    building_ways,
    home_ways,
    place_graph,
)
from neural_brain.benchmarks.topology.timing import timed
from neural_brain.models.geometry import Array
from neural_brain.sim.homes import generate_home

HELP = "a learned quasimetric against the exact table of ways"
FIRST_HOME, SEED = 10_320, 0
SIZES = (1_000, 10_000)  # places of buildings
STEPS = 2_000  # of each fit
DRIVES = (3, 10, 30)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=6, help="generated homes")
    parser.add_argument("--buildings", type=int, default=1, help="of each size")
    parser.add_argument("--goals", type=int, default=10, help="goals in each graph")
    parser.add_argument("--doors", type=int, default=3, help="closed in each graph")
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=list(SIZES), help="places of buildings"
    )
    parser.add_argument("--steps", type=int, default=STEPS, help="of each fit")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure, print and write the result."""
    groups: dict[str, list[csr_matrix]] = {"homes": []}
    guessed: Samples = defaultdict(lambda: defaultdict(list))
    for k in range(args.homes):
        places, _ = place_graph(TrueSpace(generate_home(FIRST_HOME + k)))
        rng = np.random.default_rng([SEED, k])
        ways = home_ways(places, rng)
        costs, rows = joined_part(ways.costs)
        xy = np.array([places.xy[ways.numbers[row]] for row in rows])
        groups["homes"].append(costs)
        measure_guesses(costs, xy, rng, guessed)
    for size in args.sizes:
        groups[f"{size} places"] = [building(size, k) for k in range(args.buildings)]
    metrics = []
    for name, graphs in groups.items():
        samples: Samples = defaultdict(lambda: defaultdict(list))
        for k, costs in enumerate(graphs):
            rng = np.random.default_rng([SEED, 1, k])
            rules, known = built(costs, args.steps, rng, samples)
            measure_goals(costs, rules, known, rng, goals=args.goals, samples=samples)
            for _ in range(args.doors):
                measure_door(costs, rules, args.steps, rng, samples)
            print(f"{name}: {costs.shape[0]} places done", flush=True)
        metrics += summarise(name, samples)
    metrics += summarise_guesses(guessed)
    print(table(metrics))
    notes = {"homes": f"seeds from {FIRST_HOME}, whose coordinate map is perfect"}
    path = write_result(
        "nav-quasimetric", metrics, seeds=[SEED], out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def building(size: int, number: int) -> csr_matrix:
    """Passages of a building, without what cannot be left or reached."""
    rng = np.random.default_rng([SEED, size, number])
    return joined_part(building_ways(size, rng).costs)[0]


def built(
    costs: csr_matrix, steps: int, rng: np.random.Generator, samples: Samples
) -> tuple[dict[str, Rule], Distances]:
    """All rules of a graph, each timed; quasimetrics need exact ways first."""
    known, learning_s = timed(lambda: Distances(costs, rng))
    makers: dict[str, Callable[[], Rule]] = {
        SEARCH: lambda: searched(costs),
        EXACT: lambda: tabled(costs),
        SR: lambda: discounted(costs),
        ALT: lambda: alt(costs),
        OURS: lambda: fitted_alt(costs, known, steps),
        MRN: lambda: mrn_of(known, steps, rng),
        IQE: lambda: iqe_of(known, steps, rng),
    }
    rules = {}
    for name, make in makers.items():
        rules[name], took_s = timed(make)
        extra = learning_s if name in (OURS, MRN, IQE) else 0.0
        samples["building"][name].append(took_s + extra)
        samples["memory"][name].append(1e-6 * rules[name].size_b)
    return rules, known


def measure_goals(
    costs: csr_matrix,
    rules: dict[str, Rule],
    known: Distances,
    rng: np.random.Generator,
    *,
    goals: int,
    samples: Samples,
) -> None:
    """Errors of pairs that were not learned, greedy ways, times, and A*."""
    start, end, way = known.draw(4_000, held=True)
    exact = {
        goal: rules[SEARCH].to_goal(goal)
        for goal in rng.integers(0, costs.shape[0], goals).tolist()
    }
    begin = rng.integers(0, costs.shape[0], goals).tolist()
    for name, rule in rules.items():
        if rule.head is not None and rule.vectors is not None:
            told = rule.head(rule.vectors[start], rule.vectors[end])[0]
            samples["error"][name].append(float(np.mean(np.abs(told / way - 1.0))))
        for (goal, best), here in zip(exact.items(), begin, strict=False):
            value, took_s = timed(lambda rule=rule, goal=goal: rule.to_goal(goal), 3)
            samples["goal change"][name].append(1e3 * took_s)
            _, took_s = timed(
                lambda rule=rule, goal=goal, here=here: rule.pair(here, goal), 3
            )
            samples["one pair"][name].append(1e6 * took_s)
            share, dearer = ways_of(costs, value, goal, best)
            samples["arrives"][name].append(share)
            samples["cost over best"][name] += dearer
            if here == goal:
                continue
            guess = np.zeros(len(value)) if name == SEARCH else np.minimum(value, 1e9)
            found, settled = guided_search(costs, here, goal, guess)
            samples["A* settles"][name].append(float(settled))
            samples["A* over best"][name].append(found / best[here])


def measure_guesses(
    costs: csr_matrix, xy: Array, rng: np.random.Generator, guessed: Samples
) -> None:
    """Errors on pairs that no drive has joined, and what share is answered."""
    true_m = dijkstra(costs)
    for drives in DRIVES:
        known = driven.drive(xy, costs, drives, rng)
        pairs = driven.unseen(known, true_m)
        for name, told in driven.guesses(known, rng).items():
            right = pairs & np.isfinite(told)
            guessed[f"answered, {drives} drives"][name].append(
                right.sum() / pairs.sum()
            )
            if right.any():
                error = np.abs(told[right] / true_m[right] - 1.0)
                guessed[f"error, {drives} drives"][name].append(float(error.mean()))


def summarise(name: str, samples: Samples) -> list[Metric]:
    """Rows of one group of graphs: the quasimetric from landmarks against the rest."""
    units = {
        "error": "",
        "arrives": "",
        "cost over best": "",
        "memory": "MB",
        "building": "s",
        "goal change": "ms",
        "one pair": "us",
        "A* settles": "places",
        "A* over best": "",
        "arrives before mending": "",
        "mending": "s",
        "arrives when mended": "",
    }
    return [
        against(f"{what}, {name}", samples[what], OURS, unit)
        for what, unit in units.items()
        if samples[what][OURS]
    ]


def summarise_guesses(guessed: Samples) -> list[Metric]:
    """Rows of ways of which few were driven."""
    return [
        against(f"{what}, homes", guessed[what], driven.IQE_XY, "") for what in guessed
    ]


def against(text: str, by_name: dict[str, list[float]], ours: str, unit: str) -> Metric:
    """A learned rule's mean, with all others as baselines."""
    others = {k: float(np.mean(v)) for k, v in by_name.items() if k != ours and v}
    return mean_metric(text, by_name[ours], unit, baseline=others)
