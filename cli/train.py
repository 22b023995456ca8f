"""Train the learned parts anew from simulations.

Data is recorded in homes of the `tune` range only, that of the reflex in contacts of a
simulated arm. The result is a safetensors file with a model card beside it; without
--out it replaces the shipped weights; of the stiffness none are shipped, so that it
needs --out.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
from pathlib import Path

from neural_brain.models.errors import ModelFileError
from neural_brain.models.learning import import_torch

HELP = "train the detector, visual words, the reflex's critic, stiffness, world model"
RECIPES = {
    "detector": "neural_brain.benchmarks.train_detector",
    "places": "neural_brain.benchmarks.train_places",
    "reflex": "neural_brain.benchmarks.train_reflex",
    "stiffness": "neural_brain.benchmarks.train_stiffness",
    "world": "neural_brain.benchmarks.train_world",
}
WITHOUT_TORCH = ("stiffness",)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which model, how long, where to."""
    parser.add_argument("model", choices=sorted(RECIPES), help="what to train")
    parser.add_argument(
        "--size",
        choices=("quick", "full", "large", "more"),
        default="full",
        help="quick: minutes, to see that it works; full: an hour on a laptop "
        "(default); large: the detector on a machine with many cores and a GPU; more: "
        "the detector, half an hour on from the shipped weights",
    )
    parser.add_argument(
        "--device", default="cpu", help="cpu (default) or cuda, for the detector"
    )
    parser.add_argument("--out", type=Path, help="safetensors file to write")
    parser.add_argument("--seed", type=int, default=0, help="of weights and batches")


def run(args: argparse.Namespace) -> int:
    """Record, train, judge and write; prints the file and its metrics."""
    if args.model not in WITHOUT_TORCH:
        import_torch()
    recipe = importlib.import_module(RECIPES[args.model])
    path = args.out or recipe.SHIPPED
    if path is None:
        raise ModelFileError(
            f"No weights of {args.model} are shipped that could be replaced; give a "
            f"file to write, such as --out {args.model}.safetensors."
        )
    if path.suffix != ".safetensors":
        raise ModelFileError(
            f"--out {path} is no safetensors file; its name must end in .safetensors. "
            "Give another name."
        )
    if args.size not in recipe.SIZES:
        raise ModelFileError(
            f"--size {args.size} does not exist for {args.model}; it has "
            f"{', '.join(recipe.SIZES)}. Give one of these."
        )
    date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    command = f"neural-brain train {args.model} --size {args.size} --seed {args.seed}"
    if args.device != "cpu":
        command += f" --device {args.device}"
    metrics = recipe.train(
        path,
        size=args.size,
        seed=args.seed,
        device=args.device,
        card={"date": date, "command": command},
    )
    for name, value in metrics.items():
        print(f"{name:40s} {value:.4g}")
    print(f"Written to {path}")
    return 0
