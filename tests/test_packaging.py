"""The package installs in every way that pip and colcon know, and says the truth."""

import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import neural_brain

ROOT = Path(__file__).resolve().parent.parent
LAYERS = ("models", "sim", "robots", "view", "benchmarks", "nodes", "cli")
SOURCES = [*ROOT.glob("*.py"), *(ROOT / "neural_brain").glob("*.py")] + [
    path
    for folder in (*LAYERS, "launch", "scripts", "tests", "examples")
    for path in (ROOT / folder).rglob("*.py")
]
NOT_SHIPPED = (".git", ".venv*", "runs", "build", "install", "log", "__pycache__")
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
# Asks an installed copy where it is, and loads the layers that need no ROS.
PROBE = """
import importlib, pathlib, neural_brain
from neural_brain.models import config, signals
from neural_brain.cli.main import main
print(pathlib.Path(signals.__file__).resolve())
"""


def shell(command, cwd, **environment):
    """Run a command; its output, or a failure that shows what it said."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**clean_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def clean_environment():
    """Without the traces of this process's own environment."""
    hidden = {"PYTHONPATH", "VIRTUAL_ENV", "AMENT_PREFIX_PATH", "COLCON_PREFIX_PATH"}
    return {key: value for key, value in os.environ.items() if key not in hidden}


@pytest.fixture
def checkout(tmp_path):
    """A copy of the source tree, so that no build leaves traces in the real one."""
    copy = tmp_path / "src" / "neural_brain"
    shutil.copytree(
        ROOT,
        copy,
        symlinks=True,
        ignore=shutil.ignore_patterns(*NOT_SHIPPED, "*.egg-info"),
    )
    return copy


@pytest.fixture
def empty_venv(tmp_path):
    """The interpreter of a new environment that sees our dependencies, not us."""
    folder = tmp_path / "venv"
    shell([sys.executable, "-m", "venv", "--without-pip", folder], tmp_path)
    name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = folder / "lib" / name / "site-packages"
    (packages / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    return folder / "bin" / "python"


def pip_install(python, *words, cwd):
    base = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps"]
    shell([*base, "--no-build-isolation", "--no-index", *words], cwd)


# What the metadata say.


def test_versions_agree():
    package = ElementTree.parse(ROOT / "package.xml").getroot()
    setup = (ROOT / "setup.py").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8")
    version = neural_brain.__version__
    assert package.findtext("version") == version
    assert re.search(r'^VERSION = "(.+)"$', setup, re.M).group(1) == version
    assert re.search(r"^(\d+\.\d+\.\d+) \(", changes, re.M).group(1) == version


def test_package_xml_is_what_ros_expects():
    package = ElementTree.parse(ROOT / "package.xml").getroot()
    assert package.get("format") == "3"
    assert package.findtext("name") == "neural_brain"
    assert package.findtext("license") == "Apache-2.0"
    assert package.findtext("export/build_type") == "ament_python"
    assert (ROOT / "resource" / "neural_brain").is_file()
    assert "Apache License" in (ROOT / "LICENSE").read_text()


def test_launch_folder_does_not_hide_the_launch_package():
    assert not (ROOT / "launch" / "__init__.py").exists()


@pytest.mark.parametrize("version", [(3, 10)], ids=["3.10"])
def test_sources_are_of_the_oldest_supported_python(version):
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        ast.parse(text, filename=str(path), feature_version=version)


def test_nothing_newer_than_python_3_10_is_imported():
    newer = re.compile(
        r"\bimport tomllib|\bStrEnum\b|from typing import .*\b(Self|override|Never"
        r"|assert_never|LiteralString)\b|\bexcept\*|ExceptionGroup|datetime\.UTC"
    )
    wrong = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in SOURCES
        if path != Path(__file__)
        if (match := newer.search(path.read_text(encoding="utf-8")))
    ]
    assert not wrong


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.stem)
def test_locks_pin_exact_versions(lock):
    pinned = re.compile(r"^[a-z0-9._-]+==[0-9a-z.+]+( ; .+)?$")
    rows = lock.read_text(encoding="utf-8").splitlines()
    wrong = [row for row in rows if row and row[0] != "#" and not pinned.match(row)]
    assert not wrong


def test_torch_is_pinned_without_cuda():
    rows = (ROOT / "requirements" / "learn.txt").read_text().splitlines()
    assert "torch==2.13.0" in rows
    assert not [row for row in rows if re.match("nvidia|cuda|triton|torch.*cu", row)]


def test_every_import_is_declared():
    """Each foreign package that the product imports is in `setup.py` or of ROS."""
    setup = (ROOT / "setup.py").read_text(encoding="utf-8").lower().replace("-", "_")
    other_names = {"cv2": "opencv", "PIL": "pillow", "yaml": "pyyaml"}
    ros = {"launch", "launch_ros", "tf2_msgs", "ament_index_python", "rcl_interfaces"}
    own_python = (
        ROOT / "benchmarks" / "memory_maze" / "worker.py"
    )  # not ours to install
    unknown = set()
    for path in (ROOT / layer for layer in LAYERS):
        for file in path.rglob("*.py"):
            unknown |= foreign_imports(file) - ros if file != own_python else set()
    missing = {
        name
        for name in unknown
        if other_names.get(name, name).lower() not in setup
        and not re.fullmatch(r"rclpy|std_srvs|[a-z0-9_]+_(msgs|interfaces)", name)
    }
    assert not missing


def foreign_imports(file):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"neural_brain"}


# What the ways of installing do.


def test_plain_checkout_works(checkout):
    place = shell([sys.executable, "-c", PROBE], checkout)
    assert Path(place.strip()) == checkout / "models" / "signals.py"
    assert neural_brain.__version__ in shell(
        [sys.executable, "-m", "neural_brain", "--version"], checkout
    )


@pytest.mark.slow
def test_pip_install_works(checkout, empty_venv, tmp_path):
    pip_install(empty_venv, ".", cwd=checkout)
    place = Path(shell([empty_venv, "-c", PROBE], tmp_path).strip())
    prefix = empty_venv.parent.parent
    assert prefix in place.parents
    command = empty_venv.parent / "neural-brain"
    assert neural_brain.__version__ in shell([command, "--version"], tmp_path)
    installed = {
        str(path.relative_to(place.parents[1]))
        for path in place.parents[1].rglob("*")
        if path.suffix != ".pyc"
    }
    assert not missing_files(checkout, installed)
    check_share(prefix / "share", checkout)


def missing_files(checkout, installed):
    """Source and data files of the layers that an installation lacks."""
    kinds = {".py", ".safetensors", ".json", ".yaml", ".xml", ".html", ".csv", ".npz"}
    wanted = {
        str(path.relative_to(checkout))
        for layer in LAYERS
        for path in (checkout / layer).rglob("*")
        if path.suffix in kinds
    }
    return wanted - installed


def check_share(share, checkout):
    assert (share / "ament_index/resource_index/packages/neural_brain").exists()
    assert (share / "neural_brain/package.xml").exists()
    for folder in ("launch", "config"):
        for path in (checkout / folder).iterdir():
            if path.is_file():
                assert (share / "neural_brain" / folder / path.name).exists()


@pytest.mark.slow
def test_editable_install_works(checkout, empty_venv, tmp_path):
    pip_install(empty_venv, "-e", ".", cwd=checkout)
    place = shell([empty_venv, "-c", PROBE], tmp_path)
    assert Path(place.strip()) == checkout / "models" / "signals.py"
    command = empty_venv.parent / "neural-brain"
    assert neural_brain.__version__ in shell([command, "--version"], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--symlink-install"]], ids=["copy", "link"])
def test_colcon_build_works(options, checkout, tmp_path):
    """Built, found by its prefix as `ros2 run` and `ros2 launch` find it, and run."""
    pytest.importorskip("colcon_ros")
    colcon = [sys.executable, "-m", "colcon", "build", *options]
    shell(colcon, tmp_path)
    place = tmp_path / "install" / "neural_brain"
    check_share(place / "share", checkout)
    setup = tmp_path / "install" / "local_setup.sh"
    executable = place / "lib" / "neural_brain" / "neural-brain"
    line = f"cd {tmp_path}/install; . {setup}; cd /; {executable} --version; "
    line += f"{sys.executable} -c '{PROBE}'; echo $AMENT_PREFIX_PATH"
    version, signals, prefixes = shell(["sh", "-c", line], tmp_path).splitlines()
    assert version == neural_brain.__version__
    home = checkout if options else place
    assert home in Path(signals).parents
    assert str(place) in prefixes
    for node in node_names(checkout):
        assert os.access(place / "lib" / "neural_brain" / node, os.X_OK), node


def node_names(checkout):
    return [
        path.stem
        for path in (checkout / "nodes").glob("*.py")
        if "\ndef main(" in path.read_text()
    ]
