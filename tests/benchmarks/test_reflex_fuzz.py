"""The benchmark of bad input sees what it should see."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from neural_brain.benchmarks import reflex_fuzz
from neural_brain.benchmarks.fuzz_arm import Arm, Moving
from neural_brain.benchmarks.fuzz_clipped import Clipped
from neural_brain.benchmarks.fuzz_life import Life, draw_life, model
from neural_brain.benchmarks.fuzz_line import LIMITS, Line, faults
from neural_brain.benchmarks.fuzz_script import Event
from neural_brain.benchmarks.reflex_fuzz import begin, spoil, summarise
from neural_brain.models.kernels.last_word import last_word
from neural_brain.models.reflex.effort_guard import EffortGuard
from neural_brain.models.signals import ReflexLevel
from neural_brain.sim.robots import READY


def started(seed: int = 0, **changes: Any) -> Moving:
    """A line whose arm has come to NOMINAL; at rest in the ready posture at first."""
    values: dict[str, Any] = {"q": READY, "dq": np.zeros(7), "planes": ()}
    life = Life(**{**values, "quick": False, "noisy": False, **changes})
    line = Moving(life, Arm(life, life.q, life.dq), np.random.default_rng(seed))
    for _ in range(50):
        line.tick()
    assert line.fast.level is ReflexLevel.NOMINAL
    return line


def test_a_poisoned_target_breaks_the_clipped_controller_and_not_the_loop() -> None:
    line = started()
    events = [Event(kind="target", name=1, index=2, poison=np.nan, ticks=3)]
    bad, plain = spoil(line, Clipped(line), events)
    assert not bad
    assert "not finite" in plain


def test_a_jump_of_effort_and_twist_is_a_fault() -> None:
    line = started()
    plain, honest = Clipped(line), line.honest
    first = plain.tick(honest, line.target(), honest)
    plain.last = None  # forgets its last command, so nothing bounds the step
    target, lie = line.target(twist_base=-line.twist), line.state(q=line.q - 0.5)
    second = plain.tick(lie, target, honest)
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


def unbounded(guard: EffortGuard, effort: Any, q: Any, dq: Any, bias: Any) -> Any:
    """The last word on efforts without the joints' bounds."""
    guard._rows[:4] = effort, q, dq, bias
    last_word(guard._state, guard._rows, True)
    return guard._sent.copy()


def found_in_motion(lives: int) -> set[str]:
    """Faults of lives without a disturbance, whose joints begin on the way out."""
    bad: set[str] = set()
    rng = np.random.default_rng(7)
    for _ in range(lives):
        edge = np.where(rng.random(7) < 0.5, LIMITS.q_min + 0.1, LIMITS.q_max - 0.1)
        q = np.where(rng.random(7) < 0.5, edge, draw_life(rng).q)
        dq = np.where(q == edge, 0.6 * np.sign(edge - READY), 0.0)
        life = Life(q=q, dq=dq, planes=(), quick=True, noisy=False)
        line = Moving(life, Arm(life, q, dq), rng)
        for _ in range(400):
            line.tick()
        bad |= line.arm.faults
    return bad


def test_joint_bounds_that_are_switched_off_are_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not found_in_motion(6)
    monkeypatch.setattr(EffortGuard, "limit", unbounded)
    assert "joint position" in found_in_motion(6)


def test_the_arm_moves_and_the_loop_is_nominal() -> None:
    line = started(seed=3)
    start = line.arm.q.copy()
    spoil(line, Clipped(line), [calm(ticks=300)])
    levels = line.levels[50:]
    assert levels.count(ReflexLevel.NOMINAL) > 0.9 * len(levels)
    assert np.abs(line.arm.q - start).max() > 0.02
    assert line.arm.watched == line.ticks


def calm(ticks: int) -> Event:
    """Motion without a disturbance."""
    return Event(kind="good", name=0, index=0, poison=0.0, ticks=ticks)


def test_a_plane_that_is_crossed_is_a_fault() -> None:
    shape = model("truth").shape()
    shape.update(READY)
    low = float((shape.center[:, 2] - shape.radius)[shape.link >= 3].min())
    for height, wrong in ((low - 0.2, False), (low + 0.02, True)):
        life = Life(
            q=READY,
            dq=np.zeros(7),
            planes=((0.0, 0.0, 1.0, height),),
            quick=False,
            noisy=False,
        )
        line = Moving(life, Arm(life, READY, life.dq), np.random.default_rng(0))
        line.tick()
        assert ("plane" in line.arm.faults) is wrong


def test_a_lie_that_looks_possible_ends_the_checks_and_noise_does_not() -> None:
    line = started(noisy=True)
    assert not line.arm.lied
    line.tick(line.state(q=line.honest.q + np.inf))  # found out
    assert not line.arm.lied
    line.tick(line.state(q=line.honest.q + 0.01))
    watched = line.arm.watched
    line.tick()
    assert line.arm.lied and line.arm.watched == watched


def test_an_arm_that_nobody_saw_may_have_coasted() -> None:
    line = started()
    line.arm.dq = np.full(7, 0.1)
    line.tick(line.state(stamp=np.nan))
    assert (line.arm._coasted > 0.0).all()
    line.arm.begin()
    assert not line.arm._coasted.any()


def test_lives_begin_inside_all_bounds() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        line = begin(rng)
        line.tick()
        assert not line.arm.faults
