"""Pictures as goals: known places first, what is seen decides, exploring else."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.errors import GoalError
from neural_brain.models.executive import picture_goal
from neural_brain.models.sensing import OrbVlad, frame_view, picture_view
from neural_brain.models.sensing.sensing import empty_percepts
from neural_brain.models.signals import Picture, PicturePlace
from tests.models.executive.conftest import Robot
from tests.painted_room import K, PaintedRoom

EMBEDDING = OrbVlad()
ROOM = PaintedRoom()
TAKEN = np.array([2.0, 0.8, 0.3])


def shown(*places, room=ROOM, **more):
    view = picture_view(room.frame(TAKEN).rgb, K, EMBEDDING)
    return Picture(view=view, places=tuple(places), **more)


def place(pose, spots=15, lead=15):
    return PicturePlace(pose_map=np.array(pose, float), spots=spots, lead=lead)


class SeeingRobot(Robot):
    """Sees the painted room whenever it looks: ahead, or all around."""

    room = ROOM

    def do(self, step):
        status = super().do(step)
        if step.kind.value == "look":
            pans = (0.0,) if step.point_map is not None else np.arange(0.0, 6.2, 0.6)
            for pan in pans:
                self.see(pan)
        return status

    def see(self, pan):
        frame = self.room.frame(self.pose, self.t, pan)
        percepts = empty_percepts(self.t, self.pose)
        view = frame_view(frame, EMBEDDING)
        self.executive.observe(replace(percepts, view=view), self.pose)

    def show(self, picture):
        return self.executive.show(picture, self.t, self.flat.state(self.t))

    @property
    def end(self):
        return self.executive.finished[-1]


@pytest.fixture
def robot(flat):
    return SeeingRobot(flat)


def near(pose, other=TAKEN, within_m=0.4):
    turn = abs(np.angle(np.exp(1j * (pose[2] - other[2]))))
    return np.hypot(*(pose - other)[:2]) < within_m and turn < 0.3


def test_a_known_place_is_driven_to_and_looked_at(robot):
    reply = robot.show(shown(place(TAKEN)))
    assert reply.accepted
    assert "picture" in reply.text
    robot.run()
    assert robot.end.success
    assert near(robot.pose)
    assert robot.kinds[:2] == ["drive", "look"]


def test_a_wrong_place_is_left_for_the_next_one(robot):
    wrong = place([-2.0, 0.5, 2.9], spots=20)
    robot.room = PaintedRoom(seed=3)  # at first nothing looks like the picture
    robot.show(shown(wrong, place(TAKEN, spots=8)))
    while not any("leave" in text for text in robot.told):
        robot.run(1)
    robot.room = ROOM
    robot.run()
    assert robot.end.success
    assert near(robot.pose)


def test_what_is_seen_on_arrival_mends_the_place(robot):
    robot.show(shown(place(TAKEN - np.array([0.9, 0.4, 0.1]))))
    robot.run()
    assert robot.end.success
    assert near(robot.pose, within_m=0.6)
    assert robot.kinds.count("drive") == 2


def test_an_unknown_place_is_found_by_exploring(robot, flat):
    robot.pose = np.array([-3.5, 1.0, 2.0])
    robot.show(shown())
    robot.run()
    assert robot.end.success
    assert near(robot.pose)
    assert any("do not know this place" in text for text in robot.told)


def test_a_picture_of_elsewhere_ends_with_a_sentence(robot):
    robot.show(shown(place(TAKEN), room=PaintedRoom(seed=9)))
    robot.run(600)
    assert not robot.end.success
    assert "nothing like the picture" in robot.end.text


def test_what_only_looks_alike_is_tried_last(robot):
    robot.room = PaintedRoom(seed=3)
    robot.show(shown(place(TAKEN, spots=0, lead=0)))
    robot.run(600)
    kinds = [text for text in robot.told if "may have been taken" in text]
    assert len(kinds) == 1
    assert robot.kinds[0] == "look"  # exploring came first


def test_a_place_that_cannot_be_reached_is_left(robot):
    robot.show(shown(place([30.0, 0.0, 0.0]), place(TAKEN, spots=9)))
    robot.run()
    assert robot.end.success
    assert any("cannot get there" in text for text in robot.told)


def test_other_goals_come_after_the_picture(robot):
    robot.show(shown(place(TAKEN)))
    robot.say("go to the office")
    robot.run()
    assert [o.success for o in robot.executive.finished] == [True, True]


def test_a_thing_in_a_picture_of_nowhere_is_looked_for_by_name():
    goal = picture_goal(shown(want="thing", category="mug", colour="red"))
    assert (goal.action, goal.category, goal.colour) == ("find", "mug", "red")
    assert goal.picture is None


def test_a_thing_whose_place_is_known_is_looked_for_there():
    picture = shown(place(TAKEN), want="thing", category="mug")
    assert picture_goal(picture).picture is picture
    doubtful = shown(place(TAKEN, lead=2), want="thing", category="mug")
    assert picture_goal(doubtful).category == "mug"


@pytest.mark.parametrize(
    ("want", "words"), [("thing", "no thing in its middle"), ("colour", "place, thing")]
)
def test_what_cannot_be_done_is_refused(want, words):
    with pytest.raises(GoalError, match=words):
        picture_goal(shown(want=want))
