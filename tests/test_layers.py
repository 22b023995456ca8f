"""Imports only ever point down, and the brain knows no middleware and no clock."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BELOW = {
    "models": set(),
    "sim": {"models"},
    "robots": {"sim", "models"},
    "view": {"robots", "sim", "models"},
    "benchmarks": {"view", "robots", "sim", "models"},
    "nodes": {"view", "robots", "sim", "models"},
    "cli": {"nodes", "benchmarks", "view", "robots", "sim", "models"},
}
FOREIGN = {
    "models": {"rclpy", "launch", "mujoco", "gymnasium", "viser", "pybullet"},
    "sim": {"rclpy", "launch", "viser"},
    "view": {"rclpy"},
}
SOURCES = sorted(
    path for layer in BELOW for path in (ROOT / layer).rglob("*.py") if path.is_file()
)


def module_name(path):
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(["neural_brain", *(part for part in parts if part != "__init__")])


def imports(tree):
    """Absolute names that a file imports, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def top_imports(tree):
    """Names imported while a module is loaded, without those for type checkers."""
    pending = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imports(ast.Module(body=[node], type_ignores=[]))
        elif isinstance(node, ast.If | ast.Try | ast.With):
            pending += [item for item in ast.iter_child_nodes(node)]


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_all_layers_are_known():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert folders == {*BELOW, "neural_brain", "tests"}


@pytest.mark.parametrize("layer", BELOW)
def test_imports_point_down(layer):
    wrong = []
    for path in (ROOT / layer).rglob("*.py"):
        for name in imports(parse(path)):
            words = name.split(".")
            if words[0] != "neural_brain" or len(words) < 2:
                continue
            if words[1] in BELOW and words[1] not in BELOW[layer] | {layer}:
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


@pytest.mark.parametrize("layer", FOREIGN)
def test_layer_knows_no_foreign_system(layer):
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / layer).rglob("*.py")
        for name in imports(parse(path))
        if name.split(".")[0] in FOREIGN[layer]
    ]
    assert not wrong


def test_only_training_code_knows_torch():
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / "models").rglob("*.py")
        if "learning" not in path.relative_to(ROOT).parts
        for name in imports(parse(path))
        if name.split(".")[0] == "torch"
    ]
    assert not wrong


def test_the_brain_reads_no_clock():
    wrong = []
    for path in (ROOT / "models").rglob("*.py"):
        if "learning" in path.relative_to(ROOT).parts:
            continue  # training reports how long it took
        for name in imports(parse(path)):
            if name == "time" or name.startswith(("time.", "datetime")):
                wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_nothing_measures_ages_with_the_wall_clock():
    """`time.time()` jumps; ages and deadlines use a steady clock."""
    wrong = []
    for path in SOURCES:
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "time.time":
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert not wrong


def test_no_import_cycles():
    names = {module_name(path): path for path in SOURCES}
    edges = {}
    for name, path in names.items():
        targets = set()
        for wanted in top_imports(parse(path)):
            target = wanted if wanted in names else wanted.rpartition(".")[0]
            if target in names and target != name:
                targets.add(target)
        edges[name] = targets
    assert find_cycle(edges) is None


def find_cycle(edges):
    """One cycle of a directed graph as a list of nodes, or None."""
    done, path = set(), []

    def visit(node):
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return None
        path.append(node)
        for target in sorted(edges[node]):
            cycle = visit(target)
            if cycle:
                return cycle
        path.pop()
        done.add(node)
        return None

    return next((cycle for node in sorted(edges) if (cycle := visit(node))), None)


def test_a_cycle_would_be_found():
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert find_cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None


def test_brain_loads_without_simulator_ros_and_torch():
    """What `models.brain` pulls in at run time is numpy, scipy, OpenCV and YAML."""
    code = (
        "import sys, neural_brain.models.brain\n"
        "print(sorted({'mujoco', 'torch', 'rclpy', 'viser'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
