"""A small flat on paper and a motion that always does as told, in no time."""

from __future__ import annotations

import numpy as np
import pytest

from neural_brain.models.executive import Executive, MeaningConfig, Meanings
from neural_brain.models.executive.lexicon import CATEGORY, PHRASES
from neural_brain.models.geometry import inverse2, move_spots, transform2
from neural_brain.models.signals import (
    GridView,
    Landmark,
    MapState,
    MotionStatus,
    ObjectPercept,
    Percepts,
    Place,
    Room,
    SubGoal,
    SubGoalKind,
)

RESOLUTION = 0.05
HALF_M = 6.0


def landmark(number, category, colour, xyz, **more) -> Landmark:
    values = {
        "id": number,
        "category": category,
        "colour": colour,
        "center_map": np.array(xyz, dtype=float),
        "covariance": 1e-3 * np.eye(3),
        "size": np.array([0.1, 0.1, 0.1]),
        "confidence": 0.9,
        "count": 5,
        "first_seen": 0.0,
        "last_seen": 0.0,
        **more,
    }
    return Landmark(**values)


class Flat:
    """Two rooms, 9 m x 5 m, joined by a door at x = 0; a table in each."""

    def __init__(self) -> None:
        n = round(2 * HALF_M / RESOLUTION)
        self.origin = np.array([-HALF_M, -HALF_M])
        self.cells = np.full((n, n), -1, np.int8)
        self.fill(-4.5, -2.5, 4.5, 2.5, 0)
        for box in (
            (-4.6, -2.6, 4.6, -2.5), (-4.6, 2.5, 4.6, 2.6), (-4.6, -2.6, -4.5, 2.6),
            (4.5, -2.6, 4.6, 2.6), (-0.05, -2.5, 0.05, -0.5), (-0.05, 0.5, 0.05, 2.5),
            (-3.0, 1.7, -1.8, 2.5), (2.0, -2.5, 3.2, -1.7),
        ):  # fmt: skip
            self.fill(*box, 100)
        self.hidden = self.cells.copy()
        self.things: list[Landmark] = []
        self.former: tuple[Landmark, ...] = ()
        self.looked = None
        self.rooms = (
            Room(id=1, center=np.array([-2.2, 0.0]), area_m2=22.0, name="kitchen"),
            Room(id=2, center=np.array([2.2, 0.0]), area_m2=22.0, name="office"),
        )
        self.places = tuple(
            Place(id=k, xy=np.array([x, 0.0]), room=1 if x < 0 else 2)
            for k, x in enumerate((-3.0, -1.5, 1.5, 3.0))
        )
        self.version = 1
        self.localised = True

    def fill(self, x0, y0, x1, y1, value) -> None:
        a = np.round((np.array([x0, y0]) - self.origin) / RESOLUTION).astype(int)
        b = np.round((np.array([x1, y1]) - self.origin) / RESOLUTION).astype(int)
        self.cells[a[1] : b[1], a[0] : b[0]] = value

    def state(self, t: float) -> MapState:
        return MapState(
            stamp=t,
            pose_map_odom=np.zeros(3),
            covariance=1e-4 * np.eye(3),
            localised=self.localised,
            grid=GridView(
                cells=self.cells, origin=self.origin, resolution=RESOLUTION,
                version=self.version,
            ),
            places=self.places,
            passages=(),
            rooms=self.rooms,
            landmarks=tuple(self.things),
            former=self.former,
            looked=self.looked,
        )  # fmt: skip


class Robot:
    """Runs an executive: drives are jumps, looks show a circle of 2.5 m."""

    def __init__(self, flat: Flat, executive: Executive | None = None) -> None:
        self.flat = flat
        self.executive = executive or Executive()
        self.pose = np.array([-3.5, -1.0, 0.0])
        self.t = 0.0
        self.status: MotionStatus | None = None
        self.steps: list[SubGoal] = []
        self.failing: dict[str, list[str]] = {}
        self.found_when_near: list[Landmark] = []
        self.driven_m = 0.0
        self.off_m = np.zeros(2)  # drives stop so far from where they should
        self.sight_m = 2.5
        self.surfaces: dict[int, np.ndarray] = {}  # what a look at a thing shows
        self.unseen: set[int] = set()  # things that a look does not show

    def say(self, words: str):
        return self.executive.say(words, self.t, self.flat.state(self.t))

    def run(self, decisions: int = 300) -> None:
        """Until all goals have ended."""
        for _ in range(decisions):
            step = self.executive.step(
                self.t, self.flat.state(self.t), self.pose, self.status, None
            )
            self.t += 0.5
            if not self.executive.goals:
                return
            if not self.steps or step.id != self.steps[-1].id:
                self.steps.append(step)
                self.status = self.do(step)

    def do(self, step: SubGoal) -> MotionStatus:
        reasons = self.failing.get(step.kind.value)
        if reasons:
            return MotionStatus(id=step.id, state="failed", reason=reasons.pop(0))
        if step.kind is SubGoalKind.DRIVE:
            self.driven_m += float(np.hypot(*(step.pose_map - self.pose)[:2]))
            self.pose = step.pose_map.copy()
            self.pose[:2] += self.off_m
        if step.kind is SubGoalKind.LOOK and step.point_map is None:
            self.look_around()
        elif step.kind is SubGoalKind.LOOK:
            self.look_at_surfaces()
        force = 10.0 if step.kind is SubGoalKind.PRESS else 0.0
        return MotionStatus(id=step.id, state="done", peak_force_n=force)

    def look_around(self) -> None:
        angles = np.linspace(-np.pi, np.pi, 24, endpoint=False)
        circle = self.sight_m * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        percepts = Percepts(
            stamp=self.t, pose_odom_base=self.pose, obstacles=np.zeros((0, 2)),
            free=np.zeros((0, 2)), objects=(), view_polygon=circle,
        )  # fmt: skip
        for _ in range(3):
            self.executive.observe(percepts, self.pose)
        for thing in list(self.found_when_near):
            if np.hypot(*(thing.center_map - self.pose)[:2]) < 2.5:
                self.found_when_near.remove(thing)
                self.flat.things.append(thing)

    def look_at_surfaces(self) -> None:
        back = inverse2(self.pose)
        objects = tuple(
            ObjectPercept(
                category=thing.category, colour=thing.colour, confidence=0.9,
                center_base=np.array(
                    [*transform2(back, thing.center_map[None, :2])[0], 0.3]
                ),
                size=thing.size,
                touch=move_spots(back, self.surfaces.get(thing.id, np.zeros((0, 6)))),
            )
            for thing in self.flat.things if self.shows(thing)
        )  # fmt: skip
        percepts = Percepts(
            stamp=self.t, pose_odom_base=self.pose, obstacles=np.zeros((0, 2)),
            free=np.zeros((0, 2)), objects=objects,
            view_polygon=np.array([[0.0, 0.0], [1.0, 0.5], [1.0, -0.5]]),
        )  # fmt: skip
        for _ in range(3):
            self.executive.observe(percepts, self.pose)

    def shows(self, thing: Landmark) -> bool:
        away = float(np.hypot(*(thing.center_map - self.pose)[:2]))
        return away < self.sight_m and thing.id not in self.unseen

    @property
    def kinds(self) -> list[str]:
        return [step.kind.value for step in self.steps]

    @property
    def told(self) -> list[str]:
        return [event.text for event in self.executive.pop_events()]


@pytest.fixture
def flat():
    return Flat()


@pytest.fixture
def robot(flat):
    return Robot(flat)


@pytest.fixture
def make_landmark():
    return landmark


@pytest.fixture
def make_robot():
    return Robot


class ToyVectors:
    """Meanings by hand: every cosine is known.

    Known names point along the axis of their thing, others as mixed here.

    Args:
        mixed: shares of things by phrase, as {"recliner": {"chair": 0.9}}.
    """

    def __init__(self, mixed: dict[str, dict[str, float]]) -> None:
        self._known = {
            " ".join(words): name
            for words, (kind, name) in PHRASES.items()
            if kind == CATEGORY
        }
        things = sorted(set(self._known.values()))
        self._axes = {name: k for k, name in enumerate(things)}
        self._mixed = mixed

    def __call__(self, phrase: str) -> np.ndarray:
        known = {self._known[phrase]: 1.0} if phrase in self._known else {}
        vector = np.zeros(len(self._axes) + 1, np.float32)
        for name, share in self._mixed.get(phrase, known).items():
            vector[self._axes[name]] = share
        vector[-1] = np.sqrt(max(0.0, 1.0 - float(vector @ vector)))
        if phrase in self._known:
            vector[-1] = 0.0
        return vector


@pytest.fixture
def toy_meanings():
    """Makes meanings from shares of things by phrase."""
    return lambda mixed: Meanings(ToyVectors(mixed), MeaningConfig())
