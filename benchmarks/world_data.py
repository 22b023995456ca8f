"""Recordings for the world model: random behaviour in tune homes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from tqdm import tqdm

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.home_body import make_home_body
from neural_brain.robots.mujoco_body import MujocoBodyConfig
from neural_brain.robots.rollouts import (
    RandomDriver,
    Rollout,
    Shoves,
    record_rollout,
)
from neural_brain.sim.sensors import SensorsConfig

BLIND = replace(MujocoBodyConfig(), sensors=SensorsConfig(camera_on=False))


def record(
    seeds: Iterable[int], duration_s: float, shoves: Shoves | None = None
) -> list[Rollout]:
    """One rollout a home; the camera is off, it is not needed here."""
    return [
        record_home(seed, duration_s, shoves) for seed in tqdm(seeds, desc="rollouts")
    ]


def record_home(seed: int, duration_s: float, shoves: Shoves | None) -> Rollout:
    """A rollout in the home of a seed."""
    rng = np.random.default_rng([seed, 0xF00D])
    body = make_home_body(seed, small=True, config=BLIND)
    try:
        return record_rollout(
            body,
            FastLoop(FastConfig(), arm_dynamics(), body.limits),
            RandomDriver(rng, arm_dynamics()),
            duration_s=duration_s,
            shoves=shoves,
            rng=rng,
        )
    finally:
        body.close()
