"""A robot that maps a home together with others, and notes what it was promised.

It looks around from a random spot of a random room: a lidar scan of the walls and views
of the things in that room, with noise. Then it saves. What the memory has confirmed is
written to a list of its own, one line a save, so that somebody else can look for it.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.brain import recall_map
from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import Array
from neural_brain.models.maps import CognitiveMap, MapsConfig, ScanPoints, adopt
from neural_brain.models.memory import Memory, MemoryConfig, Place, open_memory
from neural_brain.models.signals import Event, ObjectPercept, Percepts
from neural_brain.sim.homes import HomeObject, HomeSpec, generate_home

BEAMS = 360
VIEWS = 6  # a landmark is believed from so many on
NOISE_M = 0.02
APART_M = 2.0  # things of one name are so far apart: they cannot be mistaken
KEEP = MemoryConfig(timeout_s=60.0, max_events=10**7)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A save that was confirmed: from which spot, which things, which event, how long.

    `spot` (2,) [m] in frame `home`; `latency_s` is the time of the call; `start` and
    `end` [s] are of the machine's steady clock.
    """

    spot: tuple[float, float]
    things: tuple[int, ...]
    event: str
    latency_s: float
    start: float
    end: float


def survey(
    place: Place, seed: int, robot: int, *, rounds: int, listed: Path, gate: Any = None
) -> None:
    """Map a home and save after every look around; runs in a process of its own.

    Args:
        place: the memory, which holds a first map of the home.
        seed: of the home.
        robot: number of the robot.
        rounds: how often it looks around.
        listed: file for the promises.
        gate: a barrier at which all robots wait for each other, or None.
    """
    home = generate_home(seed)
    rng = np.random.default_rng([seed, robot])
    store = open_memory(place, KEEP, MapsConfig())
    cognitive = recall_map(MapsConfig(), store)
    if gate is not None:
        gate.wait(120)
    with listed.open("a") as file:
        for k in range(rounds):
            spot = any_spot(home, rng)
            things = look_around(cognitive, home, spot, rng, t=float(k + 1))
            event = f"robot {robot} looked around, time {k}"
            promise = save(store, cognitive, (spot, things, event), t=float(k + 1))
            if promise is not None:
                file.write(json.dumps(asdict(promise)) + "\n")
                file.flush()
    store.close()


def begin(place: Place, seed: int) -> None:
    """Write the first map of a home, in frame `home`, that all robots continue."""
    home = generate_home(seed)
    store = open_memory(place, KEEP, MapsConfig())
    cognitive = CognitiveMap(MapsConfig())
    rng = np.random.default_rng([seed, 999])
    look_around(cognitive, home, np.array(home.start[:2]), rng, t=0.0)
    store.save_map(cognitive.snapshot(), 0.0)
    store.close()


def save(
    store: Memory,
    cognitive: CognitiveMap,
    seen: tuple[Array, tuple[int, ...], str],
    t: float,
) -> Promise | None:
    """Save map and event, go on with what others added; None if it was refused."""
    spot, things, text = seen
    snapshot = cognitive.snapshot()
    start = time.monotonic()
    try:
        joined = store.save_map(snapshot, t)
        end = time.monotonic()
        store.add_events(
            [Event(stamp=t, source="fleet", kind="look", text=text, data={})]
        )
    except MapFileError:
        return None
    if joined is not None:
        adopt(cognitive, joined)
    return Promise(
        spot=(float(spot[0]), float(spot[1])),
        things=things,
        event=text,
        latency_s=end - start,
        start=start,
        end=end,
    )


def any_spot(home: HomeSpec, rng: np.random.Generator) -> Array:
    """A point (2,) [m] in some room, away from its walls."""
    x0, y0, x1, y1 = home.rooms[int(rng.integers(len(home.rooms)))].rect
    return np.array([rng.uniform(x0 + 0.5, x1 - 0.5), rng.uniform(y0 + 0.5, y1 - 0.5)])


def look_around(
    cognitive: CognitiveMap,
    home: HomeSpec,
    spot: Array,
    rng: np.random.Generator,
    t: float,
) -> tuple[int, ...]:
    """Add a scan and views of the things in the room; returns the ids of the things."""
    cognitive.grid.add_scan(scan_from(home, spot))
    room = home.room_at(*spot)
    things = [] if room is None else [o for o in distinct(home) if o.room == room.id]
    for view in range(VIEWS):
        objects = tuple(percept(thing, rng) for thing in things)
        cognitive.landmarks.update(
            Percepts(
                stamp=t + 0.1 * view,
                pose_odom_base=np.zeros(3),
                obstacles=np.zeros((0, 2)),
                free=np.zeros((0, 2)),
                objects=objects,
                view_polygon=np.zeros((0, 2)),
            ),
            np.zeros(3),
            lambda *_: True,
        )
    cognitive.refresh()
    return tuple(thing.id for thing in things)


def scan_from(home: HomeSpec, spot: Array) -> ScanPoints:
    """What a lidar at a spot (2,) [m] sees of the walls."""
    angles = np.linspace(-np.pi, np.pi, BEAMS, endpoint=False)
    ahead = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    walls = np.array(home.walls)
    with np.errstate(divide="ignore", invalid="ignore"):
        near, far = (
            (walls[None, :, k : k + 2] - spot) / ahead[:, None, :] for k in (0, 2)
        )
    first, last = np.minimum(near, far).max(axis=2), np.maximum(near, far).min(axis=2)
    hit = (first <= last) & (first > 0.0)
    distance = np.where(hit, first, np.inf).min(axis=1)
    seen = np.isfinite(distance) & (distance < 8.0)
    reach = np.where(seen, distance - 0.05, 2.0)[:, None]
    hits = spot + ahead[seen] * distance[seen][:, None]
    return ScanPoints(origin=spot, hits=hits, outline=spot + ahead * reach)


def distinct(home: HomeSpec) -> list[HomeObject]:
    """Things of a home that have no other of their category near them."""
    things = home.objects
    xy = np.array([thing.position[:2] for thing in things])
    apart = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    same = np.array([[a.category == b.category for a in things] for b in things])
    np.fill_diagonal(same, False)
    alone = ~np.any(same & (apart < APART_M), axis=1)
    return [thing for thing, lonely in zip(things, alone, strict=True) if lonely]


def percept(thing: HomeObject, rng: np.random.Generator) -> ObjectPercept:
    """One noisy view of a thing."""
    return ObjectPercept(
        category=thing.category,
        colour=thing.colour,
        confidence=0.9,
        center_base=np.array(thing.center) + rng.normal(0.0, NOISE_M, 3),
        size=np.array(thing.size),
    )
