"""LeRobot's real SO-101 driver, its servos played on a pseudo terminal."""

import json
import os
import pty
import threading
import tty

import numpy as np
import pytest

pytest.importorskip("lerobot", reason="needs the extra: neural_brain[lerobot]")
pytest.importorskip("scservo_sdk", reason="needs the extra: neural_brain[lerobot]")

from neural_brain.models.errors import ConfigError
from neural_brain.models.signals import ArmMode, MotionTarget, ReflexLevel
from neural_brain.robots import so101_body, so101_fast_loop

pytestmark = pytest.mark.xdist_group("lerobot")
NAMES = [
    *("shoulder_pan", "shoulder_lift", "elbow_flex", "wrist_flex", "wrist_roll"),
    "gripper",
]
MODEL, LOW, HIGH, OFFSET, GOAL, NOW = 3, 9, 11, 31, 42, 56  # registers of an STS3215
PING, READ, WRITE, SYNC_READ, SYNC_WRITE = 1, 2, 3, 0x82, 0x83


class Servos:
    """Six STS3215 at one end of a pseudo terminal; they are at their goal at once.

    Feetech's protocol 0: FF FF id length instruction parameters checksum.
    """

    def __init__(self):
        self.ours, theirs = pty.openpty()
        tty.setraw(theirs)
        self.port, self._theirs = os.ttyname(theirs), theirs
        self.registers = {k: bytearray(100) for k in range(1, 7)}
        self.goals, self.dead = [], False
        for memory in self.registers.values():
            for at, value in ((MODEL, 777), (LOW, 0), (HIGH, 4095), (NOW, 2048)):
                memory[at : at + 2] = value.to_bytes(2, "little")
            memory[0], memory[1] = 3, 10  # firmware
        threading.Thread(target=self._serve, daemon=True).start()

    def position(self, servo):
        return int.from_bytes(self.registers[servo][NOW : NOW + 2], "little")

    def _serve(self):
        waiting = b""
        while True:
            try:
                waiting += os.read(self.ours, 256)
            except OSError:
                return
            while len(waiting) >= 6 and len(waiting) >= 4 + waiting[3]:
                end = 4 + waiting[3]
                packet, waiting = waiting[:end], waiting[end:]
                if not self.dead:
                    self._answer(packet[2], packet[4], packet[5:-1])

    def _answer(self, servo, what, rest):
        if what == PING:
            self._say(servo, b"")
        elif what == READ:
            self._say(servo, self.registers[servo][rest[0] : rest[0] + rest[1]])
        elif what == WRITE:
            self._write(servo, rest[0], rest[1:])
            self._say(servo, b"")
        elif what == SYNC_READ:
            for one in rest[2:]:
                self._say(one, self.registers[one][rest[0] : rest[0] + rest[1]])
        elif what == SYNC_WRITE:
            at, size = rest[0], rest[1]
            for k in range(2, len(rest), size + 1):
                self._write(rest[k], at, rest[k + 1 : k + 1 + size])

    def _write(self, servo, at, data):
        self.registers[servo][at : at + len(data)] = data
        if at == GOAL:
            self.goals.append((servo, int.from_bytes(data, "little")))
            self.registers[servo][NOW : NOW + 2] = data

    def _say(self, servo, data):
        body = bytes([servo, len(data) + 2, 0]) + bytes(data)
        os.write(self.ours, b"\xff\xff" + body + bytes([~sum(body) & 0xFF]))


@pytest.fixture
def servos():
    return Servos()


@pytest.fixture
def robot(servos, tmp_path):
    from lerobot.robots.so_follower import SO101Follower, SO101FollowerConfig

    known = {
        name: {
            "id": k, "drive_mode": 0, "homing_offset": 0,
            "range_min": 0, "range_max": 4095,
        }
        for k, name in enumerate(NAMES, 1)
    }  # fmt: skip
    (tmp_path / "arm.json").write_text(json.dumps(known))
    robot = SO101Follower(
        SO101FollowerConfig(port=servos.port, id="arm", calibration_dir=tmp_path)
    )
    robot.connect()
    return robot


def target(stamp, q):
    return MotionTarget(
        stamp=stamp, twist_base=np.zeros(2), mode=ArmMode.JOINT, q_target=q,
        T_base_ee=np.eye(4), stiffness=np.eye(6), wrench_ff=np.zeros(6),
        contact=False, head=np.zeros(2), gripper_m=0.0,
    )  # fmt: skip


def talk(body, now, tries):
    """Exchange; a busy machine may let our servos miss the driver's 50 ms."""
    for _ in range(tries):
        body.exchange()
        if body.measurement is not None and body.measurement.stamp == now:
            return


def test_the_driver_is_moved_and_a_pulled_cable_stops_all(servos, robot):
    tick = 0
    try:
        body = so101_body(robot, clock=lambda: 1e-3 * tick)
    except ConfigError as error:
        pytest.skip(str(error))
    fast = so101_fast_loop()
    talk(body, 0.0, tries=20)
    home = body.read().q
    np.testing.assert_allclose(home, 0.0, atol=0.01)
    goal = home + np.array([0.3, -0.2, 0.2, 0.1, -0.3])
    for tick in range(2500):
        state = body.read()
        if tick % 50 == 0:
            fast.set_target(target(state.stamp, goal))
        if tick == 1500:
            sent = len(servos.goals)
            servos.dead = True
            body.refused.clear()
        body.write(fast.tick(state, now=1e-3 * tick))
        if tick % 20 == 0:
            talk(body, 1e-3 * tick, tries=1 if servos.dead else 20)
        if tick == 1499:
            assert fast.level is ReflexLevel.NOMINAL
            steps = [servos.position(k) - 2048 for k in range(1, 6)]
            angles = np.array(steps) * 2.0 * np.pi / 4096.0
            np.testing.assert_allclose(angles, goal, atol=0.02)
            assert servos.position(6) == 2048  # nobody asked for the gripper
    assert fast.level is ReflexLevel.STOP
    assert set(body.refused) == {"read failed: ConnectionError"}
    assert len(servos.goals) - sent <= 6 * 6  # within a tenth of a second
    robot.config.disable_torque_on_disconnect = False
    robot.bus.port_handler.closePort()
