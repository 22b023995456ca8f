"""Check the types of `models/` and `robots/` strictly, as `neural_brain.*`.

mypy does not follow the line in `neural_brain/__init__.py` that finds the layers in
a checkout; a folder of links shows it the package as it is when installed.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STRICT = ("models", "robots")
LAYERS = ("benchmarks", "cli", "models", "nodes", "robots", "sim", "view")


def main():
    """Run mypy and return its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "neural_brain")
        package.mkdir()
        for file in (ROOT / "neural_brain").iterdir():
            (package / file.name).symlink_to(file)
        for layer in LAYERS:
            (package / layer).symlink_to(ROOT / layer)
        command = [sys.executable, "-m", "mypy", "--follow-imports=silent"]
        command += ["--config-file", str(ROOT / "pyproject.toml")]
        command += ["--cache-dir", str(ROOT / ".mypy_cache"), *sys.argv[1:]]
        command += [
            word for layer in STRICT for word in ("-p", f"neural_brain.{layer}")
        ]
        environment = {**os.environ, "MYPYPATH": folder}
        return subprocess.run(command, cwd=folder, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
