"""Arm tasks: bring the fingertip to a point; press a button with a wanted force."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from neural_brain.sim.button import BUTTON_HIGH, BUTTON_LOW, add_button
from neural_brain.sim.empty_room import room_spec
from neural_brain.sim.envs.arm_control import ArmControl
from neural_brain.sim.envs.episode import Episode
from neural_brain.sim.robots import READY, add_robot
from neural_brain.sim.sensors import WrenchConfig, WrenchSensor
from neural_brain.sim.simulation import Simulation

TICKS = 50
STEP_M = 0.02
REACHED_M = 0.02
REACH_LOW, REACH_HIGH = np.array([0.40, -0.30, 0.60]), np.array([0.65, 0.30, 1.10])
PRESS_N, PRESS_BAND_N, FORCE_LIMIT_N = 10.0, 3.0, 65.0
PRESS_STEPS = 10


class ArmEnv(Episode):
    """Common part: an arm on a pedestal moved by hand displacements at 20 Hz.

    Action (3,): displacement of the fingertip in `base_link`, -1..1 for 2 cm.
    Observation (26,): joint positions (7,) [rad], velocities (7,) [rad/s], fingertip
    (3,) [m], target (3,) [m], measured wrench (6,) [N, Nm] - all in `base_link`.
    """

    def __init__(self, render_mode: str | None = None) -> None:
        super().__init__(render_mode)
        self.action_space = spaces.Box(-1.0, 1.0, (3,), np.float32)
        self.observation_space = spaces.Box(-1e3, 1e3, (26,), np.float32)
        self._model = self._build()
        self.target = np.zeros(3)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[NDArray[np.float32], dict[str, Any]]:
        """Hand at READY; `options` may fix "target" (3,) [m]."""
        super().reset(seed=seed)
        self.simulation = world = Simulation(self._model)
        chosen = (options or {}).get("target")
        self.target = self._draw_target() if chosen is None else np.array(chosen, float)
        self._place_target()
        world.place_arm(READY)
        self._arm = ArmControl(world, READY.copy())
        noise = np.random.default_rng(int(self.np_random.integers(2**31)))
        parts = (world.model, world.data, world.index)
        self._wrist = WrenchSensor(WrenchConfig(), *parts, noise)
        self._wrench = self._wrist.read()
        return self._observe(), self._info()

    def step(
        self, action: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Move the hand for 0.05 s.

        Raises:
            SimulationError: if the physics diverged.
        """
        share = np.clip(np.asarray(action, dtype=float), -1.0, 1.0)
        self._arm.move(STEP_M * share)
        self._arm.run(TICKS)
        self._wrench = self._wrist.read()
        reward, done = self._judge()
        return self._observe(), float(reward), bool(done), False, self._info()

    def tip(self) -> NDArray[np.float64]:
        """True position of the fingertip (3,) [m]."""
        return np.array(self.world.data.site_xpos[self.world.index.ee_site])

    def _observe(self) -> NDArray[np.float32]:
        arm = self._arm
        parts = (arm.q, arm.dq, self.tip(), self.target, self._wrench)
        values = np.concatenate([np.asarray(part) for part in parts])
        return np.clip(values, -1e3, 1e3).astype(np.float32)

    def _info(self) -> dict[str, Any]:
        return {
            "distance_m": float(np.linalg.norm(self.tip() - self.target)),
            "force_n": self.world.truth.arm_force_n,
            "peak_force_n": self.world.truth.peak_arm_force_n,
        }

    def _build(self) -> mujoco.MjModel:
        raise NotImplementedError

    def _draw_target(self) -> NDArray[np.float64]:
        raise NotImplementedError

    def _place_target(self) -> None:
        """Move what marks the target to where it is."""

    def _judge(self) -> tuple[float, bool]:
        raise NotImplementedError


class ReachEnv(ArmEnv):
    """`neural_brain/Reach-v0`: bring the fingertip to a point.

    Reward: minus the distance [m] a step, +1 within 2 cm, which ends the episode.
    """

    def _build(self) -> mujoco.MjModel:
        spec = room_spec()
        mark = spec.worldbody.add_body(name="target", mocap=True)
        mark.add_geom(
            type=mujoco.mjtGeom.mjGEOM_SPHERE,
            size=[REACHED_M, 0, 0],
            rgba=[0.1, 0.8, 0.2, 0.6],
            contype=0,
            conaffinity=0,
        )
        add_robot(spec, "arm")
        return spec.compile()

    def _draw_target(self) -> NDArray[np.float64]:
        return self.np_random.uniform(REACH_LOW, REACH_HIGH)

    def _place_target(self) -> None:
        self.world.data.mocap_pos[0] = self.target

    def _judge(self) -> tuple[float, bool]:
        distance = float(np.linalg.norm(self.tip() - self.target))
        reached = distance < REACHED_M
        return reached - distance, reached


class PressEnv(ArmEnv):
    """`neural_brain/Press-v0`: press a button from above with 10 N for half a second.

    The button gives way by up to 2 cm against a spring. Reward a step: minus the
    distance to the button [m], +1 while the true force is within 10 +- 3 N, -5 above
    65 N, which ends the episode; half a second in the band ends it with +10.
    """

    def _build(self) -> mujoco.MjModel:
        spec = room_spec()
        add_button(spec)
        add_robot(spec, "arm")
        return spec.compile()

    def _draw_target(self) -> NDArray[np.float64]:
        return self.np_random.uniform(BUTTON_LOW, BUTTON_HIGH)

    def _place_target(self) -> None:
        self.world.data.mocap_pos[0] = self.target
        self._held = 0

    def _judge(self) -> tuple[float, bool]:
        force = self.world.truth.tool_contacts.get("button", 0.0)
        reward = -float(np.linalg.norm(self.tip() - self.target))
        if self.world.truth.peak_arm_force_n > FORCE_LIMIT_N:
            return reward - 5.0, True
        in_band = abs(force - PRESS_N) < PRESS_BAND_N
        self._held = self._held + 1 if in_band else 0
        if self._held >= PRESS_STEPS:
            return reward + 10.0, True
        return reward + in_band, False
