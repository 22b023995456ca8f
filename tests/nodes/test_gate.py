"""The gate admits good messages, counts bad ones by reason, and never raises."""

import array
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import Image, JointState, LaserScan
from std_msgs.msg import String

from neural_brain.nodes import conversions
from neural_brain.nodes.gate import Gate, GateConfig, Refusal, finite

NOW = 100.0


def scan(stamp=99.9, frame="laser", ranges=(1.0, 2.0, 3.0)):
    message = LaserScan()
    message.header.frame_id = frame
    message.header.stamp = conversions.time_msg(stamp)
    message.angle_min, message.angle_increment = -1.0, 1.0
    message.range_min, message.range_max = 0.1, 10.0
    message.ranges = array.array("f", ranges)
    return message


def gate(now=lambda: NOW, frames=("laser",), **config):
    def convert(message):
        return conversions.scan_from_msg(message, np.zeros(3))

    return Gate(convert, now, GateConfig(**config), frames=frames)


def test_a_good_scan_passes_and_keeps_its_special_ranges():
    door = gate()
    value = door.admit(scan(ranges=(math.inf, -math.inf, math.nan, 2.0)))
    assert np.array_equal(
        value.ranges, [math.inf, -math.inf, math.nan, 2.0], equal_nan=True
    )
    assert (door.accepted, dict(door.refused)) == (1, {})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"stamp": 99.0}, "too old"),
        ({"stamp": 100.2}, "from the future"),
        ({"stamp": 0.0}, "zero stamp"),
        ({"frame": "camera"}, "unknown frame"),
        ({"ranges": ()}, "wrong number of beams"),
        ({"ranges": (1.0,) * 30}, "impossible angles or ranges"),
    ],
)
def test_each_fault_is_counted_under_its_reason(change, reason):
    door = gate()
    assert door.admit(scan(**change)) is None
    assert dict(door.refused) == {reason: 1}


def test_a_nanosecond_field_out_of_range_is_a_bad_stamp():
    message = scan()
    message.header.stamp.nanosec = 2_000_000_000
    door = gate()
    assert door.admit(message) is None
    assert dict(door.refused) == {"bad stamp": 1}


def test_old_and_repeated_stamps_are_refused():
    door = gate()
    assert door.admit(scan(99.9)) is not None
    assert door.admit(scan(99.8)) is None
    assert door.admit(scan(99.9)) is None
    assert dict(door.refused) == {"out of order": 1, "duplicate": 1}


def test_a_clock_that_was_set_back_does_not_block_the_topic():
    times = iter([100.0, 50.0])
    door = gate(now=lambda: next(times))
    assert door.admit(scan(99.9)) is not None
    assert door.admit(scan(49.9)) is not None


def test_a_bad_message_does_not_move_the_last_stamp():
    door = gate()
    assert door.admit(scan(99.95, ranges=())) is None
    assert door.admit(scan(99.9)) is not None


def test_an_array_over_the_budget_is_not_looked_at():
    door = gate(max_items=100)
    assert door.admit(scan(ranges=[1.0] * 101)) is None
    assert dict(door.refused) == {"too large": 1}


def test_finite_refuses_what_is_not():
    assert finite(1, 2.5) == (1.0, 2.5)
    with pytest.raises(Refusal):
        finite(1.0, math.nan)


def test_a_conversion_that_fails_is_counted_not_raised():
    door = Gate(lambda message: 1 // 0, lambda: NOW, stamped=False)
    assert door.admit(String(data="x")) is None
    assert dict(door.refused) == {"malformed (ZeroDivisionError)": 1}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_bytes_never_raise_past_the_gate(data):
    raw = bytearray(serialize_message(scan()))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(4, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        message = deserialize_message(bytes(raw), LaserScan)
    except Exception:
        return  # refused by the middleware already
    door = gate(frames=())
    value = door.admit(message)
    assert (value is None) == (door.accepted == 0)
    if value is not None:
        assert math.isfinite(value.angle_min) and value.ranges.size >= 2


@settings(max_examples=200, deadline=None)
@given(
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 60),
    st.sampled_from(["rgb8", "bgr8", "32FC1", "16UC1", "mono8", ""]),
    st.integers(0, 90),
    st.integers(0, 1),
)
def test_images_of_any_geometry_are_right_or_refused(
    height, width, step, encoding, size, endian
):
    message = Image(
        height=height, width=width, step=step, encoding=encoding, is_bigendian=endian
    )
    message.header.stamp = conversions.time_msg(NOW)
    message.data = array.array("B", bytes(size))
    door = Gate(conversions.image_from_msg, lambda: NOW)
    value = door.admit(message)
    assert value is None or value[1].shape[:2] == (height, width)


def test_joint_states_with_a_missing_stamp_are_refused():
    door = Gate(lambda message: message, lambda: NOW)
    assert door.admit(JointState()) is None
    assert dict(door.refused) == {"zero stamp": 1}
