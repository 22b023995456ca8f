"""Published parameters of the Franka Emika Panda arm.

Kinematics (modified Denavit-Hartenberg, Craig's convention) and limits: Franka
Control Interface documentation, "Robot and interface specifications". Link masses,
centres of mass and inertias: C. Gaz, M. Cognetti, A. Oliva, P. Robuffo Giordano,
A. De Luca, "Dynamic identification of the Franka Emika Panda robot with retrieval of
feasible parameters using penalty-based optimization", IEEE RA-L 4(4), 2019.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Link:
    """Inertia of one link in its own frame.

    Attributes:
        mass: [kg].
        center: centre of mass (3,) [m].
        inertia: xx, yy, zz, xy, xz, yz about the centre of mass [kg m2].
    """

    mass: float
    center: tuple[float, float, float]
    inertia: tuple[float, float, float, float, float, float]


DH_A = (0.0, 0.0, 0.0, 0.0825, -0.0825, 0.0, 0.088)
DH_D = (0.333, 0.0, 0.316, 0.0, 0.384, 0.0, 0.0)
DH_ALPHA = tuple(np.pi / 2.0 * np.array([0, -1, 1, 1, -1, 1, 1]))
FLANGE_D = 0.107

Q_MIN = np.array([-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973])
Q_MAX = np.array([2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973])
DQ_MAX = np.array([2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61])
EFFORT_MAX = np.array([87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0])
EFFORT_RATE_MAX = np.full(7, 1000.0)

LINKS = (
    Link(
        0.629769,
        (-0.041018, -0.00014, 0.049974),
        (0.00315, 0.00388, 0.004285, 8.2904e-7, 0.00015, 8.2299e-6),
    ),
    Link(
        4.970684,
        (0.003875, 0.002081, -0.04762),
        (0.70337, 0.70661, 0.0091170, -0.00013900, 0.0067720, 0.019169),
    ),
    Link(
        0.646926,
        (-0.003141, -0.02872, 0.003495),
        (0.0079620, 0.02811, 0.025995, -0.003925, 0.010254, 0.000704),
    ),
    Link(
        3.228604,
        (0.027518, 0.039252, -0.066502),
        (0.037242, 0.036155, 0.01083, -0.004761, -0.011396, -0.012805),
    ),
    Link(
        3.587895,
        (-0.05317, 0.104419, 0.027454),
        (0.025853, 0.019552, 0.028323, 0.007796, -0.001332, 0.008641),
    ),
    Link(
        1.225946,
        (-0.011953, 0.041065, -0.038437),
        (0.035549, 0.029474, 0.008627, -0.002117, -0.004037, 0.000229),
    ),
    Link(
        1.666555,
        (0.060149, -0.014117, -0.010517),
        (0.001964, 0.004354, 0.005433, 0.000109, -0.001158, 0.000341),
    ),
    Link(
        0.735522,
        (0.010517, -0.004252, 0.061597),
        (0.012516, 0.010027, 0.004815, -0.000428, -0.001196, -0.000741),
    ),
)


def forward_kinematics(q: np.ndarray) -> np.ndarray:
    """Pose (4, 4) of the flange in the frame of link 0 from the published DH table.

    Args:
        q: joint positions (7,) [rad].
    """
    T = np.eye(4)
    for a, d, alpha, theta in zip(DH_A, DH_D, DH_ALPHA, q, strict=True):
        T = T @ dh_transform(a, d, alpha, theta)
    return T @ dh_transform(0.0, FLANGE_D, 0.0, 0.0)


def dh_transform(a: float, d: float, alpha: float, theta: float) -> np.ndarray:
    """One (4, 4) step of modified DH: Rx(alpha) Tx(a) Rz(theta) Tz(d)."""
    ca, sa, ct, st = np.cos(alpha), np.sin(alpha), np.cos(theta), np.sin(theta)
    return np.array(
        [
            [ct, -st, 0.0, a],
            [st * ca, ct * ca, -sa, -d * sa],
            [st * sa, ct * sa, ca, d * ca],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )
