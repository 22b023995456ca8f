"""Keep-out areas in closed loop: a gliding robot in a generated home, its own lidar."""

import numpy as np
import pytest

from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.geometry import compose2, inverse2
from neural_brain.models.maps.area_geojson import dock_area
from neural_brain.models.maps.areas import with_area
from neural_brain.models.maps.outlines import disc, distance
from neural_brain.models.memory import MemoryStore
from neural_brain.models.sensing import NoDetector
from neural_brain.models.signals import Area, AreaKind
from neural_brain.robots import MujocoBodyConfig, arm_dynamics
from neural_brain.robots.gliding_body import GlidingBody, coarse
from neural_brain.robots.loop import run
from neural_brain.sim.homes import generate_home
from neural_brain.sim.scene import build_spec
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.simulation import Simulation

SEED, RADIUS = 3, 0.27
END = dock_area("end", np.array([0.1, -4.6, 0.0]))  # nothing low stands on the way
LOOSE_M = 0.04  # what the simulator's word may differ from the robot's own pose


class Trial:
    """A robot that has stood at its start for some seconds."""

    def __init__(self, store=None):
        model = build_spec(generate_home(SEED, small=True), "mobile_manipulator")
        sensors = SensorsConfig(camera_on=False)
        config = MujocoBodyConfig(sensors=sensors)
        self.body = GlidingBody(Simulation(model.compile()), config, seed=1)
        self.brain = Brain(
            coarse(BrainConfig()), self.body.limits, arm_dynamics, NoDetector(), store
        )
        self.start = self.body.simulation.truth.pose_world_base()
        self.poses, self.events = [], []
        self.run(9.0)

    def run(self, seconds, until=lambda: False):
        run(
            self.brain, self.body, duration_s=seconds, until=until,
            observers=[self.watch],
        )  # fmt: skip

    def watch(self, brain, body, observation):
        """True poses in `map`, whose origin is the start."""
        pose = body.simulation.truth.pose_world_base()
        self.poses.append(compose2(inverse2(self.start), pose))
        self.events += brain.pop_events()

    def say(self, words, seconds=90.0):
        """Say it, wait until all goals have ended; what the robot said at the end."""
        self.poses = []
        executive = self.brain.executive
        reply = self.brain.say(words, self.body.simulation.time_s)
        assert reply.accepted, reply.text
        self.run(seconds, until=lambda: not executive.goals)
        return executive.finished[-1].text if executive.finished else ""

    def draw(self, *areas):
        """Areas that a person has drawn."""
        for area in areas:
            self.brain.maps.areas = with_area(self.brain.maps.areas, area)
        self.run(0.3)

    @property
    def way(self):
        return np.array(self.poses)[:, :2]


@pytest.fixture
def trial():
    made = Trial()
    yield made
    made.body.close()


@pytest.mark.slow
def test_the_robot_drives_around_a_keep_out_area_and_never_into_it(trial):
    trial.draw(END, dock_area("start", np.zeros(3)))
    assert trial.say("go to the end") == "I am at the end"
    ring = disc(trial.way[len(trial.way) // 2], 0.3)  # across the way that it took
    assert trial.say("go to the start") == "I am at the start"
    trial.draw(Area(name="pond", kind=AreaKind.KEEP_OUT, outline=ring))
    assert trial.say("go to the end") == "I am at the end"
    assert np.hypot(*(trial.way[-1] - END.pose_map[:2])) < 0.2
    assert distance(ring, trial.way).min() > RADIUS - LOOSE_M


def test_told_to_stay_out_it_leaves_and_does_not_come_back(trial):
    trial.draw(dock_area("dock", trial.brain.maps.last_pose))
    assert trial.say("stay out of this room").startswith("I am out of")
    (area,) = [a for a in trial.brain.maps.areas if a.kind is AreaKind.KEEP_OUT]
    apart = distance(area.outline, trial.way)
    assert apart[0] < 0.0 < RADIUS - LOOSE_M < apart[-1]
    text = trial.say("go to the dock")
    assert "could not get to the dock" in text
    assert "I must stay out of there" in text
    assert distance(area.outline, trial.way).min() > RADIUS - LOOSE_M
    trial.brain.say(f"you may enter {area.name} again", 0.0)
    assert trial.say("go to the dock") == "I am at the dock"


def test_slow_areas_limit_the_speed_of_the_base(trial):
    outline = disc(np.zeros(2), 30.0)
    slow = Area(name="all", kind=AreaKind.SLOW, outline=outline, speed_m_s=0.15)
    trial.draw(END, slow)
    trial.say("go to the end", seconds=20.0)
    way = trial.way
    speeds = np.hypot(*np.diff(way, axis=0).T) / 0.05  # it is watched every 50 ms
    assert speeds.max() < 0.17
    assert len(way) > 100 and np.hypot(*(way[-1] - way[0])) > 0.5


def test_areas_are_saved_with_the_map_and_act_in_the_next_life(tmp_path):
    with MemoryStore(tmp_path / "home.db") as store:
        first = Trial(store)
        first.say("stay out of this room")
        first.brain.save(100.0)
        first.body.close()
    with MemoryStore(tmp_path / "home.db") as store:
        second = Trial(store)
        second.run(3.0)
        assert [a.kind for a in second.brain.map_state.areas] == [AreaKind.KEEP_OUT]
        second.draw(dock_area("dock", np.array([0.3, 0.0, 0.0])))
        assert "I must stay out of there" in second.say("go to the dock")
        second.body.close()


def test_floors_change_by_words_and_the_robot_finds_itself_again(tmp_path):
    with MemoryStore(tmp_path / "home.db") as store:
        trial = Trial(store)
        brain = trial.brain
        assert brain.say("you are on the ground floor", 9.0).accepted
        trial.say("stay out of this room")
        pose = brain.maps.last_pose
        known = np.count_nonzero(brain.map_state.grid.cells >= 0)
        assert brain.say("you are on the first floor now", 60.0).accepted
        trial.run(1.0)
        state = brain.map_state
        assert (state.floor, state.areas) == ("first", ())
        assert np.count_nonzero(state.grid.cells >= 0) < known
        assert np.hypot(*brain.maps.last_pose[:2]) < 0.05  # its origin is here
        reply = brain.say("go to the ground floor", 61.0)
        assert not reply.accepted
        assert "I know no lift" in reply.text
        assert brain.say("you are on the ground floor now", 62.0).accepted
        trial.run(3.0)
        state = brain.map_state
        assert (state.floor, len(state.areas), state.localised) == ("ground", 1, True)
        assert np.hypot(*(brain.maps.last_pose - pose)[:2]) < 0.1
        trial.body.close()
