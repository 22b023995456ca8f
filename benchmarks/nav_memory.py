"""What is found again for how many bytes, by three rules of what to keep.

One tour through each held-out home fills a feature map under byte budgets, once with
each writer on the same frames: random replacement (what the released code of BSC-Nav
runs), surprise by the mean (its paper), surprise by the nearest with merging. Then
every kind of thing that was in view is asked for in words ("blue mug") and every thing
by a photo from elsewhere; one of the first three answers must lie within 1 m. On a
second day 30 % of the small things have moved. Poses are exact; the shipped network
labels pixels, so the numbers compare writers and are not comparable with published
navigation scores. The landmarks of the brain are asked the same, alone and with the
feature map behind them, after a tour with as many frames as the robot's camera takes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from neural_brain.benchmarks.curve import Curve, curve_svg
from neural_brain.benchmarks.feature_recall import (
    Trial,
    change_day,
    fill,
    make_trial,
    recall,
)
from neural_brain.benchmarks.memories_compared import compared, compared_metrics
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.maps import FeatureConfig
from neural_brain.models.sensing import NetDetector

HELP = "feature map: recall against bytes for three rules of writing"
FIRST_SEED = 10_000
WRITERS = ("random", "mean", "merge")
BUDGETS = tuple(4**k * 1024 for k in range(1, 7))  # 4 KiB to 4 MiB
CHANGE_BUDGET = 64 * 1024
LEVEL = 0.9  # of the recall that random replacement has without a limit
PICTURE = Path(__file__).resolve().parent.parent / "docs" / "nav_memory.svg"
Floats = NDArray[np.float64]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=10, help="number of homes")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first")
    parser.add_argument("--svg", help="picture of the curves (default: in docs)")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Drive, write, ask, print and write the result."""
    seeds = range(args.seed, args.seed + args.homes)
    net = NetDetector()
    rows = [one_home(make_trial(seed, net)) for seed in tqdm(seeds, desc="homes")]
    metrics = summarise(rows) + compared_metrics(rows)
    print(table(metrics))
    curves = mean_curves(rows)
    notes = {"curves": curves, "weights": net.card}
    path = write_result(
        "nav-memory", metrics, seeds=list(seeds), out=args.out, notes=notes
    )
    picture = Path(args.svg) if args.svg else PICTURE
    picture.write_text(draw(curves), encoding="utf-8")
    print(f"\nWritten to {path} and {picture}")
    return {"metrics": metrics, "path": path}


def one_home(trial: Trial) -> dict[str, Floats]:
    """All numbers of one home, by name.

    `WRITER words`, `WRITER photos` and `WRITER bytes` are (budgets,); `WRITER stale`
    is (2,) without and with forgetting, `WRITER moved` the recall of moved things.
    The rest is that of `compared`.
    """
    row: dict[str, Floats] = {
        **compared(trial),
        "area": np.array([trial.area_m2]),
        "things": np.array([float(len({i for q in trial.words for i in q.right}))]),
    }
    for writer in WRITERS:
        found = []
        for budget in BUDGETS:
            config = FeatureConfig(writer=writer, budget_bytes=budget)
            features, _ = fill(trial, config)
            asked = (trial.words, trial.photos)
            shares = [recall(features, questions, trial.home) for questions in asked]
            found.append([features.used_bytes, *shares])
        table_of = np.array(found).T
        for name, values in zip(("bytes", "words", "photos"), table_of, strict=True):
            row[f"{writer} {name}"] = values
        config = FeatureConfig(writer=writer, budget_bytes=CHANGE_BUDGET)
        days = [change_day(trial, config, forget=forget) for forget in (False, True)]
        for name, values in zip(("stale", "moved"), np.array(days).T, strict=True):
            row[f"{writer} {name}"] = values
    return row


def summarise(rows: list[dict[str, Floats]]) -> list[Metric]:
    """Metrics of merging with the other writers as baselines."""
    metrics = [
        bytes_metric(rows, "words", "mean"),
        bytes_metric(rows, "photos", "mean"),
    ]
    middle = BUDGETS.index(CHANGE_BUDGET)
    for kind in ("words", "photos"):
        name = f"recall by {kind} with {CHANGE_BUDGET // 1024} KiB"
        metrics.append(_compared(rows, name, kind, middle, unit=""))
    for name, what in (("bytes per m2", "area"), ("bytes per thing", "things")):
        each = {w: [r[f"{w} bytes"][-1] / r[what][0] for r in rows] for w in WRITERS}
        others = {w: float(np.mean(each[w])) for w in WRITERS[:2]}
        label = f"{name} without a limit"
        metrics.append(mean_metric(label, each["merge"], "B", baseline=others))
    name = "stale share of moved things after a second day"
    for k, ending in enumerate(("", ", forgetting what is seen through")):
        metrics.append(_compared(rows, name + ending, "stale", k, unit=""))
    name = "recall of moved things after a second day"
    metrics.append(_compared(rows, name, "moved", 1, unit=""))
    return metrics


def bytes_metric(rows: list[dict[str, Floats]], kind: str, other: str) -> Metric:
    """Bytes of merging over bytes of random replacement at equal recall."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(rows), size=(1000, len(rows)))
    ratios = [_ratio([rows[i] for i in pick], kind, "merge") for pick in picks]
    low, high = np.percentile(ratios, [2.5, 97.5])
    return Metric(
        name=f"bytes over those of random replacement at equal recall by {kind}",
        value=_ratio(rows, kind, "merge"),
        low=float(low),
        high=float(high),
        unit="",
        n=len(rows),
        baseline={"random": 1.0, other: _ratio(rows, kind, other)},
        goal="<= 0.25",
    )


def _ratio(rows: list[dict[str, Floats]], kind: str, writer: str) -> float:
    """Bytes that a writer needs over those of random; inf if it never gets there."""
    level = LEVEL * float(np.mean([row[f"random {kind}"][-1] for row in rows]))
    needed = []
    for name in (writer, "random"):
        used = np.mean([row[f"{name} bytes"] for row in rows], axis=0)
        share = np.mean([row[f"{name} {kind}"] for row in rows], axis=0)
        needed.append(bytes_for(used, share, level))
    return needed[0] / needed[1]


def bytes_for(used: Floats, share: Floats, level: float) -> float:
    """Where a curve of recall over bytes first reaches a level, between its points."""
    above = np.flatnonzero(share >= level)
    if len(above) == 0:
        return float("inf")
    k = int(above[0])
    if k == 0:
        return float(used[0])
    part = (level - share[k - 1]) / (share[k] - share[k - 1])
    low, high = np.log(used[k - 1]), np.log(used[k])
    return float(np.exp(low + part * (high - low)))


def mean_curves(rows: list[dict[str, Floats]]) -> dict[str, dict[str, list[float]]]:
    """Bytes and recall of every writer, as means over homes."""
    return {
        writer: {
            name: np.mean([row[f"{writer} {name}"] for row in rows], axis=0).tolist()
            for name in ("bytes", "words", "photos")
        }
        for writer in WRITERS
    }


def draw(curves: dict[str, dict[str, list[float]]]) -> str:
    """The curves as an SVG picture."""
    names = {
        "random": "random replacement",
        "mean": "surprise, mean",
        "merge": "surprise, nearest + merge",
    }
    lines = [
        Curve(name=names[writer], x=tuple(c["bytes"]), y=tuple(c["words"]))
        for writer, c in curves.items()
    ]
    title = "Things found again in words, over bytes kept"
    return curve_svg(lines, title=title, x_label="bytes", y_label="recall")


def _compared(
    rows: list[dict[str, Floats]], name: str, kind: str, k: int, *, unit: str
) -> Metric:
    values = {w: [row[f"{w} {kind}"][k] for row in rows] for w in WRITERS}
    others = {w: float(np.mean(values[w])) for w in WRITERS[:2]}
    return mean_metric(name, values["merge"], unit, baseline=others)
