"""Arm postures of the mobile manipulator (7,) [rad].

STOWED folds the arm beside the mast: all of it lies within 0.30 m of the base centre
and below 1.05 m, and the camera sees over it. READY holds the hand 0.50 m ahead of the
base centre, 0.95 m high, tool down. The straight joint path between them is free of
self-collision.
"""

from __future__ import annotations

import numpy as np

from neural_brain.sim.robots.packaged import PACKAGED_ARMS

STOWED = np.array([2.12, 0.53, 0.52, -2.62, 0.08, 1.35, 0.29])
READY = np.array([0.0, -0.450, 0.0, -1.931, 0.0, 1.481, 0.7854])
for _posture in (STOWED, READY):
    _posture.setflags(write=False)


def rest_posture(kind: str) -> np.ndarray:
    """The folded posture (n,) [rad] in which a robot of this kind starts."""
    if kind in PACKAGED_ARMS:
        return np.array(PACKAGED_ARMS[kind].rest)
    return np.zeros(0) if kind == "base" else STOWED.copy()
