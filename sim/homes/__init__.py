"""Homes made from a seed: plain data, words, and parts for the simulator."""

from neural_brain.sim.homes.describe import describe
from neural_brain.sim.homes.generate import generate_home
from neural_brain.sim.homes.seeds import seed_ranges, split_of
from neural_brain.sim.homes.spec import (
    Door,
    HomeObject,
    HomeSpec,
    Room,
    from_json,
    to_json,
)

__all__ = [
    "Door",
    "HomeObject",
    "HomeSpec",
    "Room",
    "describe",
    "from_json",
    "generate_home",
    "seed_ranges",
    "split_of",
    "to_json",
]
