"""The reflex state machine: one pure function over integers.

Going up is immediate. Going down needs a shortest stay and a number of ticks without
cause, one stop at HOLD after a retreat, and for STOP and ESTOP a person's reset while
all inputs are valid. From a latched level the way down always leads through HOLD.
"""

from __future__ import annotations

from typing import NamedTuple

from neural_brain.models.reflex.config import LadderConfig
from neural_brain.models.signals import ReflexLevel

NOMINAL, SLOW, HOLD, RETRACT, STOP, ESTOP = (int(level) for level in ReflexLevel)
_FOREVER = 1 << 30


class Ladder(NamedTuple):
    """State of the machine.

    Attributes:
        level: present level.
        age: ticks at this level.
        clear: ticks in a row in which less than this level was asked for.
        stay: ticks this level lasts at least.
    """

    level: int = HOLD
    age: int = 0
    clear: int = 0
    stay: int = 1


def step(state: Ladder, demand: int, reset: bool, config: LadderConfig) -> Ladder:
    """The state after one tick.

    Args:
        state: the state before.
        demand: the worst level that a cause asks for in this tick.
        reset: whether a person asked to leave STOP or ESTOP.
        config: dwell times in ticks.
    """
    level, age, clear, stay = state
    if demand > level:
        return Ladder(demand, 0, 0, config.dwell_ticks)
    age = min(age + 1, _FOREVER)
    clear = min(clear + 1, _FOREVER) if demand < level else 0
    if level >= STOP:
        if reset and demand <= SLOW and clear >= 1:
            return Ladder(HOLD, 0, 0, config.dwell_ticks)
        return Ladder(level, age, clear, stay)
    if level == RETRACT:
        if age >= config.retract_ticks:
            return Ladder(HOLD, 0, 0, config.hold_ticks)
        return Ladder(level, age, clear, stay)
    if level > NOMINAL and age >= stay and clear >= config.clear_ticks:
        return Ladder(demand, 0, 0, config.dwell_ticks)
    return Ladder(level, age, clear, stay)
