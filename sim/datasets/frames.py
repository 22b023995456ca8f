"""Labelled camera frames of homes, for training and judging object detectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.geometry import inverse3, transform3
from neural_brain.models.signals import RgbdFrame
from neural_brain.sim.homes import HomeObject, HomeSpec, generate_home
from neural_brain.sim.homes.changed import moved_things
from neural_brain.sim.robots import READY, STOWED
from neural_brain.sim.scene import build_model, object_of_geom
from neural_brain.sim.sensors.rgbd import RgbdCamera, RgbdConfig
from neural_brain.sim.simulation import Simulation


@dataclass(frozen=True, kw_only=True)
class Thing:
    """The truth about an object in a frame; `center_base` (3,) [m], `size` (3,) [m]."""

    category: str
    colour: str
    center_base: NDArray[np.float64]
    size: NDArray[np.float64]
    pixels: int


@dataclass(frozen=True, kw_only=True)
class LabelledFrame:
    """A frame with all its defects and the truth about every pixel.

    `classes` (h, w) indexes `CATEGORIES`; `instances` (h, w) is 1 + the object's id, 0
    = background; `things` maps instance numbers to the truth about them.
    """

    frame: RgbdFrame
    classes: NDArray[np.int32]
    instances: NDArray[np.int32]
    things: dict[int, Thing]


def labelled_frames(
    seed: int,
    count: int,
    config: RgbdConfig | None = None,
    *,
    close_ups: float = 0.0,
    moved: float = 0.0,
) -> Iterator[LabelledFrame]:
    """Frames of one home from random free places, half of them aimed at an object.

    In a quarter of them the arm is unfolded, so that a detector learns to ignore it.

    Args:
        seed: of the home and of all random choices.
        count: number of frames.
        config: camera and its defects.
        close_ups: share of frames taken at 0.5 m to 3 m from a thing of a category
            drawn with equal chances, so that rare small things are learned too.
        moved: share of the small things that are where another of them should be.

    Raises:
        RenderError: if nothing can draw off screen on this machine.
    """
    home = generate_home(seed)
    home, _ = moved_things(home, moved, np.random.default_rng([seed, 0x30E]))
    rng = np.random.default_rng([seed, 0x5EE])
    simulation = Simulation(build_model(home, "mobile_manipulator", (0.0, 0.0, 0.0)))
    simulation.place_arm(STOWED)
    model, data, index = simulation.model, simulation.data, simulation.index
    camera = RgbdCamera(config or RgbdConfig(), model, data, index, rng)
    # One more entry, so that -1 (nothing drawn) finds "no object".
    objects = np.append(object_of_geom(model), np.int32(-1))
    try:
        for _ in range(count):
            _place(simulation, home, rng, close_ups)
            yield capture(camera, home, objects, simulation)
    finally:
        camera.close()


def capture(
    camera: RgbdCamera,
    home: HomeSpec,
    objects: NDArray[np.int32],
    simulation: Simulation,
) -> LabelledFrame:
    """What the camera sees now, with its labels.

    Args:
        camera: of the simulation.
        home: what was built.
        objects: id of the thing of every geom, and -1 at the end.
        simulation: with all poses up to date.
    """
    frame = camera.measure(simulation.time_s)
    instances = objects[camera.segment()] + 1
    label = [0] + [CATEGORIES.index(thing.category) for thing in home.objects]
    T = np.eye(4)
    base = simulation.index.base_body
    T[:3, :3] = simulation.data.xmat[base].reshape(3, 3)
    T[:3, 3] = simulation.data.xpos[base]
    T_base_world = inverse3(T)
    numbers, pixels = np.unique(instances[instances > 0], return_counts=True)
    things = {
        int(number): _thing(home.objects[number - 1], T_base_world, int(share))
        for number, share in zip(numbers, pixels, strict=True)
    }
    return LabelledFrame(
        frame=frame,
        classes=np.array(label, np.int32)[instances],
        instances=instances,
        things=things,
    )


def _thing(thing: HomeObject, T_base_world: NDArray[np.float64], pixels: int) -> Thing:
    center = transform3(T_base_world, np.array([thing.center]))[0]
    return Thing(
        category=thing.category,
        colour=thing.colour,
        center_base=center,
        size=np.array(thing.size),
        pixels=pixels,
    )


def _place(
    simulation: Simulation,
    home: HomeSpec,
    rng: np.random.Generator,
    close_ups: float,
) -> None:
    """Put the robot at a random free pose and turn its head."""
    draw = _close_up if rng.random() < close_ups else _anywhere
    for attempt in range(200):
        x, y, aim = draw(home, rng) if attempt < 100 else _anywhere(home, rng)
        yaw, pan, tilt = rng.uniform([-np.pi, -1.2, 0.0], [np.pi, 1.2, 0.7])
        if aim is not None:
            dx, dy = aim.center[0] - x, aim.center[1] - y
            reach = max(float(np.hypot(dx, dy)), 0.3)
            yaw = np.arctan2(dy, dx) - pan + rng.normal(0.0, 0.2)
            tilt = np.arctan2(1.15 - aim.center[2], reach)
            tilt += rng.normal(0.0, 0.15)
        simulation.data.qpos[simulation.index.arm_q] = _posture(rng)
        set_pose(simulation, (x, y, yaw), (pan, np.clip(tilt, -0.3, 1.0)))
        if _free(simulation):
            return


def _anywhere(
    home: HomeSpec, rng: np.random.Generator
) -> tuple[float, float, HomeObject | None]:
    """A place in a room and, in half of the cases, an object of it to look at."""
    room = home.rooms[rng.integers(len(home.rooms))]
    x0, y0, x1, y1 = room.rect
    x, y = rng.uniform(x0 + 0.3, x1 - 0.3), rng.uniform(y0 + 0.3, y1 - 0.3)
    near = [thing for thing in home.objects if thing.room == room.id]
    if not near or rng.random() >= 0.5:
        return x, y, None
    return x, y, near[rng.integers(len(near))]


def _close_up(
    home: HomeSpec, rng: np.random.Generator
) -> tuple[float, float, HomeObject | None]:
    """A place near a thing of a random category, in the same room."""
    names = sorted({thing.category for thing in home.objects})
    name = names[rng.integers(len(names))]
    things = [thing for thing in home.objects if thing.category == name]
    aim = things[rng.integers(len(things))]
    x0, y0, x1, y1 = next(room for room in home.rooms if room.id == aim.room).rect
    distance = np.exp(rng.uniform(np.log(0.5), np.log(3.0)))
    angle = rng.uniform(-np.pi, np.pi)
    x = np.clip(aim.center[0] + distance * np.cos(angle), x0 + 0.3, x1 - 0.3)
    y = np.clip(aim.center[1] + distance * np.sin(angle), y0 + 0.3, y1 - 0.3)
    return float(x), float(y), aim


def _posture(rng: np.random.Generator) -> NDArray[np.float64]:
    """Arm joints (7,): mostly stowed, else somewhere around the ready posture."""
    if rng.random() < 0.75:
        return STOWED
    share = rng.uniform(0.3, 1.2)
    return STOWED + share * (READY - STOWED) + rng.normal(0.0, 0.15, STOWED.shape)


def set_pose(
    simulation: Simulation, pose: tuple[float, float, float], head: tuple[float, float]
) -> None:
    """Put base (x, y, yaw) and head (pan, tilt) [m, rad] somewhere, at rest."""
    data, index = simulation.data, simulation.index
    x, y, yaw = pose
    q = index.base_q
    data.qpos[q : q + 2] = x, y
    data.qpos[q + 3 : q + 7] = np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)
    data.qpos[index.head_q] = head
    mujoco.mj_forward(simulation.model, data)


def _free(simulation: Simulation) -> bool:
    truth = simulation.truth
    truth.update()
    return not truth.arm_contacts and truth.base_contacts[1].size == 0
