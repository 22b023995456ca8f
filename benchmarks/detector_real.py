"""Which detector where: ours and the pretrained ones on real and on simulated pictures.

A SMOKE TEST on what real pictures come with packages: one Kinect frame of a shelf (six
things, labelled by hand) and six photographs without any of the 36 things. On the other
side are frames of simulated homes of the tuning range, which is where our own network
was trained, and where photographs' networks see a strange world.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.detection import DetectionScore
from neural_brain.benchmarks.real_scene import judge, kinect_frame, photographs
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.sensing import Detector, make_detector
from neural_brain.models.signals import RgbdFrame
from neural_brain.sim.datasets import labelled_frames

HELP = "detectors for real cameras against ours (a small smoke test)"
FIRST_SEED = 9000
MAIN = "coco"
OTHERS = ("openimages", "network", "both")
DISTANCE_M = 1.5
"""Photographs have no depth: everything in them is put at this distance."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much of the simulated homes."""
    parser.add_argument("--homes", type=int, default=6, help="number of homes")
    parser.add_argument("--frames", type=int, default=20, help="frames a home")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Judge all detectors on the same pictures, print and write the result."""
    detectors = {name: make_detector(name) for name in (MAIN, *OTHERS)}
    seeds = range(FIRST_SEED, FIRST_SEED + args.homes)
    metrics = [*on_the_shelf(detectors), *on_photographs(detectors)]
    metrics += in_homes(detectors, seeds, args.frames)
    print(table(metrics))
    path = write_result("detector-real", metrics, seeds=list(seeds), out=args.out)
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def on_the_shelf(detectors: dict[str, Detector]) -> list[Metric]:
    """One real frame with depth."""
    frame = kinect_frame()
    scores = {name: judge(frame, d.detect(frame)) for name, d in detectors.items()}
    right = {name: score.right for name, score in scores.items()}
    found = {name: score.found for name, score in scores.items()}
    return [
        row("real shelf, 1 frame: share of percepts that are right", right, ">= 0.8"),
        row("real shelf, 1 frame: things found of 6", found, ""),
    ]


def on_photographs(detectors: dict[str, Detector]) -> list[Metric]:
    """Photographs without known things, as flat frames."""
    frames = [flat_frame(picture) for picture in photographs()]
    if not frames:
        print("scikit-image is not installed: its photographs are left out.")
        return []
    counts = {
        name: [float(len(d.detect(frame))) for frame in frames]
        for name, d in detectors.items()
    }
    return [row("photographs without known things: percepts in each", counts, "<= 1")]


def in_homes(detectors: dict[str, Detector], seeds: range, count: int) -> list[Metric]:
    """Frames of simulated homes."""
    scores = {name: DetectionScore() for name in detectors}
    for seed in tqdm(seeds, desc="homes"):
        for labelled in labelled_frames(seed, count):
            for name, detector in detectors.items():
                scores[name].add(labelled, detector.detect(labelled.frame))
    found = {name: score.found for name, score in scores.items()}
    right = {name: score.right for name, score in scores.items()}
    return [
        row("simulated homes: recall of visible things", found, ""),
        row("simulated homes: precision", right, ""),
    ]


def row(name: str, values: dict[str, list[float]], goal: str) -> Metric:
    """The mean of `coco`, the other detectors as baselines."""
    means = {k: float(np.mean(v)) if v else float("nan") for k, v in values.items()}
    others = {key: means[key] for key in OTHERS}
    return mean_metric(name, values[MAIN] or [0.0], "", goal=goal, baseline=others)


def flat_frame(rgb: Any) -> RgbdFrame:
    """A photograph (h, w, 3) as if it hung on a wall at 1.5 m."""
    h, w = rgb.shape[:2]
    T = np.eye(4)
    T[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    T[2, 3] = 1.0
    focal = 0.9 * w
    return RgbdFrame(
        stamp=0.0,
        rgb=rgb,
        depth=np.full((h, w), DISTANCE_M, np.float32),
        K=np.array([[focal, 0, w / 2], [0, focal, h / 2], [0, 0, 1.0]]),
        T_base_camera=T,
    )
