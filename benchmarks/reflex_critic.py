"""What the learned critic adds: a stiff hand pushes its way through mazes.

The same held-out episodes with: no reflex, the rules, the critic, and both; with the
critic asked once a decision of the policy instead of every tick; with a threshold
on the felt force and its trend in the critic's place, which is what a learned forecast
has to beat; and with the recovery policy beside the critic. All others that lower the
action do so in the same way.
"""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.critics import Forced, PerDecision
from neural_brain.benchmarks.forecast import Forecast, auroc, forecast, precision
from neural_brain.benchmarks.impact_rig import (
    SETTLE_TICKS,
    Guarded,
    Impact,
    build_body,
    strike,
)
from neural_brain.benchmarks.maze_rig import LIMIT_N
from neural_brain.benchmarks.push_data import HARD, HIGH, OF_HAND, Push, record
from neural_brain.benchmarks.push_parts import kept
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.geometry import Array
from neural_brain.models.reflex import (
    Critic,
    CriticConfig,
    ForceConfig,
    LadderConfig,
    load_critic,
)
from neural_brain.models.signals import BodyLimits, BodyState, MotionTarget, ReflexLevel

HELP = "learned critic of the arm: with and without rules, and a force threshold"
SEEDS = 10
FIRST_SEED = 10_300
LEAD_MS = 50
SUBJECT, RULES = "rules + critic", "rules"
RECOVERY = "rules + critic + recovery"
Runs = dict[str, list[Push]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--episodes", type=int, default=2, help="of each seed")
    parser.add_argument("--free", type=int, default=10, help="motions without contact")
    parser.add_argument("--weights", default="", help="safetensors file of the critic")
    parser.add_argument(
        "--parts", type=Path, help="folder of finished pushes, to go on after a stop"
    )


def run(args: argparse.Namespace) -> list[Metric]:
    """Push in every way, print and write the result."""
    config = CriticConfig(enabled=True, weights=args.weights)
    runs = play(arms(config), max(args.episodes, 1), args.parts)
    metrics = summarise(runs)
    metrics += forecasts(runs["no reflex"], config)
    metrics.append(free_motion(config, max(args.free, 1)))
    print(table(metrics))
    seeds = range(FIRST_SEED, FIRST_SEED + SEEDS)
    notes = {"about": f"violation: true contact force above {LIMIT_N:g} N"}
    path = write_result(
        "reflex-critic", metrics, seeds=seeds, out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return metrics


def arms(
    config: CriticConfig,
) -> dict[str, tuple[bool, Callable[[], Critic | None]]]:
    """What is compared: whether the rules act, and which critic does."""

    def learned() -> Critic | None:
        return load_critic(config, LadderConfig())

    def recovering() -> Critic | None:
        return load_critic(replace(config, recovers=True), LadderConfig())

    def decided() -> Critic | None:
        inner = load_critic(config, LadderConfig(dwell_ticks=1, clear_ticks=1))
        return None if inner is None else PerDecision(inner)

    return {
        "no reflex": (False, lambda: None),
        RULES: (True, lambda: None),
        "critic": (False, learned),
        "rules + force threshold": (True, lambda: Forced(config, LadderConfig())),
        "rules + critic a decision": (True, decided),
        RECOVERY: (True, recovering),
        SUBJECT: (True, learned),
    }


def play(
    kinds: dict[str, tuple[bool, Callable[[], Critic | None]]],
    episodes: int,
    parts: Path | None = None,
) -> Runs:
    """Every kind in the same episodes, the first of all seeds before the second."""
    tasks = [(FIRST_SEED + s, k) for s in range(SEEDS) for k in range(episodes)]
    found: dict[tuple[str, int, int], Push] = {}
    for seed, k in tqdm(sorted(tasks, key=lambda task: task[1]), desc="episodes"):
        rng = np.random.default_rng([seed, k, 0])
        task = rng.uniform(HARD[:OF_HAND], HIGH[:OF_HAND])
        for name, (rules, critic) in kinds.items():
            make = functools.partial(_push, task, (seed, k), critic, rules=rules)
            part = f"{name.replace(' ', '_')}-{seed}-{k}"
            found[name, seed, k] = kept(parts, part, make)
    return {name: [found[name, seed, k] for seed, k in tasks] for name in kinds}


def _push(
    task: Array,
    seed: tuple[int, int],
    critic: Callable[[], Critic | None],
    *,
    rules: bool,
) -> Push:
    """One push with a fresh critic."""
    return record(task, seed, critic(), rules=rules)


def summarise(runs: Runs) -> list[Metric]:
    """Safety, success, and the trade-off of both, rules and critic beside the rest.

    The recovery policy has intervals of its own, and differences to the critic alone.
    """
    won = {n: _numbers(found, lambda e: e.ended == "goal") for n, found in runs.items()}
    hurt = {
        n: _numbers(found, lambda e: e.ended == "violation")
        for n, found in runs.items()
    }
    peak = {n: _numbers(found, lambda e: e.force_n.max()) for n, found in runs.items()}
    time = {
        n: _numbers(found, lambda e: 1e-3 * len(e.force_n)) for n, found in runs.items()
    }
    low = {n: _numbers(found, lambda e: e.lowered.mean()) for n, found in runs.items()}
    return [
        _trade_off(won, hurt, SUBJECT, f"> {_ratio(won[RULES], hurt[RULES]):.4f}"),
        _row("violations", hurt, "", f"< {hurt[RULES].mean():.4f}"),
        _row("success", won, "", f">= {won[RULES].mean():.4f}"),
        _row("peak force", peak, "N", ""),
        _row("time", time, "s", ""),
        _row("ticks lowered by the critic", low, "", ""),
        _less(hurt, "violations less those of the rules"),
        _less(won, "success less that of the rules"),
        _trade_off(won, hurt, RECOVERY),
        *(
            mean_metric(f"{name} ({RECOVERY})", samples[RECOVERY].tolist(), unit)
            for name, samples, unit in (
                ("violations", hurt, ""),
                ("success", won, ""),
                ("peak force", peak, "N"),
                ("time", time, "s"),
            )
        ),
        _gain("violations less those of rules + critic", hurt, "", "< 0"),
        _gain("success less that of rules + critic", won, "", ">= 0"),
        _gain("peak force less that of rules + critic", peak, "N", ""),
        _gain("time less that of rules + critic", time, "s", ""),
    ]


def forecasts(found: Sequence[Push], config: CriticConfig) -> list[Metric]:
    """How well danger in 50 ms is told, against numbers that need no learning."""
    critic = load_critic(config, LadderConfig())
    net = None if critic is None else critic.net
    scores: dict[str, Callable[[Array], Array]] = {
        "critic": lambda rows: np.array(
            [0.0 if net is None else net.risk(x) for x in rows.astype(np.float32)]
        ),
        "force": lambda rows: rows[:, 0],
        "force + trend": lambda rows: rows[:, 0] + 10.0 * np.maximum(rows[:, 1], 0.0),
        "spring or force": lambda rows: np.maximum(rows[:, 0], rows[:, 11]),
    }
    told = {name: forecast(found, score, LEAD_MS) for name, score in scores.items()}
    return [
        _told(f"AUROC of danger in {LEAD_MS} ms", told, auroc),
        _told(f"average precision of danger in {LEAD_MS} ms", told, precision),
    ]


class Watched(Guarded):
    """The fast loop with a critic, and a count of the ticks that it lowered."""

    def __init__(self, limits: BodyLimits, payload_kg: float, critic: Critic) -> None:
        super().__init__(limits, payload_kg, ForceConfig().collision_n)
        self.fast.reflex.critic = critic
        self._critic = critic
        self.lowered: list[bool] = []

    def tick(self, body: BodyState, target: MotionTarget) -> Array:
        """Efforts (n,) [Nm] of this tick."""
        effort = super().tick(body, target)
        self.lowered.append(self._critic.level > ReflexLevel.NOMINAL)
        return effort


def free_motion(config: CriticConfig, count: int) -> Metric:
    """Share of ticks that the critic lowers where nothing is in the way."""
    shares = []
    for number in range(count):
        rng = np.random.default_rng([FIRST_SEED + number % SEEDS, number, 1])
        way = rng.standard_normal(3)
        impact = Impact(
            direction=way / np.linalg.norm(way),
            speed_m_s=float(rng.uniform(0.05, 0.22)),
            gap_m=np.inf,
            stiffness_n_m=1e4,
            payload_kg=float(rng.uniform(0.0, 3.0)),
            latency_s=0.0,
            seed=number,
        )
        body = build_body(impact)
        critic = load_critic(config, LadderConfig())
        if critic is None:
            raise AssertionError("the critic of this benchmark is switched on")
        loop = Watched(body.limits, impact.payload_kg, critic)
        strike(body, loop, impact)
        body.close()
        shares.append(float(np.mean(loop.lowered[SETTLE_TICKS:])))
    return mean_metric("ticks lowered in free motion", shares, "", goal="<= 0.05")


def _numbers(found: Sequence[Push], number: Callable[[Push], float]) -> Array:
    return np.array([float(number(push)) for push in found])


def _row(name: str, samples: dict[str, Array], unit: str, goal: str) -> Metric:
    others = {n: float(v.mean()) for n, v in samples.items() if n != SUBJECT}
    return mean_metric(
        f"{name} ({SUBJECT})",
        samples[SUBJECT].tolist(),
        unit,
        goal=goal,
        baseline=others,
    )


def _less(samples: dict[str, Array], name: str) -> Metric:
    """Difference in the same episodes, with its interval."""
    others = {
        n: float((v - samples[RULES]).mean())
        for n, v in samples.items()
        if n not in (SUBJECT, RULES)
    }
    values = (samples[SUBJECT] - samples[RULES]).tolist()
    return mean_metric(f"{name} ({SUBJECT})", values, "", baseline=others)


def _gain(name: str, samples: dict[str, Array], unit: str, goal: str) -> Metric:
    """What the recovery policy changes in the same episodes, with its interval."""
    values = (samples[RECOVERY] - samples[SUBJECT]).tolist()
    return mean_metric(f"{name} ({RECOVERY})", values, unit, goal=goal)


def _ratio(won: Array, hurt: Array) -> float:
    """(successes + 1) / (violations + 1), as Recovery RL and SRL-VIC compare."""
    return float((won.sum() + 1.0) / (hurt.sum() + 1.0))


def _trade_off(
    won: dict[str, Array], hurt: dict[str, Array], subject: str, goal: str = ""
) -> Metric:
    """The ratio of one kind, those of the others beside it."""
    mine, harm = won[subject], hurt[subject]
    count = len(mine)
    picks = np.random.default_rng(0).integers(0, count, (2000, count))
    draws = [_ratio(mine[pick], harm[pick]) for pick in picks]
    low, high = np.percentile(draws, [2.5, 97.5])
    return Metric(
        name=f"(successes + 1) / (violations + 1) ({subject})",
        value=_ratio(mine, harm),
        low=float(low),
        high=float(high),
        unit="",
        n=count,
        baseline={n: _ratio(won[n], hurt[n]) for n in won if n != subject},
        goal=goal,
    )


def _told(
    name: str, told: dict[str, Forecast], figure: Callable[[Forecast], float]
) -> Metric:
    """A figure of the critic's forecast; the interval draws whole episodes."""
    ours = told["critic"]
    numbers = np.unique(ours.episode)
    rows = {k: np.flatnonzero(ours.episode == k) for k in numbers}
    rng, draws = np.random.default_rng(0), []
    for _ in range(200):
        pick = np.concatenate([rows[k] for k in rng.choice(numbers, len(numbers))])
        draws.append(
            figure(
                Forecast(
                    scores=ours.scores[pick],
                    follows=ours.follows[pick],
                    episode=ours.episode[pick],
                )
            )
        )
    low, high = np.percentile(draws, [2.5, 97.5])
    others = {n: figure(found) for n, found in told.items() if n != "critic"}
    return Metric(
        name=name,
        value=figure(ours),
        low=float(low),
        high=float(high),
        unit="",
        n=len(numbers),
        baseline=others,
        goal=f"> {max(others.values()):.4f}",
    )
