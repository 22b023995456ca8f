"""The hand presses on a surface on purpose, and then something else happens.

The surface is the ideal spring of `impact_rig`. While the hand presses it may get
stiffer, come towards the hand, or a person may push the hand from the side or against
the press; a person pushes with a force, however far the hand gives way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neural_brain.benchmarks.impact_rig import (
    SETTLE_TICKS,
    STIFFNESS,
    Controller,
    Impact,
    SoftWall,
    build_body,
    effort_command,
    hand_target,
    home_pose,
    wake,
)
from neural_brain.models.geometry import Array
from neural_brain.models.signals import BodyLimits
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots.hand import EE, HAND
from neural_brain.sim.simulation import Simulation

EVENTS = ("stiffer", "coming", "side", "against")
WIPE, WITHDRAW = "wipe", "withdraw"
HARD_N_M = 1e5
APPROACH_M_S, GAP_M = 0.04, 0.01
AFTER_TICKS, CALM_TICKS = 450, 150
TARGET_TICKS, WITHDRAW_M = 50, 0.1
Maker = Callable[[BodyLimits, float], Controller]


@dataclass(frozen=True, kw_only=True)
class Press:
    """One intended press and what happens in it.

    Attributes:
        surface: direction, stiffness, payload and latency; its gap is that of this rig.
        press_n: force that the spring is meant to press with.
        event: one of `EVENTS`, `WIPE` if the hand goes on across the surface,
            `WITHDRAW` if it goes back, or "" if nothing happens.
        speed_m_s: of a surface that comes, for `way_m`, of a wipe, or of the way back.
        force_n: of a person, after a rise of `rise_s`.
        angle_rad: of a push from the side or a wipe, around the press.
    """

    surface: Impact
    press_n: float
    event: str
    speed_m_s: float = 0.0
    way_m: float = 0.04
    force_n: float = 0.0
    rise_s: float = 0.0
    angle_rad: float = 0.0


@dataclass(frozen=True, kw_only=True)
class PressOutcome:
    """What happened, at every tick.

    Attributes:
        force_n: size of what the world applies to the hand (t,), truth.
        wrench: as measured (t, 6).
        event: tick at which it happens.
        acted: tick at which the reflex acted, None if it did not.
    """

    force_n: Array
    wrench: Array
    event: int
    acted: int | None


def press(controller_of: Maker, scene: Press) -> PressOutcome:
    """Press, with a fresh controller made by `controller_of(limits, payload_kg)`."""
    surface = scene.surface
    body = build_body(surface)
    controller: Controller = controller_of(body.limits, surface.payload_kg)
    wake(body)
    wall = SoftWall(body.simulation, surface)
    person = Person(body.simulation, scene)
    home, way_m = home_pose(surface.payload_kg), GAP_M + _squeeze_m(scene)
    event, across = _event_tick(scene), _across(scene)
    forces: list[float] = []
    wrenches: list[Array] = []
    acted = None
    target = hand_target(home, 0.0, contact=True)
    for tick in range(event + AFTER_TICKS):
        state = body.read()
        if tick % TARGET_TICKS == 0:
            T = home.copy()
            along = APPROACH_M_S * max(tick - SETTLE_TICKS, 0) * TICK_S
            T[:3, 3] += min(along, way_m) * surface.direction
            if scene.event == WIPE:
                T[:3, 3] += scene.speed_m_s * max(tick - event, 0) * TICK_S * across
            elif scene.event == WITHDRAW:
                back_m = scene.speed_m_s * max(tick - event, 0) * TICK_S
                T[:3, 3] -= min(back_m, WITHDRAW_M) * surface.direction
            target = hand_target(T, state.stamp, contact=True)
        if tick >= event:
            _happen(scene, wall, person, tick - event)
        effort = controller.tick(state, target)
        if acted is None and controller.acted:
            acted = tick
        body.write(effort_command(state.stamp, effort))
        body.advance()
        world = person.force - wall.force_n * surface.direction
        forces.append(float(np.linalg.norm(world)))
        wrenches.append(state.wrench_ee)
    body.close()
    return PressOutcome(
        force_n=np.array(forces), wrench=np.array(wrenches), event=event, acted=acted
    )


class Person:
    """Pushes the hand with a force, at the fingertips.

    Attributes:
        force: on the hand now (3,) [N].
    """

    def __init__(self, simulation: Simulation, scene: Press) -> None:
        self.force: Array = np.zeros(3)
        against = scene.event == "against"
        self._way = -scene.surface.direction if against else _across(scene)
        self._scene = scene
        data = simulation.data
        self._body = simulation.model.body(HAND).id
        self._tip = data.site_xpos[simulation.model.site(EE).id]
        self._data = data
        simulation.hooks.append(self._push)

    def lean(self, t: float) -> None:
        """Push, that long [s] after the beginning."""
        rise = min(t / max(self._scene.rise_s, TICK_S), 1.0)
        self.force = rise * self._scene.force_n * self._way

    def _push(self) -> None:
        row = self._data.xfrc_applied[self._body]  # the surface has written its own
        row[:3] += self.force
        row[3:] += np.cross(self._tip - self._data.xipos[self._body], self.force)


def _happen(scene: Press, wall: SoftWall, person: Person, tick: int) -> None:
    """What the event does, that many ticks after it began."""
    if scene.event == "stiffer" and tick == 0:
        wall.harden(HARD_N_M)
    elif scene.event == "coming" and scene.speed_m_s * tick * TICK_S < scene.way_m:
        wall.come(scene.speed_m_s * TICK_S)
    elif scene.event in ("side", "against"):
        person.lean(tick * TICK_S)


def _across(scene: Press) -> Array:
    """Unit vector (3,) along the surface."""
    way = scene.surface.direction
    first = np.cross(way, np.eye(3)[int(np.argmin(np.abs(way)))])
    first /= np.linalg.norm(first)
    second = np.cross(way, first)
    turned = np.cos(scene.angle_rad) * first + np.sin(scene.angle_rad) * second
    return np.asarray(turned)


def _squeeze_m(scene: Press) -> float:
    """How far the anchor goes on after the touch [m]."""
    give = 1.0 / STIFFNESS[0, 0] + 1.0 / scene.surface.stiffness_n_m
    return float(scene.press_n * give)


def _event_tick(scene: Press) -> int:
    """After the press has settled; in the middle of it for a stiffer surface."""
    share = 0.5 if scene.event == "stiffer" else 1.0
    way_m = GAP_M + share * _squeeze_m(scene)
    rest = 0 if scene.event == "stiffer" else CALM_TICKS
    return SETTLE_TICKS + round(way_m / APPROACH_M_S / TICK_S) + rest
