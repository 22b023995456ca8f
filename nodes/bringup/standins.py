"""Modules named `launch` and `launch_ros`, in place while a launch file is read."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
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


@contextlib.contextmanager
def installed() -> Iterator[None]:
    """While this lasts, `import launch` and `import launch_ros` give the stand-ins.

    Afterwards everything is as before, so that a real launch system in the same
    environment is not disturbed.
    """
    before = {name: sys.modules.get(name) for name in MODULES}
    for name, contents in MODULES.items():
        module = ModuleType(name, "Stand-in of neural_brain for ROS's launch system.")
        module.__dict__.update(contents)
        module.__path__ = []
        sys.modules[name] = module
        parent, _, leaf = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], leaf, module)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module
