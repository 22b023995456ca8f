"""Recipe of the safety critic: which pushes, how long, and the numbers on its card.

First a stiff hand pushes through mazes without a reflex, so that there is something to
learn from; now and then its spring is left a share of its force only, or a part of the
push into the contact is taken away, so that the critic learns what that changes. Then
the critic of the moment is in the loop, every second time with the recovery policy of
the moment, and each task, friction and blocks included, is drawn by ALP-GMM. The limits
come from fresh pushes that it did not learn from, in mazes as they are drawn elsewhere.
As many uniformly drawn tasks give the critic that is compared on the card; the one
that forecasts the fresh pushes better is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.forecast import Forecast, auroc, forecast, precision
from neural_brain.benchmarks.push_data import (
    HARD,
    HIGH,
    LOW,
    OF_HAND,
    Push,
    record,
)
from neural_brain.benchmarks.push_steps import DANGER_N, steps_of, ticks_to_danger
from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.learning import (
    AlpGmm,
    ReflexTraining,
    RiskTrainer,
    alarm_limit,
    prototypes,
    recovered,
    usual_limit,
)
from neural_brain.models.reflex import (
    FEATURES,
    FIRST_ACTION,
    CriticConfig,
    LadderConfig,
    RecoveryNet,
    RiskNet,
    SafetyCritic,
)
from neural_brain.models.reflex.critic import SHIPPED, VERSION
from neural_brain.models.reflex.recovery import CHOICES, with_action
from neural_brain.models.weights import Tensors, save_weights

__all__ = ["SHIPPED", "train"]
PROTOTYPES, SOME = 48, 4000
LEAD_MS = 50
WARNED = slice(-60, -10)
"""An alarm counts from 60 to 10 ms before the danger."""
MISSED_SHARE, ALARM_SHARE = 0.3, 0.05
ONLINE_RISK = 0.3
TUNE_SEED = 1000


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Numbers of episodes, and gradient steps off line and after every eight."""

    offline: int
    online: int
    calibration: int
    updates: int
    online_updates: int


SIZES = {
    "quick": Recipe(offline=4, online=8, calibration=4, updates=300, online_updates=50),
    "full": Recipe(
        offline=40, online=32, calibration=30, updates=6000, online_updates=1000
    ),
}


def train(
    path: Path, *, size: str, seed: int, device: str, card: dict[str, object]
) -> dict[str, float]:
    """Record, train, calibrate and write; returns the metrics of the card.

    Raises:
        ModelFileError: if the device is not "cpu", which these small nets are for.
    """
    if device != "cpu":
        raise ModelFileError(
            f"--device {device} is not for the reflex: its critic is small and trains "
            "in minutes on the processor. Leave the option out."
        )
    recipe, seed = SIZES[size], TUNE_SEED + seed
    with tqdm(desc="pushes", total=recipe.offline + recipe.calibration) as bar:
        first = pushes(recipe.offline, [seed, 1], bar, first=True)
        fresh = pushes(recipe.calibration, [seed, 2], bar)
    kept, best, metrics = None, -1.0, {}
    for name in ("uniform", "ALP-GMM"):
        trainer = learn(first, recipe, seed, curriculum=name == "ALP-GMM")
        found = forecast(fresh, lambda x, t=trainer: t.risk(x[None])[0], LEAD_MS)
        metrics[f"AUROC of danger in {LEAD_MS} ms, {name}"] = auroc(found)
        if auroc(found) > best:
            kept, best = trainer, auroc(found)
            metrics["ALP-GMM kept"] = float(name == "ALP-GMM")
            metrics["average precision"] = precision(found)
    if kept is None:
        raise ModelFileError("No critic could be judged. Give more pushes.")
    tensors = calibrated(kept, fresh, np.random.default_rng([seed, 3]))
    metrics |= limits(tensors, fresh) | recovery(tensors, fresh)
    full = {
        "model": "reflex",
        "version": VERSION,
        "data": f"{recipe.offline} pushes without a reflex and {recipe.online} on "
        f"line (half of these with the recovery policy); limits from "
        f"{recipe.calibration} others; simulated arm in mazes; danger is "
        f"{DANGER_N:g} of 30 N",
        "training_seed": seed,
        "metrics": metrics,
        **card,
    }
    save_weights(path, tensors, full)
    return metrics


def pushes(
    count: int, seed: Sequence[int], bar: tqdm, *, first: bool = False
) -> list[Push]:
    """Pushes without a reflex, of hard tasks.

    The first ones, which are learned from, are in mazes of their task and try actions.
    """
    rng, found = np.random.default_rng(seed), []
    for number in range(count):
        task = rng.uniform(HARD, HIGH)[: None if first else OF_HAND]
        found.append(record(task, [*seed, number], rules=False, dither=first))
        bar.update()
    return found


def learn(
    first: Sequence[Push], recipe: Recipe, seed: int, *, curriculum: bool
) -> RiskTrainer:
    """A critic from given pushes, then from its own, in the loop.

    On line every second push has the rules in front, as on the robot, and of each two
    with and without them one has the recovery policy.
    """
    config = ReflexTraining(
        seed=seed, learning_rate=1e-3, batch=256, violating_share=0.3
    )
    trainer = RiskTrainer(
        config,
        steps_of(first),
        len(FEATURES) - FIRST_ACTION,
        perform=recovered,
        choices=CHOICES,
    )
    trainer.update(recipe.updates)
    tasks = AlpGmm(
        LOW, HIGH, np.random.default_rng([seed, 4]), refit=8 if curriculum else 1 << 30
    )
    done: list[Push] = []
    for number in tqdm(range(recipe.online), desc="on line"):
        task, rules = tasks.draw(), bool(number % 2)
        critic = online_critic(trainer, recovers=number % 4 >= 2)
        push = record(task, [seed, 5, number], critic, rules=rules, dither=True)
        done.append(push)
        tasks.tell(task, 1.0 - brier(trainer, push))
        if len(done) == 8:
            trainer.data = trainer.data.joined(steps_of(done))
            trainer.update(recipe.online_updates)
            done = []
    return trainer


def online_critic(trainer: RiskTrainer, *, recovers: bool) -> SafetyCritic:
    """Critic and policy of the moment, with a limit that is not calibrated yet."""
    tensors = trainer.tensors()
    tensors["prototypes"] = np.zeros((1, len(tensors["input_mean"])), np.float32)
    tensors["risk_max"] = np.array([ONLINE_RISK], np.float32)
    tensors["strange_max"] = np.array([1e9], np.float32)
    policy = RecoveryNet(tensors | trainer.recovery_tensors()) if recovers else None
    config = CriticConfig(enabled=True, recovers=recovers)
    return SafetyCritic(config, LadderConfig(), RiskNet(tensors), recovery=policy)


def brier(trainer: RiskTrainer, push: Push) -> float:
    """Mean squared error of the highest risk as a forecast of danger in a push."""
    left = ticks_to_danger(push.force_n)
    asked = push.acting & (left > 0)
    if not asked.any():
        return float(np.isfinite(left).any())
    highest = trainer.risk(push.wished[asked][None]).max()
    return float((highest - float(np.isfinite(left[0]))) ** 2)


def calibrated(
    trainer: RiskTrainer, fresh: Sequence[Push], rng: np.random.Generator
) -> Tensors:
    """The critic's weights with prototypes and limits, and the policy's."""
    tensors = trainer.tensors() | trainer.recovery_tensors()
    mean, std = tensors["input_mean"], tensors["input_std"]
    seen = (trainer.data.inputs[0] - mean) / std
    some = seen[rng.choice(len(seen), min(SOME, len(seen)), replace=False)]
    tensors["prototypes"] = np.asarray(prototypes(some, PROTOTYPES, rng), np.float32)
    tensors["risk_max"] = tensors["strange_max"] = np.zeros(1, np.float32)
    net = RiskNet(tensors)
    strange = [
        max(net.strangeness(x) for x in push.wished[push.acting].astype(np.float32))
        for push in fresh
        if push.acting.any()
    ]
    highest = [float(trainer.risk(x[None]).max()) for x in before_danger(fresh)]
    tensors["risk_max"][0] = alarm_limit(np.array(highest), MISSED_SHARE)
    tensors["strange_max"] = np.array(
        [usual_limit(np.array(strange), ALARM_SHARE)], np.float32
    )
    return tensors


def before_danger(found: Sequence[Push]) -> list[Array]:
    """Features (50, 14) of each push before its first danger that touch announced."""
    rows = []
    for push in found:
        left = ticks_to_danger(push.force_n)
        for at in np.flatnonzero((left[:-1] > 0) & (left[1:] == 0)) + 1:
            before = slice(max(at - 60, 0), at)
            if push.acting[before].all() and (left[before] > 0).all():
                rows.append(push.wished[before][WARNED])
                break
    return rows


def limits(tensors: Tensors, fresh: Sequence[Push]) -> dict[str, float]:
    """What the limits mean in the pushes that they were made from."""
    net = RiskNet(tensors)
    found: Forecast = forecast(
        fresh, lambda rows: np.array([net.risk(x) for x in rows.astype(np.float32)]), 50
    )
    return {
        "dangers that touch announced": float(len(before_danger(fresh))),
        "ticks in contact above the limit": float(
            (found.scores[~found.follows] > net.risk_max).mean()
        ),
        "risk_max": net.risk_max,
        "strange_max": net.strange_max,
    }


def recovery(tensors: Tensors, fresh: Sequence[Push]) -> dict[str, float]:
    """What the policy chooses above the limit, and what the critic says about it.

    Beside it is the most that the critic has without it: the softest share.
    """
    net, policy = RiskNet(tensors), RecoveryNet(tensors)
    rows = np.concatenate([push.wished[push.acting] for push in fresh])
    risky = [x for x in rows if net.risk(x.astype(np.float32)) > net.risk_max]
    if not risky:
        return {}
    wished = np.array(risky)
    chosen = np.array([policy.choose(x) for x in wished.astype(np.float32)])
    soft = np.full(len(wished), CriticConfig().soft_share)
    found = {"wish": wished}
    found["softest share"] = with_action(wished, soft, np.zeros(len(wished)))
    found["recovery"] = with_action(wished, *chosen.T)
    risk = {
        name: np.array([net.risk(x) for x in inputs.astype(np.float32)])
        for name, inputs in found.items()
    }
    means = {f"risk above the limit, {k}": float(v.mean()) for k, v in risk.items()}
    return means | {
        "recovery: share": float(chosen[:, 0].mean()),
        "recovery: retreat": float(chosen[:, 1].mean()),
        "recovery less risky than the softest share": float(
            (risk["recovery"] < risk["softest share"]).mean()
        ),
    }
