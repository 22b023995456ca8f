"""Packaging for pip and colcon: every layer folder becomes `neural_brain.<layer>`."""

import os
from glob import glob

from setuptools import find_packages, setup

NAME = "neural_brain"
# colcon's symlink install runs this file in a build folder that has only `neural_brain/`.
LAYERS = [
    layer
    for layer in ("models", "robots", "sim", "view", "benchmarks", "nodes", "cli")
    if os.path.isdir(layer)
]
packages = [NAME]
package_dir = {}
package_data = {}
for layer in LAYERS:
    name = f"{NAME}.{layer}"
    package_dir[name] = layer
    packages += [name] + [f"{name}.{sub}" for sub in find_packages(layer)]
    package_data[name] = [
        os.path.relpath(path, layer)
        for suffix in ("safetensors", "json", "yaml", "xml", "html", "csv", "sql")
        for path in glob(f"{layer}/**/*.{suffix}", recursive=True)
    ]


def lines(path):
    """Requirement lines of a file, comments dropped."""
    if not os.path.isfile(path):
        return []
    with open(path, encoding="utf-8") as file:
        rows = [row.split("#")[0].strip() for row in file]
    return [row for row in rows if row and not row.startswith("-")]


setup(
    name=NAME,
    version="0.1.0",
    packages=packages,
    package_dir=package_dir,
    package_data=package_data,
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/launch", glob("launch/*.launch.py")),
        (f"share/{NAME}/config", glob("config/*")),
    ],
    zip_safe=False,
)
