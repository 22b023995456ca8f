"""Episodic memory: the seconds around what surprised or mattered, and nothing else.

Working memory holds the last steps of the robot in a ring. Where the world model is
surprised (z > 2.5), something is touched, a goal begins or ends, or a person speaks,
the steps before it and after it become an episode. It is a line of the diary of the
kind `episode`, with its steps as data, so that it is written, checked, joined and
repaired like all others. In between nothing is kept.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, fields
from typing import Any

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.memory.diary import EPISODE
from neural_brain.models.memory.working import WorkingMemory
from neural_brain.models.signals import BodyState, Event, Surprise

STEP_HZ = 20.0
FRESH_S = 0.2  # an older surprise is not of this step
TOLD_ONCE = 5  # reasons that an episode names
GOALS = ("goal", "reached", "failed", "stopped")
_DIGITS = {"stamp": 2, "force_n": 1, "z": 1}


@dataclass(frozen=True, kw_only=True)
class EpisodeConfig:
    """What opens an episode, how much of it is kept, and how many."""

    active: bool = param(True, "whether episodes are kept")
    surprise_z: float = param(2.5, "surprise that opens one", low=0.5, high=100.0)
    contact_n: float = param(5.0, "force at the hand that opens one", low=0.5, high=1e3)
    refractory_s: float = param(0.5, "pause between two reasons", low=0.0, high=60.0)
    before: int = param(64, "steps kept before the reason", low=0, high=10_000)
    after: int = param(32, "steps kept after the last reason", low=1, high=10_000)
    longest: int = param(256, "steps of one episode at most", low=2, high=100_000)
    kept: int = param(500, "oldest episodes go beyond", low=1, high=10**6)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True)
class Step:
    """One moment: time [s], pose in `map` [m, rad], speed [m/s, rad/s], force, z."""

    stamp: float
    x: float
    y: float
    yaw: float
    v: float
    w: float
    force_n: float
    z: float


COLUMNS = tuple(field.name for field in fields(Step))


class Episodes:
    """Call `step` at `STEP_HZ` and `note` for what happened.

    Attributes:
        seen, kept: steps so far, and those that are in an episode.
    """

    _ring: WorkingMemory[Step]
    _steps: list[Step]
    _why: list[str]
    _left: int  # steps that the open episode still takes
    _at: float
    _last: float
    _closed: float
    _touched: bool

    def __init__(self, config: EpisodeConfig | None = None) -> None:
        self.config = config or EpisodeConfig()
        self.seen = self.kept = 0
        self._forget()

    def note(self, t: float, why: str) -> None:
        """Something happened that is worth an episode.

        Args:
            t: when [s].
            why: what, in words.
        """
        if not (self.config.active and math.isfinite(t)):
            return
        if not self._why:
            fresh = self._ring.since(math.nextafter(self._closed, math.inf))
            self._steps = fresh[-self.config.before :] if self.config.before else []
            self._at = t
        if len(self._why) < TOLD_ONCE:
            self._why.append(why)
        self._left = self.config.after
        self._last = t

    def note_event(self, event: Event) -> None:
        """The same for a line of the diary, if it is about a goal or by a person."""
        if event.source == "executive" and event.kind in GOALS:
            self.note(event.stamp, event.text)
        elif event.source == "person":
            self.note(event.stamp, f"a person: {event.text}")

    def step(
        self, body: BodyState, pose_map_base: Array, surprise: Surprise | None
    ) -> Event | None:
        """Take in the present moment; returns an episode when one is complete.

        Args:
            body: the newest body state.
            pose_map_base: where the robot is (3,).
            surprise: the newest one, or None.
        """
        step = _step_of(body, pose_map_base, surprise)
        if not (self.config.active and math.isfinite(step.stamp)):
            return None
        if self._ring and step.stamp < self._ring.recent(1)[0].stamp:  # time restarts
            self._forget()
        self.seen += 1
        self._feel(step, surprise)
        self._ring.add([step])
        if not self._why:
            return None
        self._steps.append(step)
        self._left -= 1
        done = self._left <= 0 or len(self._steps) >= self.config.longest
        return self._close() if done else None

    def end(self) -> Event | None:
        """The episode that is still open, at the end of a run."""
        return self._close() if self._why and self._steps else None

    def _forget(self) -> None:
        """Nothing has happened yet."""
        self._ring = WorkingMemory(max(1, self.config.before))
        self._steps, self._why = [], []
        self._left = 0
        self._at = self._last = self._closed = -math.inf
        self._touched = False

    def _feel(self, step: Step, surprise: Surprise | None) -> None:
        """Open an episode at a surprise or at the beginning of a touch."""
        touches = step.force_n >= self.config.contact_n
        if touches and not self._touched:
            self.note(step.stamp, f"touched something with {step.force_n:.0f} N")
        self._touched = touches
        pause = step.stamp - self._last
        surprised = step.z > self.config.surprise_z
        if surprise and surprised and pause >= self.config.refractory_s:
            self.note(step.stamp, f"surprise: {surprise.text}")
        if self._last == step.stamp:  # this step is not one of those after it
            self._left = self.config.after + 1

    def _close(self) -> Event:
        steps, why = self._steps, self._why
        self.kept += len(steps)
        self._closed = steps[-1].stamp
        self._steps, self._why, self._left = [], [], 0
        data: dict[str, Any] = {
            "why": why,
            "columns": list(COLUMNS),
            "steps": [_rounded(step) for step in steps],
        }
        text = "; ".join(why)
        return Event(
            stamp=self._at, source="memory", kind=EPISODE, text=text, data=data
        )


def steps_of(episode: Event) -> Array:
    """The steps (n, 8) of an episode, in the order of `COLUMNS`.

    Raises:
        ValueError: if the event is no episode.
    """
    if episode.kind != EPISODE or tuple(episode.data.get("columns", ())) != COLUMNS:
        raise ValueError(f"an event of kind {episode.kind!r}; expected {EPISODE!r}")
    steps = np.asarray(episode.data["steps"], dtype=np.float64)
    return steps.reshape(-1, len(COLUMNS))


def _step_of(body: BodyState, pose: Array, surprise: Surprise | None) -> Step:
    v, w = body.twist_base
    force = float(np.linalg.norm(body.wrench_ee[:3]))
    fresh = surprise is not None and abs(body.stamp - surprise.stamp) < FRESH_S
    z = surprise.z if surprise is not None and fresh else 0.0
    values = (*pose, v, w, force, z)
    return Step(body.stamp, *(float(x) if np.isfinite(x) else 0.0 for x in values))


def _rounded(step: Step) -> list[float]:
    values = zip(COLUMNS, astuple(step), strict=True)
    return [round(value, _DIGITS.get(name, 3)) for name, value in values]
