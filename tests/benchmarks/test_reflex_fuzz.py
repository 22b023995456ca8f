"""The benchmark of bad input sees what it should see."""

from collections import Counter

import numpy as np

from neural_brain.benchmarks import reflex_fuzz
from neural_brain.benchmarks.fuzz_line import Line, faults
from neural_brain.benchmarks.reflex_fuzz import Clipped, Event, spoil, summarise


def test_a_poisoned_target_breaks_the_clipped_controller_and_not_the_loop() -> None:
    line = Line()
    for _ in range(50):
        line.tick()
    events = [Event(kind="target", name=1, index=2, poison=np.nan, ticks=3)]
    bad, plain = spoil(line, Clipped(), events)
    assert not bad
    assert "not finite" in plain


def test_a_jump_of_effort_and_twist_is_a_fault() -> None:
    plain, line = Clipped(), Line()
    first = plain.tick(line.state(), line.target())
    plain.last = None  # forgets its last command, so nothing bounds the step
    second = plain.tick(line.state(q=line.q - 0.5), line.target(twist_base=-line.twist))
    assert {"effort rate", "acceleration"} <= set(faults(second, first))


def test_a_lost_cause_is_noticed() -> None:
    line = Line()
    for _ in range(600):
        line.tick()
    line.fast.estop()
    line.tick()
    assert not reflex_fuzz._unlogged(line, 1)
    line.events = line.events[:-1]
    assert reflex_fuzz._unlogged(line, 1)


def test_zero_of_many_has_an_upper_bound_above_zero() -> None:
    metric = summarise(Counter(), 1000)[0]
    assert metric.met and metric.low == 0.0 and 3.0 < metric.high < 4.0
    assert not summarise(Counter({"any": 1}), 1000)[0].met
