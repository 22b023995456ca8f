"""A recording cut into frames at equal times, as imitation learning wants them.

Each frame holds the newest values that had arrived by its time (never later ones), and
when each of them was captured. The action is what the robot did next: its joints one
frame later, and the speed it was told (or, where that was not recorded, had then).
Words given to the robot begin a new episode, and so does a gap.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.robots.recordings.frame_values import (
    JOINTS,
    ODOMETRY,
    PACKED,
    PICTURE,
    READERS,
    SPEEDS,
    TWIST,
    WORDS,
    WRENCH,
    Value,
    row_of,
    sensor_of,
    stamp_of,
    words_of,
)
from neural_brain.robots.recordings.mcap_messages import (
    Recorded,
    RecordingError,
    messages_of_types,
    topics_of,
)

_KINDS = (JOINTS, ODOMETRY, WRENCH, WORDS, TWIST, PICTURE, PACKED)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One moment of an episode.

    Attributes:
        episode: its number, from 0. task: the words that it began with.
        names, state: what is known, (n,): joints [deg] as NAME.pos, speeds of the base
            x.vel [m/s] and theta.vel [deg/s], force at the wrist [N] - LeRobot's units.
        action_names, action: the same without the force, one frame later.
        stamp: the frame's own time [s].
        pictures: by camera, (h, w, 3) uint8.
        captured: true time of capture [s] by sensor, on the recording's own clock.
    """

    episode: int
    task: str
    names: tuple[str, ...]
    state: Array
    action_names: tuple[str, ...]
    action: Array
    stamp: float
    pictures: dict[str, NDArray[np.uint8]]
    captured: dict[str, float]


@dataclass
class FrameMaker:
    """Cuts one recording; call `frames` once.

    Attributes:
        path: MCAP file. fps: frames a second. task: words before any were given.
        oldest_s: a value older than this is a gap.
        skipped: what could not be used, by reason.
    """

    path: Path
    fps: float
    task: str
    oldest_s: float = 1.0
    skipped: Counter[str] = field(default_factory=Counter)

    def frames(self) -> Iterator[Frame]:
        """All frames in order of time.

        Raises:
            RecordingError: if the file is damaged or has no joint states or odometry.
        """
        self._wanted = self._find_sensors()
        self._latest: dict[str, Value] = {}
        self._told: Value | None = None
        self._waiting: tuple[float, dict[str, Value]] | None = None
        self._next = math.nan
        self._episode, self._begun = 0, False
        for item in messages_of_types(self.path, _KINDS):
            if item.kind == WORDS:
                self._hear(item)
                continue
            sensor = sensor_of(item.topic, item.kind)
            stamp = stamp_of(item.message)
            yield from self._advance(stamp)
            value = self._read(item, stamp)
            if value is not None and sensor == "told":
                self._told = value
            elif value is not None and sensor in self._wanted:
                self._latest[sensor] = value
                if len(self._latest) == len(self._wanted) and math.isnan(self._next):
                    self._next = stamp

    def _find_sensors(self) -> set[str]:
        topics = topics_of(self.path)
        found = {sensor_of(topic, kind) for topic, kind in topics.items()}
        found -= {"told", ""}
        if not found & {"joints", "base"}:
            raise RecordingError(
                f"{self.path} holds neither {JOINTS} nor {ODOMETRY}, so nothing is "
                "known of the robot. Record /joint_states or /odom."
            )
        return found

    def _advance(self, stamp: float) -> Iterator[Frame]:
        """Take every moment before `stamp` with what had arrived by then."""
        while self._next < stamp:
            t, self._next = self._next, self._next + 1.0 / self.fps
            silent = [k for k, v in self._latest.items() if t - v.stamp > self.oldest_s]
            for sensor in silent:
                self.skipped[f"{sensor}: silent for too long, an episode ends"] += 1
            if silent or stamp - t > self.oldest_s:
                self._end()
                self._next = math.nan
                self._latest = {}
                return
            before = self._waiting
            self._waiting = (t, dict(self._latest))
            if before is not None:
                self._begun = True
                yield self._frame(before, self._waiting)

    def _end(self) -> None:
        """The last frame of an episode is lost: nobody knows what came next."""
        self._waiting = None
        if self._begun:
            self._episode, self._begun = self._episode + 1, False

    def _frame(
        self,
        now: tuple[float, dict[str, Value]],
        then: tuple[float, dict[str, Value]],
    ) -> Frame:
        told = self._told
        names, state = row_of(now[1])
        action_names, action = row_of(
            {k: v for k, v in then[1].items() if k != "force"}
        )
        if told is not None and then[0] - told.stamp < self.oldest_s:
            for name, value in zip(SPEEDS, told.values, strict=True):
                if name in action_names:
                    action[action_names.index(name)] = value
        return Frame(
            episode=self._episode,
            task=self.task,
            names=names,
            state=state,
            action_names=action_names,
            action=action,
            stamp=now[0],
            pictures={k: v.values for k, v in now[1].items() if not v.names},
            captured={k: v.stamp for k, v in now[1].items()},
        )

    def _hear(self, item: Recorded) -> None:
        words = words_of(item)
        if words:
            self._end()
            self.task = words

    def _read(self, item: Recorded, stamp: float) -> Value | None:
        """A message as a value; None (and counted) if it cannot be used."""
        try:
            value = READERS[item.kind](item.message, stamp)
        except (ValueError, OSError, TypeError, AttributeError) as error:
            self.skipped[f"{item.topic}: {error}"] += 1
            return None
        known = self._latest.get(sensor_of(item.topic, item.kind))
        if known is None:
            return value
        if value.names != known.names or np.shape(value.values) != np.shape(
            known.values
        ):
            self.skipped[f"{item.topic}: other names or size than at the start"] += 1
            return None
        return value
