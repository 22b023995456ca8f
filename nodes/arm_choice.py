"""Which arm a robot has: the built-in one, or one from a file, and its limits.

`robot_node` is told; the fast process learns of it through the header of the shared
memory, so that both reckon with the same arm. No ROS here, for the fast process.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.signals import ArmDynamics, BodyLimits
from neural_brain.robots import arm_dynamics, arm_from_file
from neural_brain.robots.arm_file_limits import FileLimits, arm_and_limits


@dataclass(frozen=True, kw_only=True)
class ArmLimitsConfig:
    """Limits that `arm_file` lacks; where both say one, the narrower counts.

    One number for all joints, or one for each; 0 = what the file says.
    """

    reach_rad: tuple[float, ...] = param(
        (0.0,), "largest position to both sides", low=0.0, high=100.0
    )
    speed_rad_s: tuple[float, ...] = param((0.0,), "largest speed", low=0.0, high=100.0)
    effort_nm: tuple[float, ...] = param(
        (0.0,), "largest effort", low=0.0, high=10_000.0
    )
    effort_rate_nm_s: tuple[float, ...] = param(
        (1000.0,), "fastest change of an effort; no file says it", low=1.0, high=1e6
    )

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True)
class ArmChoice:
    """An arm from a file; plain data, so that it fits into a header.

    Attributes:
        file: absolute path of the URDF or MJCF file.
        ee: link or site of the hand.
        joints: names in the file, base to tip.
    """

    file: str
    ee: str
    joints: tuple[str, ...]

    def dynamics(self) -> ArmDynamics:
        """A fresh model of the arm.

        Raises:
            ConfigError: if the file does not fit.
        """
        return arm_from_file(self.file, self.ee, joints=self.joints)

    def read(
        self, base: BodyLimits, own: ArmLimitsConfig
    ) -> tuple[ArmDynamics, BodyLimits]:
        """A model of the arm, and limits of the whole robot: of `base`, and this arm's.

        Raises:
            ConfigError: if the file does not fit, or a limit is said nowhere.
        """
        try:
            arm, found = arm_and_limits(self.file, self.ee, self.joints)
        except ConfigError as error:
            raise ConfigError(
                f"arm_file = {self.file!r}, ee = {self.ee!r}, joints "
                f"{', '.join(self.joints)}: {error} Joints are named by body.joints, "
                "as in joint_states, or by file_joints where the file calls them "
                "otherwise."
            ) from error
        return arm, self._limits(base, own, found)

    def _limits(
        self, base: BodyLimits, own: ArmLimitsConfig, found: FileLimits
    ) -> BodyLimits:
        q_min = -self._narrower(-found.q_min, own, "reach_rad")
        q_max = self._narrower(found.q_max, own, "reach_rad")
        if not (q_min < q_max).all():
            raise ConfigError(
                f"arm_limits.reach_rad = {list(own.reach_rad)} leaves a joint of "
                f"{self.file!r} no room: lowest {q_min}, highest {q_max}. Set it to 0 "
                "or more than that."
            )
        return replace(
            base,
            q_min=q_min,
            q_max=q_max,
            dq_max=self._narrower(found.dq_max, own, "speed_rad_s"),
            effort_max=self._narrower(found.effort_max, own, "effort_nm"),
            effort_rate_max=_each(own, "effort_rate_nm_s", len(self.joints)),
        )

    def _narrower(self, found: Array, own: ArmLimitsConfig, name: str) -> Array:
        """The smaller of what the file says and what is wished for; 0 = no wish."""
        wish = _each(own, name, found.size)
        values = np.fmin(found, np.where(wish > 0.0, wish, np.nan))
        missing = np.isnan(values)
        if missing.any():
            names = ", ".join(np.array(self.joints)[missing].tolist())
            raise ConfigError(
                f"arm_limits.{name} = {list(getattr(own, name))}, and {self.file!r} "
                f"does not say it for {names}. Set it to one positive number, or to "
                "one for each joint."
            )
        return values


def choose_arm(
    file: str, ee: str, names: tuple[str, ...], file_joints: tuple[str, ...]
) -> ArmChoice:
    """The arm that the parameters of `robot_node` mean; its file is not read yet.

    Args:
        file: `arm_file`.
        ee: link or site of the hand.
        names: of the arm's joints in `joint_states`, base to tip.
        file_joints: the same joints in the file; ("",): they are called the same.

    Raises:
        ConfigError: if there is no such file, or the names of joints do not match.
    """
    path = Path(file).expanduser().absolute()
    joints = names if not any(file_joints) else file_joints
    if not path.is_file():
        raise ConfigError(
            f"arm_file = {file!r}: there is no file {str(path)!r}. Set it to a URDF or "
            "MJCF file, or to '' for the built-in arm."
        )
    if len(joints) != len(names) or len(set(joints)) != len(joints):
        raise ConfigError(
            f"file_joints = {list(joints)} for body.joints = {list(names)}; expected "
            f"{len(names)} different names, base to tip. Set both in the same order."
        )
    return ArmChoice(str(path), ee, tuple(joints))


def dynamics_in(about: dict[str, Any]) -> ArmDynamics:
    """The arm that the bridge says it has; the built-in one if it names none.

    Args:
        about: header of the link.

    Raises:
        ConfigError: if its file cannot be used from here.
    """
    plain = about.get("arm")
    if not plain:
        return arm_dynamics()
    choice = ArmChoice(plain["file"], plain["ee"], tuple(plain["joints"]))
    return choice.dynamics()


def _each(own: ArmLimitsConfig, name: str, n: int) -> Array:
    """A limit for each of n joints."""
    values = getattr(own, name)
    if len(values) not in (1, n):
        raise ConfigError(
            f"arm_limits.{name} = {list(values)} has {len(values)} numbers; expected "
            f"one, or {n}, one for each joint of the arm. Correct their number."
        )
    return np.broadcast_to(np.array(values, dtype=float), n).copy()
