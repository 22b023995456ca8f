"""What makes a tick dear, without a clock: helper threads and rare work."""

import os
import subprocess
import sys
import sysconfig
import tracemalloc

import numpy as np
import pytest

from neural_brain.benchmarks import reflex_timing
from neural_brain.benchmarks.reflex_timing import Ticker
from neural_brain.models.impedance import ArmImpedance
from neural_brain.models.impedance.cartesian import CartesianLaw

TICK_BYTES, LEAK_BYTES = 12_000, 4_000
RARE = {
    "_accept": ArmImpedance,
    "read_mobility": CartesianLaw,
    "plan": CartesianLaw,
}
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


@pytest.fixture
def done(monkeypatch):
    """Names of the rare parts that ran, a list for every tick."""
    done = []

    def watch(owner, name):
        method = getattr(owner, name)

        def noted(*args, **kwargs):
            done[-1].append(name)
            return method(*args, **kwargs)

        monkeypatch.setattr(owner, name, noted)

    for name, owner in RARE.items():
        watch(owner, name)
    return done


def run(done, ticks):
    ticker = Ticker(np.random.default_rng(0))
    for _ in range(ticks):
        done.append([])
        ticker.tick()
    return done[100:]


def test_a_tick_takes_little_memory_and_gives_all_of_it_back():
    """Small arrays and numbers only; scans, targets and the input's own are in it."""
    ticker, ticks = Ticker(np.random.default_rng(0)), 500
    for _ in range(1200):
        ticker.tick()
    most = np.zeros(ticks)
    tracemalloc.start()
    try:
        for _ in range(300):  # what was made before is replaced by what is counted
            ticker.tick()
        start, _ = tracemalloc.get_traced_memory()
        for i in range(ticks):
            before, _ = tracemalloc.get_traced_memory()
            tracemalloc.reset_peak()
            ticker.tick()
            most[i] = tracemalloc.get_traced_memory()[1] - before
        left = tracemalloc.get_traced_memory()[0] - start
    finally:
        tracemalloc.stop()
    assert most.max() < TICK_BYTES
    assert np.median(most) < TICK_BYTES / 4
    assert left < LEAK_BYTES


@pytest.mark.parametrize("period", [50, 37, 9])
def test_the_rare_parts_of_the_tick_take_turns(done, monkeypatch, period):
    """A new target, the mobility and the plan cost a tick's time each."""
    monkeypatch.setattr(reflex_timing, "TARGET_TICKS", period)
    settled = run(done, 600)
    assert max(map(len, settled)) == 1
    assert {name for names in settled for name in names} == set(RARE)


def test_the_arm_gets_a_target_when_the_base_has_looked(done):
    settled = run(done, 600)
    taken = [tick for tick, names in enumerate(settled) if "_accept" in names]
    assert taken and all(tick % 50 == 1 for tick in taken)


def test_a_target_in_every_tick_does_not_hold_up_the_plan(done, monkeypatch):
    monkeypatch.setattr(reflex_timing, "TARGET_TICKS", 1)
    settled = run(done, 600)
    assert sum("plan" in names for names in settled) >= 500 // 13
