"""Run all tests on all processors, with clean ROS transports before and after.

    python scripts/run_tests.py [pytest arguments]

Ends with pytest's exit code. The settings make runs comparable: one thread a
process, local ROS discovery, checked message fields, off-screen drawing.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST",
    "ROS_PYTHON_CHECK_FIELDS": "1",
    "MPLBACKEND": "Agg",
}


def main():
    """Run pytest and return its exit code."""
    environment = {**os.environ, **SETTINGS}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    workers = max(1, min(4, os.cpu_count() or 1))
    command = [sys.executable, "-m", "pytest", "-q", "--durations=15"]
    command += ["-n", str(workers), "--dist", "loadgroup", *sys.argv[1:]]
    # A job started in the background ignores Ctrl-C; its children, and tests of Ctrl-C
    # among them, would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started = time.monotonic()
    clean_transports(environment)
    try:
        code = subprocess.run(command, cwd=ROOT, env=environment).returncode
    finally:
        clean_transports(environment)
    print(f"Tests took {time.monotonic() - started:.0f} s on {workers} processes.")
    return code


def clean_transports(environment):
    """Remove the shared memory that killed ROS processes left behind."""
    if shutil.which("fastdds", path=environment["PATH"]):
        subprocess.run(
            ["fastdds", "shm", "clean"], env=environment, capture_output=True
        )


if __name__ == "__main__":
    sys.exit(main())
