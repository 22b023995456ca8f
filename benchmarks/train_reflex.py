"""Recipe of the safety critic: which contacts, how long, and the numbers on its card.

First contacts of hard and fast tasks with the rules alone, so that there are violations
to learn from; then contacts with the critic of the moment in the loop, each task drawn
by ALP-GMM; then its limits from fresh hard contacts that it did not learn from. As many
contacts with uniformly drawn tasks give the critic that is compared on the card; the
better one of the two is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.contact_data import (
    HIGH,
    LOW,
    Contact,
    before_damage,
    record,
    steps_of,
)
from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.learning import (
    AlpGmm,
    ReflexTraining,
    RiskTrainer,
    alarm_limit,
    prototypes,
    usual_limit,
)
from neural_brain.models.reflex import CriticConfig, LadderConfig, RiskNet, SafetyCritic
from neural_brain.models.reflex.critic import SHIPPED, VERSION
from neural_brain.models.weights import Tensors, save_weights

__all__ = ["SHIPPED", "train"]
PROTOTYPES = 48
LEAD_TICKS = 3
MISSED_SHARE, ALARM_SHARE = 0.2, 0.02
ONLINE_RISK = 0.3
HARD = np.array([4.2, 0.0, 8.0, 5.0, 0.12])


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Numbers of contacts, and gradient steps off line and after every ten contacts."""

    offline: int
    online: int
    calibration: int
    updates: int
    online_updates: int


SIZES = {
    "quick": Recipe(
        offline=12, online=10, calibration=12, updates=300, online_updates=50
    ),
    "full": Recipe(
        offline=60, online=30, calibration=80, updates=3000, online_updates=200
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
    recipe = SIZES[size]
    with tqdm(desc="contacts", total=recipe.offline + recipe.calibration) as bar:
        first = contacts(recipe.offline, [seed, 1], low=HARD, bar=bar)
        fresh = contacts(recipe.calibration, [seed, 2], low=HARD, bar=bar)
    kept, metrics = None, {}
    for name in ("uniform", "ALP-GMM"):
        trainer = learn(first, recipe, seed, curriculum=name == "ALP-GMM")
        error = brier(trainer, fresh)
        metrics[f"Brier score, {name}"] = error
        if kept is None or error < metrics["Brier score, uniform"]:
            kept, metrics["ALP-GMM kept"] = trainer, float(name == "ALP-GMM")
    assert kept is not None
    tensors = calibrated(kept, first, fresh, np.random.default_rng([seed, 3]))
    metrics |= judged(tensors, fresh)
    full = {
        "model": "reflex",
        "version": VERSION,
        "data": f"{recipe.offline} contacts of hard tasks and {recipe.online} on line; "
        f"limits from {recipe.calibration} other hard ones; simulated arm",
        "training_seed": seed,
        "metrics": metrics,
        **card,
    }
    save_weights(path, tensors, full)
    return metrics


def contacts(
    count: int, seed: Sequence[int], *, low: Array, bar: tqdm | None = None
) -> list[Contact]:
    """Contacts of uniformly drawn tasks between `low` (5,) and the hardest ones."""
    rng, found = np.random.default_rng(seed), []
    for number in range(count):
        found.append(record(rng.uniform(low, HIGH), number, rng))
        if bar is not None:
            bar.update()
    return found


def learn(
    first: Sequence[Contact], recipe: Recipe, seed: int, *, curriculum: bool
) -> RiskTrainer:
    """A critic from given contacts, then from its own, in the loop."""
    config = ReflexTraining(seed=seed, recovers=False, learning_rate=2e-3)
    trainer = RiskTrainer(config, steps_of(first), actions=2)
    trainer.update(recipe.updates)
    rng = np.random.default_rng([seed, 4])
    tasks = AlpGmm(LOW, HIGH, rng, refit=20 if curriculum else 1 << 30)
    done: list[Contact] = []
    for number in tqdm(range(recipe.online), desc="on line"):
        task = tasks.draw()
        contact = record(task, number, rng, online_critic(trainer))
        done.append(contact)
        error = float(highest(trainer, contact) - (contact.violated is not None))
        tasks.tell(task, 1.0 - error**2)
        if len(done) == 10:
            trainer.data = trainer.data.joined(steps_of(done))
            trainer.update(recipe.online_updates)
            done = []
    return trainer


def online_critic(trainer: RiskTrainer) -> SafetyCritic:
    """The critic of the moment, with a limit that is not calibrated yet."""
    tensors = trainer.tensors()
    tensors["prototypes"] = np.zeros((1, len(tensors["input_mean"])), np.float32)
    tensors["risk_max"] = np.array([ONLINE_RISK], np.float32)
    tensors["strange_max"] = np.array([1e9], np.float32)
    return SafetyCritic(CriticConfig(enabled=True), LadderConfig(), RiskNet(tensors))


def highest(trainer: RiskTrainer, contact: Contact) -> float:
    """Highest risk of a contact while there is time to act."""
    return float(trainer.risk(before_damage(contact, LEAD_TICKS)[None]).max())


def brier(trainer: RiskTrainer, found: Sequence[Contact]) -> float:
    """Mean squared error of the highest risk as a forecast of a violation."""
    errors = [highest(trainer, c) - float(c.violated is not None) for c in found]
    return float(np.mean(np.square(errors)))


def calibrated(
    trainer: RiskTrainer,
    first: Sequence[Contact],
    fresh: Sequence[Contact],
    rng: np.random.Generator,
) -> Tensors:
    """The critic's weights with prototypes and limits."""
    tensors = trainer.tensors()
    mean, std = tensors["input_mean"], tensors["input_std"]
    seen = (trainer.data.inputs[0] - mean) / std
    some = seen[rng.choice(len(seen), min(4000, len(seen)), replace=False)]
    points = np.asarray(prototypes(some, PROTOTYPES, rng), np.float32)
    tensors["prototypes"] = points
    tensors["risk_max"] = tensors["strange_max"] = np.zeros(1, np.float32)
    net = RiskNet(tensors)
    usual = [_strangest(net, c) for c in fresh if c.violated is None]
    strange = usual_limit(np.array(usual), ALARM_SHARE)
    danger = [highest(trainer, c) for c in fresh if c.violated is not None]
    limit = alarm_limit(np.array(danger), MISSED_SHARE)
    tensors["strange_max"] = np.array([strange], np.float32)
    tensors["risk_max"] = np.array([limit], np.float32)
    return tensors


def judged(tensors: Tensors, fresh: Sequence[Contact]) -> dict[str, float]:
    """How well the limits part harmless from dangerous contacts, in those contacts."""
    net = RiskNet(tensors)
    risks = np.array([_riskiest(net, c) for c in fresh])
    bad = np.array([c.violated is not None for c in fresh])
    pairs = risks[bad][:, None] - risks[~bad][None]
    auroc = float(((pairs > 0) + 0.5 * (pairs == 0)).mean()) if pairs.size else 0.5
    return {
        "violations among the calibration contacts": float(bad.sum()),
        "AUROC of the highest risk before the damage": auroc,
        "alarms in dangerous contacts": float((risks[bad] > net.risk_max).mean())
        if bad.any()
        else 0.0,
        "alarms in harmless contacts": float((risks[~bad] > net.risk_max).mean()),
        "risk_max": net.risk_max,
        "strange_max": net.strange_max,
    }


def _strangest(net: RiskNet, contact: Contact) -> float:
    rows = before_damage(contact, LEAD_TICKS).astype(np.float32)
    return max(net.strangeness(row) for row in rows)


def _riskiest(net: RiskNet, contact: Contact) -> float:
    rows = before_damage(contact, LEAD_TICKS).astype(np.float32)
    return max(net.risk(row) for row in rows)
