"""The commented parameter file of all nodes, made from their configuration classes.

    python -m neural_brain.nodes.parameter_file > config/brain_nodes.yaml

Every parameter is listed with meaning, range and default, commented out: the defaults
are in the code once, and a line takes effect when its `#` is removed.
"""

from __future__ import annotations

import sys
from typing import Any

from neural_brain.models.config import commented_yaml
from neural_brain.nodes.body_node import BodyNodeConfig
from neural_brain.nodes.executive_node import ExecutiveNodeConfig
from neural_brain.nodes.maps_node import MapsNodeConfig
from neural_brain.nodes.motion_node import MotionNodeConfig
from neural_brain.nodes.robot_node import RobotNodeConfig
from neural_brain.nodes.sensing_node import SensingNodeConfig
from neural_brain.nodes.sim_node import SimNodeConfig
from neural_brain.nodes.world_node import WorldNodeConfig

NODES: dict[str, type] = {
    "sim_node": SimNodeConfig,
    "robot_node": RobotNodeConfig,
    "body_node": BodyNodeConfig,
    "sensing_node": SensingNodeConfig,
    "maps_node": MapsNodeConfig,
    "world_node": WorldNodeConfig,
    "executive_node": ExecutiveNodeConfig,
    "motion_node": MotionNodeConfig,
}
HEAD = """\
# Parameters of the ROS 2 nodes. Every line shows a default, its meaning and range;
# remove the leading "# " of a line (and of the sections above it), and the "{}",
# to change it.
# Wrong names and values are refused at the start, with the reason.
# Made by: python -m neural_brain.nodes.parameter_file
"""


def parameter_file() -> str:
    """The text of the file."""
    return HEAD + "\n" + "\n".join(_section(*item) for item in NODES.items())


def _section(name: str, config: Any) -> str:
    lines = commented_yaml(config()).splitlines()
    body = "\n".join(f"    # {line}" for line in lines if line.strip())
    return f"/**/{name}:\n  ros__parameters: {{}}\n{body}\n"


if __name__ == "__main__":
    sys.stdout.write(parameter_file())
