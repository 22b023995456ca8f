"""Rules of style that a formatter cannot hold: sizes, names, units, public API."""

import ast
import dataclasses
import importlib
import re
import statistics
import typing
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("models", "sim", "robots", "view", "benchmarks", "nodes", "cli")
SOURCES = sorted(path for name in LAYERS for path in (ROOT / name).rglob("*.py"))
# Data and the catalogue of messages between modules, not code.
TABLES = {"models/categories.py", "models/signals.py"}

FILE_CAP, FILE_MEDIAN, FILE_P90 = 400, 130, 250
FUNCTION_CAP, FUNCTION_MEDIAN, FUNCTION_P99 = 60, 10, 50

# Last words of the names of scalars, after which nobody asks for the unit.
UNITS = """
    s ms us hz m mm rad deg n nm kg j w v px m2 m3 m_s rad_s m_s2 rad_s2 m_s3 n_m
    nm_rad n_s_m ns_m nms_rad n_s nm_s w_s kg_m2 rad_m per_m per_s per_rad gb mb kb
    bytes z
""".split()
PURE_NUMBERS = """
    fraction ratio factor scale gain weight weights probability prob chance prior score
    scores confidence threshold sigma sigmas count margin quantile overlap similarity
    alpha beta gamma damping friction slope rate discount share level exponent slip
    decay seed dropout density spread likelihood smoothing percent odds temperature
    evidence trust hit miss cost penalty number contrast quality blend agreement
    log_odds min max bonus agree found sure free occupied noise trim for below
""".split()
PURE_NUMBERS += ["gate_size", "known"]  # shares of a size and of a scan


def relative(path):
    return str(path.relative_to(ROOT))


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions():
    for path in SOURCES:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = node.end_lineno - node.lineno + 1
                yield f"{relative(path)}:{node.lineno} {node.name}", lines


def file_lengths():
    return {
        relative(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in SOURCES
        if relative(path) not in TABLES and path.name != "__init__.py"
    }


def test_no_file_is_long():
    assert not {name: n for name, n in file_lengths().items() if n > FILE_CAP}


def test_files_are_short_on_the_whole():
    lengths = list(file_lengths().values())
    assert statistics.median(lengths) <= FILE_MEDIAN
    assert np.quantile(lengths, 0.9) <= FILE_P90


def test_no_function_is_long():
    assert not {name: n for name, n in functions() if n > FUNCTION_CAP}


def test_functions_are_short_on_the_whole():
    lengths = [n for _, n in functions()]
    assert statistics.median(lengths) <= FUNCTION_MEDIAN
    assert np.quantile(lengths, 0.99) <= FUNCTION_P99


def test_modules_have_telling_names():
    vague = {"util", "utils", "helper", "helpers", "manager", "misc", "common"}
    assert not [relative(path) for path in SOURCES if path.stem in vague]


def test_public_items_are_documented():
    silent = []
    for path in SOURCES:
        tree = parse(path)
        if not ast.get_docstring(tree):
            silent.append(relative(path))
        silent += [
            f"{relative(path)}:{node.lineno} {node.name}"
            for node in public_items(tree)
            if not ast.get_docstring(node)
        ]
    assert not silent


def public_items(tree):
    """Public classes and functions of a module, and public methods of those classes."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for node in tree.body:
        if isinstance(node, kinds) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (
                    item
                    for item in node.body
                    if isinstance(item, kinds) and not item.name.startswith("_")
                    if not is_overload(item)
                )


def is_overload(node):
    words = {ast.unparse(item) for item in getattr(node, "decorator_list", [])}
    return any(word.endswith((".setter", "overload")) for word in words)


def test_quaternions_say_their_order():
    """`quat_xyzw` or `quat_wxyz`; names that MuJoCo gives are attributes, not ours."""
    bare = []
    for path in SOURCES:
        for node in ast.walk(parse(path)):
            names = []
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names = [node.id]
            elif isinstance(node, ast.arg):
                names = [node.arg]
            bare += [
                f"{relative(path)}:{node.lineno} {name}"
                for name in names
                if re.search(r"(^|_)quat(ernion)?s?($|_)", name.lower())
                and not re.search(r"xyzw|wxyz", name)
            ]
    assert not bare


def test_nothing_unsafe_is_read():
    """No pickle, no full YAML loader, no code from strings."""
    unsafe = []
    for path in SOURCES:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                text = ast.unparse(node)
                if re.search(r"\b(pickle|dill|joblib|shelve|marshal)\b", text):
                    unsafe.append(f"{relative(path)}:{node.lineno} {text}")
            if isinstance(node, ast.Call):
                call = ast.unparse(node)
                if re.match(r"(yaml\.(load|unsafe_load|full_load)|eval|exec)\(", call):
                    unsafe.append(f"{relative(path)}:{node.lineno} {call[:40]}")
                if "allow_pickle=True" in call or "shell=True" in call:
                    unsafe.append(f"{relative(path)}:{node.lineno} {call[:40]}")
    assert not unsafe


def test_all_names_that_packages_promise_exist():
    wrong = []
    for path in SOURCES:
        if path.name != "__init__.py":
            continue
        parts = path.parent.relative_to(ROOT).parts
        package = importlib.import_module(".".join(["neural_brain", *parts]))
        promised = getattr(package, "__all__", [])
        wrong += [
            f"{package.__name__}.{name}"
            for name in promised
            if not hasattr(package, name)
        ]
        if list(promised) != sorted(set(promised)) and sorted(promised) != sorted(
            set(promised)
        ):
            wrong.append(f"{package.__name__}.__all__ has a name twice")
    assert not wrong


def config_classes():
    """All configuration dataclasses of the product."""
    for path in SOURCES:
        if "Config:" not in path.read_text(encoding="utf-8"):
            continue
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "learning" in parts:
            pytest.importorskip("torch")
        module = importlib.import_module(".".join(["neural_brain", *parts]))
        for item in vars(module).values():
            if (
                dataclasses.is_dataclass(item)
                and isinstance(item, type)
                and item.__name__.endswith("Config")
                and item.__module__ == module.__name__
            ):
                yield item


def test_configurations_are_frozen_and_keyword_only():
    wrong = [
        item.__qualname__
        for item in config_classes()
        if not item.__dataclass_params__.frozen
        or not all(field.kw_only for field in dataclasses.fields(item))
    ]
    assert not wrong


def test_scalars_of_configurations_carry_their_unit():
    endings = tuple(f"_{word}" for word in [*UNITS, *PURE_NUMBERS])
    wrong = []
    for item in config_classes():
        hints = typing.get_type_hints(item)
        for field in dataclasses.fields(item):
            if hints[field.name] is not float:
                continue
            if field.name not in PURE_NUMBERS and not field.name.endswith(endings):
                wrong.append(f"{item.__module__}.{item.__name__}.{field.name}")
    assert not wrong


def test_every_parameter_says_what_it_means():
    wrong = [
        f"{item.__module__}.{item.__name__}.{field.name}"
        for item in config_classes()
        for field in dataclasses.fields(item)
        if not field.metadata.get("doc")
        and not dataclasses.is_dataclass(typing.get_type_hints(item)[field.name])
    ]
    assert not wrong
