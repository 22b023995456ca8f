"""Places and floors in words: what is noted, what is asked back, where goals lead."""

import numpy as np
import pytest

from neural_brain.models.executive import Executive, describe, understand
from neural_brain.models.executive.place_words import hear_place
from neural_brain.models.executive.places_known import phrases
from neural_brain.models.executive.room_outline import room_outline
from neural_brain.models.maps.area_geojson import dock_area
from neural_brain.models.maps.areas import with_area, without
from neural_brain.models.maps.outlines import area_m2, inside
from neural_brain.models.signals import (
    Area,
    AreaKind,
    Floor,
    MapOrder,
    RoomGrid,
    SubGoalKind,
)

KITCHEN = np.array([[-4.5, -2.5], [-0.1, -2.5], [-0.1, 2.5], [-4.5, 2.5]])
OFFICE = KITCHEN * [-1.0, 1.0]


class Home:
    """A flat with named areas; requests change it, as the maps do."""

    def __init__(self, flat, make_robot):
        labels = np.zeros((100, 180), np.int32)
        labels[:, :88], labels[:, 92:] = 1, 2
        self.grid = RoomGrid(
            labels=labels, origin=np.array([-4.5, -2.5]), resolution=0.05
        )
        self.areas, self.floor, self.others, self.map_id = (), "", (), 1
        self.flat = flat
        plain = flat.state
        flat.state = lambda t: self.dress(plain(t))
        self.robot = make_robot(flat, Executive())

    def dress(self, state):
        values = vars(state)
        return type(state)(
            **{**values, "areas": self.areas, "floor": self.floor,
               "other_floors": self.others, "map_id": self.map_id,
               "room_grid": self.grid}
        )  # fmt: skip

    def say(self, words):
        robot = self.robot
        if robot.executive._pose is None:
            robot.executive.step(0.0, robot.flat.state(0.0), robot.pose, None)
        reply = robot.say(words)
        request = reply.request
        if request is not None and request.order is MapOrder.ADD:
            self.areas = with_area(self.areas, request.area)
        elif request is not None and request.order is MapOrder.REMOVE:
            self.areas = without(self.areas, request.area.kind, request.area.name)
        elif request is not None:
            self.floor = request.floor
        return reply

    def names(self, kind):
        return [area.name for area in self.areas if area.kind is kind]


@pytest.fixture
def home(flat, make_robot):
    return Home(flat, make_robot)


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        ("this is Anna's room", AreaKind.ROOM, "Anna's room"),
        ("This is the kitchen.", AreaKind.ROOM, "kitchen"),
        ("please call this place the workshop", AreaKind.ROOM, "workshop"),
        ("this room is called reading corner", AreaKind.ROOM, "reading corner"),
        ("we are in the kitchen", AreaKind.ROOM, "kitchen"),
        ("call this room 'TV room', please", AreaKind.ROOM, "TV room"),
        ("call this place the dock", AreaKind.DOCK, "dock"),
        ("this is your charging station", AreaKind.DOCK, "dock"),
        ("this is the elevator", AreaKind.LIFT, "lift"),
        ("stay out of here", AreaKind.KEEP_OUT, "kitchen"),
        ("don't go into the office any more", AreaKind.KEEP_OUT, "office"),
        ("The office is off limits", AreaKind.KEEP_OUT, "office"),
        ("drive slowly in the office", AreaKind.SLOW, "office"),
    ],
)
def test_words_name_places(home, words, kind, name):
    reply = home.say(words)
    assert reply.accepted, reply.text
    assert home.names(kind) == [name]
    assert len(home.areas) == 1


def test_an_area_of_a_room_has_its_outline(home):
    home.say("this is Anna's room")
    (room,) = home.areas
    assert area_m2(room.outline) == pytest.approx(22.0, rel=0.05)
    assert inside(room.outline, home.robot.pose[None, :2])[0]
    home.say("call this spot the window seat")
    (seat,) = [a for a in home.areas if a.name == "window seat"]
    assert area_m2(seat.outline) == pytest.approx(np.pi, rel=0.02)
    home.say("call this place the dock")
    (dock,) = [a for a in home.areas if a.kind is AreaKind.DOCK]
    assert np.array_equal(dock.pose_map, home.robot.pose)


@pytest.mark.parametrize(
    "words",
    ["this is wrong", "this is the red mug", "you are in the way", "this is a mug",
     "press the red mug", "find the mug in the kitchen", "explore", "", "this is",
     "you may go into the office", "forget it", "go to the kitchen"],
)  # fmt: skip
def test_other_sentences_name_no_place(home, words):
    state = home.flat.state(0.0)
    assert hear_place(words, 0.0, state, home.robot.pose) is None


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("stay out of the nursery", "Bring me there"),
        ("stay away from the sofa", "not keep from the sofa"),
        ("this is the very long name of a room that nobody can remember", "shorter"),
        ("this is the " + "x" * 60, "1 to 40 letters"),
        ("go to the dock", "Bring me there and say 'this is the dock'"),
        ("go to the second floor", "I do not know the second floor"),
    ],
)
def test_what_is_unclear_is_asked_back_and_changes_nothing(home, words, question):
    reply = home.say(words)
    assert not reply.accepted
    assert question in reply.text
    assert home.areas == ()
    assert home.robot.executive.goals == ()


def test_a_robot_that_is_lost_or_knows_no_room_says_so(home):
    home.flat.localised = False
    assert "not sure where I am" in home.say("this is the kitchen").text
    home.flat.localised = True
    home.grid = RoomGrid(
        labels=np.zeros((2, 2), np.int32), origin=np.zeros(2), resolution=0.05
    )
    assert "do not know the room around me" in home.say("this is the kitchen").text
    assert room_outline(home.grid, 0) is None
    assert home.areas == ()


def test_two_rooms_of_one_name_are_asked_about(home):
    home.flat.rooms = tuple(
        type(room)(**{**vars(room), "name": "bathroom"}) for room in home.flat.rooms
    )
    assert "I know 2 rooms" in home.say("stay out of the bathroom").text
    assert home.say("stay out of this room").accepted


def test_what_was_said_can_be_taken_back(home):
    home.say("drive slowly in the office")
    home.say("stay out of the office")
    assert "still stay out" not in home.say("forget the office").text  # the slow area
    assert home.names(AreaKind.SLOW) == []
    assert "I still stay out of the office" in home.say("forget the office").text
    assert home.say("you may go into the office again").text == (
        "I may enter the office again."
    )
    assert home.areas == ()


def test_goals_lead_to_named_places(home):
    home.areas = (
        Area(name="Anna's room", kind=AreaKind.ROOM, outline=OFFICE),
        dock_area("dock", np.array([2.0, 1.0, 0.7])),
    )
    assert home.say("go to Anna's room").text == "I will go to Anna's room."
    home.robot.run()
    assert home.robot.executive.finished[-1].text == "I am in Anna's room"
    assert home.robot.pose[0] > 0.5
    home.say("drive to the charging station")
    home.robot.run()
    assert home.robot.executive.finished[-1].text == "I am at the dock"
    assert np.allclose(home.robot.pose, [2.0, 1.0, 0.7])


def test_a_thing_is_looked_for_in_the_room_that_was_named(home, make_landmark):
    home.areas = (Area(name="Anna's room", kind=AreaKind.ROOM, outline=OFFICE),)
    home.flat.things = [
        make_landmark(1, "mug", "red", [-2.4, 1.8, 0.7]),
        make_landmark(2, "mug", "blue", [2.6, -1.8, 0.7]),
    ]
    assert home.say("find the mug in Anna's room").accepted
    home.robot.run()
    assert home.robot.executive.finished[-1].text == "I found the blue mug"
    home.say("find the mug in the kitchen")
    home.robot.run()
    assert home.robot.executive.finished[-1].text == "I found the red mug"


def test_a_goal_in_a_keep_out_area_is_refused_in_words(home, make_landmark):
    home.areas = (Area(name="office", kind=AreaKind.KEEP_OUT, outline=OFFICE),)
    reply = home.say("go to the office")
    assert (reply.accepted, reply.text[:29]) == (False, "I must stay out of the office")
    home.flat.things = [make_landmark(2, "mug", "blue", [2.6, -1.8, 0.7])]
    home.say("press the mug")
    home.robot.run()
    assert not home.robot.executive.finished[-1].success
    assert "where I must stay out" in home.robot.executive.finished[-1].text
    assert home.robot.t < 100.0
    drives = [s for s in home.robot.steps if s.kind is SubGoalKind.DRIVE]
    goals = np.array([s.pose_map[:2] for s in drives]).reshape(-1, 2)
    assert not inside(OFFICE, goals).any()


def test_exploring_keeps_out(home):
    home.areas = (Area(name="office", kind=AreaKind.KEEP_OUT, outline=OFFICE),)
    home.say("explore")
    home.robot.run()
    drives = [s.pose_map[:2] for s in home.robot.steps if s.kind is SubGoalKind.DRIVE]
    assert drives
    assert max(x for x, _ in drives) < 0.0


def test_a_robot_leaves_the_room_that_it_is_told_to_stay_out_of(home):
    home.say("find the laptop")
    reply = home.say("stay out of this room")
    assert reply.text.endswith("I am in it and leave.")
    assert [goal.action for goal in home.robot.executive.goals] == ["leave", "find"]
    home.say("stop")
    home.say("stay out of this room")
    home.robot.run()
    assert home.robot.executive.finished[-1].text == "I am out of the kitchen"
    assert not inside(home.areas[0].outline, home.robot.pose[None, :2])[0]


# --- floors -----------------------------------------------------------------------


def test_the_floor_gets_a_name_and_another_one_is_begun(home):
    named = home.say("you are on the ground floor").text
    again = home.say("this is the ground floor").text
    assert named == "I call this the ground floor."
    assert again == "Yes, I am on the ground floor."
    reply = home.say("You are on the first floor now.")
    assert reply.request.order is MapOrder.FLOOR
    assert reply.request.floor == "first"
    assert "begin a map" in reply.text
    home.floor, home.others = "first", (Floor(name="Ground"),)
    reply = home.say("we're on the ground floor now")
    assert reply.request.floor == "Ground"
    assert "I go on with my map of the ground floor" in reply.text
    assert home.say("you are in the basement").request.floor == "basement"
    assert home.say("you are on floor 2").request.floor == "2"


def test_a_lost_robot_without_a_floor_was_carried_to_another_one(home):
    home.flat.localised = False
    reply = home.say("you are on the first floor now")
    assert reply.request.order is MapOrder.FLOOR


def upstairs(home, lift=True):
    home.floor = "ground"
    home.others = (
        Floor(name="first", rooms=("Bert's room", "bathroom"), things=("pink vase",)),
    )
    if lift:
        home.say("this is the lift")


@pytest.mark.parametrize(
    "words",
    ["find the vase", "press the pink vase", "go to Bert's room", "go to the bathroom",
     "go to the first floor", "explore the first floor", "find the mug on the first "
     "floor", "find the vase in Bert's room"],
)  # fmt: skip
def test_a_goal_on_another_floor_leads_to_the_lift_and_waits(home, words):
    upstairs(home)
    reply = home.say(words)
    assert reply.accepted
    assert "I go to the lift" in reply.text
    assert "say 'you are on the first floor now'" in reply.text
    start = home.robot.pose.copy()
    home.robot.run()
    assert home.robot.executive.finished[-1].text.startswith("I am at the lift; take")
    assert np.allclose(home.robot.pose, start)
    home.say("you are on the first floor now")
    home.others, home.map_id = (Floor(name="ground"),), 2
    executive, robot = home.robot.executive, home.robot
    executive.step(robot.t, robot.flat.state(robot.t), robot.pose, None)
    assert len(executive.goals) == (0 if words == "go to the first floor" else 1)
    for goal in executive.goals:
        assert goal.action == words.split()[0]
        assert goal.floor == ""


def test_without_a_lift_it_says_so(home):
    upstairs(home, lift=False)
    reply = home.say("find the vase")
    assert not reply.accepted
    assert "I remember the vase on the first floor" in reply.text
    assert "I know no lift that leads there" in reply.text
    home.say("this is the lift")
    assert home.say("this lift goes to the second floor").accepted
    assert "no lift that leads there" in home.say("find the vase").text
    assert home.say("the lift leads to the first floor").accepted
    (lift,) = [a for a in home.areas if a.kind is AreaKind.LIFT]
    assert lift.floors == ("second", "first")
    assert home.say("find the vase").accepted


def test_goals_of_two_floors_are_too_much_at_once(home):
    upstairs(home)
    home.others += (Floor(name="second", rooms=("gym",)),)
    reply = home.say("find the vase, then go to the gym")
    assert (reply.accepted, "one floor at a time" in reply.text) == (False, True)
    assert home.say("go to the office, then find the vase").accepted
    actions = [(g.action, g.room) for g in home.robot.executive.goals]
    assert actions == [("go", "office"), ("go", "lift")]


def test_what_is_known_here_is_not_looked_for_elsewhere(home, make_landmark):
    upstairs(home)
    home.flat.things = [make_landmark(1, "vase", "pink", [-2.4, 1.8, 0.7])]
    home.say("find the vase")
    home.robot.run()
    assert home.robot.executive.finished[-1].text == "I found the pink vase"


def test_a_thing_on_two_other_floors_is_asked_about(home):
    upstairs(home)
    home.others += (Floor(name="second", things=("red vase",)),)
    assert (
        "Do you mean on the first floor or on the second floor"
        in home.say("find the vase").text
    )
    assert home.say("find the red vase").accepted


def test_a_goal_is_begun_again_when_the_robot_turns_out_to_be_elsewhere(home):
    """As when a lift has carried it and it finds itself on another map."""
    home.say("find the laptop")
    executive, robot = home.robot.executive, home.robot
    first = executive.step(0.0, robot.flat.state(0.0), robot.pose, None)
    home.map_id = 2
    again = executive.step(1.0, robot.flat.state(1.0), robot.pose, None)
    assert again.id != first.id
    assert [goal.words for goal in executive.goals] == ["find the laptop"]


def test_stop_also_drops_what_waits_for_a_floor(home):
    upstairs(home)
    home.say("find the vase")
    home.say("stop")
    home.say("you are on the first floor now")
    executive, robot = home.robot.executive, home.robot
    executive.step(1.0, robot.flat.state(1.0), robot.pose, None)
    assert executive.goals == ()


@pytest.mark.parametrize(
    "words",
    ["go to Anna's room", "find the red mug in Anna's room", "go to the first floor",
     "press the mug near the sink on the first floor", "explore the first floor"],
)  # fmt: skip
def test_what_is_understood_is_said_in_words_that_are_understood(home, words):
    home.areas = (Area(name="Anna's room", kind=AreaKind.ROOM, outline=OFFICE),)
    places = phrases(home.flat.state(0.0))
    (goal,) = understand(words, places=places).goals
    (again,) = understand(describe(goal), places=places).goals
    assert again == goal
