"""`neural-brain map mesh RECORDING --to home.ply`: a coloured 3-D model of a home.

Fuses the colour and depth frames of a recording where the robot believed to be. The
recording is one of `neural-brain demo`, `sim --record` or `record --images` (.mcap), or
an MRPT rawlog with Kinect frames. Needs pip install 'neural_brain[pointcloud]'.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from neural_brain.cli.numbers import real, whole

if TYPE_CHECKING:
    from neural_brain.models.geometry import Array
    from neural_brain.models.surface import Fusion, Mesh, SurfaceConfig
    from neural_brain.robots.recordings import PosedFrame, PosedRecording

SUMMARY = "a coloured 3-D model from a recording with depth"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to fuse, how finely, and where to write it."""
    parser.add_argument("file", type=Path, help=".mcap or .rawlog file with depth")
    parser.add_argument(
        "--to",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE",
        help=".ply, .obj, .glb (mesh) or .pcd (points); several are possible",
    )
    parser.add_argument(
        "--png", type=Path, help="picture (default: beside the first file)"
    )
    parser.add_argument(
        "--points", action="store_true", help="write points instead of triangles"
    )
    parser.add_argument(
        "--voxel", type=real(0.004, 0.2), default=0.03, metavar="M", help="fineness [m]"
    )
    parser.add_argument(
        "--max-depth", type=real(0.3, 20.0), default=3.5, metavar="M", help="range [m]"
    )
    parser.add_argument(
        "--every", type=whole(1, 10_000), default=1, help="use every n-th frame"
    )
    parser.add_argument(
        "--min-views", type=whole(1, 100), help="frames that must agree (default: 2)"
    )
    parser.add_argument(
        "--poses",
        choices=("map", "odometry"),
        default="map",
        help="odometry corrected by the map, or odometry alone",
    )
    parser.add_argument(
        "--align",
        choices=("auto", "on", "off"),
        default="auto",
        help="fit each frame to the model first; auto: if no map corrects the poses",
    )
    parser.add_argument(
        "--memory",
        type=real(10.0, 1e6),
        default=1500.0,
        metavar="MB",
        help="most memory for voxels",
    )
    for name in ("colour", "depth", "info"):
        parser.add_argument(
            f"--{name}", default="", metavar="TOPIC", help="topic (default: by name)"
        )


def run(args: argparse.Namespace) -> int:
    """Read, fuse, write, draw."""
    from neural_brain.models.surface import import_open3d
    from neural_brain.robots.recordings import CameraTopics, PosedRecording
    from neural_brain.view.surface_export import (
        check_target,
        export_surface,
        write_whole,
    )

    picture = args.png or args.to[0].with_suffix(".png")
    for path in args.to:
        check_target(path)
    check_target(picture, (".png",))
    import_open3d()  # before the long work
    topics = CameraTopics(colour=args.colour, depth=args.depth, info=args.info)
    recording = PosedRecording(args.file, topics)
    mesh = fuse(recording, args)
    for path in args.to:
        export_surface(mesh, path, points=args.points)
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    write_whole(picture, drawn(mesh))
    print(f"picture: {picture}")
    return 0


def fuse(recording: PosedRecording, args: argparse.Namespace) -> Mesh:
    """The mesh of a recording; tells what was done."""
    from tqdm import tqdm

    from neural_brain.models.surface import Fusion, Registration

    fusion = Fusion(config_of(args, recording))
    corrected = bool(recording.corrected_by) and args.poses == "map"
    aligns = args.align == "on" or (args.align == "auto" and not corrected)
    aligns = aligns and recording.expected > args.every
    registration = Registration(fusion, carry=not corrected) if aligns else None
    fates: Counter[str] = Counter()
    for posed in tqdm(
        recording.frames(args.every),
        total=-(-recording.expected // args.every),
        desc="frames",
        disable=not sys.stderr.isatty(),
    ):
        T_map_camera = pose_of(posed, args.poses)
        if registration is not None:
            alignment = registration.align(posed.frame, T_map_camera)
            T_map_camera = alignment.T_map_camera
            fates[alignment.reason] += 1
        fusion.add(posed.frame, T_map_camera)
    mesh = fusion.mesh()
    tell(recording, fusion, mesh, "map" if corrected else "odometry")
    if fates:
        print("aligned: " + ", ".join(f"{n} {why}" for why, n in fates.most_common()))
    return mesh


def config_of(args: argparse.Namespace, recording: PosedRecording) -> SurfaceConfig:
    """The parameters; a recording of few frames needs no agreement."""
    from neural_brain.models.surface import SurfaceConfig

    few = recording.expected <= args.every
    return SurfaceConfig(
        voxel_m=args.voxel,
        max_depth_m=args.max_depth,
        min_views=args.min_views or (1 if few else 2),
        max_memory_mb=args.memory,
    )


def pose_of(posed: PosedFrame, poses: str) -> Array:
    """The chosen pose (4, 4) of a frame's camera."""
    return posed.T_map_camera if poses == "map" else posed.T_odom_camera


def tell(recording: PosedRecording, fusion: Fusion, mesh: Mesh, poses: str) -> None:
    """Print what was read and built."""
    from_where = recording.corrected_by if poses == "map" else "odometry alone"
    size = mesh.vertices.max(axis=0) - mesh.vertices.min(axis=0)
    print(
        f"{recording.path}: {fusion.frames} frames, poses from {from_where}\n"
        f"{len(mesh.faces)} triangles, {len(mesh.vertices)} points, "
        f"{size[0]:.1f} x {size[1]:.1f} x {size[2]:.1f} m; "
        f"{fusion.memory_mb:.0f} MB of voxels"
    )
    for reason, count in sorted(recording.skipped.items()):
        print(f"  {count} frames left out: {reason}")


def drawn(mesh: Mesh) -> bytes:
    """The picture as PNG."""
    import cv2

    from neural_brain.view.surface_picture import surface_sheet

    _, png = cv2.imencode(".png", surface_sheet(mesh)[:, :, ::-1])
    return png.tobytes()
