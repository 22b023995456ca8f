"""A small 2-D stand-in of the maze: the measured motion, walls, and drawn pictures.

It answers as the worker does, so that the whole player runs without the environment.
It is no substitute for it: nothing slips here, and walls have no texture.
"""

import numpy as np

from neural_brain.benchmarks.memory_maze import optics
from neural_brain.benchmarks.memory_maze.client import Frame, Truth
from neural_brain.benchmarks.memory_maze.kinematics import TOUCH_M, Motion, predict
from neural_brain.benchmarks.memory_maze.pose_filter import hold_off
from neural_brain.benchmarks.memory_maze.sight import COLOURS, camera, free_at
from neural_brain.benchmarks.memory_maze.vision import BORDER_SHADE, PAINT
from neural_brain.models.signals import GridView

ROWS = """
111111111
111110111
111110111
001010001
111011111
111011111
111111111
100000001
111111111
""".split()
LAYOUT = np.array([[mark == "1" for mark in row] for row in ROWS])
TARGETS = np.array([[1.0, 1.0], [15.0, 1.0], [15.0, 13.0]])
SKY, FLOOR, WALL = (66, 99, 132), (40, 53, 60), (140, 140, 60)
FAR_M = 30.0
FINER = 4  # rows drawn for one: far edges are told by mixed pixels


class StandIn:
    """Plays the part of `MazeProcess` on one layout."""

    def __init__(self, start, *, pictures=True, extra=True, seed=0):
        self.maze = "9x9"
        self.motion = Motion.at(np.array(start, dtype=float))
        self.pictures, self.extra = pictures, extra
        self.chance = np.random.default_rng(seed)
        self.wanted = int(self.chance.integers(3))
        self.walls = wall_view(LAYOUT)

    @property
    def truth(self):
        return Truth(pose=self.motion.pose[0], targets=TARGETS, layout=LAYOUT)

    def reset(self):
        return self.frame(0.0)

    def step(self, action):
        after = predict(self.motion, np.array([action]))
        spot, way = self.motion.pose[0, :2], after.pose[0, :2] - self.motion.pose[0, :2]
        for _ in range(4):
            spot = hold_off(spot + way / 4, self.walls)
        pose = np.array([[*spot, after.pose[0, 2]]])
        kept = 1.0 if np.allclose(spot, after.pose[0, :2]) else 0.2
        self.motion = Motion(pose=pose, speed=after.speed * kept, turn=after.turn)
        touched = np.hypot(*(TARGETS[self.wanted] - spot)) < TOUCH_M
        if touched:
            others = [i for i in range(3) if i != self.wanted]
            self.wanted = int(self.chance.choice(others))
        return self.frame(float(touched))

    def frame(self, reward):
        image = draw(self.truth) if self.pictures else np.zeros((64, 64, 3), np.uint8)
        paint = (PAINT[self.wanted] * BORDER_SHADE).astype(np.uint8)
        image[:2] = image[-2:] = paint
        image[:, :2] = image[:, -2:] = paint
        truth = self.truth if self.extra else None
        return Frame(image=image, reward=reward, done=False, truth=truth)


def wall_view(layout):
    """The layout with its outer wall as a grid of 0.2 m."""
    walls = np.pad(~layout, 1, constant_values=True)
    fine = np.repeat(np.repeat(walls, 10, axis=0), 10, axis=1)
    cells = np.where(fine, 100, 0).astype(np.int8)
    return GridView(cells=cells, origin=np.full(2, -2.0), resolution=0.2, version=1)


def draw(truth, wall=WALL):
    """A picture (64, 64, 3) as the camera would see it from a pose, edges smooth."""
    rows = (np.arange(64 * FINER) + 0.5) / FINER
    forward, left, up = np.broadcast_arrays(
        *optics.ray(np.arange(64) + 0.5, rows[:, None])
    )
    distance = np.repeat(wall_distance(truth), FINER, axis=0)
    height = optics.HEIGHT_M + distance * up / np.hypot(forward, left)
    fine = np.empty((64 * FINER, 64, 3))
    fine[:] = wall
    fine[height > optics.WALL_M] = SKY
    fine[height < 0.0] = FLOOR
    image = fine.reshape(64, FINER, 64, 3).mean(axis=1).astype(np.uint8)
    distance = distance[::FINER]
    c, s = np.cos(truth.pose[2]), np.sin(truth.pose[2])
    for index in range(len(truth.targets)):
        dx, dy = truth.targets[index] - camera(truth.pose)
        before = np.array([c * dx + s * dy, c * dy - s * dx])
        shown, shade = optics.ball(before)
        shown &= np.hypot(*before) < distance + 0.1
        image[shown] = np.clip(shade[shown][:, None] * PAINT[index], 0, 255)
    return image


def wall_distance(truth):
    """Distance [m] on the floor plane to the first wall along every pixel's ray."""
    angles = truth.pose[2] + np.arctan2(optics.LEFT, optics.FORWARD)
    fine = np.deg2rad(0.25)
    steps, back = np.unique(np.round(angles / fine), return_inverse=True)
    along = np.arange(0.02, FAR_M, 0.02)
    ray = np.stack([np.cos(steps * fine), np.sin(steps * fine)], axis=1)
    points = camera(truth.pose) + ray[:, None] * along[None, :, None]
    blocked = ~free_at(truth, points)
    return along[np.argmax(blocked, axis=1)][back].reshape(64, 64)


def paint_of(colour):
    return PAINT[COLOURS.index(colour)]
