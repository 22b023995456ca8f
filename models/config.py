"""Configuration: frozen dataclasses whose fields carry range, unit and meaning.

YAML files, command-line flags and ROS parameters are all generated from the same
fields, so they cannot drift apart.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

import yaml

from neural_brain.models.errors import ConfigError

T = TypeVar("T")


def param(
    default: Any,
    doc: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] | None = None,
) -> Any:
    """A dataclass field with its meaning and allowed range.

    Tuples are checked element by element. Units stand in the field's name
    (`timeout_s`, `max_force_n`, `rate_hz`).
    """
    metadata = {"doc": doc, "low": low, "high": high, "choices": choices}
    return dataclasses.field(default=default, metadata=metadata)


def validate(config: Any) -> None:
    """Check every field against its declared type and range; call in `__post_init__`.

    Raises:
        ConfigError: names the field, the value, what is allowed and what to do.
    """
    hints = typing.get_type_hints(type(config))
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            continue
        name = f"{type(config).__name__}.{field.name}"
        _check_type(name, value, hints[field.name])
        _check_range(name, value, field.metadata)


def from_dict(cls: type[T], values: dict[str, Any], where: str = "") -> T:
    """Build a configuration from plain (YAML) values; nested sections are dictionaries.

    Raises:
        ConfigError: for an unknown key (with the nearest known one) or a bad value.
    """
    if not isinstance(values, dict):
        raise ConfigError(
            f"{where or cls.__name__} is {values!r}; expected a section of "
            "`name: value` lines. Indent its parameters below it."
        )
    hints = typing.get_type_hints(cls)
    known = {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    chosen: dict[str, Any] = {}
    for key, value in values.items():
        path = f"{where}.{key}" if where else str(key)
        if key not in known:
            raise ConfigError(_unknown_key(path, str(key), known))
        hint = hints[key]
        if dataclasses.is_dataclass(hint):
            chosen[key] = from_dict(hint, value, path)  # type: ignore[arg-type]
        else:
            chosen[key] = _coerce(value, hint)
    try:
        return cls(**chosen)
    except ConfigError as error:
        raise ConfigError(f"In section {where or 'top level'}: {error}") from None


def to_dict(config: Any) -> dict[str, Any]:
    """The configuration as plain values that YAML can write; inverse of `from_dict`."""
    values = dataclasses.asdict(config)
    return typing.cast(dict[str, Any], _plain(values))


def commented_yaml(config: Any, indent: int = 0) -> str:
    """The configuration as YAML text with every field's meaning and range beside it."""
    pad = "  " * indent
    lines = []
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            lines.append(f"{pad}{field.name}:")
            lines.append(
                commented_yaml(value, indent + 1).rstrip("\n") or f"{pad}  {{}}"
            )
            continue
        text = yaml.safe_dump(_plain(value), default_flow_style=True, width=10**6)
        text = text.removesuffix("\n").removesuffix("\n...")
        lines.append(
            f"{pad}{field.name}: {text}  # {_meaning(field.metadata)}".rstrip(" #")
        )
    return "\n".join(lines) + "\n"


def load_yaml(cls: type[T], path: str | Path) -> T:
    """Read a configuration file.

    Raises:
        ConfigError: if the file is missing, is not YAML, or holds a wrong key or value.
    """
    file = Path(path)
    try:
        values = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"Cannot read the configuration {file}: {error}. Give the path of an "
            "existing YAML file, or leave the option out to use the defaults."
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{file} is not valid YAML: {error}. Mend that line."
        ) from error
    return from_dict(cls, values or {})


def _meaning(metadata: Any) -> str:
    doc = str(metadata.get("doc", ""))
    low, high, choices = (metadata.get(key) for key in ("low", "high", "choices"))
    if choices is not None:
        return f"{doc} ({' | '.join(choices)})"
    if low is None and high is None:
        return doc
    return (
        f"{doc} [{'-inf' if low is None else low}, {'inf' if high is None else high}]"
    )


def _unknown_key(path: str, key: str, known: set[str]) -> str:
    near = difflib.get_close_matches(key, sorted(known), n=1)
    hint = f"Did you mean {near[0]!r}?" if near else "Remove it."
    return f"Unknown parameter {path!r}; known here: {', '.join(sorted(known))}. {hint}"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _coerce(value: Any, hint: Any) -> Any:
    if isinstance(value, list):
        inner = typing.get_args(hint)[:1] or (None,)
        return tuple(_coerce(item, inner[0]) for item in value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _check_type(name: str, value: Any, hint: Any) -> None:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        if value is None and type(None) in typing.get_args(hint):
            return
        hint = next(arg for arg in typing.get_args(hint) if arg is not type(None))
    origin = typing.get_origin(hint) or hint
    allowed: Any = (int, float) if origin is float else origin
    wrong_bool = isinstance(value, bool) and origin is not bool
    if isinstance(allowed, (type, tuple)) and (
        not isinstance(value, allowed) or wrong_bool
    ):
        expected = getattr(origin, "__name__", str(origin))
        raise ConfigError(
            f"{name} = {value!r}; expected a {expected}. Change its value."
        )


def _check_range(name: str, value: Any, metadata: Any) -> None:
    items = value if isinstance(value, tuple) else (value,)
    low, high, choices = (metadata.get(key) for key in ("low", "high", "choices"))
    for item in items:
        if choices is not None and item not in choices:
            allowed = ", ".join(map(repr, choices))
            raise ConfigError(
                f"{name} = {value!r}; allowed: {allowed}. Choose one of them."
            )
        if not isinstance(item, (int, float)) or isinstance(item, bool):
            continue
        below = low is not None and item < low
        above = high is not None and item > high
        if not math.isfinite(item) or below or above:
            limits = (
                f"[{'-inf' if low is None else low}, {'inf' if high is None else high}]"
            )
            raise ConfigError(
                f"{name} = {value!r}; allowed {limits}. Choose a value inside."
            )
