"""Gymnasium environments, registered when this package is imported.

import gymnasium, neural_brain.sim.envs
env = gymnasium.make("neural_brain/Home-v0")
"""

import gymnasium

from neural_brain.sim.envs.arm import PressEnv, ReachEnv
from neural_brain.sim.envs.home import HomeEnv

__all__ = ["HomeEnv", "PressEnv", "ReachEnv"]

for _name, _class, _steps in (
    ("Home", HomeEnv, 1200),
    ("Reach", ReachEnv, 200),
    ("Press", PressEnv, 400),
):
    gymnasium.register(
        id=f"neural_brain/{_name}-v0",
        entry_point=f"{_class.__module__}:{_class.__name__}",
        max_episode_steps=_steps,
    )
