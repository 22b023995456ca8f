"""MuJoCo's rigid-body terms of an arm with one call from Python instead of five.

The functions are those of the library that the package `mujoco` brings, found by name.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import llvmlite.binding as llvm
import mujoco
import numpy as np
from numba import int64
from numba.core import types
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.kernels.compiled import MATRIX, VECTOR, entry

(MODEL, DATA, BIAS, LINEAR, ANGULAR, SITE) = range(6)
Addresses = NDArray[np.int64]


def _load() -> bool:
    """Make the library's functions known by name; False where it lies elsewhere."""
    folder = Path(mujoco.__file__).parent
    for file in sorted(folder.glob("*mujoco.*")):
        if file.name.startswith(("libmujoco.", "mujoco.dll")):
            llvm.load_library_permanently(str(file))
            return True
    return False


def _function(name: str, *arguments: Any) -> Any:
    return types.ExternalFunction(name, types.void(*arguments))


_P = types.intp
_kinematics = _function("mj_kinematics", _P, _P)
_centres = _function("mj_comPos", _P, _P)
_speeds = _function("mj_comVel", _P, _P)
_newton_euler = _function("mj_rne", _P, _P, types.int32, _P)
_jacobian = _function("mj_jacSite", _P, _P, _P, _P, types.int32)


def addresses(
    model: mujoco.MjModel, data: mujoco.MjData, bias: Array, J: Array, site: int
) -> Addresses:
    """Where things lie; whoever asks keeps them there.

    Args:
        model: of MuJoCo.
        data: of MuJoCo.
        bias: receives gravity and Coriolis efforts (n,).
        J: receives the Jacobian (6, n).
        site: number of the site at the hand.
    """
    parts = (bias, J[:3], J[3:])
    places = [int(part.ctypes.data) for part in parts]
    both = [model._address, data._address]
    return np.array([*both, *places, site], dtype=np.int64)


def _define() -> Any:
    @entry(int64[::1], VECTOR, MATRIX, MATRIX)
    def refresh(at: Addresses, position: Array, rotation: Array, T: Array) -> None:
        """All terms but the mass matrix, at the positions and speeds in the data.

        Args:
            at: see `addresses`.
            position: of the site (3,).
            rotation: of the site (3, 3).
            T: receives its pose (4, 4).
        """
        model, data = at[MODEL], at[DATA]
        _kinematics(model, data)
        _centres(model, data)
        _speeds(model, data)
        _newton_euler(model, data, np.int32(0), at[BIAS])
        _jacobian(model, data, at[LINEAR], at[ANGULAR], np.int32(at[SITE]))
        for i in range(3):
            T[i, 3] = position[i]
            for j in range(3):
                T[i, j] = rotation[i, j]

    return refresh


refresh = _define() if _load() else None
