"""How well objects are seen, in tune homes that training never saw.

The learned network stands beside two others on the same frames: depth clusters with
the nearest class centroid, and the oracle that reads the simulator's labels (its
recall is below 1 because things without usable depth cannot be placed). Then all do so
again in the same homes with every small thing where another one should be, where what
is around a thing says nothing about it. Homes of the
held-out test range are not used here; the demo benchmark judges on those.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.detection import DetectionScore, PixelScore
from neural_brain.benchmarks.detector_baseline import CentroidDetector
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.sensing import Detector, NetDetector, SegmentationDetector
from neural_brain.sim.datasets import LabelledFrame, labelled_frames

HELP = "objects seen: precision, recall, place, colour, per-class IoU"
FIRST_SEED = 9000
CENTROID_SEEDS = range(8900, 8908)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=12, help="number of homes")
    parser.add_argument("--frames", type=int, default=25, help="frames a home")
    parser.add_argument("--weights", help="weights to judge (default: shipped)")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Judge all detectors on the same frames, print and write the result."""
    seeds = range(FIRST_SEED, FIRST_SEED + args.homes)
    frames, mixed = (
        [
            labelled
            for seed in tqdm(seeds, desc=desc)
            for labelled in labelled_frames(seed, args.frames, moved=moved)
        ]
        for desc, moved in (("frames", 0.0), ("frames, things moved", 1.0))
    )
    trained = [
        labelled
        for seed in tqdm(CENTROID_SEEDS, desc="centroids")
        for labelled in labelled_frames(seed, args.frames)
    ]
    net = NetDetector(args.weights)
    centroid = CentroidDetector(trained)
    scores, elsewhere = (
        {
            "net": judge(net, seen),
            "centroid": judge(centroid, seen),
            "oracle": judge_oracle(seen),
        }
        for seen in (frames, mixed)
    )
    pixels, times = segment_all(net, frames)
    metrics = [
        *summarise(scores, pixels, times),
        *compare(scores, elsewhere),
    ]
    print(table(metrics))
    found, moved = (
        {name: float(np.mean(v)) for name, v in score["net"].by_category.items()}
        for score in (scores, elsewhere)
    )
    path = write_result(
        "detector",
        metrics,
        seeds=list(seeds),
        out=args.out,
        notes={
            "iou": pixels.iou(),
            "recall": found,
            "recall elsewhere": moved,
            "weights": net.card,
        },
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def judge(detector: Detector, frames: list[LabelledFrame]) -> DetectionScore:
    """Score one detector on all frames."""
    score = DetectionScore()
    for labelled in frames:
        score.add(labelled, detector.detect(labelled.frame))
    return score


def judge_oracle(frames: list[LabelledFrame]) -> DetectionScore:
    """Score the oracle, which is given every frame's labels."""
    score = DetectionScore()
    for labelled in frames:
        truth = (labelled.classes, labelled.instances)
        oracle = SegmentationDetector(lambda _, truth=truth: truth)
        score.add(labelled, oracle.detect(labelled.frame))
    return score


def segment_all(
    net: NetDetector, frames: list[LabelledFrame]
) -> tuple[PixelScore, list[float]]:
    """Pixel score of the network, and milliseconds of CPU for each frame."""
    pixels, times = PixelScore(), []
    for labelled in frames:
        guess, _ = net.segment(labelled.frame)
        pixels.add(labelled.classes[1::2, 1::2], guess)
        started = time.process_time()
        net.detect(labelled.frame)
        times.append(1e3 * (time.process_time() - started))
    return pixels, times


def compare(
    usual: dict[str, DetectionScore], elsewhere: dict[str, DetectionScore]
) -> list[Metric]:
    """Metrics of small things where they belong, and where others should be."""
    return [
        _beside("recall of small things", {k: s.small for k, s in usual.items()}),
        _beside(
            "recall of small things that are elsewhere",
            {k: s.small for k, s in elsewhere.items()},
            goal=">= 0.7",
        ),
        _beside(
            "precision with small things elsewhere",
            {k: s.right for k, s in elsewhere.items()},
            goal=">= 0.75",
        ),
    ]


def _beside(
    name: str, values: dict[str, list[float]], unit: str = "", goal: str = ""
) -> Metric:
    """The network's mean with those of the other detectors as baselines."""
    others = {
        key: float(np.mean(values[key])) if values[key] else float("nan")
        for key in ("centroid", "oracle")
    }
    return mean_metric(name, values["net"], unit, goal=goal, baseline=others)


def summarise(
    scores: dict[str, DetectionScore], pixels: PixelScore, times: list[float]
) -> list[Metric]:
    """Metrics of the network with the other detectors as baselines."""

    def row(name: str, field: str, unit: str, goal: str) -> Metric:
        values = {key: getattr(score, field) for key, score in scores.items()}
        return _beside(name, values, unit, goal)

    iou = list(pixels.iou().values())
    return [
        row("recall of visible things", "found", "", ">= 0.7"),
        row("precision", "right", "", ">= 0.8"),
        row("right colour word", "colour", "", ">= 0.8"),
        row("wrong colour word, not none", "false_colour", "", ""),
        row("error of place", "error_m", "m", "<= 0.15"),
        mean_metric("mean IoU over classes", iou, "", goal=">= 0.5"),
        mean_metric("CPU time of a frame", times, "ms", goal="<= 25"),
    ]
