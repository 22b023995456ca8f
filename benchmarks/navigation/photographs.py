"""Photographs of things as goals: taken beside the very thing that is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.navigation.goals import NavGoal
from neural_brain.benchmarks.navigation.referee import Referee, gap
from neural_brain.models.geometry import Array, compose2
from neural_brain.models.sensing import Detector, NetDetector
from neural_brain.models.signals import ObjectPercept, RgbdFrame
from neural_brain.sim.datasets.frames import capture, set_pose
from neural_brain.sim.homes import HomeObject
from neural_brain.sim.homes.draw import Draw
from neural_brain.sim.robots import STOWED
from neural_brain.sim.robots.head import CAMERA_HEIGHT_M, MAST_XY, TILT_RANGE
from neural_brain.sim.scene import build_model, object_of_geom
from neural_brain.sim.sensors.rgbd import RgbdCamera, RgbdConfig
from neural_brain.sim.simulation import Simulation

NEAREST_M, ROOM_M = 0.5, 0.3  # of the camera to the thing's side; around the base


def by_picture(
    goals: Sequence[NavGoal], referee: Referee, start: Array, draw: Draw
) -> tuple[NavGoal, ...]:
    """The same goals, each as a photograph of one of its things.

    It is taken with the robot's own camera, from a spot that is a success for that
    thing. Goals without such a spot are left out. Only that thing is right.

    Args:
        goals: with `right` things.
        referee: of the home.
        start: (3,), the spots can be reached from there.
        draw: chooses spots.
    """
    shot = []
    reach = referee.space.joined(start) & (referee.space.clearance >= ROOM_M)
    for goal in goals:
        number = draw.pick(goal.right)
        thing = referee.home.objects[number]
        spots = referee.space.xy[referee.success_cells([number]) & reach]
        spots = spots[[gap(spot, thing) >= NEAREST_M for spot in spots]]
        if len(spots):
            spot = spots[draw.below(len(spots))]
            shot.append((goal, thing, spot))
    pictures = _photographs(referee, [(thing, spot) for _, thing, spot in shot])
    return tuple(
        replace(goal, right=(thing.id,), kind="picture", picture=picture)
        for (goal, thing, _), picture in zip(shot, pictures, strict=True)
    )


def _photographs(
    referee: Referee, shots: Sequence[tuple[HomeObject, Array]]
) -> list[NDArray[np.uint8]]:
    """What the camera sees from spots (2,) with the things in its middle."""
    home = referee.home
    simulation = Simulation(build_model(home, "mobile_manipulator", (0.0, 0.0, 0.0)))
    simulation.place_arm(STOWED)
    parts = simulation.model, simulation.data, simulation.index
    eye = np.random.default_rng([home.seed, 0xF070])
    objects = np.append(object_of_geom(simulation.model), np.int32(-1))
    found = []
    with closing(RgbdCamera(RgbdConfig(), *parts, eye)) as camera:
        for thing, spot in shots:
            pose, tilt = aim(thing, spot)
            set_pose(simulation, tuple(pose), (0.0, tilt))
            found.append(capture(camera, home, objects, simulation).frame.rgb)
    return found


def aim(thing: HomeObject, spot: Array) -> tuple[Array, float]:
    """Pose (3,) of the base at a spot (2,) and tilt [rad], with the thing in view."""
    yaw = 0.0
    for _ in range(4):  # the mast stands beside the middle of the base
        mast = compose2(np.array([*spot, yaw]), np.array([*MAST_XY, 0.0]))
        way = np.array(thing.center[:2]) - mast[:2]
        yaw = float(np.arctan2(way[1], way[0]))
    down = np.arctan2(CAMERA_HEIGHT_M - thing.center[2], np.hypot(*way))
    return np.array([*spot, yaw]), float(np.clip(down, *TILT_RANGE))


class ReadsPictures:
    """A detector; the picture that is shown is read by the shipped network.

    An oracle knows the labels of its own camera alone.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector, self._net = detector, NetDetector()
        self.picture: NDArray[np.uint8] | None = None

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """Objects seen in the frame."""
        if frame.rgb is self.picture:
            return self._net.detect(frame)
        return self._detector.detect(frame)
