"""The parameters of the brain as a commented YAML file and as a Markdown table.

    python -m neural_brain.models.config_file > config/brain.yaml
    python -m neural_brain.models.config_file --table > docs/parameters.md

Both are made from the configuration classes, so they cannot drift apart.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterator
from typing import Any

import yaml

from neural_brain.models.brain import BrainConfig
from neural_brain.models.config import commented_yaml, to_dict

HEAD = """\
# Parameters of the brain: every line has its default, its meaning and its range.
# Use a copy: neural-brain demo --config my.yaml (also `sim`). Lines that are left out
# keep their default; wrong names and values are refused with the reason.
# Made by: python -m neural_brain.models.config_file
"""
TABLE_HEAD = """\
# Parameters of the brain

Made by `python -m neural_brain.models.config_file --table`; do not edit. The same
parameters as a file to copy: [`config/brain.yaml`](../config/brain.yaml). Those of the
ROS 2 nodes: [`config/brain_nodes.yaml`](../config/brain_nodes.yaml).
"""


def config_file() -> str:
    """All parameters as YAML text with comments."""
    return HEAD + "\n" + commented_yaml(BrainConfig())


def parameter_table() -> str:
    """All parameters as Markdown, one table for every section."""
    parts = [TABLE_HEAD]
    for path, config in _sections(BrainConfig(), ""):
        rows = [_row(config, field) for field in _own_fields(config)]
        if rows:
            head = f"## {path}\n\n| parameter | default | allowed | meaning |\n"
            parts.append(head + "|---|---|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _sections(config: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every section with its dotted path, outer ones first."""
    yield path, config
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            yield from _sections(value, f"{path}.{field.name}".lstrip("."))


def _own_fields(config: Any) -> list[dataclasses.Field[Any]]:
    return [
        field
        for field in dataclasses.fields(config)
        if not dataclasses.is_dataclass(getattr(config, field.name))
    ]


def _row(config: Any, field: dataclasses.Field[Any]) -> str:
    value = to_dict(config)[field.name]
    text = yaml.safe_dump(value, default_flow_style=True, width=10**6)
    text = text.removesuffix("\n").removesuffix("\n...")
    meaning = str(field.metadata.get("doc", "")).replace("|", "\\|")
    return f"| `{field.name}` | `{text}` | {_allowed(field)} | {meaning} |"


def _allowed(field: dataclasses.Field[Any]) -> str:
    low, high, choices = (field.metadata.get(k) for k in ("low", "high", "choices"))
    if choices is not None:
        return ", ".join(f"`{choice}`" for choice in choices)
    if low is None and high is None:
        return ""
    return f"{'' if low is None else low} to {'' if high is None else high}".strip()


if __name__ == "__main__":
    sys.stdout.write(parameter_table() if "--table" in sys.argv else config_file())
