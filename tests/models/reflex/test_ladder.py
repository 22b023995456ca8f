"""The reflex state machine, all of it: every reachable state with every input."""

from collections import deque

import pytest

from neural_brain.models.reflex import Ladder, LadderConfig, step
from neural_brain.models.signals import ReflexLevel

NOMINAL, SLOW, HOLD, RETRACT, STOP, ESTOP = (int(level) for level in ReflexLevel)
CONFIG = LadderConfig(dwell_ticks=2, clear_ticks=2, retract_ticks=10, hold_ticks=4)
CAP = 12


def capped(state):
    """The same state with counters cut off where nothing changes any more."""
    return state._replace(age=min(state.age, CAP), clear=min(state.clear, CAP))


@pytest.fixture(scope="module")
def transitions():
    """Every (state, demand, reset, next state) that can be reached from the start."""
    found, seen, queue = [], {Ladder()}, deque([Ladder()])
    while queue:
        state = queue.popleft()
        for demand in range(NOMINAL, ESTOP + 1):
            for reset in (False, True):
                after = capped(step(state, demand, reset, CONFIG))
                found.append((state, demand, reset, after))
                if after not in seen:
                    seen.add(after)
                    queue.append(after)
    return found


def test_all_levels_are_reached(transitions):
    assert {after.level for *_, after in transitions} == set(range(6))
    assert len(transitions) > 1000


def test_a_worse_demand_is_obeyed_at_once(transitions):
    for state, demand, _, after in transitions:
        if demand > state.level:
            assert after.level == demand


def test_no_level_below_the_demand_except_a_finished_retreat(transitions):
    for state, demand, _, after in transitions:
        if after.level < demand:
            assert state.level == demand == RETRACT and after.level == HOLD


def test_stop_is_latched_until_a_reset_without_cause(transitions):
    for state, demand, reset, after in transitions:
        if state.level >= STOP and after.level < STOP:
            assert reset and demand <= SLOW
            assert after.level == HOLD


def test_a_reset_with_clean_inputs_frees_a_latched_level():
    for level in (STOP, ESTOP):
        assert step(Ladder(level, 5, 5, 2), NOMINAL, True, CONFIG).level == HOLD


def test_going_down_needs_dwell_and_clear_ticks(transitions):
    for state, demand, _, after in transitions:
        if after.level < state.level < STOP and state.level != RETRACT:
            assert state.age + 1 >= state.stay
            assert state.clear + 1 >= CONFIG.clear_ticks
            assert after.level == demand


def test_a_retreat_ends_in_a_long_hold(transitions):
    ends = [
        (state, after)
        for state, _, _, after in transitions
        if state.level == RETRACT and after.level < RETRACT
    ]
    assert ends
    for state, after in ends:
        assert after.level == HOLD and after.stay == CONFIG.hold_ticks
        assert state.age + 1 >= CONFIG.retract_ticks


def test_reset_alone_never_changes_an_unlatched_level(transitions):
    for state, demand, _, _ in transitions:
        if state.level < STOP:
            with_reset = step(state, demand, True, CONFIG)
            assert with_reset == step(state, demand, False, CONFIG)


def test_a_flickering_cause_does_not_make_the_level_flicker():
    state, levels = Ladder(NOMINAL, 0, 0, 1), []
    for tick in range(40):
        state = step(state, HOLD if tick % 2 == 0 else NOMINAL, False, CONFIG)
        levels.append(state.level)
    assert levels == [HOLD] * 40


def test_without_cause_every_unlatched_level_ends_at_nominal():
    for level in (SLOW, HOLD, RETRACT):
        state = Ladder(level, 0, 0, CONFIG.dwell_ticks)
        for _ in range(30):
            state = step(state, NOMINAL, False, CONFIG)
        assert state.level == NOMINAL
