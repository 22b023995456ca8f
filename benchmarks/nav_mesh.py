"""How true the 3-D model of a home is, by where the poses of its frames come from.

The robot explores each home for some minutes; its recording is fused with the poses of
odometry alone, of odometry corrected by the map, of both with each frame first aligned
with the model (ICP), and with the true poses. Before a mesh is compared with the home
it is moved as a whole, so that the estimated way fits the true one best; what is scored
is its shape. Completeness counts surface that the camera had in view. The homes are our
own, so the figures cannot be compared with those of other data sets.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.episode import EpisodeTimes, make_episode
from neural_brain.benchmarks.mesh_truth import MeshScore, TrueSurface, planar_fit
from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.geometry import (
    Array,
    inverse3,
    matrix_from_pose2,
    pose2_from_matrix,
)
from neural_brain.models.sensing import NoDetector
from neural_brain.models.signals import Observation
from neural_brain.models.surface import (
    Fusion,
    Registration,
    SurfaceConfig,
    import_open3d,
)
from neural_brain.robots.home_body import make_home_body
from neural_brain.robots.mujoco_body import MujocoBody
from neural_brain.robots.recordings import PosedFrame, PosedRecording
from neural_brain.robots.recordings.frame_history import FrameHistory
from neural_brain.sim.homes import generate_home
from neural_brain.view.home_mesh import home_trimesh
from neural_brain.view.recording import Recorder

HELP = "3-D model: distance from the true surface, by the source of poses"
FIRST_SEED = 10_000
LOOK_EVERY = 3  # frames whose view counts as seen
HOME, BASE = "home", "base_link"
VARIANTS = ("map", "odometry", "odometry and ICP", "map and ICP", "true poses")
Placed = tuple[PosedFrame, Array]


@dataclass(frozen=True, kw_only=True)
class Drive:
    """A recorded exploration: the file, the true way and the true surface."""

    file: Path
    truth: FrameHistory
    surface: TrueSurface


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--homes", type=int, default=5, help="number of homes")
    parser.add_argument("--seed", type=int, default=FIRST_SEED, help="of the first")
    parser.add_argument("--small", action="store_true", help="homes of three rooms")
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="simulated time of exploration"
    )
    parser.add_argument("--every", type=int, default=2, help="use every n-th frame")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Drive, fuse, compare, print and write the result."""
    import_open3d()  # before the long work
    seeds = range(args.seed, args.seed + args.homes)
    rows = [
        one_home(seed, seconds=args.seconds, every=args.every, small=args.small)
        for seed in tqdm(seeds, desc="homes")
    ]
    metrics = summarise(rows)
    print(table(metrics))
    notes = {
        "open3d": import_open3d().__version__,
        "homes": [{name: vars(found) for name, found in row.items()} for row in rows],
    }
    path = write_result(
        "nav-mesh", metrics, seeds=list(seeds), out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def one_home(
    seed: int, *, seconds: float, every: int, small: bool = False
) -> dict[str, MeshScore]:
    """Scores of all variants in one home.

    Args:
        seed: of the home and of the sensor noise.
        seconds: simulated time of exploration [s].
        every: every n-th frame is fused.
        small: a home of three rooms.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = drive(seed, seconds, Path(folder) / "run.mcap", small=small)
        frames = PosedRecording(made.file).frames(every)
        placed = [
            (posed, made.truth.lookup(HOME, BASE, posed.frame.stamp))
            for posed in frames
        ]
    config = SurfaceConfig()
    for posed, T_home_base in placed[::LOOK_EVERY]:
        frame = posed.frame
        camera = T_home_base @ frame.T_base_camera
        made.surface.look(frame.K, camera, frame.depth.shape, config)
    return {name: score(name, placed, made.surface, config) for name in VARIANTS}


def drive(seed: int, seconds: float, file: Path, *, small: bool = False) -> Drive:
    """Explore a home and record it as `neural-brain demo` does."""
    body = make_home_body(seed, small=small)
    truth = FrameHistory()

    def watch(_brain: Brain, robot: MujocoBody, seen: Observation) -> None:
        pose = robot.simulation.truth.pose_world_base()
        truth.set_planar(HOME, BASE, pose, seen.body.stamp)

    try:
        model = body.simulation.model
        root = model.body(body.simulation.index.base_body).name
        home = home_trimesh(model, root)
        with Recorder(file) as recorder:
            episode = make_episode(
                seed,
                config=BrainConfig(),
                detector=NoDetector(),
                body=body,
                home=generate_home(seed, small=small),
                observers=[watch, recorder.observe],
            )
            episode.times = EpisodeTimes(explore_s=seconds)
            episode.explore()
    finally:
        body.close()
    surface = TrueSurface(np.asarray(home.vertices), np.asarray(home.faces))
    return Drive(file=file, truth=truth, surface=surface)


def score(
    variant: str, placed: list[Placed], surface: TrueSurface, config: SurfaceConfig
) -> MeshScore:
    """Fuse all frames with the poses of a variant and compare with the truth."""
    fusion = Fusion(config)
    registration = Registration(fusion, carry=variant.startswith("odometry"))
    pose = _source(variant)
    trail = []
    for posed, T_home_base in placed:
        T_map_camera = pose(posed, T_home_base)
        if variant.endswith("ICP"):
            T_map_camera = registration.align(posed.frame, T_map_camera).T_map_camera
        fusion.add(posed.frame, T_map_camera)
        T_map_base = T_map_camera @ inverse3(posed.frame.T_base_camera)
        trail.append(pose2_from_matrix(T_map_base))
    truth = np.array([pose2_from_matrix(T) for _, T in placed])
    T_home_map = matrix_from_pose2(planar_fit(np.array(trail), truth))
    return surface.score(fusion.mesh(), T_home_map)


def _source(variant: str) -> Callable[[PosedFrame, Array], Array]:
    if variant.startswith("odometry"):
        return lambda posed, _: posed.T_odom_camera
    if variant.startswith("map"):
        return lambda posed, _: posed.T_map_camera
    return lambda posed, T_home_base: T_home_base @ posed.frame.T_base_camera


def summarise(rows: list[dict[str, MeshScore]]) -> list[Metric]:
    """Metrics with the map's poses, which are the default; the others as baselines."""

    def column(variant: str, field: str, scale: float) -> list[float]:
        return [scale * float(getattr(row[variant], field)) for row in rows]

    def metric(name: str, field: str, unit: str, *, scale: float, goal: str) -> Metric:
        others = {
            variant: float(np.mean(column(variant, field, scale)))
            for variant in VARIANTS
            if variant != "map"
        }
        values = column("map", field, scale)
        return mean_metric(name, values, unit, goal=goal, baseline=others)

    odometry = {"odometry": float(np.mean(column("odometry", "error_m", 1000.0)))}
    aligned = mean_metric(
        "mesh to true surface, odometry and ICP",
        column("odometry and ICP", "error_m", 1000.0),
        "mm",
        goal=f"< {odometry['odometry']:.3f}",
        baseline=odometry,
    )
    return [
        metric("mesh to true surface", "error_m", "mm", scale=1000.0, goal="<= 10"),
        metric("mesh to true surface, p95", "error_p95_m", "mm", scale=1000.0, goal=""),
        metric(
            "seen surface with mesh within 5 cm",
            "complete",
            "",
            scale=1.0,
            goal=">= 0.95",
        ),
        aligned,
    ]
