"""ROS parameters generated from a configuration dataclass.

Every field becomes a declared parameter with its description and range; nested
sections become dotted names. A value that the dataclass refuses is refused here with
the same sentence.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from typing import Any, TypeVar

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.node import Node
from rclpy.parameter import Parameter

from neural_brain.models.config import from_dict, to_dict
from neural_brain.models.errors import ConfigError

T = TypeVar("T")
OWN_NAMES = ("use_sim_time", "start_type_description_service", "autostart")
SMALLEST, LARGEST = -(2**63), 2**63 - 1


def declare(node: Node, default: Any) -> None:
    """Declare one parameter per field of the configuration `default`.

    Raises:
        ConfigError: if a start value (file or command line) is refused.
    """
    for name, field, value in flatten(default):
        descriptor = _descriptor(field, value)
        try:
            node.declare_parameter(name, _ros_value(value), descriptor)
        except Exception as error:  # rclpy has one class for each reason
            raise ConfigError(
                f"Parameter {name!r} of node {node.get_name()!r} was refused: {error}. "
                f"Meaning: {descriptor.description}. Correct its value."
            ) from error


def read(node: Node, cls: type[T], default: Any) -> T:
    """The configuration that the node's parameters say now.

    Raises:
        ConfigError: if the values together are not allowed.
    """
    names = [name for name, _, _ in flatten(default)]
    return build(cls, {name: node.get_parameter(name).value for name in names}, default)


def build(cls: type[T], values: dict[str, Any], default: Any) -> T:
    """A configuration from dotted names and values; what is missing stays default."""
    tree = to_dict(default)
    for name, value in values.items():
        *sections, leaf = name.split(".")
        branch = tree
        for section in sections:
            branch = branch[section]
        branch[leaf] = list(value) if hasattr(value, "tolist") else value
    return from_dict(cls, tree)


def check_change(
    node: Node, cls: type, default: Any, changes: list[Parameter]
) -> SetParametersResult:
    """Whether the changed parameters make an allowed configuration, and if not why."""
    names = {name for name, _, _ in flatten(default)}
    values = {name: node.get_parameter(name).value for name in names}
    values.update({p.name: p.value for p in changes if p.name in names})
    try:
        build(cls, values, default)
    except ConfigError as error:
        return SetParametersResult(successful=False, reason=str(error))
    return SetParametersResult(successful=True)


def refuse_unknown(node: Node, others: Sequence[Node] = ()) -> None:
    """Complain about parameters in files or arguments that the node does not have.

    Args:
        node: a node whose parameters are all declared.
        others: nodes of the same process, whose arguments reach this node too.

    Raises:
        ConfigError: names the wrong key and the nearest right one.
    """
    known = {name for each in (node, *others) for name in each._parameters}
    for name in node._parameter_overrides:
        if name in known or name in OWN_NAMES or name.startswith("qos_overrides."):
            continue
        near = difflib.get_close_matches(name, sorted(known), n=1)
        hint = f"Did you mean {near[0]!r}?" if near else "Remove it."
        raise ConfigError(
            f"Node {node.get_name()!r} has no parameter {name!r}. {hint} All of them: "
            f"ros2 param list /{node.get_name()}, or config/ros/brain.yaml."
        )


def flatten(config: Any, prefix: str = "") -> list[tuple[str, dataclasses.Field, Any]]:
    """All leaf fields as (dotted name, field, value); values None are left out."""
    leaves = []
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            leaves += flatten(value, f"{prefix}{field.name}.")
        elif _declarable(value):
            leaves.append((prefix + field.name, field, value))
    return leaves


def _declarable(value: Any) -> bool:
    if isinstance(value, tuple):
        return bool(value) and isinstance(value[0], (bool, int, float, str))
    return isinstance(value, (bool, int, float, str))


def _ros_value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _descriptor(field: dataclasses.Field, value: Any) -> ParameterDescriptor:
    meta = field.metadata
    descriptor = ParameterDescriptor(
        name=field.name, description=str(meta.get("doc", "")), dynamic_typing=False
    )
    choices = meta.get("choices")
    if choices:
        descriptor.additional_constraints = "one of: " + ", ".join(map(str, choices))
    low, high = meta.get("low"), meta.get("high")
    if isinstance(value, bool) or (low is None and high is None):
        pass
    elif isinstance(value, float):
        start = float(low) if low is not None else -float("inf")
        stop = float(high) if high is not None else float("inf")
        descriptor.floating_point_range = [
            FloatingPointRange(from_value=start, to_value=stop, step=0.0)
        ]
    elif isinstance(value, int):
        start = int(low) if low is not None else SMALLEST
        stop = int(high) if high is not None else LARGEST
        descriptor.integer_range = [
            IntegerRange(from_value=start, to_value=stop, step=0)
        ]
    else:
        limits = f"each in [{low}, {high}]"
        descriptor.additional_constraints = limits
    if isinstance(value, float) or _is_float_array(value):
        descriptor.dynamic_typing = True  # `1` in a YAML file means 1.0
    return descriptor


def _is_float_array(value: Any) -> bool:
    return isinstance(value, tuple) and isinstance(value[0], float)
