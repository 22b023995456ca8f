"""The simulator's slow sensors as a node: lidar, camera, clock, ground truth.

The physics runs in the fast process. This node copies the robot's and the things'
positions from shared memory into its own copy of the world and measures there, so that
drawing an image never delays a control tick.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np
from nav_msgs.msg import Odometry
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import CameraInfo, Image
from sensor_msgs.msg import LaserScan as LaserScanMsg
from std_msgs.msg import Float64MultiArray
from tf2_msgs.msg import TFMessage

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import matrix_from_pose2
from neural_brain.models.signals import LaserScan, RgbdFrame
from neural_brain.nodes import conversions, qos, topics
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.due import Due
from neural_brain.nodes.fast_link import open_link
from neural_brain.nodes.lifecycle import ERROR, OK, BrainNode, Health
from neural_brain.nodes.process import run
from neural_brain.nodes.worlds import World, make_body
from neural_brain.robots.oracle import true_labels
from neural_brain.sim.robots.base import LIDAR_HEIGHT_M

CONNECT_S = 60.0
LASER = "laser"
CAMERA = "camera_color_optical_frame"


@dataclass(frozen=True, kw_only=True)
class SimNodeConfig:
    """Parameters of the simulator node."""

    link: str = param("robot", "name of the shared memory of the fast process")
    poll_hz: float = param(100.0, "how often sensors are asked", low=10.0, high=500.0)
    truth_hz: float = param(20.0, "rate of ground truth", low=1.0, high=100.0)
    publish_clock: bool = param(True, "publish simulated time on /clock")

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class SimNode(BrainNode):
    """Measures in a copy of the world and publishes as a real robot's drivers would."""

    def __init__(self, bus: LocalBus | None = None, **options: Any) -> None:
        super().__init__("sim_node", SimNodeConfig(), bus=bus, **options)
        self.link = self.body = None

    def setup(self) -> None:
        """Build the same world as the fast process and make the publishers."""
        self.link = open_link(self.config.link, CONNECT_S, writes=False)
        world = World(**self.link.about["world"])
        self.body = make_body(world, slow_sensors=True)
        self._tick = -1
        self._due_truth = Due(self.config.truth_hz)
        self.clock = self.create_publisher(Clock, topics.CLOCK, qos.SENSOR)
        self._undo.append(lambda: self.destroy_publisher(self.clock))
        self.scan = self.announce(LaserScanMsg, topics.SCAN, qos.SENSOR)
        self.colour = self.announce(Image, topics.COLOUR_IMAGE, qos.IMAGE)
        self.depth = self.announce(Image, topics.DEPTH_IMAGE, qos.IMAGE)
        self.info = self.announce(CameraInfo, topics.COLOUR_INFO, qos.IMAGE)
        self.tf = self.announce(TFMessage, topics.TF, qos.TF)
        self.tf_static = self.announce(TFMessage, topics.TF_STATIC, qos.STATIC_TF)
        self.truth = self.announce(Odometry, topics.SIM_TRUTH, qos.SENSOR)
        self.labels = self.announce(Image, topics.SIM_LABELS, qos.IMAGE)
        self._true_labels: Any = None
        self.contacts = self.announce(
            Float64MultiArray, topics.SIM_CONTACTS, qos.SENSOR
        )
        self.every(1.0 / self.config.poll_hz, self._poll)

    def start(self) -> None:
        """Say where the fixed sensors are."""
        T = matrix_from_pose2(np.zeros(3), LIDAR_HEIGHT_M)
        item = conversions.transform_msg(0.0, "base_link", LASER, T)
        self.tf_static(TFMessage(transforms=[item]))

    def teardown(self) -> None:
        """Free the drawing context and the shared memory."""
        for part in (self.body, self.link):
            if part is not None:
                part.close()
        self.link = self.body = None

    def health(self) -> Health:
        """Whether the simulation runs."""
        if self._tick < 0 or not self.link.alive:
            return ERROR, "the fast process does not run", {}
        return OK, "simulating", {"tick": self._tick}

    def _poll(self) -> None:
        found = self.link.read_truth()
        if found is None or int(found[0]["tick"]) == self._tick:
            return
        numbers, qpos = found
        self._tick = int(numbers["tick"])
        self._mirror(qpos)
        if self.config.publish_clock:
            message = Clock(clock=conversions.time_msg(numbers["time_s"]))
            self.clock.publish(message)
        scan, frame = self.body.poll()
        if scan is not None:
            self._show_scan(scan)
        if frame is not None:
            self._show_frame(frame)
        if self._due_truth.at(numbers["time_s"]):
            self._show_truth(numbers)

    def _mirror(self, qpos: np.ndarray) -> None:
        simulation = self.body.simulation
        simulation.tick = self._tick
        simulation.data.qpos[:] = qpos
        simulation.data.time = simulation.time_s
        mujoco.mj_kinematics(simulation.model, simulation.data)
        mujoco.mj_camlight(simulation.model, simulation.data)

    def _show_scan(self, scan: LaserScan) -> None:
        self.scan(conversions.scan_msg(scan, LASER))

    def _show_frame(self, frame: RgbdFrame) -> None:
        item = conversions.transform_msg(
            frame.stamp, "base_link", CAMERA, frame.T_base_camera
        )
        self.tf(TFMessage(transforms=[item]))
        self._show_labels(frame)
        self.info(conversions.camera_info_msg(frame, CAMERA))
        self.colour(conversions.colour_msg(frame, CAMERA))
        self.depth(conversions.depth_msg(frame, CAMERA))

    def _show_labels(self, frame: RgbdFrame) -> None:
        """True labels, drawn only when somebody (an oracle detector) listens."""
        if self.labels.publisher.get_subscription_count() == 0:
            return
        if self._true_labels is None:
            self._true_labels = true_labels(self.body)
        labels = self._true_labels(frame)
        if labels is not None:
            self.labels(conversions.labels_msg(labels, frame.stamp, CAMERA))

    def _show_truth(self, numbers: dict[str, float]) -> None:
        message = Odometry(child_frame_id="base_link")
        message.header.frame_id = "world"
        message.header.stamp = conversions.time_msg(numbers["time_s"])
        pose = np.array([numbers["x"], numbers["y"], numbers["yaw"]])
        message.pose.pose = conversions.pose_from_planar(pose)
        self.truth(message)
        forces = [value for name, value in numbers.items() if name.endswith("_n")]
        self.contacts(Float64MultiArray(data=forces))


def main() -> int:
    """Run the node."""
    return run(lambda: [SimNode()])


if __name__ == "__main__":
    sys.exit(main())
