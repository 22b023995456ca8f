"""Life cycle, parameters, signals and diagnostics of the common node."""

import time
from dataclasses import dataclass, field

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.parameter import Parameter
from sensor_msgs.msg import Imu

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ConfigError, ModelFileError
from neural_brain.models.signals import Surprise
from neural_brain.nodes import conversions, parameters, qos
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.lifecycle import BrainNode
from neural_brain.nodes.process import (
    bring_down,
    bring_up,
    make_executor,
    state_of,
    wants_start,
)


@dataclass(frozen=True, kw_only=True)
class Inner:
    gain: float = param(1.0, "loop gain", low=0.0, high=2.0)
    weights: tuple[float, ...] = param((1.0, 2.0), "weights", low=0.0)

    def __post_init__(self):
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Config:
    count: int = param(3, "how many", low=1, high=5)
    mode: str = param("soft", "how to act", choices=("soft", "hard"))
    fails: bool = param(False, "refuse to configure")
    inner: Inner = field(default_factory=Inner)

    def __post_init__(self):
        validate(self)


class Toy(BrainNode):
    def __init__(self, name="toy", bus=None, **options):
        super().__init__(name, Config(), bus=bus, **options)

    def setup(self):
        if self.config.fails:
            raise ModelFileError("the weights are missing")
        self.out = self.signal_out("surprise")
        self.inbox = self.signal_in(Surprise, "surprise")
        self.imu = self.listen(Imu, "imu", lambda m: m, profile=qos.SENSOR)


@pytest.fixture
def executor(ros):
    executor = make_executor()
    yield executor
    executor.shutdown()


@pytest.fixture
def make(executor):
    nodes = []

    def _make(*args, **options):
        node = Toy(*args, **options)
        nodes.append(node)
        executor.add_node(node)
        return node

    yield _make
    for node in nodes:
        bring_down(node)
        node.destroy_node()


def spin(executor, done, patience_s=10.0):
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if done():
            return True
        executor.spin_once(timeout_sec=0.05)
    return False


def surprise(z):
    return Surprise(stamp=1.0, z=z, channel="force", text="pushed")


def test_a_node_goes_through_its_states_and_back(make):
    node = make()
    assert state_of(node) == "unconfigured"
    for trigger, label in (
        (node.trigger_configure, "inactive"),
        (node.trigger_activate, "active"),
        (node.trigger_deactivate, "inactive"),
        (node.trigger_cleanup, "unconfigured"),
        (node.trigger_configure, "inactive"),
        (node.trigger_shutdown, "finalized"),
    ):
        trigger()
        assert state_of(node) == label


def test_every_field_is_a_described_parameter_with_its_range(make):
    node = make()
    gain = node.describe_parameter("inner.gain")
    assert gain.description == "loop gain"
    assert gain.floating_point_range[0].to_value == 2.0
    count = node.describe_parameter("count").integer_range[0]
    assert (count.from_value, count.to_value) == (1, 5)
    assert "hard" in node.describe_parameter("mode").additional_constraints


def test_start_values_reach_the_configuration(make):
    node = make(
        parameter_overrides=[
            Parameter("count", value=5),
            Parameter("inner.gain", value=1),  # an integer for a float is meant as 1.0
            Parameter("inner.weights", value=[3.0, 4.0]),
        ]
    )
    node.trigger_configure()
    assert node.config == Config(count=5, inner=Inner(gain=1.0, weights=(3.0, 4.0)))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("count", 9, "out of range"),
        ("inner.gain", -1.0, "out of range"),
        ("mode", "wild", "allowed: 'soft', 'hard'"),
        ("inner.weights", [-1.0], "allowed [0.0, inf]"),
        ("count", "many", "wrong type|expected"),
    ],
)
def test_a_bad_value_is_refused_with_a_reason(make, name, value, words):
    import re

    node = make()
    try:
        result = node.set_parameters([Parameter(name, value=value)])[0]
    except Exception as error:
        assert re.search("type", str(error))
        return
    assert not result.successful
    assert re.search(words.replace("[", "\\["), result.reason) or words in result.reason
    assert node.get_parameter(name).value != value


def test_a_bad_start_value_stops_the_node_with_its_meaning(ros):
    with pytest.raises(ConfigError, match="how many"):
        Toy(parameter_overrides=[Parameter("count", value=77)])


def test_an_unknown_start_parameter_names_the_nearest(ros):
    with pytest.raises(ConfigError, match=r"Did you mean 'inner\.gain'"):
        Toy(parameter_overrides=[Parameter("inner.gian", value=1.0)])


def test_parameters_of_an_active_node_do_not_change(make):
    node = make()
    bring_up([node])
    result = node.set_parameters([Parameter("count", value=2)])[0]
    assert not result.successful and "Deactivate" in result.reason
    node.trigger_deactivate()
    node.trigger_cleanup()
    assert node.set_parameters([Parameter("count", value=2)])[0].successful
    node.trigger_configure()
    assert node.config.count == 2


def test_a_node_that_cannot_be_configured_stays_unconfigured(make):
    node = make(parameter_overrides=[Parameter("fails", value=True)])
    with pytest.raises(Exception, match="unconfigured instead of inactive"):
        bring_up([node])
    assert state_of(node) == "unconfigured"


def test_signals_reach_another_node_through_ros(make, executor):
    sender, receiver = make("sender"), make("receiver")
    bring_up([sender, receiver])
    assert spin(executor, lambda: _send_until(sender, receiver.inbox))
    assert receiver.inbox.latest.z == 2.5


def _send_until(sender, inbox):
    sender.out(surprise(2.5))
    return inbox.count > 0


def test_an_inactive_node_is_mute_and_deaf(make, executor):
    sender, receiver = make("sender"), make("receiver")
    bring_up([sender, receiver])
    assert spin(executor, lambda: _send_until(sender, receiver.inbox))
    receiver.trigger_deactivate()
    before = receiver.inbox.count
    assert receiver.inbox.latest is None
    spin(executor, lambda: _send_until(sender, receiver.inbox) or False, 0.5)
    assert receiver.inbox.count == before


def test_composed_nodes_hand_over_the_object_itself(make):
    bus = LocalBus()
    sender, receiver = make("sender", bus), make("receiver", bus)
    bring_up([sender, receiver])
    signal = surprise(1.0)
    sender.out(signal)
    assert receiver.inbox.latest is signal


def test_a_signal_with_nan_is_counted_not_sent(make):
    node = make()
    bring_up([node])
    node.out(surprise(np.nan))
    assert node.failures == 1


def test_diagnostics_count_what_the_gate_refused(make, executor):
    node = make()
    bring_up([node])
    arrays = []
    node.create_subscription(DiagnosticArray, "/diagnostics", arrays.append, 10)
    publisher = node.create_publisher(Imu, "imu", qos.SENSOR)
    old = Imu()
    old.header.stamp = conversions.time_msg(5.0)

    def refused():
        publisher.publish(old)
        values = {v.key: v.value for a in arrays for s in a.status for v in s.values}
        return int(values.get("imu refused: too old", 0)) > 0

    assert spin(executor, refused)


def test_autostart_can_be_switched_off(make):
    node = make(parameter_overrides=[Parameter("autostart", value=False)])
    assert not wants_start(node)


def test_flatten_and_build_are_inverse():
    values = {name: value for name, _, value in parameters.flatten(Config(count=4))}
    assert parameters.build(Config, values, Config()) == Config(count=4)


def test_an_outside_manager_can_drive_the_life_cycle(make, executor):
    from lifecycle_msgs.msg import Transition
    from lifecycle_msgs.srv import ChangeState

    node = make()
    manager = make("manager")
    client = manager.create_client(ChangeState, "toy/change_state")
    assert spin(executor, client.service_is_ready)
    for number, label in (
        (Transition.TRANSITION_CONFIGURE, "inactive"),
        (Transition.TRANSITION_ACTIVATE, "active"),
    ):
        request = ChangeState.Request(transition=Transition(id=number))
        future = client.call_async(request)
        assert spin(executor, future.done)
        assert future.result().success and state_of(node) == label
