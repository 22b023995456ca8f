"""A tape recorder for MCAP files, and the engines in which bodies are tested."""

import json

import cv2
import numpy as np
import pytest
from mcap.writer import Writer

from neural_brain.robots import MujocoBody
from neural_brain.sim.simulation import Simulation
from neural_brain.view import messages as m

NO_BULLET = "pybullet is absent: pip install neural_brain[pybullet]"


class Tape:
    """Writes MCAP files message by message."""

    def __init__(self, path):
        self.path, self.file = path, path.open("wb")
        self.writer = Writer(self.file)
        self.writer.start(profile="ros2", library="test")
        self.channels = {}

    def put(self, topic, kind, t, msg):
        if topic not in self.channels:
            schema = self.writer.register_schema(
                name=kind.replace("/", "/msg/"), encoding="ros2msg",
                data=m.definition(kind),
            )  # fmt: skip
            self.channels[topic] = self.writer.register_channel(
                topic=topic, message_encoding="cdr", schema_id=schema
            )
        stamp = round(t * 1e9)
        data = m.serialise(kind, msg)
        self.writer.add_message(self.channels[topic], stamp, data, stamp)

    def joints(self, t, q, names=("b", "a")):
        q = np.array(q, float)
        msg = m.message(
            "sensor_msgs/JointState", header=m.header(t, "base_link"),
            name=list(names), position=q, velocity=0 * q, effort=0 * q,
        )  # fmt: skip
        self.put("/joint_states", "sensor_msgs/JointState", t, msg)

    def told(self, t, v, w):
        twist = m.twist_message(np.array([v, w]))
        msg = m.message(
            "geometry_msgs/TwistStamped", header=m.header(t, "base_link"), twist=twist
        )
        self.put("/cmd_vel", "geometry_msgs/TwistStamped", t, msg)

    def odometry(self, t, v, w):
        msg = m.message(
            "nav_msgs/Odometry", header=m.header(t, "odom"), child_frame_id="base_link",
            pose=m.message(
                "geometry_msgs/PoseWithCovariance",
                pose=m.pose_message(np.zeros(3)), covariance=np.zeros(36),
            ),
            twist=m.message(
                "geometry_msgs/TwistWithCovariance",
                twist=m.twist_message(np.array([v, w])), covariance=np.zeros(36),
            ),
        )  # fmt: skip
        self.put("/odom", "nav_msgs/Odometry", t, msg)

    def picture(self, t, shade, size=(6, 8)):
        _, packed = cv2.imencode(".png", np.full((*size, 3), shade, np.uint8))
        self.raw(t, packed.tobytes(), "png")

    def raw(self, t, data, form):
        msg = m.message(
            "sensor_msgs/CompressedImage", header=m.header(t, "camera"),
            format=form, data=np.frombuffer(data, np.uint8),
        )  # fmt: skip
        topic = "/camera/color/image_raw/compressed"
        self.put(topic, "sensor_msgs/CompressedImage", t, msg)

    def words(self, t, text, source="person"):
        event = {"source": source, "kind": "words", "text": text}
        msg = m.message("std_msgs/String", data=json.dumps(event))
        self.put("/brain/events", "std_msgs/String", t, msg)

    def close(self):
        self.writer.finish()
        self.file.close()
        return self.path


@pytest.fixture
def tape(tmp_path):
    return Tape(tmp_path / "run.mcap")


def _mujoco(model, config=None, **options):
    return MujocoBody(Simulation(model), config, **options)


def _bullet(model, config=None, **options):
    from neural_brain.robots.bullet_body import BulletBody
    from neural_brain.sim.bullet import BulletSimulation

    return BulletBody(BulletSimulation(model), config, **options)


@pytest.fixture(params=["mujoco", "bullet"])
def engine(request):
    """Makes a body of a compiled world: `engine(model, config, posture=...)`."""
    if request.param == "mujoco":
        return _mujoco
    pytest.importorskip("pybullet", reason=NO_BULLET)
    return _bullet


@pytest.fixture
def kind(engine):
    """The most complete robot that the engine takes."""
    return "mobile_manipulator" if engine is _mujoco else "arm"
