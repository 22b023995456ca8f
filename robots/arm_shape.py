"""Where an arm is solid, from its MuJoCo model: balls per link and who may meet whom.

Links that are neighbours, that the model itself lets pass through each other, or whose
balls overlap in nearly every posture are no pair: nothing could be kept between them.
`MujocoArmShape.left_out` names the last ones.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import mujoco
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.reflex.self_distance import BodyGaps, LinkGaps
from neural_brain.robots.arm_cover import collect, rounded_boxes, tool_balls
from neural_brain.sim.physics import full_mass, refresh_mass
from neural_brain.sim.robots.shapes import PREFIX

_POSTURES = 300
_BALL = "ball/"
Ints = NDArray[np.int64]


class LeftOut(NamedTuple):
    """Bodies closer than this [m] in this share of all postures are no pair."""

    closer_m: float = 0.0
    share: float = 0.95


_OVERLAPPING = LeftOut()


class MujocoArmShape:
    """`ArmShape` of an arm.

    Args:
        arm: model of the arm alone, all joints its own; gets a site for each ball.
        robot: the whole robot. Bodies and joints of the arm have the same names there;
            the world frame of both is `base_link`.
        ee_site: end effector in `arm`; a tool goes on along its z axis.
        tool_m: length of the tool [m]. tool_radius_m: its radius [m].
        bare: parts of the rest of the robot of which nothing is solid in `robot`.
        leave_out: which pairs could not be kept apart.
        slides_whole: cover fingers everywhere on their slides, not at three places.

    Attributes:
        left_out: names of the pairs of bodies that are therefore not watched.

    Raises:
        ConfigError: if no link of the arm has a solid geom.
    """

    def __init__(
        self,
        arm: mujoco.MjSpec,
        robot: mujoco.MjModel,
        ee_site: str,
        *,
        tool_m: float = 0.0,
        tool_radius_m: float = 0.0,
        bare: tuple[str, ...] = (),
        leave_out: LeftOut = _OVERLAPPING,
        slides_whole: bool = False,
    ) -> None:
        parts = collect(
            robot, {joint.name for joint in arm.joints}, slides_whole=slides_whole
        )
        balls = [(robot.body(ball.body).name, ball) for ball in parts.arm]
        plain = arm.compile()
        if tool_m > 0.0:
            tool = tool_balls(plain, ee_site, tool_m, tool_radius_m)
            balls += [(plain.body(ball.body).name, ball) for ball in tool]
        if not balls:
            raise ConfigError(
                "No link of the arm has a solid geom; expected collision geoms in its "
                "model. Add some, or leave workspace planes and self-distance out."
            )
        for index, (body, ball) in enumerate(balls):
            site = arm.body(body).add_site(name=f"{_BALL}{index}")
            site.pos = ball.center.tolist()
        self._model = model = arm.compile()
        self._data = mujoco.MjData(model)
        n = model.nv
        self.link, names = _links(model, [body for body, _ in balls]), parts.names
        self.name = tuple(_plain(body) for body, _ in balls)
        self.radius: Array = np.array([ball.radius for _, ball in balls])
        self.center: Array = np.zeros((len(balls), 3))
        self.screws: Array = np.zeros((n, 6))
        self.mass: Array = np.zeros((n, n))
        self._sites = [model.site(f"{_BALL}{i}").id for i in range(len(balls))]
        self._slides = model.jnt_type == int(mujoco.mjtJoint.mjJNT_SLIDE)
        self.update(np.zeros(n))
        self.reach = self._far()
        boxes = rounded_boxes(robot, parts, [_plain(name) for name in names])
        self.body = replace(boxes, bare=bare)
        self._leave_out = leave_out
        self.left_out: tuple[str, ...] = ()
        self._pair_up([body for body, _ in balls], names, _exclusions(robot))

    def update(self, q: Array) -> None:
        """Refresh for joint positions (n,) [rad]."""
        model, data = self._model, self._data
        data.qpos[:] = q
        mujoco.mj_kinematics(model, data)
        mujoco.mj_comPos(model, data)
        refresh_mass(model, data)
        full_mass(model, data, self.mass)
        np.take(data.site_xpos, self._sites, axis=0, out=self.center, mode="clip")
        axis, anchor, screws = data.xaxis, data.xanchor, self.screws
        screws[:, 3:] = axis
        for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
            screws[:, i] = anchor[:, j] * axis[:, k] - anchor[:, k] * axis[:, j]
        if self._slides.any():
            screws[self._slides, :3] = axis[self._slides]
            screws[self._slides, 3:] = 0.0

    def _far(self) -> Array:
        """Farthest that a ball beyond each joint can be from its axis (n,) [m].

        A way along the chain from anchor to anchor is at least as long; a slide moves
        every ball by as much as itself.
        """
        anchor, n = self._data.xanchor, self._model.nv
        steps = np.linalg.norm(np.diff(anchor, axis=0), axis=1)
        steps = steps + np.abs(self._model.jnt_range[1:]).max(axis=1) * self._slides[1:]
        way = np.append(0.0, np.cumsum(steps))
        reach = np.zeros(n)
        for joint in range(n):
            beyond = np.flatnonzero(self.link > joint)
            last = self.link[beyond] - 1
            ends = np.linalg.norm(self.center[beyond] - anchor[last], axis=1)
            reach[joint] = (way[last] - way[joint] + ends).max(initial=0.0)
        return np.where(self._slides, 1.0, reach)

    def _pair_up(
        self, on: list[str], resting: list[str], passing: set[frozenset[str]]
    ) -> None:
        """Find out who may meet whom; names of the balls' and the shapes' bodies."""
        link = self.link.tolist()
        with_body = [
            (i, m)
            for i, body in enumerate(on)
            for m, other in enumerate(resting)
            if link[i] > 1 and frozenset((body, other)) not in passing
        ]
        with_link = [
            (i, j)
            for i, body in enumerate(on)
            for j, other in enumerate(on)
            if link[j] > link[i] + 1 and frozenset((body, other)) not in passing
        ]
        self.body_pairs = np.array(with_body, dtype=np.int64).reshape(-1, 2)
        self.link_pairs = np.array(with_link, dtype=np.int64).reshape(-1, 2)
        self.body_pairs = self._parted(BodyGaps(self), self.body_pairs)
        self.link_pairs = self._parted(LinkGaps(self), self.link_pairs)

    def _parted(self, gaps: BodyGaps | LinkGaps, pairs: Ints) -> Ints:
        """Pairs of those bodies that are apart in some of many postures."""
        if not len(pairs):
            return pairs
        rng, (low, high) = np.random.default_rng(0), _ranges(self._model)
        closer_m, share = self._leave_out
        out: Array = np.zeros(len(pairs))
        kinds, kind = np.unique(gaps.names, return_inverse=True)
        met = np.zeros(kinds.size)
        for _ in range(_POSTURES):
            self.update(rng.uniform(low, high))
            gaps.measure(out)
            least = np.full(kinds.size, np.inf)
            np.minimum.at(least, kind, out)
            met += least < closer_m
        often = met >= share * _POSTURES
        names = [str(name).removeprefix("self-distance ") for name in kinds[often]]
        self.left_out = (*self.left_out, *names)
        return pairs[~often[kind]]


def _ranges(model: mujoco.MjModel) -> tuple[Array, Array]:
    """Lowest and highest position of each joint (n,); a turn where there is no end."""
    low, high = model.jnt_range.T
    ends = model.jnt_limited == 1
    return np.where(ends, low, -np.pi), np.where(ends, high, np.pi)


def _links(model: mujoco.MjModel, bodies: list[str]) -> Ints:
    """Joints below each body (k,)."""
    numbers: list[int] = []
    for index in range(model.nbody):
        parent = int(model.body_parentid[index])
        below = numbers[parent] if index else 0
        numbers.append(below + int(model.body_jntnum[index]))
    return np.array([numbers[model.body(name).id] for name in bodies], dtype=np.int64)


def _exclusions(robot: mujoco.MjModel) -> set[frozenset[str]]:
    """Pairs of bodies that the model lets pass through each other."""
    pairs = [(int(s) >> 16, int(s) & 0xFFFF) for s in robot.exclude_signature]
    return {frozenset((robot.body(a).name, robot.body(b).name)) for a, b in pairs}


def _plain(body: str) -> str:
    return body.removeprefix(PREFIX)
