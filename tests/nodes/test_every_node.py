"""Every node configures, works, deactivates, cleans up and does it again."""

import dataclasses
import json
import os
import time

import numpy as np
import pytest
from geometry_msgs.msg import PoseStamped, PoseWithCovarianceStamped, TwistStamped
from nav_msgs.msg import OccupancyGrid, Odometry
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image, JointState, LaserScan
from std_msgs.msg import String
from std_srvs.srv import Trigger
from visualization_msgs.msg import MarkerArray

from neural_brain.benchmarks.save_times import known_m2, surveyed
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.memory import MemoryStore, read_diary, steps_of
from neural_brain.models.pretrained import missing
from neural_brain.models.sensing import frame_view
from neural_brain.models.signals import (
    Area,
    AreaKind,
    BodyState,
    Event,
    GridView,
    MapOrder,
    MapRequest,
    MapState,
    MotionStatus,
    MotionTarget,
    ReflexEvent,
    ReflexLevel,
    SubGoal,
    SubGoalKind,
    Surprise,
)
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.body_node import BodyNode
from neural_brain.nodes.brain_node import make_nodes
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.conversions import time_msg
from neural_brain.nodes.executive_node import ExecutiveNode
from neural_brain.nodes.fast_link import FastEnd
from neural_brain.nodes.gate import Refusal
from neural_brain.nodes.maps_node import MapsNode
from neural_brain.nodes.motion_node import MotionNode
from neural_brain.nodes.parameter_file import parameter_file
from neural_brain.nodes.process import bring_down, bring_up, make_executor, state_of
from neural_brain.nodes.reports import words_from_msg
from neural_brain.nodes.sensing_node import SensingNode, picture_from_msg
from neural_brain.nodes.sim_node import SimNode
from neural_brain.nodes.transforms import FrameTree
from neural_brain.nodes.world_node import WorldNode
from neural_brain.nodes.worlds import World, make_body
from tests.painted_room import PaintedRoom

LINK = f"nodes-{os.getpid()}"
ALONE = {"detector": "none"}


@pytest.fixture(scope="module")
def room():
    """A simulated robot in an empty room, without its slow sensors."""
    body = make_body(World(kind="room"), slow_sensors=False)
    yield body
    body.close()


@pytest.fixture
def fast(room):
    """The fast process's end of a link, written by hand."""
    state = room.read()
    end = FastEnd(
        LINK,
        {
            "joints": state.q.size,
            "bumper": state.bumper.size,
            "nq": int(room.simulation.model.nq),
            "world": World(kind="room").plain(),
        },
    )
    yield end
    end.close()


@pytest.fixture
def run(ros):
    """Makes nodes with parameters, spins them, takes them down."""
    executor, nodes = make_executor(), []

    class Run:
        def make(self, kind, bus=None, **parameters):
            overrides = [
                Parameter(name, value=value) for name, value in parameters.items()
            ]
            return self.add(kind(bus, parameter_overrides=overrides))

        def add(self, node):
            nodes.append(node)
            executor.add_node(node)
            return node

        def plain(self):
            node = ros.create_node("tester")
            executor.add_node(node)
            nodes.append(node)
            return node

        def until(self, done, patience_s=20.0):
            deadline = time.monotonic() + patience_s
            while time.monotonic() < deadline:
                if done():
                    return True
                executor.spin_once(timeout_sec=0.02)
            return False

    yield Run()
    for node in nodes:
        if hasattr(node, "trigger_shutdown"):
            bring_down(node)
    executor.shutdown()
    for node in nodes:
        node.destroy_node()


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (SensingNode, ALONE),
        (MapsNode, {}),
        (WorldNode, {}),
        (ExecutiveNode, {}),
        (MotionNode, {}),
    ],
)
def test_a_module_node_goes_up_and_down_twice(run, kind, parameters):
    node = run.make(kind, **parameters)
    for _ in range(2):
        bring_up([node])
        assert state_of(node) == "active"
        level, message, _ = node.health()
        assert isinstance(level, bytes) and message
        node.trigger_deactivate()
        node.trigger_cleanup()
        assert state_of(node) == "unconfigured"


def test_an_embedding_is_chosen_by_a_parameter_or_refused(run):
    mine = {"sensing.embedding": "examples.own_embedding:ColourGrid"}
    node = run.make(SensingNode, **ALONE, **mine)
    bring_up([node])
    assert node.module.embedding.name == "colour-grid-4"
    wrong = run.make(SensingNode, **ALONE, **{"sensing.embedding": "nowhere:Net"})
    with pytest.raises(NeuralBrainError, match="unconfigured instead of inactive"):
        bring_up([wrong])


def test_the_composed_nodes_come_up_together(run, fast, monkeypatch):
    from neural_brain.nodes import brain_node

    kinds = [k for k in brain_node.COMPOSED if k not in (SensingNode, BodyNode)]
    monkeypatch.setattr(brain_node, "COMPOSED", kinds)
    nodes = [run.add(node) for node in make_nodes()]
    bring_up(nodes)
    assert [state_of(node) for node in nodes] == ["active"] * len(kinds)


def test_the_body_node_publishes_what_the_fast_process_writes(run, fast, room):
    bus = LocalBus()
    bodies = []
    bus.listen(topics.BODY, bodies.append)
    node, tester = run.make(BodyNode, bus, link=LINK), run.plain()
    bring_up([node])
    joints, odometry, reflexes = [], [], []
    tester.create_subscription(
        JointState, topics.JOINT_STATES, joints.append, qos.SENSOR
    )
    tester.create_subscription(Odometry, topics.ODOM, odometry.append, qos.SENSOR)
    bus.listen(topics.EVENTS, reflexes.append)
    event = ReflexEvent(
        stamp=1.0, tick=9, level=ReflexLevel.STOP, cause="force", value=70.0, limit=65.0
    )
    fast.write_events([event])
    command = room_command(room)

    def told():
        room.advance()
        fast.write_state(room.read(), command, ReflexLevel.STOP, (1, 1.0, 0, False))
        return joints and odometry and bodies and reflexes

    assert run.until(told)
    assert list(joints[0].name) == [f"panda_joint{i}" for i in range(1, 8)]
    assert isinstance(bodies[0], BodyState)
    assert reflexes[0].text == "reflex STOP: force"
    assert node.health()[2]["reflex level"] == "STOP"


def test_a_real_robots_own_topics_are_left_to_its_drivers(run, room):
    """`robot_node` listens to them: published here they would come back."""
    state = room.read()
    end = FastEnd(LINK, {"joints": state.q.size, "bumper": state.bumper.size, "nq": 0})
    try:
        node = run.make(BodyNode, link=LINK)
        bring_up([node])
        for topic in (topics.JOINT_STATES, topics.ODOM, topics.IMU, topics.WRENCH):
            assert node.count_publishers(topic) == 0
    finally:
        end.close()


def room_command(room):
    from neural_brain.models.signals import BodyCommand

    return BodyCommand(
        stamp=0.0,
        effort=np.zeros(7),
        twist_base=np.zeros(2),
        head=np.zeros(2),
        gripper_m=0.0,
    )


def test_targets_scans_and_stops_reach_the_fast_process(run, fast, target):
    bus = LocalBus()
    node, tester = run.make(BodyNode, bus, link=LINK), run.plain()
    bring_up([node])
    bus.publish(topics.TARGET, target)
    got, estop, _ = fast.new_target()
    assert isinstance(got, MotionTarget) and not estop
    client = tester.create_client(Trigger, topics.REFLEX_ESTOP)
    assert run.until(client.service_is_ready)
    future = client.call_async(Trigger.Request())
    assert run.until(future.done)
    assert fast.new_target()[1:] == (True, False)


def test_cmd_vel_drives_only_when_asked_for(run, fast, room):
    node, tester = run.make(BodyNode, link=LINK, twist_from="cmd_vel"), run.plain()
    bring_up([node])
    publisher = tester.create_publisher(TwistStamped, topics.CMD_VEL, qos.COMMAND)
    targets = []

    def driven():
        room.advance()
        fast.write_state(
            room.read(), room_command(room), ReflexLevel.NOMINAL, (1, 1, 0, 0)
        )
        now = node.now_s()
        publisher.publish(conversions.twist_msg(now, np.array([0.2, 0.1])))
        targets.append(fast.new_target()[0])
        return targets[-1] is not None

    assert run.until(driven)
    assert targets[-1].twist_base.tolist() == [0.2, 0.1]


def test_an_arm_that_sinks_while_others_drive_is_not_followed(run, fast, room):
    """The posture is that in which the reflex let the arm go, not the measured one."""
    node, tester = run.make(BodyNode, link=LINK, twist_from="cmd_vel"), run.plain()
    bring_up([node])
    publisher = tester.create_publisher(TwistStamped, topics.CMD_VEL, qos.COMMAND)
    start = room.read().q

    def asked(q, level):
        """What the joints are told when they are measured at q."""
        told = []

        def driven():
            room.advance()
            state = dataclasses.replace(room.read(), q=q)
            fast.write_state(state, room_command(room), level, (1, 1, 0, 0))
            twist = conversions.twist_msg(node.now_s(), np.array([0.2, 0.0]))
            publisher.publish(twist)
            target = fast.new_target()[0]
            current = node.body is not None and np.array_equal(node.body.q, q)
            if target is not None and current and node.pace["level"] == level:
                told.append(target.q_target)
            return len(told) > 2

        assert run.until(driven)
        return told[-1]

    assert np.array_equal(asked(start, ReflexLevel.HOLD), start)
    sunk = start + 0.2
    assert np.array_equal(asked(sunk, ReflexLevel.NOMINAL), start)
    assert np.array_equal(asked(sunk, ReflexLevel.SLOW), start)
    assert np.array_equal(asked(sunk, ReflexLevel.RETRACT), sunk)
    assert np.array_equal(asked(start, ReflexLevel.NOMINAL), sunk)


@pytest.mark.gl
def test_the_sim_node_publishes_scan_images_and_their_frames(
    run, fast, room, monkeypatch
):
    monkeypatch.setenv("MUJOCO_GL", os.environ.get("MUJOCO_GL", "egl"))
    node, tester = run.make(SimNode, link=LINK), run.plain()
    bring_up([node])
    seen = {}
    for kind, topic in (
        (LaserScan, topics.SCAN),
        (Image, topics.DEPTH_IMAGE),
        (Odometry, topics.SIM_TRUTH),
    ):
        tester.create_subscription(
            kind, topic, lambda m, t=topic: seen.setdefault(t, m), qos.SENSOR
        )
    tree = FrameTree()
    from tf2_msgs.msg import TFMessage

    for topic, profile, static in (
        (topics.TF, qos.TF, False),
        (topics.TF_STATIC, qos.STATIC_TF, True),
    ):
        tester.create_subscription(
            TFMessage, topic, lambda m, s=static: tree.add(m, static=s), profile
        )
    tick = [0]

    def told():
        tick[0] += 20
        numbers = (tick[0] * 1e-3, tick[0], 0, 0, 0, 0, 0, 0, 0)
        fast.write_truth(numbers, room.simulation.data.qpos)
        return len(seen) == 3 and tree._moving and tree._static

    assert run.until(told)
    ranges = np.array(seen[topics.SCAN].ranges)
    assert np.nanmax(ranges[np.isfinite(ranges)]) < 6.0  # the walls of the room
    stamp, depth = conversions.image_from_msg(seen[topics.DEPTH_IMAGE])
    assert depth.shape == (144, 192)
    T = tree.lookup("base_link", "camera_color_optical_frame", stamp)
    assert 0.8 < T[2, 3] < 1.5
    assert tree.lookup("base_link", "laser", stamp)[2, 3] > 0.1


def test_maps_appear_and_are_saved(run, body, tmp_path):
    file = tmp_path / "memory.sqlite"
    bus = LocalBus()
    states = []
    bus.listen(topics.MAP_STATE, states.append)
    node, tester = run.make(MapsNode, bus, memory_file=str(file)), run.plain()
    bring_up([node])
    grids, poses = [], []
    tester.create_subscription(OccupancyGrid, topics.MAP, grids.append, qos.LATCHED)
    tester.create_subscription(
        PoseWithCovarianceStamped, topics.POSE, poses.append, qos.LATCHED
    )
    scan = round_scan(body.stamp)
    node.scan.put(scan)
    bus.publish(topics.BODY, body)
    assert isinstance(states[0], MapState)
    assert run.until(lambda: bool(grids and poses))
    sure = np.reshape(poses[0].pose.covariance, (6, 6))
    assert 0.0 < sure[0, 0] < 0.1 and 0.0 < sure[5, 5] < 0.1
    cells = np.array(grids[0].data)
    assert ((cells >= 0) & (cells < 50)).any() and grids[0].info.resolution > 0.0
    node.trigger_deactivate()
    node.trigger_cleanup()
    bring_up([node])
    assert node.module.grid.view().cells.size > 1


def test_the_maps_node_saves_a_map_as_large_as_a_home_when_it_stops(run, tmp_path):
    file = tmp_path / "memory.sqlite"
    node = run.make(MapsNode, LocalBus(), memory_file=str(file), save_every_s=3600.0)
    bring_up([node])
    node.module = surveyed(80)
    node.state, wanted = node.module.state(), node.module.snapshot()
    assert known_m2(node.module) > 100.0
    node.trigger_deactivate()
    node.trigger_cleanup()
    with MemoryStore(file) as store:
        loaded = store.load_map()
    assert loaded.data == json.loads(json.dumps(wanted.data))
    assert loaded.arrays.keys() == wanted.arrays.keys()
    for name, array in wanted.arrays.items():
        np.testing.assert_array_equal(loaded.arrays[name], array)


def test_the_maps_node_keeps_episodes_around_what_surprised(run, body, tmp_path):
    file = tmp_path / "memory.sqlite"
    bus = LocalBus()
    node = run.make(MapsNode, bus, memory_file=str(file))
    bring_up([node])
    for k in range(120):
        t = body.stamp + 0.05 * k
        z = 3.0 if k == 70 else 0.2
        bus.publish(
            topics.SURPRISE, Surprise(stamp=t, z=z, channel="speed", text="it slid")
        )
        bus.publish(topics.BODY, dataclasses.replace(body, stamp=t))
    node.trigger_deactivate()
    node.trigger_cleanup()
    (episode,) = [event for event in read_diary(file) if event.kind == "episode"]
    assert episode.text == "surprise: it slid"
    assert len(steps_of(episode)) == 64 + 1 + 32


def test_a_clock_behind_the_memory_is_told_once(run, body, tmp_path):
    file = tmp_path / "memory.sqlite"
    later = Event(stamp=body.stamp + 600, source="a", kind="b", text="c", data={})
    with MemoryStore(file) as store:
        store.add_events([later])
    bus, told = LocalBus(), []
    bus.listen(topics.EVENTS, told.append)
    bring_up([run.make(MapsNode, bus, memory_file=str(file))])
    for _ in range(2):
        bus.publish(topics.BODY, body)
    (trouble,) = [event for event in told if event.kind == "trouble"]
    assert "600 s behind the newest stamp" in trouble.text


def test_areas_and_floors_come_from_words_and_topics_and_last(run, body, tmp_path):
    file = str(tmp_path / "memory.sqlite")
    bus = LocalBus()
    states, told = [], []
    bus.listen(topics.MAP_STATE, states.append)
    bus.listen(topics.EVENTS, told.append)
    node, tester = run.make(MapsNode, bus, memory_file=file), run.plain()
    bring_up([node])
    markers = []
    tester.create_subscription(MarkerArray, topics.AREAS, markers.append, qos.LATCHED)

    def think(t):
        node.scan.put(round_scan(t))
        bus.publish(topics.BODY, dataclasses.replace(body, stamp=t))

    outline = np.array([[1.0, -1.0], [2.0, -1.0], [2.0, 1.0], [1.0, 1.0]])
    pond = Area(name="pond", kind=AreaKind.KEEP_OUT, outline=outline)
    bus.publish(
        topics.MAP_REQUEST, MapRequest(stamp=1.0, order=MapOrder.ADD, area=pond)
    )
    wrong = dataclasses.replace(pond, name="bad", outline=outline[[0, 2, 1, 3]])
    bus.publish(
        topics.MAP_REQUEST, MapRequest(stamp=1.0, order=MapOrder.ADD, area=wrong)
    )
    assert "crosses itself" in next(e.text for e in told if e.kind == "trouble")
    think(body.stamp + 1.0)
    assert [area.name for area in states[-1].areas] == ["pond"]
    assert run.until(lambda: any(len(m.markers) == 3 for m in markers))
    say = tester.create_publisher(String, topics.FLOOR, 10)
    assert run.until(lambda: say.get_subscription_count() > 0)
    node._change(MapRequest(stamp=1.0, order=MapOrder.NAME_FLOOR, floor="ground"))
    say.publish(String(data="first"))
    assert run.until(lambda: node.module.floor == "first")
    think(body.stamp + 2.0)
    assert states[-1].areas == ()
    assert [floor.name for floor in states[-1].other_floors] == ["ground"]
    node.trigger_deactivate()
    node.trigger_cleanup()
    again = run.make(MapsNode, LocalBus(), memory_file=file, floor="ground")
    bring_up([again])
    assert (again.module.floor, len(again.module.areas)) == ("ground", 1)


def test_words_about_places_reach_the_maps_node(run, body):
    bus = LocalBus()
    requests = []
    bus.listen(topics.MAP_REQUEST, requests.append)
    node = run.make(ExecutiveNode, bus)
    bring_up([node])
    outline = np.array([[-1.0, -1.0], [2.0, -1.0], [2.0, 1.0], [-1.0, 1.0]])
    room = Area(name="Anna's room", kind=AreaKind.ROOM, outline=outline)
    state = MapState(
        stamp=body.stamp,
        pose_map_odom=np.zeros(3),
        covariance=np.eye(3),
        localised=True,
        grid=GridView(
            cells=np.zeros((80, 80), np.int8),
            origin=np.array([-2.0, -2.0]),
            resolution=0.05,
            version=1,
        ),
        places=(),
        passages=(),
        rooms=(),
        landmarks=(),
        areas=(room,),
    )
    bus.publish(topics.MAP_STATE, state)
    bus.publish(topics.BODY, body)
    node._hear("stay out of Anna's room")
    (request,) = requests
    assert (request.order, request.area.kind) == (MapOrder.ADD, AreaKind.KEEP_OUT)
    assert request.area.name == "Anna's room"


def round_scan(stamp):
    from neural_brain.models.signals import LaserScan as Scan

    return Scan(
        stamp=stamp,
        angle_min=-np.pi,
        angle_increment=2 * np.pi / 360,
        range_min=0.1,
        range_max=10.0,
        ranges=np.full(360, 2.0),
        pose_base_laser=np.zeros(3),
    )


def test_goals_in_words_are_answered_and_pursued(run, body):
    bus = LocalBus()
    goals = []
    bus.listen(topics.SUB_GOAL, goals.append)
    maps = run.make(MapsNode, bus)
    node, tester = run.make(ExecutiveNode, bus), run.plain()
    bring_up([maps, node])
    replies = []
    tester.create_subscription(String, topics.REPLY, replies.append, qos.STATE)
    publisher = tester.create_publisher(String, topics.GOAL, qos.STATE)
    assert run.until(lambda: publisher.get_subscription_count() > 0)
    assert run.until(lambda: tester.count_publishers(topics.REPLY) > 0)

    def answered():
        publisher.publish(String(data="explore"))
        return bool(replies)

    assert run.until(answered)
    assert '"accepted": true' in replies[0].data
    maps.scan.put(round_scan(body.stamp))
    bus.publish(topics.BODY, body)
    assert isinstance(goals[-1], SubGoal)
    assert node.module.exploring


def test_a_pose_is_driven_to_and_then_the_executive_goes_on(run, body):
    bus = LocalBus()
    goals = []
    bus.listen(topics.SUB_GOAL, goals.append)
    maps = run.make(MapsNode, bus)
    node, tester = run.make(ExecutiveNode, bus), run.plain()
    bring_up([maps, node])
    publisher = tester.create_publisher(PoseStamped, topics.GOAL_POSE, qos.STATE)
    assert run.until(lambda: publisher.get_subscription_count() > 0)
    t = [body.stamp]

    def asked(frame, x):
        message = PoseStamped()
        message.header.stamp = time_msg(node.now_s())
        message.header.frame_id = frame
        message.pose.position.x, message.pose.position.y = x, -1.5
        message.pose.orientation.w = 1.0
        publisher.publish(message)
        t[0] += 1.0
        maps.scan.put(round_scan(t[0]))
        bus.publish(topics.BODY, dataclasses.replace(body, stamp=t[0]))
        return bool(goals) and goals[-1].kind is SubGoalKind.DRIVE

    assert not run.until(lambda: asked("odom", 9.0), 0.5)  # not of the map: refused
    assert run.until(lambda: asked("map", 1.0))
    np.testing.assert_allclose(goals[-1].pose_map, [1.0, -1.5, 0.0], atol=1e-9)
    run.until(lambda: False, 0.3)  # poses that were on their way are taken in
    bus.publish(topics.BODY, dataclasses.replace(body, stamp=t[0] + 2.0))
    bus.publish(topics.STATUS, MotionStatus(id=goals[-1].id, state="done"))
    bus.publish(topics.BODY, dataclasses.replace(body, stamp=t[0] + 4.0))
    assert goals[-1].kind is not SubGoalKind.DRIVE
    assert node.module.finished[-1].success


def test_a_name_outside_the_lexicon_is_taken_by_meaning_or_asked_back(run):
    if missing():
        pytest.skip(f"needs {missing()}")
    node, tester = run.make(ExecutiveNode, LocalBus()), run.plain()
    bring_up([node])
    replies = []
    tester.create_subscription(
        String, topics.REPLY, lambda m: replies.append(json.loads(m.data)), qos.STATE
    )
    publisher = tester.create_publisher(String, topics.GOAL, qos.STATE)
    assert run.until(lambda: publisher.get_subscription_count() > 0)
    assert run.until(lambda: tester.count_publishers(topics.REPLY) > 0)

    def answer(words):
        count = len(replies)
        publisher.publish(String(data=words))
        assert run.until(lambda: len(replies) > count)
        return replies[-1]

    assert run.until(lambda: node.count_subscribers(topics.REPLY) > 0)
    run.until(lambda: False, 0.3)  # the reply's path is matched both ways
    asked = answer("press the teapot")
    assert not asked["accepted"] and "kettle" in asked["text"]
    taken = answer("the kettle")
    assert taken["accepted"] and "press the kettle" in taken["text"]
    taken = answer("find the beer bottle")
    assert taken["accepted"] and "I took 'beer bottle' to mean bottle." in taken["text"]


def test_a_picture_is_placed_and_pursued(run, body):
    bus = LocalBus()
    maps, sensing = run.make(MapsNode, bus), run.make(SensingNode, bus, **ALONE)
    node, tester = run.make(ExecutiveNode, bus), run.plain()
    bring_up([maps, sensing, node])
    room, pose = PaintedRoom(), np.array([0.5, 0.0, 0.3])
    embedding = sensing.module.embedding
    kept = maps.module.views.store
    kept.note(frame_view(room.frame(pose), embedding), pose, 0.0)
    replies = []
    tester.create_subscription(
        String, topics.REPLY, lambda m: replies.append(json.loads(m.data)), qos.STATE
    )
    shown = {
        topic: tester.create_publisher(Image, topic, qos.STATE)
        for topic in (topics.GOAL_IMAGE, topics.GOAL_IMAGE_THING)
    }
    assert run.until(
        lambda: all(p.get_subscription_count() > 0 for p in shown.values())
    )
    assert run.until(lambda: tester.count_publishers(topics.REPLY) > 0)
    run.until(lambda: False, 0.3)  # the reply's path is matched both ways
    picture = room.frame(pose + np.array([0.2, 0.1, 0.1])).rgb
    shown[topics.GOAL_IMAGE].publish(conversions.picture_msg(picture))
    assert run.until(lambda: bool(replies))
    assert replies[0]["accepted"] and "picture" in replies[0]["text"]
    assert node.module.goal.picture.places[0].lead >= 7
    blank = np.full((144, 192, 3), 90, np.uint8)
    shown[topics.GOAL_IMAGE_THING].publish(conversions.picture_msg(blank))
    assert run.until(lambda: len(replies) > 1)
    assert not replies[1]["accepted"] and "no thing" in replies[1]["text"]


def test_what_is_no_picture_is_refused():
    small = conversions.picture_msg(np.zeros((8, 8, 3), np.uint8))
    depth = Image(encoding="16UC1", height=40, width=40, step=80, data=bytes(3200))
    for message in (small, depth):
        with pytest.raises(Refusal):
            picture_from_msg(message)


@pytest.mark.parametrize("text", ["", "   ", "x" * 501, "rm\x00 -rf", "\x1b[31m"])
def test_what_is_no_words_is_refused(text):
    with pytest.raises(Refusal):
        words_from_msg(String(data=text))


def test_the_world_node_tells_its_surprise(run, body):
    bus = LocalBus()
    surprises = []
    bus.listen(topics.SURPRISE, surprises.append)
    node = run.make(WorldNode, bus)
    bring_up([node])
    for i in range(120):
        bus.publish(topics.BODY, dataclasses.replace(body, stamp=1.0 + 0.05 * i))
    assert surprises and isinstance(surprises[-1], Surprise)


def test_the_shipped_parameter_file_names_every_parameter():
    from neural_brain.nodes.bringup.substitutions import package_share

    file = package_share("neural_brain") / "config" / "brain_nodes.yaml"
    assert names_in(file.read_text()) == names_in(parameter_file()), (
        "run: python -m neural_brain.nodes.parameter_file > config/brain_nodes.yaml"
    )


def names_in(text):
    """Sections and parameters with their indentation, without values."""
    lines = [line for line in text.splitlines() if not line.startswith("# ")]
    return [line.split(":")[0] for line in lines if line.strip()]


def test_the_shipped_parameter_file_is_accepted(ros, tmp_path):
    from neural_brain.nodes.bringup.substitutions import package_share

    file = package_share("neural_brain") / "config" / "brain_nodes.yaml"
    text = (
        file.read_text()
        .replace("    # state_hz: 50.0", "    state_hz: 25.0")
        .replace(
            "/**/body_node:\n  ros__parameters: {}",
            "/**/body_node:\n  ros__parameters:",
        )
    )
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    node = BodyNode(cli_args=["--ros-args", "--params-file", str(mine)])
    assert node.get_parameter("state_hz").value == 25.0
    node.destroy_node()
