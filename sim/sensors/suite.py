"""All sensors of a robot, with one seed: `read` at every tick, `poll` for slow ones."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.signals import BodyState, LaserScan, RgbdFrame
from neural_brain.sim.robots.index import span
from neural_brain.sim.sensors.bumper import Bumper, BumperConfig
from neural_brain.sim.sensors.imu import Imu, ImuConfig
from neural_brain.sim.sensors.joints import JointSensorConfig, JointSensors
from neural_brain.sim.sensors.lidar import Lidar, LidarConfig
from neural_brain.sim.sensors.line import SensorLine
from neural_brain.sim.sensors.odometry import Odometry, OdometryConfig
from neural_brain.sim.sensors.rgbd import RgbdCamera, RgbdConfig
from neural_brain.sim.sensors.schedule import Schedule
from neural_brain.sim.sensors.wrench import WrenchConfig, WrenchSensor
from neural_brain.sim.simulation import Simulation


@dataclass(frozen=True, kw_only=True)
class SensorsConfig:
    """One section per sensor; `camera_on` and `lidar_on` switch the slow ones."""

    camera_on: bool = param(True, "draw the camera (needs OpenGL)")
    lidar_on: bool = param(True, "cast the lidar")
    battery_life_s: float = param(14400.0, "time to empty", low=10.0, high=1e6)
    joints: JointSensorConfig = field(default_factory=JointSensorConfig)
    wrench: WrenchConfig = field(default_factory=WrenchConfig)
    imu: ImuConfig = field(default_factory=ImuConfig)
    odometry: OdometryConfig = field(default_factory=OdometryConfig)
    bumper: BumperConfig = field(default_factory=BumperConfig)
    lidar: LidarConfig = field(default_factory=LidarConfig)
    camera: RgbdConfig = field(default_factory=RgbdConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class SensorSuite:
    """Every sensor that the robot in a simulation has.

    Args:
        config: rates and defects.
        simulation: the world; its robot decides which sensors exist.
        seed: seed of all noise.
    """

    def __init__(
        self, config: SensorsConfig, simulation: Simulation, seed: int
    ) -> None:
        self.config = config
        self._simulation = simulation
        index = simulation.index
        self._head = span(simulation.data.qpos, index.head_q)
        self._fingers = span(simulation.data.qpos, index.finger_q)
        parts = (simulation.model, simulation.data, index)
        streams = iter(np.random.default_rng(seed).spawn(13))
        self.joints = JointSensors(config.joints, *parts, next(streams))
        self.imu = Imu(config.imu, *parts, next(streams))
        wrist, wheels = next(streams), next(streams)
        self.wrench = (
            WrenchSensor(config.wrench, *parts, wrist) if index.force >= 0 else None
        )
        self.odometry = (
            Odometry(config.odometry, *parts, wheels) if index.wheel_q.size else None
        )
        self.bumper = Bumper(config.bumper, simulation.truth)
        self.lidar = Lidar(config.lidar, *parts, next(streams))
        self.camera = RgbdCamera(config.camera, *parts, next(streams))
        self._scans = Schedule(
            self._scan,
            rate_hz=config.lidar.rate_hz,
            delay_s=config.lidar.delay_s,
            dropout=config.lidar.dropout,
            phase=0.0,
            generator=next(streams),
        )
        self._frames = Schedule(
            self._frame,
            rate_hz=config.camera.rate_hz,
            delay_s=config.camera.delay_s,
            dropout=config.camera.dropout,
            phase=0.2,
            generator=next(streams),
        )

        lines = [
            SensorLine[Any](getattr(config, name), next(streams))
            for name in ("joints", "imu", "odometry", "wrench", "bumper")
        ]
        # Empty when all are ideal: then a tick saves five calls.
        self._lines = [] if all(line.ideal for line in lines) else lines

    def read(self) -> BodyState:
        """The state as the robot's own sensors show it; call once a tick."""
        joints, imu = self.joints.read(), self.imu.read()
        moved = self.odometry.read() if self.odometry else _STANDING
        felt = self.wrench.read() if self.wrench else _NO_WRENCH
        pressed = self.bumper.read()
        if self._lines:
            measured = (joints, imu, moved, felt, pressed)
            joints, imu, moved, felt, pressed = self._carry(measured)
        stamp = self._simulation.time_s
        used_s = self._simulation.run_s
        return BodyState(
            stamp=stamp,
            q=joints[0],
            dq=joints[1],
            effort=joints[2],
            twist_base=moved[1],
            pose_odom_base=moved[0],
            wrench_ee=felt,
            bumper=pressed,
            gyro=imu[0],
            accel=imu[1],
            head=self._head.copy(),
            gripper_m=sum(self._fingers.tolist()),
            battery=max(0.0, 1.0 - used_s / self.config.battery_life_s),
        )

    def poll(self) -> tuple[LaserScan | None, RgbdFrame | None]:
        """The scan and the frame that arrived since the last call."""
        tick = self._simulation.tick - self._simulation.begun
        scan = self._scans.poll(tick) if self.config.lidar_on else None
        frame = self._frames.poll(tick) if self.config.camera_on else None
        return scan, None if frame is None else frame.result()

    def close(self) -> None:
        """Free the camera's OpenGL context."""
        self.camera.close()

    def _carry(self, measured: tuple[Any, ...]) -> list[Any]:
        tick = self._simulation.tick
        return [
            line.carry(tick, value)
            for line, value in zip(self._lines, measured, strict=True)
        ]

    def _scan(self) -> LaserScan:
        return self.lidar.measure(self._simulation.time_s)

    def _frame(self) -> Future[RgbdFrame]:
        return self.camera.expose(self._simulation.time_s)


_STANDING = (np.zeros(3), np.zeros(2))
_NO_WRENCH = np.zeros(6)
