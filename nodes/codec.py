"""Signals as JSON text, for those that no standard ROS message can carry.

One strict codec for all dataclasses of `neural_brain.models.signals`: type, shape and
finiteness of every field are checked on the way in and on the way out, and a size
budget bounds the work. Short arrays are readable lists, long ones base64 of their
little-endian bytes.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import enum
import functools
import json
import math
import types
import typing
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.maps.said import Landmarks
from neural_brain.nodes.shapes import SHAPES, fits

T = TypeVar("T")
BUDGET_BYTES = 4_000_000
LIST_LIMIT = 48
MAX_ITEMS = 100_000
MAX_DEPTH = 6


class SignalError(NeuralBrainError):
    """A signal that cannot be sent, or a text that is no valid signal.

    `reason` is a short code for counters: size, syntax, type, field, value, shape or
    finite.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def encode(signal: Any) -> str:
    """The signal as JSON text.

    Raises:
        SignalError: if a value is not finite or a shape is wrong.
    """
    _check_shapes(signal)
    body = _plain(signal, type(signal).__name__)
    text = json.dumps(
        {"type": type(signal).__name__, "signal": body},
        allow_nan=False,
        separators=(",", ":"),
    )
    if len(text) > BUDGET_BYTES:
        raise SignalError("size", _too_large(type(signal).__name__, len(text)))
    return text


def decode(cls: type[T], text: str, *, budget_bytes: int = BUDGET_BYTES) -> T:
    """The signal of type `cls` that `encode` wrote.

    Raises:
        SignalError: if the text is too long, is not JSON, is another signal, or any
            field is missing, unknown, of another type or shape, or not finite.
    """
    if not isinstance(text, str) or len(text) > budget_bytes:
        raise SignalError("size", _too_large(cls.__name__, len(text)))
    try:
        envelope = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise SignalError("syntax", f"{cls.__name__}: not JSON ({error}).") from None
    if not isinstance(envelope, dict) or set(envelope) != {"type", "signal"}:
        raise SignalError(
            "type", f"{cls.__name__}: expected an object with 'type' and 'signal'."
        )
    if envelope["type"] != cls.__name__:
        got = str(envelope["type"])[:40]
        raise SignalError("type", f"Expected a {cls.__name__}, got {got!r}.")
    return _dataclass(cls, envelope["signal"], cls.__name__)


# --- out --------------------------------------------------------------------------


def _plain(value: Any, where: str) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return _finite(float(value), where)
    if isinstance(value, np.ndarray):
        return _plain_array(value, where)
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name), f"{where}.{field.name}")
            for field in dataclasses.fields(value)
        }
    if isinstance(value, dict):
        return {str(key): _plain(item, where) for key, item in value.items()}
    if isinstance(value, (tuple, list, Landmarks)):
        return [_plain(item, where) for item in value]
    raise SignalError("type", f"{where}: cannot send a {type(value).__name__}.")


def _plain_array(array: np.ndarray, where: str) -> Any:
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise SignalError("finite", f"{where} holds NaN or infinity; it was not sent.")
    if array.size <= LIST_LIMIT and 0 not in array.shape:
        return array.tolist()
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return {
        "dtype": little.dtype.str,
        "shape": list(array.shape),
        "b64": base64.b64encode(little.tobytes()).decode("ascii"),
    }


# --- in ---------------------------------------------------------------------------


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _dataclass(cls: type[T], values: Any, where: str) -> T:
    if not isinstance(values, dict):
        raise SignalError("type", f"{where}: expected an object.")
    hints = _hints(cls)
    if set(values) != set(hints):
        odd = sorted(str(name)[:40] for name in set(values) ^ set(hints))[:5]
        raise SignalError("field", f"{where}: missing or unknown fields {odd}.")
    fields = {
        name: _value(hint, values[name], f"{where}.{name}")
        for name, hint in hints.items()
    }
    signal = cls(**fields)
    _check_own_shapes(signal)
    return signal


def _value(hint: Any, value: Any, where: str) -> Any:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _value(next(a for a in args if a is not type(None)), value, where)
    if origin is np.ndarray:
        return _array(np.dtype(typing.get_args(args[1])[0]), value, where)
    if origin in (tuple, Sequence):
        return _items(args[0], value, where)
    if origin is dict:
        return _free(value, where, 0)
    if dataclasses.is_dataclass(hint):
        return _dataclass(typing.cast(type, hint), value, where)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        try:
            return hint(value)
        except ValueError:
            raise SignalError("value", f"{where}: {value!r:.60} is unknown.") from None
    return _scalar(hint, value, where)


def _items(hint: Any, value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise SignalError("type", f"{where}: expected a list of at most {MAX_ITEMS}.")
    return tuple(_value(hint, item, f"{where}[{i}]") for i, item in enumerate(value))


def _scalar(hint: Any, value: Any, where: str) -> Any:
    if hint is float and isinstance(value, (int, float)) and value is not True:
        if value is not False:
            return _finite(value, where)
    elif (
        (hint is bool and isinstance(value, bool))
        or (hint is int and isinstance(value, int) and not isinstance(value, bool))
        or (hint is str and isinstance(value, str))
    ):
        return value
    name = getattr(hint, "__name__", str(hint))
    raise SignalError("type", f"{where}: expected a {name}, got {value!r:.60}.")


def _array(dtype: np.dtype, value: Any, where: str) -> np.ndarray:
    try:
        if isinstance(value, dict):
            array = _from_base64(dtype, value)
        else:
            array = _from_list(dtype, value)
    except (ValueError, TypeError, KeyError, OverflowError, binascii.Error) as error:
        raise SignalError("shape", f"{where}: no array ({str(error)[:80]}).") from None
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise SignalError("finite", f"{where} holds NaN or infinity.")
    return array


def _from_list(dtype: np.dtype, value: Any) -> np.ndarray:
    array = np.asarray(value)
    kinds = {"f": "fi", "b": "b", "i": "i", "u": "i"}[dtype.kind]
    if array.size > LIST_LIMIT or array.dtype.kind not in kinds:
        raise ValueError("not a short list of numbers")
    typed = array.astype(dtype)
    if dtype.kind in "iu" and not np.array_equal(typed, array):
        raise ValueError(f"a number does not fit {dtype}")
    return typed


def _from_base64(dtype: np.dtype, value: dict[str, Any]) -> np.ndarray:
    if value["dtype"] != dtype.newbyteorder("<").str:
        raise ValueError(f"expected dtype {dtype}, got {str(value['dtype'])[:20]}")
    shape = [int(size) for size in value["shape"]]
    if any(size < 0 for size in shape) or len(shape) > 4:
        raise ValueError("bad shape")
    data = base64.b64decode(value["b64"], validate=True)
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError("shape and bytes disagree")
    return np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype).reshape(shape)


def _free(value: Any, where: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise SignalError("value", f"{where}: nested deeper than {MAX_DEPTH}.")
    if isinstance(value, dict):
        return {key: _free(item, where, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_free(item, where, depth + 1) for item in value]
    return _finite(value, where) if isinstance(value, float) else value


# --- checks -----------------------------------------------------------------------


def _check_shapes(signal: Any) -> None:
    _check_own_shapes(signal)
    for name in _hints(type(signal)):
        value = getattr(signal, name)
        for item in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(item):
                _check_shapes(item)


def _check_own_shapes(signal: Any) -> None:
    lengths: dict[str, int] = {}
    name = type(signal).__name__
    for field, wanted in SHAPES.get(name, {}).items():
        array = getattr(signal, field)
        if array is not None and not fits(np.shape(array), wanted, lengths):
            raise SignalError(
                "shape",
                f"{name}.{field} has shape {np.shape(array)}; expected {wanted}.",
            )


def _finite(value: float, where: str) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise SignalError("finite", f"{where} = {number}; expected a finite number.")
    return number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not allowed")


def _too_large(name: str, size: int) -> str:
    return f"{name}: {size} bytes; the budget is {BUDGET_BYTES}. Send less at once."
