"""A brain keeps episodes, goes on when its memory cannot be written, and ends well."""

import json
import sqlite3

import numpy as np
import pytest

from neural_brain.benchmarks.save_times import known_m2, surveyed
from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.errors import MapFileError
from neural_brain.models.memory import MemoryConfig, MemoryStore, steps_of
from neural_brain.models.sensing import NoDetector
from neural_brain.robots import arm_dynamics
from neural_brain.robots.gliding_body import GlidingBody, coarse
from neural_brain.robots.loop import run
from neural_brain.robots.mujoco_body import MujocoBodyConfig
from neural_brain.sim.empty_room import build_room
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation

BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))


@pytest.fixture
def lived(tmp_path):
    """A brain with a memory file, told to explore an empty room; body and file."""
    path = tmp_path / "home.db"
    body = GlidingBody(Simulation(build_room()), BLIND)
    store = MemoryStore(path, MemoryConfig(timeout_s=0.0))
    brain = Brain(coarse(BrainConfig()), body.limits, arm_dynamics, NoDetector(), store)
    run(brain, body, duration_s=4.0)
    brain.say("explore", body.simulation.time_s)
    yield brain, body, path
    body.close()


def test_a_goal_becomes_an_episode_with_the_seconds_around_it(lived):
    brain, body, path = lived
    run(brain, body, duration_s=3.0)
    brain.finish(body.simulation.time_s)
    with MemoryStore(path) as store:
        episodes = store.events(kind="episode")
        assert store.load_map() is not None
    told = next(event for event in episodes if "a person: explore" in event.data["why"])
    assert "my goal: explore" in told.data["why"]
    steps = steps_of(told)
    said = np.searchsorted(steps[:, 0], 4.0 - 1e-6)
    assert 40 <= said <= 64 and len(steps) - said >= 32
    np.testing.assert_allclose(np.diff(steps[:, 0]), 0.05, atol=0.011)
    assert brain.episodes.kept < brain.episodes.seen


def test_a_stop_saves_a_map_as_large_as_a_home_whole(lived):
    brain, body, path = lived
    brain.maps = surveyed(80)
    assert known_m2(brain.maps) > 100.0 and len(brain.maps.landmarks.landmarks()) > 20
    wanted = brain.maps.snapshot()
    brain.finish(body.simulation.time_s)
    with MemoryStore(path) as store:
        assert store.messages == []
        loaded = store.load_map()
    assert loaded.data == json.loads(json.dumps(wanted.data))
    assert loaded.arrays.keys() == wanted.arrays.keys()
    for name, array in wanted.arrays.items():
        np.testing.assert_array_equal(loaded.arrays[name], array)


def test_a_memory_that_cannot_be_written_stops_no_robot(lived):
    brain, body, path = lived
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    before = body.simulation.time_s
    run(brain, body, duration_s=2.0)
    assert brain.pop_events()
    assert body.simulation.time_s > before + 1.9
    assert "The diary waits" in brain.store.messages[-1]
    with pytest.raises(MapFileError, match="events of the diary are lost"):
        brain.finish(body.simulation.time_s)
    other.rollback()
    other.close()
    with MemoryStore(path) as store:
        assert store.messages == []
