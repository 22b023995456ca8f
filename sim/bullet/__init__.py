"""Worlds of this package stepped by PyBullet instead of MuJoCo.

The model stays the one that `sim` builds: kinematics, inertias, limits, actuators and
contact parameters are read from it, so that both engines move the same robot.
"""

from neural_brain.sim.bullet.client import import_pybullet
from neural_brain.sim.bullet.config import BulletConfig
from neural_brain.sim.bullet.simulation import BulletSimulation

__all__ = ["BulletConfig", "BulletSimulation", "import_pybullet"]
