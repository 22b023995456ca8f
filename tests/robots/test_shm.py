"""Shared-memory slots: no torn reads, no waiting, no leftovers, also after kill -9."""

import multiprocessing
import os
import signal
import time
from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.errors import BodyError
from neural_brain.models.signals import (
    ArmMode,
    BodyCommand,
    BodyState,
    LaserScan,
    MotionTarget,
)
from neural_brain.robots import shm, shm_layout

LAYOUT = np.dtype([("count", "<i8"), ("values", "<f8", (64,))])
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def name():
    slot = f"test-{os.getpid()}"
    yield slot
    shm.remove_abandoned(slot)
    assert not list(shm.slot_folder().glob(f"{shm.PREFIX}{slot}*"))


def flood(name, ready):
    """Write records whose 64 values are all equal to their count, until killed."""
    writer = shm.SlotWriter(name, LAYOUT)
    ready.set()
    while True:
        writer.record["count"] += 1
        writer.record["values"][:] = writer.record["count"]
        writer.publish()


def start_writer(name):
    ready = SPAWN.Event()
    process = SPAWN.Process(target=flood, args=(name, ready), daemon=True)
    process.start()
    assert ready.wait(60)
    return process


def kill(process):
    os.kill(process.pid, signal.SIGKILL)
    process.join()


def test_a_reader_gets_the_newest_record_once(name):
    with shm.SlotWriter(name, LAYOUT) as writer, shm.SlotReader(name, LAYOUT) as reader:
        assert not reader.read() and reader.age_s() == float("inf")
        writer.record["count"] = 7
        writer.publish(now_ns=1_000)
        assert reader.read() and reader.record["count"] == 7
        assert not reader.read()
        assert reader.age_s(now_ns=1_000 + 5 * 10**8) == pytest.approx(0.5)
        writer.record["count"] = 8
        writer.record["count"] = 9
        writer.publish()
        assert reader.read() and reader.record["count"] == 9


def test_a_reader_may_come_before_the_writer(name):
    with shm.SlotReader(name, LAYOUT) as reader:
        assert not reader.read()
        with shm.SlotWriter(name, LAYOUT) as writer:
            writer.publish()
            assert reader.read()


def test_closing_deletes_the_file_and_a_new_writer_is_found(name):
    reader = shm.SlotReader(name, LAYOUT)
    with shm.SlotWriter(name, LAYOUT) as writer:
        writer.publish()
        assert reader.read()
    writer.close()
    assert not list(shm.slot_folder().glob(f"{shm.PREFIX}{name}*"))
    with shm.SlotWriter(name, LAYOUT) as writer:
        writer.record["count"] = 5
        writer.publish()
        reader.refresh()
        assert reader.read() and reader.record["count"] == 5
    reader.close()


def test_no_torn_record_under_a_flood_and_after_killing_the_writer(name):
    process = start_writer(name)
    reads, last = 0, 0
    with shm.SlotReader(name, LAYOUT) as reader:
        end = time.monotonic() + 60.0
        while reads < 2000 and time.monotonic() < end:
            if reader.read():
                reads += 1
                values = reader.record["values"]
                assert (values == reader.record["count"]).all()
                assert reader.record["count"] > last
                last = int(reader.record["count"])
        kill(process)
        assert reads == 2000
        while reader.read():
            pass
        for _ in range(3):
            assert not reader.read()  # returns although the writer is dead
        assert reader.age_s() > 0.0
        second = start_writer(name)  # takes the abandoned slot over
        end = time.monotonic() + 60.0
        while not reader.read() and time.monotonic() < end:
            pass
        assert (reader.record["values"] == reader.record["count"]).all()
        kill(second)
    assert shm.remove_abandoned(name) == [name]


def test_a_reader_gives_up_when_the_writer_died_in_the_middle(name):
    writer = shm.SlotWriter(name, LAYOUT)
    writer.publish()
    with shm.SlotReader(name, LAYOUT) as reader:
        assert reader.read()
        writer._fields[2] += 1  # odd: a write has begun and never ends
        assert not reader.read()
        assert reader.torn == 1
        writer._fields[2] += 1
        writer._payload[3] ^= 255  # and one whose bytes were not all written
        assert not reader.read()
        assert reader.torn == 2
    writer.close()


def read_and_die(name, done):
    reader = shm.SlotReader(name, LAYOUT)
    while not reader.read():
        pass
    done.set()
    time.sleep(60)


def test_a_killed_reader_leaves_the_slot_alone(name):
    done = SPAWN.Event()
    with shm.SlotWriter(name, LAYOUT) as writer:
        writer.publish()
        process = SPAWN.Process(target=read_and_die, args=(name, done), daemon=True)
        process.start()
        assert done.wait(60)
        kill(process)
        writer.publish()
        with shm.SlotReader(name, LAYOUT) as reader:
            assert reader.read()


def test_a_second_writer_is_refused(name):
    with (
        shm.SlotWriter(name, LAYOUT),
        pytest.raises(BodyError, match="another running process"),
    ):
        shm.SlotWriter(name, LAYOUT)


def test_a_slot_in_use_is_not_swept(name):
    with shm.SlotWriter(name, LAYOUT):
        assert shm.remove_abandoned(name) == []


def test_another_layout_is_not_read(name):
    other = np.dtype([("values", "<f8", (64,)), ("count", "<i8")])
    with shm.SlotWriter(name, LAYOUT) as writer:
        writer.publish()
        with shm.SlotReader(name, other) as reader:
            assert not reader.read()


@pytest.mark.parametrize("bad", ["", "../x", "a/b", "x" * 101, "a b"])
def test_bad_names_are_refused(bad):
    with pytest.raises(BodyError, match="Slot name"):
        shm.SlotReader(bad, LAYOUT)


def same(first, second):
    for key, value in vars(first).items():
        np.testing.assert_array_equal(value, getattr(second, key), err_msg=key)


def test_messages_survive_the_round_trip():
    r = np.random.default_rng(0).standard_normal
    state = BodyState(
        stamp=1.5, q=r(7), dq=r(7), effort=r(7), twist_base=r(2), pose_odom_base=r(3),
        wrench_ee=r(6), bumper=np.array([True, False] * 4), gyro=r(3), accel=r(3),
        head=r(2), gripper_m=0.02, battery=0.7,
    )  # fmt: skip
    command = BodyCommand(
        stamp=2.0, effort=r(7), twist_base=r(2), head=r(2), gripper_m=0.1
    )
    servos = replace(command, q=r(7), dq=r(7))
    target = MotionTarget(
        stamp=3.0, twist_base=r(2), mode=ArmMode.CARTESIAN, q_target=r(7),
        T_base_ee=r((4, 4)), stiffness=r((6, 6)), wrench_ff=r(6), contact=True,
        head=r(2), gripper_m=0.0,
    )  # fmt: skip
    scan = LaserScan(
        stamp=0.1, angle_min=-3.0, angle_increment=0.1, range_min=0.1, range_max=9.0,
        ranges=np.array([np.nan, np.inf, -np.inf, 1.0]), pose_base_laser=r(3),
    )  # fmt: skip
    for layout, message, unpack in (
        (shm_layout.state_layout(7), state, shm_layout.unpack_state),
        (shm_layout.command_layout(7), command, shm_layout.unpack_command),
        (shm_layout.command_layout(7), servos, shm_layout.unpack_command),
        (shm_layout.target_layout(7), target, shm_layout.unpack_target),
        (shm_layout.scan_layout(4), scan, shm_layout.unpack_scan),
    ):
        record = np.zeros((), layout)
        shm_layout.pack(record, message)
        same(message, unpack(record))
