"""Two brains with one map, and a brain whose memory cannot be written for a while."""

import sqlite3

import numpy as np
import pytest

from neural_brain.benchmarks.episode import make_episode
from neural_brain.models.brain import BrainConfig, RateConfig
from neural_brain.models.maps.track import Track
from neural_brain.models.memory import MemoryConfig
from neural_brain.robots.home_body import make_home_body
from neural_brain.robots.oracle import oracle_detector
from neural_brain.sim.homes import generate_home

pytestmark = pytest.mark.gl
SEED = 3
CONFIG = BrainConfig(
    rates=RateConfig(save_every_s=1.0), memory=MemoryConfig(timeout_s=0.0)
)


@pytest.fixture
def awake():
    """Makes robots in the same home that have looked around for some seconds."""
    made = []

    def make(memory, seconds):
        body = make_home_body(SEED, small=True)
        made.append(
            make_episode(
                SEED,
                config=CONFIG,
                detector=oracle_detector(body),
                body=body,
                home=generate_home(SEED, small=True),
                memory=memory,
            )
        )
        made[-1].brain.say("explore", 0.0)
        made[-1]._run(seconds, lambda: False)
        return made[-1]

    yield make
    for episode in made:
        episode.brain.store.close()
        episode.body.close()


def test_what_one_robot_finds_the_other_one_knows(url, awake):
    anna = awake(url, 3.0)
    bert = awake(url, 2.0)
    assert bert.brain.map_state.localised
    marks = bert.brain.maps.landmarks
    place = np.array([0.5, 0.5, 0.5])
    vase = Track(
        id=marks.new_id(), center=place, covariance=np.eye(3) * 0.01,
        size=np.full(3, 0.1), categories={"vase": 9.0}, colours={"pink": 9.0},
        log_odds=3.0, count=9, first_seen=1.0, last_seen=1.0, near=1.0, far=3.0,
        told=True,
    )  # fmt: skip
    marks.tracks[vase.id] = vase
    bert.brain.save(2.0)
    anna.brain.save(3.0)
    assert vase.id in anna.brain.maps.landmarks.tracks
    pose = anna.brain.maps.last_pose
    anna._run(1.0, lambda: False)
    assert anna.brain.map_state.localised
    assert np.hypot(*(anna.brain.maps.last_pose - pose)[:2]) < 1.0
    events = anna.brain.store.events(kind="words")
    assert [event.text for event in events] == ["explore", "explore"]


def test_a_memory_that_cannot_be_written_does_not_stop_the_robot(tmp_path, awake):
    memory = tmp_path / "memory.sqlite"
    anna = awake(memory, 2.2)
    other = sqlite3.connect(memory)
    other.execute("BEGIN IMMEDIATE")
    anna.brain._save_when_due(10.0)
    other.rollback()
    other.close()
    anna._run(1.5, lambda: False)
    told = [event for event in anna.trace.events if event.kind == "trouble"]
    assert len(told) == 1 and "locked" in told[0].text
    assert anna.brain.store.load_map().stamp >= 2.0
