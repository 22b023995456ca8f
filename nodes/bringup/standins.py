"""Modules named `launch` and `launch_ros`, put in place only when there are none."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType

from neural_brain.nodes.bringup import actions, substitutions

MODULES: dict[str, dict[str, object]] = {
    "launch": {"LaunchDescription": actions.LaunchDescription},
    "launch.actions": {
        "DeclareLaunchArgument": actions.DeclareLaunchArgument,
        "SetEnvironmentVariable": actions.SetEnvironmentVariable,
        "Shutdown": actions.Shutdown,
    },
    "launch.conditions": {
        "IfCondition": actions.IfCondition,
        "UnlessCondition": actions.UnlessCondition,
    },
    "launch.substitutions": {
        "LaunchConfiguration": substitutions.LaunchConfiguration,
        "PathJoinSubstitution": substitutions.PathJoinSubstitution,
    },
    "launch_ros": {},
    "launch_ros.actions": {"Node": actions.Node},
    "launch_ros.parameter_descriptions": {"ParameterValue": actions.ParameterValue},
    "launch_ros.substitutions": {"FindPackageShare": substitutions.FindPackageShare},
}
MARK = "__neural_brain_standin__"


def real_launch() -> bool:
    """Whether ROS's own launch system can be imported."""
    launch = sys.modules.get("launch")
    if launch is not None:
        return not hasattr(launch, MARK)
    return all(_is_package(name) for name in ("launch", "launch_ros"))


def install() -> None:
    """Make `import launch` and `import launch_ros` work in a launch file."""
    if real_launch():
        return
    for name, contents in MODULES.items():
        module = ModuleType(name, "Stand-in of neural_brain for ROS's launch system.")
        module.__dict__.update(contents)
        module.__dict__[MARK] = True
        module.__path__ = []
        sys.modules[name] = module
        parent, _, leaf = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], leaf, module)


def _is_package(name: str) -> bool:
    # A bare folder `launch/` in the working directory is found too, without origin.
    spec = importlib.util.find_spec(name)
    return spec is not None and spec.origin is not None
