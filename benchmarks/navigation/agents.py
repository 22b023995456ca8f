"""Who plays: the brain as it is, and poorer ones, each a setting of the same brain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from neural_brain.benchmarks.navigation.by_place import PlaceKnower
from neural_brain.benchmarks.navigation.wanderers import Reactor, Wanderer
from neural_brain.models.brain import BrainConfig
from neural_brain.models.categories import SMALL_OBJECTS
from neural_brain.models.executive import Executive
from neural_brain.models.sensing import Detector
from neural_brain.models.signals import ObjectPercept, RgbdFrame

NOTHING, THINGS, SPOTS, ALL = "nothing", "things", "spots", "all"
MISSES = {"misses10": 0.1, "misses20": 0.2, "misses30": 0.3}
"""Rungs of the ladder of detectors that miss a share of the things."""
WRONG = 0.05
"""Share of the things seen that these rungs call by another name."""
DETECTORS = ("oracle", *MISSES, "learned")


def _usual(config: BrainConfig) -> BrainConfig:
    return config


@dataclass(frozen=True, kw_only=True)
class Agent:
    """A configuration and what is forgotten before every goal.

    Attributes:
        forgets: NOTHING; THINGS, landmarks and what was looked at; SPOTS, the same
            but for the place of the topological map at which a thing was; or ALL.
        change: makes its configuration from the usual one.
        words: what it hears instead of the words that were said.
        executive: what decides.
    """

    name: str
    forgets: str = NOTHING
    change: Callable[[BrainConfig], BrainConfig] = _usual
    words: Callable[[str], str] = str
    executive: type[Executive] = Executive


def _search(config: BrainConfig, **changes: object) -> BrainConfig:
    executive = config.executive
    search = replace(executive.search, **changes)  # type: ignore[arg-type]
    return replace(config, executive=replace(executive, search=search))


def _no_priors(config: BrainConfig) -> BrainConfig:
    return _search(config, room_bonus=0.0)


def _nearest_first(config: BrainConfig) -> BrainConfig:
    return _search(config, room_bonus=0.0, order="nearest")


def _random_order(config: BrainConfig) -> BrainConfig:
    return _search(config, room_bonus=0.0, order="random", min_gain_m2=0.05)


def _never_corrected(config: BrainConfig) -> BrainConfig:
    return replace(config, maps=replace(config.maps, correct_recalled=False))


def _without_colour(words: str) -> str:
    """Only the last part of the words, the name: names of two words are kept."""
    head, _, rest = words.partition("the ")
    colour, _, name = rest.partition(" ")
    return f"{head}the {name}" if name and colour in _COLOUR_WORDS else words


_COLOUR_WORDS = (
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black",
    "white", "grey",
)  # fmt: skip

KEPT = Agent(name="kept")
WIPED = Agent(name="wiped map", forgets=ALL)
THINGS_WIPED = Agent(name="map without things", forgets=THINGS)
NO_PRIORS = Agent(name="no room priors", forgets=ALL, change=_no_priors)
NEAREST = Agent(name="nearest frontier", forgets=ALL, change=_nearest_first)
RANDOM = Agent(name="random view points", forgets=ALL, change=_random_order)
NEVER_CORRECTED = Agent(name="never corrected", change=_never_corrected)
RANDOM_WALK = Agent(name="random walk", forgets=ALL, executive=Wanderer)
REACTIVE = Agent(name="reactive, no map", forgets=ALL, executive=Reactor)
BY_PLACE = Agent(name="things by place", forgets=SPOTS, executive=PlaceKnower)
COLOUR_BLIND = Agent(name="name only", words=_without_colour)


class Unreliable:
    """A detector that misses things and calls some by another name.

    Args:
        detector: the one that is spoiled.
        names: categories that it may say wrongly.
        misses: share of things that are missed.
        wrong: share of the others that get a wrong name.
        seed: of its mistakes.
    """

    def __init__(
        self,
        detector: Detector,
        names: tuple[str, ...],
        *,
        misses: float,
        wrong: float,
        seed: int,
    ) -> None:
        self._detector, self._names = detector, names
        self._misses, self._wrong = misses, wrong
        self._random = np.random.default_rng(seed)

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """What the detector sees, less what is missed."""
        seen = []
        for percept in self._detector.detect(frame):
            miss, swap = self._random.random(2)
            if miss < self._misses:
                continue
            if swap < self._wrong:
                name = self._names[int(self._random.integers(len(self._names)))]
                percept = replace(percept, category=name)
            seen.append(percept)
        return tuple(seen)


def spoiled(name: str, oracle: Detector, seed: int) -> Detector:
    """The oracle as a rung of `DETECTORS` has it; "oracle" leaves it as it is."""
    if name == "oracle":
        return oracle
    return Unreliable(
        oracle, SMALL_OBJECTS, misses=MISSES[name], wrong=WRONG, seed=seed
    )
