"""`neural-brain replay FILE`: run the mapping modules on a recorded robot.

FILE is an MCAP recording with odometry and laser scans, or an MRPT rawlog. Prints what
was mapped and how much sharper scan matching made the map than odometry alone; with
--to DIR it also writes pictures and the map.
"""

from __future__ import annotations

import argparse
from dataclasses import replace as with_changes
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from neural_brain.models.signals import GridView
    from neural_brain.robots.recordings import Replay

HELP = "map a recorded robot (MCAP or rawlog)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file and where the pictures go."""
    parser.add_argument("file", type=Path, help=".mcap or .rawlog file")
    parser.add_argument("--to", type=Path, help="folder for pictures and map")


def run(args: argparse.Namespace) -> int:
    """Read, map, print, draw."""
    from neural_brain.models.sensing import NoDetector, Sensing, SensingConfig
    from neural_brain.robots.recordings import read_recording, replay

    sensing = Sensing(SensingConfig(), NoDetector())
    result = replay(read_recording(args.file), sensing=sensing)
    print(args.file)
    for line in summary(result):
        print(f"  {line}")
    if args.to is not None:
        for path in write_pictures(result, args.to):
            print(path)
    return 0


def summary(result: Replay) -> list[str]:
    """What a replay found, one fact a line."""
    from neural_brain.robots.recordings import blur, known_area_m2, wall_cells

    lines = []
    if result.stamps and result.state is not None and result.by_odometry is not None:
        after, before = result.state.grid, result.by_odometry.view()
        gap = result.trail_map[-1][:2] - result.trail_odom[-1][:2]
        closed = [e.data for e in result.events if e.kind == "loop closed"]
        lines += [
            f"{len(result.stamps)} scans, {result.way_m:.1f} m in "
            f"{result.stamps[-1] - result.stamps[0]:.1f} s",
            f"{known_area_m2(after):.0f} m2 free, {len(result.state.rooms)} rooms, "
            f"{len(result.state.places)} places",
            f"scans agree with the map: {100 * np.mean(result.agreement):.1f} % of "
            f"points; localised at the end: {result.state.localised}",
            f"wall cells: {wall_cells(before)} by odometry alone, {wall_cells(after)} "
            "with scan matching",
            f"blur: {blur(before):.3f} bit by odometry alone, {blur(after):.3f} bit "
            "with scan matching",
            f"loops closed: {len(closed)}"
            + "".join(f"; the map moved by {one['shift_m']:g} m" for one in closed),
            f"odometry was corrected by {np.hypot(*gap):.2f} m at the end",
        ]
    for frame, percepts in result.frames:
        share = float(np.mean(np.isfinite(frame.depth) & (frame.depth > 0.0)))
        lines.append(
            f"camera frame {frame.depth.shape[1]} x {frame.depth.shape[0]}, depth in "
            f"{100 * share:.0f} % of pixels: {len(percepts.obstacles)} obstacle "
            f"points, {len(percepts.free)} free floor points"
        )
    return lines


def write_pictures(result: Replay, folder: Path) -> list[Path]:
    """Maps with and without scan matching, frames, and the map for ROS."""
    from neural_brain.view.depth_picture import draw_depth_view
    from neural_brain.view.map_export import export_map
    from neural_brain.view.map_picture import draw_map, save_picture

    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    if result.stamps and result.state is not None and result.by_odometry is not None:
        trail = np.array(result.trail_mended)
        picture = draw_map(
            result.state, pose_map_base=trail[-1], trail_map=trail[:, :2]
        )
        save_picture(str(folder / "matched.png"), picture)
        bare = _bare(result, result.by_odometry.view())
        trail = np.array(result.trail_odom)
        picture = draw_map(bare, pose_map_base=trail[-1], trail_map=trail[:, :2])
        save_picture(str(folder / "odometry_only.png"), picture)
        written += [folder / "matched.png", folder / "odometry_only.png"]
        written += export_map(result.state, folder)
    for k, (frame, percepts) in enumerate(result.frames[:20]):
        path = folder / f"frame_{k}.png"
        save_picture(str(path), draw_depth_view(frame, percepts))
        written.append(path)
    return written


def _bare(result: Replay, grid: GridView) -> object:
    """The state with another grid and nothing else."""
    return with_changes(
        result.state, grid=grid, places=(), passages=(), rooms=(), room_grid=None
    )
