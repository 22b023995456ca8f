"""A short real run that the view tests look at."""

import pytest

from neural_brain.benchmarks.episode import Episode, make_episode
from neural_brain.models.brain import BrainConfig
from neural_brain.models.sensing import NoDetector
from neural_brain.robots.home_body import make_home_body
from neural_brain.sim.homes import generate_home

SEED = 3


def short_episode() -> Episode:
    """A robot at the start of a small tuning home; it sees no objects."""
    return make_episode(
        SEED,
        config=BrainConfig(),
        detector=NoDetector(),
        body=make_home_body(SEED, small=True),
        home=generate_home(SEED, small=True),
    )


@pytest.fixture
def episode():
    made = short_episode()
    yield made
    made.body.close()
