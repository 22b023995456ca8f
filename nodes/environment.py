"""Environment variables that every process of this package wants by default."""

from __future__ import annotations

import os

from neural_brain.nodes.bringup.substitutions import package_share


def set_defaults() -> None:
    """Talk to this machine only, with shared memory large enough for images."""
    share = package_share("neural_brain")
    defaults = {
        "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
        "FASTDDS_DEFAULT_PROFILES_FILE": str(share / "config" / "fastdds.xml"),
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)
