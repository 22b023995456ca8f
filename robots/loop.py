"""Run a brain in a simulated body, tick by tick, in simulated time."""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable, Iterator, Sequence

from neural_brain.models.brain import Brain
from neural_brain.models.signals import Observation
from neural_brain.robots.audit import CommandAudit
from neural_brain.robots.mujoco_body import MujocoBody

FORGET_S = 1.0  # a longer delay is not caught up
Observer = Callable[[Brain, MujocoBody, Observation], None]


def run(
    brain: Brain,
    body: MujocoBody,
    *,
    duration_s: float,
    until: Callable[[], bool] | None = None,
    observers: Sequence[Observer] = (),
    speed: float = 0.0,
    audit: CommandAudit | None = None,
) -> bool:
    """Step body and brain until `until()` is true or the time is over.

    Args:
        brain: the brain to run.
        body: the simulated robot; its time goes on by `tick_s` a tick.
        duration_s: longest simulated time of this call [s].
        until: asked 20 times a simulated second.
        observers: called 20 times a simulated second with the newest observation.
        speed: simulated seconds per real second; 0 = as fast as possible.
        audit: checks every command that is sent.

    Returns:
        True if `until()` ended the run, False if the time did.

    Raises:
        SimulationError: if the physics diverged.
    """
    with _rare_collections():
        return _loop(
            brain,
            body,
            duration_s,
            until or _never,
            observers,
            speed=speed,
            audit=audit,
        )


def _loop(
    brain: Brain,
    body: MujocoBody,
    duration_s: float,
    until: Callable[[], bool],
    observers: Sequence[Observer],
    *,
    speed: float,
    audit: CommandAudit | None,
) -> bool:
    start = body.simulation.time_s
    started = time.monotonic()
    tick, seldom = 0, max(1, round(0.05 / body.tick_s))
    scan = frame = None
    while True:
        state = body.read()
        new_scan, new_frame = body.poll()
        observation = Observation(body=state, scan=new_scan, frame=new_frame)
        command = brain.step(observation)
        if audit is not None:
            audit.check(command)
        body.write(command)
        scan, frame = new_scan or scan, new_frame or frame
        if tick % seldom == 0:
            latest = Observation(body=state, scan=scan, frame=frame)
            for observer in observers:
                observer(brain, body, latest)
            scan = frame = None
            if until():
                return True
            if state.stamp - start >= duration_s:
                return False
            started += _wait(speed, state.stamp - start, started)
        body.advance()
        tick += 1


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Search for garbage rarely, and not in what was there before.

    A tick makes no reference cycles, but Python walks all objects after some hundred
    new ones; that costs a tenth of the run.
    """
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


def _never() -> bool:
    return False


def _wait(speed: float, simulated_s: float, started: float) -> float:
    """Sleep until it is time; returns the delay to forget [s], such as a pause."""
    if speed <= 0.0:
        return 0.0
    early = simulated_s / speed - (time.monotonic() - started)
    if early > 0.0:
        time.sleep(early)
    return -early if early < -FORGET_S else 0.0
