"""A simulated robot that glides: the Body contract at 100 Hz without physics.

For what takes hours in full physics and needs no contact, such as navigation in many
homes. Sensors, noise, driver and watchdog are those of `MujocoBody`.
"""

from __future__ import annotations

from dataclasses import replace

from neural_brain.models.brain import BrainConfig
from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.sim.gliding import Glider
from neural_brain.sim.physics import TICK_S
from neural_brain.sim.robots import rest_posture, robot_kind
from neural_brain.sim.simulation import Simulation

TICKS = 10


class GlidingBody(MujocoBody):
    """A robot whose base follows its command exactly; the arm stays stowed.

    Args:
        simulation: the world with the robot.
        config: driver and sensors.
        seed: seed of all sensor noise.
    """

    def __init__(
        self,
        simulation: Simulation,
        config: MujocoBodyConfig | None = None,
        *,
        seed: int = 0,
    ) -> None:
        posture = rest_posture(robot_kind(simulation.model))
        super().__init__(simulation, config, seed=seed, posture=posture)
        self._glider = Glider(simulation, self.drive, TICKS)

    @property
    def tick_s(self) -> float:
        """Simulated time [s] that `advance` takes."""
        return TICKS * TICK_S

    @property
    def bumps(self) -> int:
        """Number of ticks in which something was in the base's way."""
        return self._glider.bumps

    def advance(self) -> None:
        """One tick of 10 ms; the base stops when no command came for two."""
        if self.simulation.tick - self._written >= self.config.watchdog_ticks:
            self._hold()
        self._glider.step()


def coarse(config: BrainConfig) -> BrainConfig:
    """The same brain for a body that ticks every 10 ms: all counts of ticks shrink."""
    fast = config.fast
    ladder, guards = fast.reflex.ladder, fast.reflex.guards
    base, force = fast.reflex.base, fast.reflex.force
    reflex = replace(
        fast.reflex,
        ladder=replace(
            ladder,
            dwell_ticks=_fewer(ladder.dwell_ticks),
            clear_ticks=_fewer(ladder.clear_ticks),
            retract_ticks=_fewer(ladder.retract_ticks, 10),
            hold_ticks=_fewer(ladder.hold_ticks),
            caution_ticks=_fewer(ladder.caution_ticks),
        ),
        guards=replace(
            guards,
            state_timeout_s=max(guards.state_timeout_s, 3 * TICKS * TICK_S),
            state_lost_ticks=_fewer(guards.state_lost_ticks, 2),
            frozen_ticks=_fewer(guards.frozen_ticks, 5),
        ),
        force=replace(force, ticks=1, lead_s=0.0),
        base=replace(
            base,
            refresh_ticks=_fewer(base.refresh_ticks),
            back_off_ticks=_fewer(base.back_off_ticks),
            bumper_block_ticks=_fewer(base.bumper_block_ticks),
        ),
        joints=replace(fast.reflex.joints, tick_s=TICKS * TICK_S),
    )
    impedance = replace(
        fast.impedance,
        tick_s=TICKS * TICK_S,
        refresh_ticks=_fewer(fast.impedance.refresh_ticks, 2),
    )
    return replace(config, fast=replace(fast, reflex=reflex, impedance=impedance))


def _fewer(ticks: int, least: int = 1) -> int:
    return max(least, round(ticks / TICKS))
