"""Every scalar reaches the wire as the number it was; images and scans come back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nav_msgs.msg import OccupancyGrid
from rclpy.serialization import deserialize_message, serialize_message

from neural_brain.models.geometry import rotation_from_rpy
from neural_brain.models.signals import (
    Area,
    AreaKind,
    GridView,
    Landmark,
    LaserScan,
    ReflexEvent,
    ReflexLevel,
    RgbdFrame,
)
from neural_brain.nodes import conversions
from neural_brain.nodes.gate import Refusal
from neural_brain.nodes.transforms import matrix_from_transform


def over_the_wire(message):
    return deserialize_message(serialize_message(message), type(message))


def test_every_public_name_exists():
    assert all(hasattr(conversions, name) for name in conversions.__all__)


@pytest.mark.parametrize("kind", [int, np.float32, np.int64, float])
def test_integers_and_numpy_scalars_arrive_as_numbers(kind):
    message = over_the_wire(conversions.twist_msg(kind(2), [kind(1), kind(3)]))
    assert (message.twist.linear.x, message.twist.angular.z) == (1.0, 3.0)


def test_a_body_state_arrives_as_joint_state_odometry_imu_and_wrench(body):
    names = tuple(f"joint{i}" for i in range(7))
    joints = over_the_wire(conversions.joint_state_msg(body, names))
    assert np.array_equal(joints.position, body.q)
    assert np.array_equal(joints.effort, body.effort)
    odometry = over_the_wire(conversions.odometry_msg(body))
    pose = conversions.planar_from_pose(odometry.pose.pose)
    assert np.allclose(pose, body.pose_odom_base, atol=1e-12)
    assert odometry.twist.twist.linear.x == body.twist_base[0]
    imu = over_the_wire(conversions.imu_msg(body))
    assert imu.linear_acceleration.z == body.accel[2]
    assert imu.orientation_covariance[0] == -1.0
    wrench = over_the_wire(conversions.wrench_msg(body))
    assert wrench.wrench.torque.z == body.wrench_ee[5]


@given(st.floats(0.0, 2e9))
def test_stamps_keep_their_nanoseconds(t):
    stamp = conversions.time_msg(t)
    assert abs(stamp.sec + stamp.nanosec * 1e-9 - t) < 1e-6


def test_a_negative_time_becomes_zero():
    assert conversions.time_msg(-3.0).sec == 0


def test_a_time_after_2038_or_none_at_all_does_not_raise():
    assert conversions.time_msg(1e12).sec == 2**31 - 1
    assert conversions.time_msg(float("nan")).sec == 0


@settings(max_examples=50, deadline=None)
@given(*[st.floats(-3.1, 3.1)] * 3)
def test_transforms_come_back(roll, pitch, yaw):
    T = np.eye(4)
    T[:3, :3] = rotation_from_rpy(roll, pitch, yaw)
    T[:3, 3] = [1.0, -2.0, 0.5]
    message = over_the_wire(conversions.transform_msg(1.0, "a", "b", T))
    assert np.allclose(matrix_from_transform(message.transform), T, atol=1e-9)


def test_a_quaternion_of_zeros_is_refused():
    pose = conversions.pose_from_planar(np.zeros(3))
    pose.orientation.w = 0.0
    with pytest.raises(Refusal):
        conversions.planar_from_pose(pose)


def test_a_scan_comes_back():
    scan = LaserScan(
        stamp=5.0,
        angle_min=-np.pi,
        angle_increment=2 * np.pi / 360,
        range_min=0.12,
        range_max=10.0,
        ranges=np.r_[np.inf, -np.inf, np.nan, np.linspace(1, 9, 357)],
        pose_base_laser=np.array([0.1, 0.0, 0.2]),
    )
    message = over_the_wire(conversions.scan_msg(scan, "laser"))
    back = conversions.scan_from_msg(message, scan.pose_base_laser)
    assert np.allclose(back.ranges, scan.ranges, atol=1e-6, equal_nan=True)
    assert back.stamp == 5.0 and back.range_max == 10.0


@pytest.fixture
def frame():
    generator = np.random.default_rng(0)
    return RgbdFrame(
        stamp=2.0,
        rgb=generator.integers(0, 255, (12, 16, 3), dtype=np.uint8),
        depth=generator.random((12, 16), dtype=np.float32),
        K=np.array([[100.0, 0, 8], [0, 100.0, 6], [0, 0, 1.0]]),
        T_base_camera=np.eye(4),
    )


def test_images_and_calibration_come_back(frame):
    colour = over_the_wire(conversions.colour_msg(frame, "camera"))
    depth = over_the_wire(conversions.depth_msg(frame, "camera"))
    info = over_the_wire(conversions.camera_info_msg(frame, "camera"))
    assert np.array_equal(conversions.image_from_msg(colour)[1], frame.rgb)
    assert np.array_equal(conversions.image_from_msg(depth)[1], frame.depth)
    assert np.array_equal(conversions.camera_matrix(info), frame.K)


def test_millimetre_depth_becomes_metres(frame):
    message = conversions.depth_msg(frame, "camera")
    message.encoding, message.step = "16UC1", 32
    pixels = np.full((12, 16), 1500, dtype="<u2")
    message.data = type(message.data)("B", pixels.tobytes())
    assert np.allclose(conversions.image_from_msg(message)[1], 1.5)


def test_bgr_images_are_turned_to_rgb(frame):
    message = conversions.colour_msg(frame, "camera")
    message.encoding = "bgr8"
    pixels = conversions.image_from_msg(message)[1]
    assert np.array_equal(pixels, frame.rgb[..., ::-1])


def test_the_grid_keeps_its_cells_row_by_row():
    cells = np.array([[-1, 0, 100], [50, 0, -1]], np.int8)
    grid = GridView(
        cells=cells, origin=np.array([-1.0, 2.0]), resolution=0.05, version=3
    )
    message = over_the_wire(conversions.grid_msg(grid, 4.0))
    assert isinstance(message, OccupancyGrid)
    assert (message.info.width, message.info.height) == (3, 2)
    assert list(message.data) == cells.ravel().tolist()
    assert message.info.origin.position.y == 2.0


def test_a_pose_keeps_its_covariance_in_x_y_and_yaw():
    spread = np.array([[0.04, 0.01, 0.002], [0.01, 0.09, 0.003], [0.002, 0.003, 0.02]])
    pose = np.array([1.0, -2.0, 0.5])
    message = over_the_wire(conversions.pose_msg(pose, spread, 3.0))
    assert np.allclose(conversions.planar_from_pose(message.pose.pose), pose)
    whole = np.reshape(message.pose.covariance, (6, 6))
    assert np.array_equal(whole[np.ix_([0, 1, 5], [0, 1, 5])], spread)
    assert np.count_nonzero(whole) == 9 and message.header.frame_id == "map"


def test_a_path_looks_ahead_along_itself():
    message = over_the_wire(
        conversions.path_msg(np.array([[0, 0], [1, 0], [1, 1]]), 1.0)
    )
    yaws = [conversions.yaw_of(pose.pose.orientation) for pose in message.poses]
    assert np.allclose(yaws, [0.0, np.pi / 2, np.pi / 2])


def test_landmarks_become_a_box_and_a_word_each():
    landmark = Landmark(
        id=7,
        category="mug",
        colour="red",
        center_map=np.array([1, 2, 3]),
        covariance=np.eye(3),
        size=np.array([0.1, 0.1, 0.1]),
        confidence=0.9,
        count=3,
        first_seen=0.0,
        last_seen=1.0,
    )
    message = over_the_wire(conversions.landmark_markers((landmark,), 1.0))
    assert [marker.action for marker in message.markers] == [3, 0, 0]
    assert message.markers[2].text == "red mug"
    assert message.markers[1].pose.position.x == 1.0


def test_areas_become_an_outline_and_a_name_and_docks_an_arrow():
    outline = np.array([[0, 0], [2, 0], [2, 1], [0, 1]], float)
    areas = (
        Area(name="pond", kind=AreaKind.KEEP_OUT, outline=outline),
        Area(
            name="dock",
            kind=AreaKind.DOCK,
            outline=outline,
            pose_map=np.array([1.0, 2.0, np.pi / 2]),
        ),
    )
    message = over_the_wire(conversions.area_markers(areas, 1.0))
    assert [m.ns for m in message.markers] == [
        "", "outlines", "names", "outlines", "names", "poses",
    ]  # fmt: skip
    line, words = message.markers[1:3]
    assert [(p.x, p.y) for p in line.points][-1] == (0.0, 0.0)  # closed
    assert len(line.points) == 5
    assert (words.text, words.pose.position.x) == ("pond", 1.0)
    arrow = message.markers[-1]
    assert conversions.yaw_of(arrow.pose.orientation) == pytest.approx(np.pi / 2)


def test_a_reflex_event_says_level_cause_value_and_limit():
    event = ReflexEvent(
        stamp=1.0,
        tick=1000,
        level=ReflexLevel.STOP,
        cause="force",
        value=70.0,
        limit=65.0,
    )
    message = over_the_wire(conversions.reflex_status(event))
    values = {item.key: item.value for item in message.values}
    assert message.message == "STOP: force"
    assert (values["value"], values["limit"]) == ("70.0", "65.0")


@pytest.mark.parametrize("sideways", [0.2, -0.002, float("nan")])
def test_a_base_is_not_driven_another_way_than_the_planner_s(sideways):
    message = conversions.twist_msg(1.0, [0.3, 0.1])
    message.twist.linear.y = 1e-4  # noise of a smoother
    stamp, twist = conversions.twist_from_msg(message)
    assert stamp == 1.0 and twist.tolist() == [0.3, 0.1]
    message.twist.linear.y = sideways
    with pytest.raises(Refusal, match=r"sideways|finite"):
        conversions.twist_from_msg(message)
