"""Real rclpy on an isolated domain, messages with checked field types."""

import os

os.environ.setdefault("ROS_PYTHON_CHECK_FIELDS", "1")
os.environ["ROS_AUTOMATIC_DISCOVERY_RANGE"] = "LOCALHOST"

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("tf2_msgs")


@pytest.fixture(scope="session")
def ros_domain():
    """A domain that no other process of this test run uses."""
    return 1 + os.getpid() % 100


@pytest.fixture
def ros(ros_domain):
    """A running rclpy context; ended after the test."""
    from rclpy.signals import SignalHandlerOptions

    rclpy.init(domain_id=ros_domain, signal_handler_options=SignalHandlerOptions.NO)
    yield rclpy
    rclpy.try_shutdown()


@pytest.fixture
def body():
    """A body state with a number of its own in every field."""
    from neural_brain.models.signals import BodyState

    return BodyState(
        stamp=12.345678901,
        q=np.linspace(-1.0, 1.0, 7),
        dq=np.linspace(0.1, 0.7, 7),
        effort=np.linspace(-9.0, 9.0, 7),
        twist_base=np.array([0.3, -0.2]),
        pose_odom_base=np.array([1.0, -2.0, 0.5]),
        wrench_ee=np.arange(6) + 0.5,
        bumper=np.array([True, False, False, True]),
        gyro=np.array([0.01, 0.02, 0.03]),
        accel=np.array([0.1, 0.2, 9.8]),
        head=np.array([0.4, -0.3]),
        gripper_m=0.04,
        battery=0.8,
    )


@pytest.fixture
def target():
    """A motion target with every field away from its default."""
    from neural_brain.models.signals import ArmMode, MotionTarget

    T = np.eye(4)
    T[:3, 3] = [0.5, 0.1, 0.8]
    return MotionTarget(
        stamp=3.5,
        twist_base=np.array([0.2, 0.1]),
        mode=ArmMode.CARTESIAN,
        q_target=np.linspace(0.0, 1.2, 7),
        T_base_ee=T,
        stiffness=np.diag([200.0, 300.0, 400.0, 20.0, 30.0, 40.0]),
        wrench_ff=np.array([0.0, 0.0, 10.0, 0.0, 0.0, 0.0]),
        contact=True,
        head=np.array([0.2, -0.1]),
        gripper_m=0.02,
    )
