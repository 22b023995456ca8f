import numpy as np
import pytest

from neural_brain.models.executive import Executive, ExecutiveConfig
from neural_brain.models.executive.situation import some
from neural_brain.models.geometry import inverse2, transform2
from neural_brain.models.signals import ObjectPercept, Percepts, SubGoalKind

MUG_AT = (-2.4, 1.85, 0.80)  # on the table of the kitchen
BALL_AT = (2.6, -1.85, 0.80)  # on the table of the office


def test_a_known_thing_is_approached_looked_at_and_pressed(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "mug", "red", MUG_AT)]
    assert robot.say("press the red mug").accepted
    robot.run()
    assert robot.kinds == ["drive", "look", "press"]
    drive, _, press = robot.steps
    apart = np.hypot(*(drive.pose_map[:2] - MUG_AT[:2]))
    assert 0.45 <= apart <= 0.80
    facing = np.arctan2(*(np.array(MUG_AT[:2]) - drive.pose_map[:2])[::-1])
    assert abs(facing - drive.pose_map[2]) < 1e-6
    assert np.allclose(press.point_map, MUG_AT)
    assert not press.push
    (outcome,) = robot.executive.finished
    assert outcome.success
    assert "10 N" in outcome.text


def test_push_is_told_to_motion(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "ball", "blue", BALL_AT)]
    robot.say("push the blue ball")
    robot.run()
    assert robot.steps[-1].kind is SubGoalKind.PRESS
    assert robot.steps[-1].push


def test_an_unknown_thing_is_searched_for_until_it_is_found(robot, make_landmark):
    robot.found_when_near = [make_landmark(1, "ball", "blue", BALL_AT)]
    robot.say("press the blue ball")
    robot.run()
    assert robot.executive.finished[0].success
    assert robot.kinds[0] == "look"
    assert any("I look from" in text for text in robot.told)


def test_what_is_nowhere_is_said_after_everything_was_seen(robot):
    robot.say("press the red mug")
    robot.run()
    (outcome,) = robot.executive.finished
    assert not outcome.success
    assert "searched everything that I can reach and saw no red mug" in outcome.text


def test_exploring_sees_every_reachable_corner_and_ends(robot):
    robot.say("explore")
    assert robot.executive.exploring
    robot.run()
    assert not robot.executive.exploring
    assert robot.executive.finished[0].success
    assert robot.driven_m < 25.0
    free = np.array(
        [[x, y] for x in np.arange(-4.3, 4.4, 0.3) for y in np.arange(-2.3, 2.4, 0.3)]
    )
    assert robot.executive._seen.seen(free, 3).mean() > 0.97


def test_searching_ends_although_less_is_seen_than_was_promised(robot):
    """A screen hides from where it stops what it would see from the view point."""
    robot.flat.fill(-4.5, -0.05, -0.4, 0.0, 100)
    robot.off_m, robot.sight_m = np.array([0.0, 0.2]), 0.6
    robot.say("explore")
    robot.run(400)
    assert not robot.executive.exploring
    views = [tuple(s.pose_map[:2]) for s in robot.steps if s.pose_map is not None]
    assert len(views) == len(set(views))


def test_another_side_is_tried_when_pressing_fails(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "mug", "red", (-2.4, 0.0, 0.3))]
    robot.failing = {"press": ["out of reach"]}
    robot.say("press the red mug")
    robot.run()
    assert robot.kinds == ["drive", "look", "press", "drive", "look", "press"]
    first, second = (s.pose_map for s in robot.steps if s.pose_map is not None)
    assert abs(np.angle(np.exp(1j * (first[2] - second[2])))) > np.radians(30)
    assert robot.executive.finished[0].success


def test_the_next_thing_is_tried_when_one_cannot_be_pressed(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", MUG_AT),
        make_landmark(2, "mug", "red", BALL_AT),
    ]
    robot.failing = {"press": ["felt nothing"] * 3}
    robot.say("press the red mug")
    robot.run()
    assert robot.executive.finished[0].success
    assert robot.steps[-1].point_map[0] > 0.0
    assert any("I leave this red mug: felt nothing" in text for text in robot.told)


def test_giving_up_says_why(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "mug", "red", MUG_AT)]
    robot.failing = {"press": ["felt nothing"] * 9}
    robot.say("press the red mug")
    robot.run()
    assert not robot.executive.finished[0].success
    assert "felt nothing" in robot.executive.finished[0].text


def test_a_thing_that_vanished_is_not_pressed(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "mug", "red", MUG_AT)]
    robot.say("press the red mug")
    do = robot.do

    def vanish(step):
        if step.kind is SubGoalKind.LOOK and step.point_map is not None:
            robot.flat.things = []
        return do(step)

    robot.do = vanish
    robot.run()
    assert "press" not in robot.kinds
    assert not robot.executive.finished[0].success


def test_the_colour_matters(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "green", MUG_AT),
        make_landmark(2, "mug", "red", BALL_AT),
    ]
    robot.say("press the red mug")
    robot.run()
    assert robot.steps[-1].point_map[0] > 0.0


def test_an_unknown_colour_will_do_when_nothing_else_is_there(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "mug", "", MUG_AT)]
    robot.say("press the red mug")
    robot.run()
    assert robot.executive.finished[0].success
    assert "look" in robot.kinds[:-2]


def test_weak_evidence_is_not_enough_at_first(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "mug", "red", MUG_AT, count=1)]
    robot.say("press the red mug")
    robot.run(1)
    assert robot.executive.exploring


def test_goals_are_reached_in_order(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", MUG_AT),
        make_landmark(2, "ball", "blue", BALL_AT),
    ]
    reply = robot.say("find the blue ball, then press the red mug")
    assert [goal.index for goal in reply.goals] == [0, 1]
    robot.run()
    first, second = robot.executive.finished
    assert (first.goal.category, second.goal.category) == ("ball", "mug")
    assert first.success and second.success


def test_it_goes_to_a_room(robot):
    robot.say("go to the office")
    robot.run()
    assert robot.executive.finished[0].success
    assert robot.pose[0] > 1.0


def test_a_room_in_the_goal_chooses_the_thing(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", MUG_AT),
        make_landmark(2, "mug", "red", BALL_AT),
    ]
    robot.say("press the red mug in the office")
    robot.run()
    assert robot.steps[-1].point_map[0] > 0.0


def test_near_in_the_goal_chooses_the_thing(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "chair", "", (-3.5, 1.0, 0.4)),
        make_landmark(2, "chair", "", (3.5, 1.0, 0.4)),
        make_landmark(3, "sofa", "", (3.0, 1.8, 0.4)),
    ]
    robot.say("go to the chair near the sofa")
    robot.run()
    assert robot.pose[0] > 2.0


def test_it_asks_which_one_and_takes_the_answer(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", MUG_AT),
        make_landmark(2, "mug", "blue", BALL_AT),
    ]
    reply = robot.say("press the mug")
    assert not reply.accepted
    assert "Which one" in reply.text
    assert "the red mug in the kitchen" in reply.text
    assert "the blue mug in the office" in reply.text
    answer = robot.say("the blue one")
    assert answer.accepted
    robot.run()
    assert robot.steps[-1].point_map[0] > 0.0


def test_a_room_is_an_answer_too(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", MUG_AT),
        make_landmark(2, "mug", "blue", BALL_AT),
    ]
    robot.say("press the mug")
    assert robot.say("kitchen").goals[0].room == "kitchen"


def test_any_is_an_answer_too(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", MUG_AT),
        make_landmark(2, "mug", "blue", BALL_AT),
    ]
    robot.say("press the mug")
    assert robot.say("any of them").accepted


def test_a_new_command_is_no_answer(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", MUG_AT),
        make_landmark(2, "mug", "blue", BALL_AT),
    ]
    robot.say("press the mug")
    assert robot.say("press the red bowl").goals[0].category == "bowl"


def test_without_asking_the_nearest_is_taken(flat, make_robot, make_landmark):
    robot = make_robot(flat, Executive(ExecutiveConfig(ask=False)))
    flat.things = [
        make_landmark(1, "mug", "red", MUG_AT),
        make_landmark(2, "mug", "blue", BALL_AT),
    ]
    assert robot.say("press the mug").accepted
    robot.run()
    assert robot.steps[-1].point_map[0] < 0.0


def test_yes_takes_the_mended_words(robot, make_landmark):
    assert not robot.say("press the red muug").accepted
    reply = robot.say("yes")
    assert reply.accepted
    assert reply.goals[0].category == "mug"


def test_stop_drops_everything_and_folds_the_arm(robot):
    robot.say("press the red mug, then explore")
    robot.run(2)
    assert robot.say("stop").accepted
    assert robot.executive.goals == ()
    step = robot.executive.step(9.0, robot.flat.state(9.0), robot.pose, None, None)
    assert step.kind is SubGoalKind.STOW


def test_a_goal_interrupts_exploring_without_an_outcome(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "mug", "red", MUG_AT)]
    robot.say("explore")
    robot.run(3)
    robot.say("press the red mug")
    assert robot.executive.finished == []
    robot.run()
    assert [o.goal.action for o in robot.executive.finished] == ["press"]


def test_it_stands_still_while_lost_and_goes_on_after_a_while(robot):
    robot.say("explore")
    robot.flat.localised = False
    robot.run(10)
    assert robot.kinds == ["stow"]
    robot.run(60)
    assert "look" in robot.kinds


def test_a_goal_has_a_time_limit(flat, make_robot):
    robot = make_robot(flat, Executive(ExecutiveConfig(max_goal_s=5.0)))
    robot.say("press the red mug")
    robot.do = lambda step: None
    robot.run(50)
    assert "stopped after 5 s" in robot.executive.finished[0].text


def test_the_same_words_give_the_same_steps(flat, make_robot, make_landmark):
    def play():
        robot = make_robot(type(flat)())
        robot.found_when_near = [make_landmark(1, "ball", "blue", BALL_AT)]
        robot.say("press the blue ball")
        robot.run()
        poses = [s.pose_map for s in robot.steps if s.pose_map is not None]
        return robot.kinds, np.array(poses), robot.told

    first, second = play(), play()
    assert first[0] == second[0]
    assert np.array_equal(first[1], second[1])
    assert first[2] == second[2]


def test_what_is_not_seen_where_it_was_is_not_found(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "ball", "blue", BALL_AT)]
    robot.unseen = {1}
    robot.say("find the blue ball")
    robot.run()
    (outcome,) = robot.executive.finished
    assert not outcome.success
    assert "do not see it" in outcome.text
    drives = [s for s in robot.steps if s.kind is SubGoalKind.DRIVE]
    near = [s for s in drives if np.hypot(*(s.pose_map[:2] - BALL_AT[:2])) < 1.3]
    assert len(near) >= 2  # looked for from two places


def test_the_next_one_is_taken_when_the_first_is_gone(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "ball", "blue", BALL_AT),
        make_landmark(2, "ball", "blue", MUG_AT),
    ]
    first = robot.executive.config
    assert first.standoffs > 2  # finding asks for fewer places than touching
    robot.unseen = {1}
    robot.say("find the blue ball")
    robot.run()
    (outcome,) = robot.executive.finished
    assert outcome.success
    assert np.hypot(*(robot.pose[:2] - MUG_AT[:2])) < 1.5


def test_finding_ends_on_the_way_when_the_thing_is_near_and_seen(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "ball", "blue", BALL_AT)]
    robot.say("find the blue ball")
    state = robot.flat.state(0.0)
    step = robot.executive.step(0.0, state, robot.pose, None)
    assert step.kind is SubGoalKind.DRIVE
    robot.pose = np.array([BALL_AT[0] - 0.55, BALL_AT[1], 0.0])  # still driving
    robot.t = 3.0
    robot.executive.step(2.9, robot.flat.state(2.9), robot.pose, None)
    assert not robot.executive.finished  # near, but nothing was seen there
    robot.look_at_surfaces()
    robot.executive.step(3.5, robot.flat.state(3.5), robot.pose, None)
    assert [outcome.success for outcome in robot.executive.finished] == [True]


def test_it_visits_a_thing_on_the_side_that_it_saw(robot, make_landmark):
    for seen_from in ((2.0, 1.0), (0.8, -0.5)):
        thing = make_landmark(1, "ball", "blue", BALL_AT, seen_from=np.array(seen_from))
        robot.flat.things = [thing]
        robot.say("find the blue ball")
        step = robot.executive.step(
            robot.t, robot.flat.state(robot.t), robot.pose, None
        )
        robot.say("stop")
        way = step.pose_map[:2] - BALL_AT[:2]
        side = np.array(seen_from) - BALL_AT[:2]
        assert way @ side > 0.0


def test_things_have_the_right_article(make_landmark):
    assert some(make_landmark(1, "ball", "orange", BALL_AT)) == "an orange ball"
    assert some(make_landmark(1, "ball", "red", BALL_AT)) == "a red ball"
    assert some(make_landmark(1, "oven", "", BALL_AT)) == "an oven"


def test_the_nearest_needs_no_question(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", (2.6, -1.85, 0.8), count=90),
        make_landmark(2, "mug", "blue", MUG_AT),
    ]
    assert not robot.say("press the mug").accepted  # it asks which one
    assert robot.say("press the nearest mug").accepted
    robot.run()
    assert robot.executive.finished[-1].success
    assert np.hypot(*(robot.pose[:2] - MUG_AT[:2])) < 1.0


SIZES = [("largest", BALL_AT), ("smallest", MUG_AT), ("big", BALL_AT), ("tiny", MUG_AT)]


@pytest.mark.parametrize("which, spot", SIZES)
def test_the_size_chooses_among_known_things(robot, make_landmark, which, spot):
    robot.flat.things = [
        make_landmark(1, "box", "red", MUG_AT, size=np.array([0.1, 0.1, 0.1])),
        make_landmark(2, "box", "red", BALL_AT, size=np.array([0.4, 0.3, 0.3])),
    ]
    assert robot.say(f"press the {which} box").accepted
    robot.run()
    assert robot.executive.finished[-1].success
    assert np.hypot(*(robot.pose[:2] - spot[:2])) < 1.0


def test_a_size_answers_which_one(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "box", "red", MUG_AT, size=np.array([0.1, 0.1, 0.1])),
        make_landmark(2, "box", "blue", BALL_AT, size=np.array([0.4, 0.3, 0.3])),
    ]
    for answer, which in (("the big one", "largest"), ("the small box", "smallest")):
        assert not robot.say("press the box").accepted
        (goal,) = robot.say(answer).goals
        assert (goal.action, goal.which) == ("press", which)
    robot.say("press the box")
    assert not robot.say("press the little bowl in the big kitchen").accepted


def test_where_it_was_seen_last_is_a_place(robot, make_landmark):
    robot.flat.things = [
        make_landmark(1, "mug", "red", MUG_AT, last_seen=5.0),
        make_landmark(2, "mug", "red", BALL_AT, last_seen=90.0),
    ]
    robot.unseen = {1, 2}
    robot.say("go to where you saw the red mug last")
    robot.run()
    (outcome,) = robot.executive.finished
    assert outcome.success
    assert "do not see it now" in outcome.text
    assert np.hypot(*(robot.pose[:2] - BALL_AT[:2])) < 1.5


def test_what_was_out_of_reach_is_tried_again(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "ball", "blue", BALL_AT)]
    robot.flat.fill(-0.05, -0.5, 0.05, 0.5, 100)  # a ghost in the doorway
    robot.say("find the blue ball")
    for _ in range(8):
        robot.run(decisions=1)
    assert any("no place to stand" in text for text in robot.told)
    robot.flat.fill(-0.05, -0.5, 0.05, 0.5, 0)
    robot.flat.version += 1
    robot.run()
    (outcome,) = robot.executive.finished
    assert outcome.success


def test_what_turns_out_to_be_another_thing_is_not_found(robot, make_landmark):
    robot.flat.things = [make_landmark(1, "ball", "blue", BALL_AT)]
    robot.say("find the blue ball")
    robot.run(decisions=1)
    robot.flat.things = [make_landmark(1, "kettle", "blue", BALL_AT)]  # renamed
    robot.run()
    (outcome,) = robot.executive.finished
    assert not outcome.success
    assert "it is a blue kettle" in outcome.text


def test_the_thing_with_the_shorter_way_is_taken_not_the_one_behind_the_wall(
    robot, make_landmark
):
    robot.pose = np.array([-0.5, 1.5, 0.0])
    robot.flat.things = [
        make_landmark(1, "mug", "red", (0.7, 1.8, 0.3)),  # beyond the wall
        make_landmark(2, "mug", "red", (-2.3, 0.6, 0.3)),
    ]
    robot.say("go to the red mug")
    robot.run()
    plans = [text for text in robot.told if text.startswith("I know")]
    where = "2.0 m away behind on the right, to the south-west"
    assert plans == [f"I know a red mug in the kitchen, {where}, and go there"]


def seen_now(robot, thing, near, t):
    """The robot's camera shows a thing whose nearest part is at `near` (2,)."""
    back = inverse2(robot.pose)
    center = [*transform2(back, thing.center_map[None, :2])[0], 0.3]
    percept = ObjectPercept(
        category=thing.category, colour=thing.colour, confidence=0.9,
        center_base=np.array(center), size=thing.size,
        near=transform2(back, np.array(near)[None])[0],
    )  # fmt: skip
    percepts = Percepts(
        stamp=t, pose_odom_base=robot.pose, obstacles=np.zeros((0, 2)),
        free=np.zeros((0, 2)), objects=(percept,), view_polygon=np.eye(3)[:, :2],
    )  # fmt: skip
    for _ in range(3):
        robot.executive.observe(percepts, robot.pose)


@pytest.mark.parametrize(
    ("words", "away_m", "over"),
    [
        ("find the brown table", 0.85, True),
        ("find the brown table", 1.05, False),
        ("go to the brown table", 0.85, False),  # there one stands before it
    ],
)
def test_found_is_what_is_seen_from_near_enough_to_its_near_side(
    robot, make_landmark, words, away_m, over
):
    size = np.array([1.2, 0.8, 0.75])
    table = make_landmark(1, "table", "brown", [2.6, -2.1, 0.4], size=size)
    robot.flat.things = [table]
    robot.say(words)
    step = robot.executive.step(0.0, robot.flat.state(0.0), robot.pose, None)
    assert step.kind is SubGoalKind.DRIVE
    assert np.allclose(step.point_map, table.center_map)  # the head looks there
    robot.pose = np.array([2.6, -1.7 + away_m, 0.0])
    robot.executive.step(2.9, robot.flat.state(2.9), robot.pose, None)
    seen_now(robot, table, (2.6, -1.7), 3.0)
    robot.executive.step(3.4, robot.flat.state(3.4), robot.pose, None)
    assert bool(robot.executive.finished) is over


def test_a_part_of_a_neighbour_does_not_end_the_way(robot, make_landmark):
    size = np.array([0.6, 0.6, 0.9])
    oven = make_landmark(1, "oven", "black", [2.6, -2.1, 0.4], size=size)
    robot.flat.things = [oven]
    robot.say("find the oven")
    robot.pose = np.array([2.6, -0.8, 0.0])  # a metre before the oven
    robot.executive.step(0.0, robot.flat.state(0.0), robot.pose, None)
    seen_now(robot, oven, (2.6, -1.4), 0.1)  # what stands before it, at 0.6 m
    robot.executive.step(0.5, robot.flat.state(0.5), robot.pose, None)
    assert not robot.executive.finished


def test_a_large_thing_of_a_like_colour_is_tried_before_all_is_searched_again(
    robot, make_landmark
):
    robot.flat.things = [make_landmark(1, "sofa", "brown", [3.5, 1.0, 0.4])]
    robot.say("find the orange sofa")
    robot.run()
    (outcome,) = robot.executive.finished
    assert outcome.success
    told = robot.told
    again = next(k for k, text in enumerate(told) if "from closer" in text)
    assert sum("I look from" in text for text in told[again:]) <= 1


def test_what_looked_otherwise_from_near_is_the_likeliest_when_nothing_else_fits(
    robot, make_landmark
):
    robot.flat.things = [make_landmark(1, "ball", "blue", BALL_AT)]
    robot.say("find the blue ball")
    robot.run(decisions=1)
    doubtful = make_landmark(
        1, "ball", "black", BALL_AT, other_colours=(("blue", 0.4),)
    )
    robot.flat.things = [doubtful, make_landmark(2, "ball", "green", MUG_AT)]
    robot.run()
    (outcome,) = robot.executive.finished
    told = robot.told
    assert any("it is a black ball" in text for text in told)  # not at once
    assert any("look for it" in text for text in told)
    assert outcome.success
    assert "black ball" in outcome.text


def test_the_place_to_stand_moves_when_a_wall_turns_up(robot, make_landmark):
    ball = make_landmark(
        1, "ball", "blue", (0.4, 1.5, 0.3), seen_from=np.array([1.5, 1.5])
    )
    robot.flat.things = [ball]
    robot.flat.fill(-0.05, 0.5, 0.05, 2.5, 0)  # the wall is not known yet
    robot.say("find the blue ball")
    state = robot.flat.state(0.0)
    first = robot.executive.step(0.0, state, robot.pose, None)
    assert first.pose_map[0] < 0.0  # the nearest side
    again = robot.executive.step(2.5, robot.flat.state(2.5), robot.pose, None)
    assert again.id == first.id
    robot.flat.fill(-0.05, 0.5, 0.05, 2.5, 100)
    robot.flat.version += 1
    step = robot.executive.step(5.0, robot.flat.state(5.0), robot.pose, None)
    assert step.id != first.id
    assert step.kind is SubGoalKind.DRIVE
    assert step.pose_map[0] > 0.0


def test_a_neighbour_of_another_colour_is_not_taken_for_the_near_side(
    robot, make_landmark
):
    blue = make_landmark(1, "bottle", "blue", [3.0, 1.0, 0.8])
    white = make_landmark(2, "bottle", "white", [2.76, 1.0, 0.8])
    robot.flat.things = [blue, white]
    robot.say("find the blue bottle")
    robot.pose = np.array([1.9, 1.0, 0.0])
    for t, thing, near in ((0.0, blue, (2.95, 1.0)), (0.6, white, (2.71, 1.0))):
        robot.executive.step(t, robot.flat.state(t), robot.pose, None)
        seen_now(robot, thing, near, t + 0.1)
    robot.executive.step(1.0, robot.flat.state(1.0), robot.pose, None)
    assert not robot.executive.finished


def test_what_is_seen_from_too_far_is_gone_nearer_to(robot, make_landmark):
    ball = make_landmark(1, "ball", "blue", [3.0, 1.0, 0.3])
    robot.flat.things = [ball]
    robot.say("find the blue ball")
    drive = robot.executive.step(0.0, robot.flat.state(0.0), robot.pose, None)
    robot.pose = np.array([1.7, 1.0, 0.0])  # it could get no nearer
    done = robot.do(drive)
    robot.pose = np.array([1.7, 1.0, 0.0])
    look = robot.executive.step(1.0, robot.flat.state(1.0), robot.pose, done)
    assert look.kind is SubGoalKind.LOOK
    seen_now(robot, ball, (2.95, 1.0), 1.5)
    looked = robot.do(look)
    step = robot.executive.step(2.0, robot.flat.state(2.0), robot.pose, looked)
    assert not robot.executive.finished
    assert step.kind is SubGoalKind.DRIVE
    assert np.hypot(*(step.pose_map[:2] - ball.center_map[:2])) < 1.0


def test_what_is_only_like_the_thing_is_called_so(robot, flat, make_landmark):
    flat.things = [make_landmark(1, "bottle", "purple", [-2.4, 1.8, 0.7])]
    robot.say("find the blue bottle")
    robot.run()
    (done,) = robot.executive.finished
    assert done.success
    words = (
        "I found the purple bottle; a blue bottle I have not seen, this is the likest"
    )
    assert done.text == words
    robot.say("find the purple bottle")
    robot.run()
    assert robot.executive.finished[-1].text == "I found the purple bottle"
