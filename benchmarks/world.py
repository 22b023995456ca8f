"""How well the next 50 ms are predicted, and whether shoves surprise.

Random behaviour in tune homes that training never saw; persistence (nothing changes)
and constant velocity (it changes as before) stand beside the ensemble, with the
spread that they have on the same data. Shoves push hand or base for 0.2 s.
"""

from __future__ import annotations

import argparse

import numpy as np

from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.benchmarks.world_data import record
from neural_brain.models.geometry import Array
from neural_brain.models.learning import WorldData, transitions
from neural_brain.models.world import (
    CHANNELS,
    STEP_S,
    WorldConfig,
    WorldModel,
    channel_nll,
)
from neural_brain.robots.rollouts import Rollout, Shoves

HELP = "world model: prediction against baselines, surprise at shoves"
FIRST_SEED = 9000
RECOVER_STEPS = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=8, help="homes a part")
    parser.add_argument("--seconds", type=float, default=40.0, help="a home [s]")
    parser.add_argument("--weights", default="", help="weights (default: shipped)")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Predict, shove, print and write the result."""
    calm_seeds = range(FIRST_SEED, FIRST_SEED + args.homes)
    shove_seeds = range(calm_seeds.stop, calm_seeds.stop + args.homes)
    calm = record(calm_seeds, args.seconds)
    shoved = record(shove_seeds, args.seconds, Shoves())
    world = WorldModel(WorldConfig(weights=args.weights))
    data = transitions([(r.channels, r.actions) for r in calm])
    metrics = prediction_metrics(world, data) + surprise_metrics(args, calm, shoved)
    print(table(metrics))
    path = write_result(
        "world",
        metrics,
        seeds=[*calm_seeds, *shove_seeds],
        out=args.out,
        notes={"weights": world.card, "rmse": rmse_table(world, data)},
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def prediction_metrics(world: WorldModel, data: WorldData) -> list[Metric]:
    """Negative log-likelihood and relative error of all predictors."""
    guesses = predictions(world, data)
    nll, error = {}, {}
    scale = np.sqrt((data.deltas**2).mean(axis=0))
    for name, (mean, variance) in guesses.items():
        nll[name] = channel_nll(data.deltas, mean, variance).sum(axis=1)
        gap = np.abs(data.deltas - mean) / scale
        error[name] = gap.mean(axis=1)
    others = [name for name in guesses if name != "ensemble"]
    return [
        mean_metric(
            "NLL of the next 50 ms",
            nll["ensemble"],
            "nat",
            baseline={name: float(nll[name].mean()) for name in others},
            goal=f"< {min(float(nll[name].mean()) for name in others):.3f}",
        ),
        mean_metric(
            "relative error of the next 50 ms",
            error["ensemble"],
            "",
            baseline={name: float(error[name].mean()) for name in others},
            goal=f"< {min(float(error[name].mean()) for name in others):.3f}",
        ),
    ]


def predictions(world: WorldModel, data: WorldData) -> dict[str, tuple[Array, Array]]:
    """Mean and variance of the change by ensemble and baselines."""
    mean, variance, _ = world.ensemble.predict(data.inputs)
    n = len(CHANNELS)
    still = np.zeros_like(data.deltas)
    same = data.inputs[:, n : 2 * n]
    spread = (data.deltas**2).mean(axis=0)
    drift = ((data.deltas - same) ** 2).mean(axis=0)
    return {
        "ensemble": (mean, variance),
        "persistence": (still, np.broadcast_to(spread, still.shape)),
        "constant velocity": (same, np.broadcast_to(drift, still.shape)),
    }


def rmse_table(world: WorldModel, data: WorldData) -> dict[str, dict[str, float]]:
    """Root mean squared error of every channel, in its unit."""
    return {
        name: {
            channel: float(np.sqrt(((data.deltas - mean)[:, i] ** 2).mean()))
            for i, channel in enumerate(CHANNELS)
        }
        for name, (mean, _) in predictions(world, data).items()
    }


def surprise_metrics(
    args: argparse.Namespace, calm: list[Rollout], shoved: list[Rollout]
) -> list[Metric]:
    """Shoves found, false alarms and how well z separates the two."""
    z_calm = [surprise(args.weights, rollout) for rollout in calm]
    quiet = np.concatenate([z[np.isfinite(z)] for z in z_calm])
    peaks, raw_peaks = [], []
    raw_quiet = np.concatenate([force_size(r) for r in calm])
    for rollout in shoved:
        z = surprise(args.weights, rollout)
        force = force_size(rollout)
        for start, end in events(rollout.shoved):
            peaks.append(float(np.nanmax(np.append(z[start:end], -9.0))))
            raw_peaks.append(float(force[start:end].max()))
    alarms = [60.0 * (z > 4.0).sum() / (len(z) * STEP_S) for z in z_calm]
    width = 5
    area = auroc(np.array(peaks), window_max(quiet, width))
    raw = auroc(np.array(raw_peaks), window_max(raw_quiet, width))
    return [
        Metric(
            name="AUROC of surprise at shoves",
            value=area,
            low=area - _auroc_error(area, len(peaks)),
            high=min(1.0, area + _auroc_error(area, len(peaks))),
            unit="",
            n=len(peaks),
            baseline={"measured force": raw},
            goal=">= 0.9",
        ),
        mean_metric(
            "shoves with z > 4", [float(p > 4.0) for p in peaks], "", goal=">= 0.8"
        ),
        mean_metric("false alarms", alarms, "1/min", goal="<= 2"),
    ]


def surprise(weights: str, rollout: Rollout) -> Array:
    """Surprise z (t,) over a rollout; NaN where none is told."""
    world = WorldModel(WorldConfig(weights=weights))
    z = np.full(len(rollout.channels), np.nan)
    for i, (x, u) in enumerate(zip(rollout.channels, rollout.actions, strict=True)):
        told = world.step_channels(i * STEP_S, x, u)
        if told is not None:
            z[i] = told.z
    return z


def force_size(rollout: Rollout) -> Array:
    """Measured force at the hand (t,) [N], the plain alternative to surprise."""
    return np.asarray(np.linalg.norm(rollout.channels[:, 5:8], axis=1))


def events(shoved: np.ndarray) -> list[tuple[int, int]]:
    """First step and end of the window of every shove (0.1 s longer than the shove)."""
    edges = np.diff(np.r_[0, shoved.astype(int)])
    starts = np.flatnonzero(edges > 0)
    return [(int(start), int(start) + 6) for start in starts if start > RECOVER_STEPS]


def window_max(values: Array, width: int) -> Array:
    """Largest value of each stretch of `width` steps."""
    usable = len(values) // width * width
    return np.asarray(values[:usable].reshape(-1, width).max(axis=1))


def auroc(positive: Array, negative: Array) -> float:
    """Chance that a positive scores above a negative (Mann-Whitney)."""
    ranked = np.sort(negative)
    below = np.searchsorted(ranked, positive, side="left")
    upto = np.searchsorted(ranked, positive, side="right")
    return float((below + upto).mean() / (2.0 * len(negative)))


def _auroc_error(area: float, n: int) -> float:
    """Half width of a 95 % interval (binomial approximation)."""
    return float(1.96 * np.sqrt(max(area * (1.0 - area), 1e-4) / max(n, 1)))
