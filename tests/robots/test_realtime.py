"""Steady timing: what is asked for, and how the last part of a wait is spent."""

import os
import subprocess
import sys

import pytest

from neural_brain.robots.realtime import Pace

ASK = """
import gc, os
from neural_brain.robots.realtime import ask_for_realtime
core = min(os.sched_getaffinity(0))
grants = ask_for_realtime(fifo={fifo}, core=core)
assert os.sched_getaffinity(0) == {{core}} and grants.core == core
policy = os.sched_getscheduler(0)
assert (policy & ~os.SCHED_RESET_ON_FORK == os.SCHED_FIFO) == grants.fifo
if grants.fifo:  # a child starts as an ordinary program
    assert policy & os.SCHED_RESET_ON_FORK
assert gc.get_freeze_count() > 0 and not gc.isenabled() and grants.frozen
slack = open("/proc/self/timerslack_ns").read().strip()
print(slack, grants.punctual, grants.fifo, grants.sentence())
"""


@pytest.fixture
def clock(monkeypatch):
    """A clock that goes on by 1 us a look, and the sleeps that were asked for."""
    now, slept = [100.0], []

    def look():
        now[0] += 1e-6
        return now[0]

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds + 30e-6  # the system wakes us late

    monkeypatch.setattr("neural_brain.robots.realtime.time.monotonic", look)
    monkeypatch.setattr("neural_brain.robots.realtime.time.sleep", sleep)
    return now, slept


def lateness(clock, spin_s):
    now, _ = clock
    start = now[0]
    pace = Pace(0.001, spin_s=spin_s)
    late = []
    for tick in range(1, 21):
        pace.wait()
        late.append(now[0] - start - 0.001 * tick)
    assert pace.missed == 0
    return late


def test_spinning_hides_the_time_that_waking_takes(clock):
    assert min(lateness(clock, 0.0)) > 25e-6
    assert max(lateness(clock, 100e-6)) < 10e-6


def test_only_the_last_part_of_a_wait_is_spent_awake(clock):
    lateness(clock, 100e-6)
    assert max(clock[1]) < 0.9e-3
    assert min(clock[1]) > 0.8e-3


@pytest.fixture
def keep(clock):
    """Runs ticks that take no time, each begun late by so many seconds."""

    def run(pace, ticks, late_s=0.0):
        for _ in range(ticks):
            clock[0][0] += late_s
            pace.wait()

    return run


def test_every_period_of_a_long_pause_is_missed(keep):
    pace = Pace(0.001)
    for _ in range(10):
        keep(pace, 99)
        keep(pace, 1, 0.5)
    assert pace.slips == 10 and pace.missed == pytest.approx(5000, abs=20)
    assert pace.success == 0.0


@pytest.mark.parametrize(
    ("late_s", "low", "high"),
    [(0.005, 0.99, 1.0), (0.045, 0.95, 0.96), (0.07, 0.92, 0.94), (0.15, 0.84, 0.86)],
)
def test_a_pause_costs_its_share_of_the_window_at_once(keep, late_s, low, high):
    pace = Pace(0.001)
    keep(pace, 900)
    keep(pace, 1, late_s)
    keep(pace, 99)
    first = pace.success
    keep(pace, 900)
    assert low <= min(first, pace.success) <= high
    keep(pace, 1100)
    assert pace.success == 1.0


def test_the_rate_falls_before_its_window_is_over_and_rises_after_a_whole_good_one(
    keep,
):
    pace = Pace(0.001, window=100)
    keep(pace, 10)
    keep(pace, 1, 0.06)
    assert pace.success == pytest.approx(0.4, abs=0.02)
    keep(pace, 100)
    assert pace.success == pytest.approx(0.4, abs=0.02)
    keep(pace, 100)
    assert pace.success == 1.0


def test_what_happens_before_the_first_wait_is_not_late(clock):
    pace = Pace(0.001)
    clock[0][0] += 3.0  # locked memory, the first tick
    pace.wait()
    assert (pace.missed, pace.slips, pace.success) == (0, 0, 1.0)


def test_a_loop_that_is_always_too_slow_misses_what_it_does_not_run(keep):
    pace = Pace(0.001)
    keep(pace, 500, 0.003)  # two of three periods have no tick, the third is late
    assert pace.slips > 10 and pace.missed == pytest.approx(1500, rel=0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the Linux kernel")
@pytest.mark.parametrize("fifo", [False, True])
def test_it_says_what_it_got(fifo):
    done = subprocess.run(
        [sys.executable, "-c", ASK.format(fifo=fifo)],
        capture_output=True, text=True, env=os.environ,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    slack, punctual, granted, sentence = done.stdout.split(maxsplit=3)
    assert (slack == "1") == (punctual == "True") or granted == "True"
    assert "own processor: yes" in sentence
    assert f"SCHED_FIFO: {'yes' if granted == 'True' else 'no'}" in sentence
