"""When the fast process falls silent: in how many periods the robot is told to hold."""

from functools import partial
from types import SimpleNamespace

import pytest

from neural_brain.models.errors import BodyError
from neural_brain.nodes import robot_node
from neural_brain.nodes.robot_node import RobotNode, RobotNodeConfig


class Bridge:
    """What `_exchange` of the bridge needs, with a clock that the test moves on."""

    def __init__(self, monkeypatch, rate_hz):
        self.now, self.commands, self.held = 100.0, True, 0
        self.period_s = 1.0 / rate_hz
        clock = SimpleNamespace(monotonic=lambda: self.now)
        monkeypatch.setattr(robot_node, "time", clock)
        self.node = SimpleNamespace(
            config=RobotNodeConfig(rate_hz=rate_hz), waiting="", holding=True,
            refusal="", _commanded=self.now, body=self, link=self,
        )  # fmt: skip
        self.node._send = partial(RobotNode._send, self.node)
        self.node._hold = partial(RobotNode._hold, self.node)

    def read(self):
        return "state"

    def write_state(self, state):
        assert state == "state"

    def new_command(self):
        return "command" if self.commands else None

    def write(self, command):
        assert command == "command"

    def hold(self):
        self.held += 1

    def step(self):
        self.now += self.period_s
        RobotNode._exchange(self.node)


@pytest.mark.parametrize("rate_hz", [20.0, 200.0, 1000.0])
def test_silence_holds_within_the_timeout_and_one_period(monkeypatch, rate_hz):
    bridge = Bridge(monkeypatch, rate_hz)
    for _ in range(20):
        bridge.step()
    assert not bridge.node.holding and not bridge.held
    bridge.commands, last = False, bridge.now
    while not bridge.node.holding:
        bridge.step()
        assert bridge.now - last <= (
            bridge.node.config.command_timeout_s + bridge.period_s + 1e-9
        )
    held = bridge.held
    assert held == 1
    bridge.step()
    assert bridge.held == 2  # and goes on saying so


def test_a_command_ends_the_hold(monkeypatch):
    bridge = Bridge(monkeypatch, 200.0)
    bridge.commands = False
    for _ in range(20):
        bridge.step()
    assert bridge.node.holding
    bridge.commands = True
    bridge.step()
    assert not bridge.node.holding


def test_a_robot_that_tells_nothing_is_not_written_to(monkeypatch):
    bridge = Bridge(monkeypatch, 200.0)

    def missing():
        raise BodyError("no joint states yet")

    bridge.read = missing
    bridge.step()
    assert bridge.node.waiting == "no joint states yet" and bridge.node.holding
