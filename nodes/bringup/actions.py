"""The launch actions that the launch files of this package use.

Stand-ins of the same names and arguments as in ROS's `launch` and `launch_ros`, for
machines that have neither. Only this subset is supported.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from neural_brain.nodes.bringup.substitutions import (
    FALSE,
    TRUE,
    Context,
    LaunchError,
    Text,
    text_of,
)


class IfCondition:
    """True when its text says true."""

    wanted = True

    def __init__(self, predicate_expression: Text) -> None:
        self.expression = predicate_expression

    def holds(self, context: Context) -> bool:
        """Evaluate the text ("true", "1", "false", "0")."""
        text = text_of(self.expression, context).lower()
        if text not in TRUE + FALSE:
            raise LaunchError(
                f"A condition of the launch file is {text!r}; allowed: true, false."
            )
        return (text in TRUE) == self.wanted


class UnlessCondition(IfCondition):
    """True when its text says false."""

    wanted = False


class Action:
    """Something that a launch file does, perhaps only on a condition."""

    def __init__(self, *, condition: IfCondition | None = None) -> None:
        self.condition = condition

    def applies(self, context: Context) -> bool:
        """Whether the condition holds."""
        return self.condition is None or self.condition.holds(context)


class DeclareLaunchArgument(Action):
    """An argument of the launch file, given as `name:=value`."""

    def __init__(
        self,
        name: str,
        *,
        default_value: Text | None = None,
        description: str = "",
        choices: Iterable[str] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.name = name
        self.default_value = default_value
        self.description = description
        self.choices = None if choices is None else tuple(choices)


class SetEnvironmentVariable(Action):
    """An environment variable of all programs started after it."""

    def __init__(self, name: Text, value: Text, **options: Any) -> None:
        super().__init__(**options)
        self.name, self.value = name, value


class Shutdown(Action):
    """As `on_exit` of a node: its end ends everything."""

    def __init__(self, *, reason: Text = "", **options: Any) -> None:
        super().__init__(**options)
        self.reason = reason


class ParameterValue:
    """A parameter with a fixed type."""

    def __init__(self, value: Any, *, value_type: Any = None) -> None:
        self.value, self.value_type = value, value_type


class Node(Action):
    """A program of a ROS package with its parameters and remappings."""

    def __init__(
        self,
        *,
        package: Text,
        executable: Text,
        name: Text | None = None,
        namespace: Text | None = None,
        parameters: Sequence[Any] = (),
        remappings: Sequence[tuple[Text, Text]] = (),
        arguments: Sequence[Text] = (),
        ros_arguments: Sequence[Text] = (),
        output: str = "log",
        on_exit: Any = None,
        condition: IfCondition | None = None,
        **options: Any,
    ) -> None:
        super().__init__(condition=condition)
        self.package, self.executable = package, executable
        self.name, self.namespace = name, namespace
        self.parameters, self.remappings = parameters, remappings
        self.arguments, self.ros_arguments = arguments, ros_arguments
        self.ends_all = isinstance(on_exit, Shutdown)

    def argv(self, context: Context) -> list[str]:
        """The arguments as `launch_ros` builds them (without the program)."""
        argv = [text_of(item, context) for item in self.arguments]
        argv.append("--ros-args")
        argv += [text_of(item, context) for item in self.ros_arguments]
        if self.name is not None:
            argv += ["-r", f"__node:={text_of(self.name, context)}"]
        if self.namespace is not None and text_of(self.namespace, context):
            spelled = "/" + text_of(self.namespace, context).strip("/")
            argv += ["-r", f"__ns:={spelled}"]
        for item in self.parameters:
            argv += self._parameter(item, context)
        for old, new in self.remappings:
            argv += ["-r", f"{text_of(old, context)}:={text_of(new, context)}"]
        return argv

    @staticmethod
    def _parameter(item: Any, context: Context) -> list[str]:
        if not isinstance(item, dict):
            return ["--params-file", text_of(item, context)]
        argv = []
        for name, value in item.items():
            inner = value.value if isinstance(value, ParameterValue) else value
            text = text_of(inner, context)
            if isinstance(value, ParameterValue) and value.value_type is str:
                text = json.dumps(text)
            argv += ["-p", f"{text_of(name, context)}:={text}"]
        return argv


class LaunchDescription:
    """What a launch file returns: its actions in order."""

    def __init__(self, initial_entities: Iterable[Action] = ()) -> None:
        self.entities = list(initial_entities)

    def add_action(self, action: Action) -> None:
        """Append an action."""
        self.entities.append(action)
