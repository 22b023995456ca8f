"""The same controller on two physics engines: tracking and contact forces compared.

Impedance and reflex, with the gains they have, move the fixed arm in MuJoCo and in
PyBullet along paths in the air, press plates of known stiffness, and hit things that
they do not expect. Both engines get kinematics, inertias, limits and sensors from one
model; integration, constraint solver and contacts are their own. A difference is
|PyBullet / MuJoCo - 1| of the same case. The baselines show what the differences would
be if a property of the model were not handed to Bullet.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neural_brain.benchmarks.bullet_cases import Case, draw_cases, run_case
from neural_brain.benchmarks.engines import Engine, OnBullet, on_mujoco
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.errors import SimulationError
from neural_brain.sim.bullet import BulletConfig, import_pybullet

HELP = "arm impedance and reflex in PyBullet against MuJoCo, nothing retuned"
SEEDS, FIRST_SEED, GOAL = 10, 4200, 0.2
WITHOUT = {
    "no rotor inertia": BulletConfig(rotor_inertia=False),
    "Bullet's own contacts": BulletConfig(model_contacts=False),
    "4 steps a tick": BulletConfig(substeps=4),
}


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One quantity of one case in both engines; None where the physics diverged."""

    case: str
    quantity: str
    unit: str
    mujoco: float
    bullet: float | None

    @property
    def difference(self) -> float:
        """|PyBullet / MuJoCo - 1|; 1 if a world diverged or MuJoCo's value is 0.

        The latter shows nothing and so counts as no agreement, also where both hands
        have left the surface again.
        """
        if self.bullet is None or self.mujoco <= 0.0:
            return 1.0
        return abs(self.bullet / self.mujoco - 1.0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--seeds", type=int, default=SEEDS, help="sets of cases")
    parser.add_argument(
        "--ablate", type=int, default=2, help="sets run with properties left out"
    )


def run(args: argparse.Namespace) -> list[Metric]:
    """Run all cases in both engines, print and write the result.

    Raises:
        SimulationError: without PyBullet.
    """
    import_pybullet()
    seeds = range(FIRST_SEED, FIRST_SEED + max(args.seeds, 1))
    sets = [draw_cases(seed) for seed in seeds]
    cases = [case for one in sets for case in one]
    few = [case for one in sets[: max(args.ablate, 0)] for case in one]
    reference = [run_case(case, on_mujoco) for case in cases]
    found = compare(cases, reference, OnBullet(BulletConfig()))
    left_out = {
        name: compare(few, reference, OnBullet(config))
        for name, config in WITHOUT.items()
        if few
    }
    metrics = all_metrics(found, left_out)
    print(table(metrics))
    rows = case_rows(found)
    print_rows(rows)
    notes = {
        "cases": rows,
        "about": "same controller, gains and sensors; baselines: the same difference, "
        f"over {len(few)} cases, with a property of the model not handed to Bullet",
    }
    path = write_result(
        "reflex-bullet", metrics, seeds=seeds, out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return metrics


def compare(
    cases: Sequence[Case],
    reference: Sequence[dict[str, tuple[float, str]]],
    engine: Engine,
) -> list[Pair]:
    """Run cases in an engine beside what MuJoCo gave for them."""
    pairs = []
    for case, known in zip(cases, reference, strict=False):
        try:
            new = run_case(case, engine)
        except SimulationError:
            new = {}
        for quantity, (value, unit) in known.items():
            pairs.append(
                Pair(
                    case=case.name,
                    quantity=quantity,
                    unit=unit,
                    mujoco=value,
                    bullet=new[quantity][0] if quantity in new else None,
                )
            )
    return pairs


def all_metrics(
    found: Sequence[Pair], left_out: dict[str, Sequence[Pair]]
) -> list[Metric]:
    """Mean difference of every quantity, and the share of cases within the goal."""
    quantities = list(dict.fromkeys(pair.quantity for pair in found))
    metrics = []
    for quantity in quantities:
        metrics.append(
            mean_metric(
                f"difference of {quantity}",
                _differences(found, quantity),
                "",
                goal=f"<= {GOAL}",
                baseline={
                    name: float(np.mean(_differences(pairs, quantity)))
                    for name, pairs in left_out.items()
                },
            )
        )
    within = [float(pair.difference <= GOAL) for pair in found]
    metrics.append(
        mean_metric(
            f"cases within {GOAL:.0%}",
            within,
            "",
            baseline={
                name: float(np.mean([p.difference <= GOAL for p in pairs]))
                for name, pairs in left_out.items()
            },
        )
    )
    return metrics


def case_rows(found: Sequence[Pair]) -> list[dict[str, Any]]:
    """Means over the seeds for every kind of case."""
    rows = []
    for case, quantity in dict.fromkeys((p.case, p.quantity) for p in found):
        pairs = [p for p in found if (p.case, p.quantity) == (case, quantity)]
        known = [p.bullet for p in pairs if p.bullet is not None]
        rows.append(
            {
                "case": case,
                "quantity": quantity,
                "unit": pairs[0].unit,
                "mujoco": float(np.mean([p.mujoco for p in pairs])),
                "bullet": float(np.mean(known)) if known else None,
                "difference": float(np.mean([p.difference for p in pairs])),
                "largest": float(max(p.difference for p in pairs)),
                "diverged": len(pairs) - len(known),
                "n": len(pairs),
            }
        )
    return rows


def print_rows(rows: Sequence[dict[str, Any]]) -> None:
    """The means as text."""
    print(f"\n{'case':22} {'quantity':34} {'MuJoCo':>8} {'PyBullet':>9}  differs by")
    for row in rows:
        bullet = "diverged" if row["bullet"] is None else f"{row['bullet']:.2f}"
        print(
            f"{row['case']:22} {row['quantity']:34} {row['mujoco']:8.2f} {bullet:>9} "
            f"{row['unit']:4} {row['difference']:6.1%}, at most {row['largest']:.1%}"
        )


def _differences(pairs: Sequence[Pair], quantity: str) -> list[float]:
    return [pair.difference for pair in pairs if pair.quantity == quantity]
