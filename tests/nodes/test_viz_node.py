"""The live view shows what the topics say and sends what people ask."""

import socket
import urllib.request

import numpy as np
import pytest
from std_msgs.msg import String

pytest.importorskip("viser")

from rclpy.parameter import Parameter

from neural_brain.models.signals import Event, GridView, MapState, ReflexLevel
from neural_brain.nodes import topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.process import bring_down, bring_up, make_executor, state_of
from neural_brain.nodes.viz_node import VizNode


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make(bus, port):
    overrides = {"port": port, "link": "not-there"}
    return VizNode(
        bus,
        parameter_overrides=[Parameter(name, value=v) for name, v in overrides.items()],
    )


@pytest.fixture
def view(ros):
    bus, port, executor = LocalBus(), free_port(), make_executor()
    node = make(bus, port)
    executor.add_node(node)
    bring_up([node])
    yield node, bus, port, executor
    bring_down(node)
    executor.shutdown()
    node.destroy_node()


def test_the_page_is_served_on_this_machine_only(view):
    _, _, port, _ = view
    with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=10.0) as page:
        assert page.status == 200


def test_it_follows_the_brain(view, body):
    node, bus, _, _ = view
    grid = GridView(
        cells=np.zeros((4, 6), np.int8), origin=np.zeros(2), resolution=0.05, version=1
    )
    state = MapState(
        stamp=1.0,
        pose_map_odom=np.array([1.0, 0.0, 0.0]),
        covariance=np.eye(3),
        localised=True,
        grid=grid,
        places=(),
        passages=(),
        rooms=(),
        landmarks=(),
    )
    bus.publish(topics.MAP_STATE, state)
    event = Event(stamp=1.0, source="reflex", kind="stop", text="reflex STOP: force")
    bus.publish(topics.EVENTS, event)
    bus.publish(topics.BODY, body)
    assert node.brain.map_state is state
    assert node.brain.fast.level is ReflexLevel.STOP
    assert np.allclose(node.brain.pose_map_base(body)[:2], [2.0, -2.0])


def test_words_typed_there_become_a_goal(view, ros, body):
    node, _, _, executor = view
    tester = ros.create_node("tester")
    executor.add_node(tester)
    goals = []
    tester.create_subscription(String, topics.GOAL, goals.append, 10)
    for _ in range(400):
        node.brain.say("find the sofa", 0.0)
        executor.spin_once(timeout_sec=0.02)
        if goals:
            break
    tester.destroy_node()
    assert goals[0].data == "find the sofa"


def test_a_port_in_use_is_explained(ros):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        node = make(LocalBus(), other.getsockname()[1])
        with pytest.raises(Exception, match="unconfigured"):
            bring_up([node])
        assert state_of(node) == "unconfigured"
        node.destroy_node()
