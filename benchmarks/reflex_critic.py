"""What the learned critic adds to the rules in the fast loop of the arm.

The same random contacts (stiffness, friction, density, latency, speed, payload) are run
with the rules alone and with rules and critic, and so are motions without a contact:
what the critic prevents, and what it costs where there is nothing to prevent. The
critic stays off by default as long as this table does not speak for it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence

import numpy as np

from neural_brain.benchmarks.contact_data import HIGH, LIMIT_N, LOW, Contact, record
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.reflex import (
    Critic,
    CriticConfig,
    LadderConfig,
    load_critic,
)

HELP = "learned critic of the arm: rules with it against rules without it"
SEEDS = 10
FIRST_SEED = 5000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--contacts", type=int, default=60, help="with something hit")
    parser.add_argument("--free", type=int, default=10, help="motions without contact")
    parser.add_argument("--weights", default="", help="safetensors file of the critic")


def run(args: argparse.Namespace) -> list[Metric]:
    """Hit things with and without the critic, print and write the result."""
    config = CriticConfig(enabled=True, weights=args.weights)
    hits = max(args.contacts, SEEDS)

    def watched() -> Critic | None:
        return load_critic(config, LadderConfig())

    ours, rules = motions(hits, watched), motions(hits, _no_critic)
    free = motions(max(args.free, 1), watched, free=True)
    free_rules = motions(max(args.free, 1), _no_critic, free=True)
    metrics = compare(ours, rules, free, free_rules)
    print(table(metrics))
    notes = {"about": "all with all rules; simulated contacts on the fingertips"}
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    path = write_result(
        "reflex-critic", metrics, seeds=seeds, out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return metrics


def motions(
    count: int, critic: Callable[[], Critic | None], *, free: bool = False
) -> list[Contact]:
    """Random motions, an equal number from every seed; the same for every critic."""
    found = []
    for number in range(count):
        rng = np.random.default_rng([FIRST_SEED + number % SEEDS, number // SEEDS])
        task = rng.uniform(LOW, HIGH)
        found.append(record(task, number, rng, critic(), free=free))
    return found


def compare(
    ours: Sequence[Contact],
    rules: Sequence[Contact],
    free: Sequence[Contact],
    free_rules: Sequence[Contact],
) -> list[Metric]:
    """Safety in contacts, and the price in free motion."""

    def row(
        title: str,
        number: Callable[[Contact], float],
        pair: tuple[Sequence[Contact], Sequence[Contact]],
        unit: str,
        goal: str,
    ) -> Metric:
        mine, base = ([number(contact) for contact in found] for found in pair)
        mean = float(np.mean(base))
        return mean_metric(
            title, mine, unit, goal=goal.format(mean), baseline={"rules alone": mean}
        )

    hits, empty = (ours, rules), (free, free_rules)
    safe = f"contacts below {LIMIT_N:.0f} N"
    return [
        row(safe, lambda c: float(c.violated is None), hits, "", "> {:.4f}"),
        row("peak force", lambda c: c.peak_n, hits, "N", "< {:.2f}"),
        row("ticks lowered in contacts", lambda c: c.lowered, hits, "", ""),
        row("ticks lowered in free motion", lambda c: c.lowered, empty, "", "<= 0.05"),
    ]


def _no_critic() -> None:
    return None
