"""What this machine offers the brain: each check says its finding and its remedy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from neural_brain.cli.pace import measure_pace
from neural_brain.models.cache import cache_dir

OK, NOTE, MISSING = "ok", "note", "missing"

_CORE = {
    "numpy": "numpy",
    "scipy": "scipy",
    "cv2": "opencv-python-headless",
    "mujoco": "mujoco",
    "yaml": "PyYAML",
    "gymnasium": "gymnasium",
    "viser": "viser",
    "mcap": "mcap",
}
_DRAW = """
import time, mujoco
model = mujoco.MjModel.from_xml_string(
    "<mujoco><visual><quality shadowsize='0' offsamples='0'/></visual><worldbody>"
    "<light pos='0 0 3'/><geom type='box' size='1 1 1'/></worldbody></mujoco>")
data = mujoco.MjData(model)
mujoco.mj_forward(model, data)
drawer = mujoco.Renderer(model, 96, 128)
drawer.update_scene(data)
picture = drawer.render()
start = time.perf_counter()
for _ in range(10):
    drawer.update_scene(data)
    picture = drawer.render()
assert picture.max() > 0, "the picture is black"
print(f"{100.0 * (time.perf_counter() - start):.1f}", flush=True)
import os; os._exit(0)
"""
_GL_REMEDY = (
    "Type: sudo apt-get install libegl1 libgl1-mesa-dri  (or libosmesa6 where there "
    "is no EGL)"
)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of one check.

    Args:
        name: what was looked at.
        state: `ok`, `note` (something is slow, or something optional is not there)
            or `missing` (stops something that the core needs).
        text: what was found.
        remedy: what to type or do; empty when all is well.
    """

    name: str
    state: str
    text: str
    remedy: str = ""


def check_python() -> Finding:
    """The interpreter is one of those that the package is tested with."""
    version = ".".join(map(str, sys.version_info[:3]))
    text = f"Python {version} in {sys.prefix}"
    if sys.version_info >= (3, 13):
        remedy = "Tested with 3.10 to 3.12 only: make PYTHON=python3.12 demo"
        return Finding(name="python", state=NOTE, text=text, remedy=remedy)
    return Finding(name="python", state=OK, text=text)


def check_packages() -> Finding:
    """All packages of the core install are there."""
    absent = [dist for module, dist in _CORE.items() if not _has(module)]
    if absent:
        return Finding(
            name="packages",
            state=MISSING,
            text=f"not installed: {', '.join(absent)}",
            remedy="Type: pip install neural_brain   (or, in a checkout: make demo)",
        )
    shown = ("mujoco", "numpy", "scipy", "opencv-python-headless")
    versions = ", ".join(f"{dist} {_version(dist)}" for dist in shown)
    return Finding(name="packages", state=OK, text=versions)


def check_gl() -> Finding:
    """A picture can be drawn without a screen, and how long one takes."""
    for backend in _gl_backends():
        try:
            done = subprocess.run(
                [sys.executable, "-c", _DRAW],
                env={**os.environ, "MUJOCO_GL": backend},
                capture_output=True,
                text=True,
                timeout=60,
                cwd=tempfile.gettempdir(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            continue
        if done.returncode == 0 and done.stdout.strip():
            took_ms = float(done.stdout.split()[-1])
            text = f"{backend}: {took_ms:.1f} ms for a 128x96 picture"
            if took_ms > 10.0:
                remedy = "Software drawing; a graphics driver makes the camera faster."
                return Finding(name="graphics", state=NOTE, text=text, remedy=remedy)
            return Finding(name="graphics", state=OK, text=text)
    text = "neither EGL nor OSMesa can draw off screen"
    return Finding(name="graphics", state=MISSING, text=text, remedy=_GL_REMEDY)


def check_ros() -> Finding:
    """ROS 2 for Python, needed by `up` and the nodes but not by the simulator."""
    absent = [name for name in ("rclpy", "sensor_msgs", "tf2_msgs") if not _has(name)]
    if absent == ["tf2_msgs"]:
        return Finding(
            name="ros",
            state=NOTE,
            text="rclpy works, tf2_msgs is not there: no transforms on /tf",
            remedy="Type in a checkout: make ros   (builds it in about 20 s)",
        )
    if absent:
        return Finding(
            name="ros",
            state=NOTE,
            text=f"not installed: {', '.join(absent)}; the simulator works without",
            remedy="Source your ROS 2 (source /opt/ros/jazzy/setup.bash), or: make ros",
        )
    distro = os.environ.get("ROS_DISTRO") or f"wheels, rclpy {_version('ros-rclpy')}"
    return Finding(name="ros", state=OK, text=f"rclpy and tf2_msgs ({distro})")


def check_torch() -> Finding:
    """PyTorch, needed by `train` only."""
    if not _has("torch"):
        return Finding(
            name="learning",
            state=NOTE,
            text="PyTorch is not installed; everything but `train` works without",
            remedy="Type: pip install 'neural_brain[learn]'",
        )
    return Finding(name="learning", state=OK, text=f"torch {_version('torch')}")


def check_perception() -> Finding:
    """Pretrained networks for real cameras and for the meaning of words."""
    from neural_brain.cli.pretrained import lacking

    remedy = lacking()
    if remedy:
        return Finding(
            name="perception",
            state=NOTE,
            text="networks for real cameras and for other words are not all there",
            remedy=f"Type: {remedy}",
        )
    return Finding(name="perception", state=OK, text="pretrained networks are there")


def check_places() -> Finding:
    """The current folder and the cache can be written."""
    for place in (Path.cwd(), cache_dir()):
        try:
            place.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=place):
                continue
        except OSError as error:
            return Finding(
                name="write access",
                state=MISSING,
                text=f"cannot write in {place}: {error.strerror}",
                remedy="Run in a folder of yours; NEURAL_BRAIN_CACHE moves the cache.",
            )
    return Finding(name="write access", state=OK, text=f"{Path.cwd()}, {cache_dir()}")


def check_disk() -> Finding:
    """Room for maps and recordings."""
    free_gb = shutil.disk_usage(Path.cwd()).free / 1e9
    text = f"{free_gb:.1f} GB free"
    if free_gb < 0.2:
        remedy = "Free at least 0.2 GB: maps and recordings could not be saved."
        return Finding(name="disk", state=MISSING, text=text, remedy=remedy)
    if free_gb < 2.0:
        remedy = "Free 2 GB before long recordings."
        return Finding(name="disk", state=NOTE, text=text, remedy=remedy)
    return Finding(name="disk", state=OK, text=text)


def check_pace() -> Finding:
    """The 1 kHz loop: how fast its arithmetic is and how many ticks are kept."""
    pace = measure_pace()
    text = (
        f"{pace.law_us:.0f} us of arithmetic a tick, {100 * pace.kept:.0f} % of "
        f"1 ms ticks kept, late by {pace.late_p50_us:.0f} us (median), "
        f"{pace.late_p99_us:.0f} us (1 in 100), {os.cpu_count()} processors"
    )
    if pace.law_us > 300.0 or pace.kept < 0.95:
        return Finding(
            name="1 kHz loop",
            state=NOTE,
            text=text,
            remedy="End other programs; on a robot use a real-time kernel, and set "
            "OMP_NUM_THREADS=1.",
        )
    return Finding(name="1 kHz loop", state=OK, text=text)


def check_realtime() -> Finding:
    """Rights for real-time priority and locked memory, wanted on a real robot only."""
    lacking = []
    if resource.getrlimit(resource.RLIMIT_RTPRIO)[0] == 0 and os.geteuid() != 0:
        lacking.append("rtprio")
    locked = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    if locked not in (-1, resource.RLIM_INFINITY) and os.geteuid() != 0:
        lacking.append("memlock")
    if lacking:
        return Finding(
            name="real time",
            state=NOTE,
            text=f"no right for {' and '.join(lacking)}; the simulator needs neither",
            remedy="For a real robot add to /etc/security/limits.conf: "
            "@realtime - rtprio 98  and  @realtime - memlock unlimited; join that "
            "group and log in again.",
        )
    return Finding(name="real time", state=OK, text="priority and memory may be fixed")


CHECKS: tuple[Callable[[], Finding], ...] = (
    check_python,
    check_packages,
    check_gl,
    check_ros,
    check_torch,
    check_perception,
    check_places,
    check_disk,
    check_pace,
    check_realtime,
)


def _gl_backends() -> tuple[str, ...]:
    wish = os.environ.get("MUJOCO_GL", "")
    return (wish,) if wish in ("egl", "osmesa") else ("egl", "osmesa")


def _has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "(version unknown)"
