"""What makes a tick dear, without a clock: helper threads and rare work."""

import os
import subprocess
import sys
import sysconfig

import numpy as np
import pytest

from neural_brain.benchmarks.reflex_timing import Ticker
from neural_brain.models.impedance import ArmImpedance
from neural_brain.models.impedance.cartesian import CartesianLaw

LINUX = sysconfig.get_platform().startswith("linux")
HELPERS = """
import os
import numpy as np
from neural_brain.benchmarks.reflex_timing import Ticker

def helpers_ns():
    tasks = set(os.listdir("/proc/self/task")) - {str(os.getpid())}
    files = [f"/proc/self/task/{task}/schedstat" for task in tasks]
    return len(tasks), sum(int(open(file).read().split()[0]) for file in files)

ticker = Ticker(np.random.default_rng(0))
for _ in range(60):
    ticker.tick()
count, before = helpers_ns()
for _ in range(400):
    ticker.tick()
print(count, helpers_ns()[1] - before)
"""


@pytest.mark.skipif(not LINUX, reason="reads /proc")
def test_no_helper_thread_works_for_a_tick():
    """OpenBLAS wakes its threads for some routines even for a 6 x 6 matrix."""
    env = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    env["OPENBLAS_NUM_THREADS"] = "2"
    done = subprocess.run(
        [sys.executable, "-c", HELPERS], capture_output=True, text=True, env=env
    )
    assert done.returncode == 0, done.stderr
    count, worked_ns = map(int, done.stdout.split())
    if count == 0:
        pytest.skip("numpy came without threads")
    assert worked_ns == 0


def test_the_rare_parts_of_the_tick_take_turns(monkeypatch):
    """A new target, the mobility, the plan and a look cost a tick's time each."""
    done = []

    def watch(owner, name):
        method = getattr(owner, name)

        def noted(*args, **kwargs):
            done[-1].append(name)
            return method(*args, **kwargs)

        monkeypatch.setattr(owner, name, noted)

    watch(ArmImpedance, "_accept")
    watch(CartesianLaw, "read_mobility")
    watch(CartesianLaw, "plan")
    ticker = Ticker(np.random.default_rng(0))
    for _ in range(600):
        done.append([])
        ticker.tick()
    settled = done[100:]
    assert max(map(len, settled)) == 1
    assert {name for names in settled for name in names} == {
        "_accept", "read_mobility", "plan"
    }  # fmt: skip
    looks = [i for i in range(100, 600) if i % 50 == 0]  # a new twist is looked at
    assert not any(done[i] == ["_accept"] for i in looks)
