"""The whole brain in a simulated home: repeatable, lasting, within limits."""

import hashlib

import numpy as np
import pytest

from neural_brain.benchmarks.episode import (
    EpisodeTimes,
    goal_words,
    make_episode,
    named_bodies,
)
from neural_brain.models.brain import BrainConfig
from neural_brain.models.memory import MemoryStore
from neural_brain.models.sensing import NetDetector
from neural_brain.robots.home_body import make_home_body
from neural_brain.robots.oracle import oracle_detector
from neural_brain.sim.homes import generate_home

pytestmark = pytest.mark.gl
SEED = 3


def episode(memory=None, detector=None, own_eyes=False):
    body = make_home_body(SEED, small=True)
    return make_episode(
        SEED,
        config=BrainConfig(),
        detector=detector or oracle_detector(body),
        body=body,
        home=generate_home(SEED, small=True),
        memory=memory,
        own_eyes=own_eyes,
    )


def explored(seconds, own_eyes):
    """The diary and the map of a short exploration, as one digest."""
    made = episode(detector=NetDetector(), own_eyes=own_eyes)
    made.brain.say("explore", 0.0)
    made._run(seconds, lambda: False)
    digest = hashlib.sha256(repr(made.trace.events).encode())
    digest.update(made.brain.map_state.grid.cells.tobytes())
    digest.update(np.array(made.trace.pose).tobytes())
    made.body.close()
    return digest.hexdigest(), len(made.trace.events)


@pytest.mark.slow
def test_one_seed_gives_one_run_with_any_eyes():
    first, second = explored(12.0, own_eyes=False), explored(12.0, own_eyes=True)
    assert first == second
    assert first[1] >= 4


def test_a_saved_map_is_continued(tmp_path):
    memory = tmp_path / "memory.sqlite"
    made = episode(memory)
    made.brain.say("explore", 0.0)
    made._run(4.0, lambda: False)
    cells = made.brain.map_state.grid.cells
    known = np.count_nonzero((cells >= 0) & (cells < 50))
    made.brain.save(made.body.simulation.time_s)
    made.brain.store.close()
    made.body.close()
    store = MemoryStore(memory, BrainConfig().memory)
    again = store.load_map()
    store.close()
    assert again is not None and known > 500


@pytest.mark.slow
def test_the_whole_story_in_a_small_home():
    """Explore, take a goal in words, press it, be shoved: always within limits."""
    made = episode()
    made.times = EpisodeTimes(explore_s=200.0, goal_s=200.0)
    book = next(thing for thing in made.home.objects if thing.category == "book")
    result = made.play(goal_words(book))
    made.body.close()
    assert result.claimed, result.outcome
    assert named_bodies(made.home, book) & made.touched
    assert result.violations == 0
    assert max(result.peak_arm_n, result.peak_base_n) <= made.force_limit_n
    assert result.shove_peak_n > 1.0  # the paddle did hit the hand
    assert result.surprises  # and the world model was not expecting it
