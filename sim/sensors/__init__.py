"""Simulated sensors with the defects of real ones as parameters."""

from neural_brain.sim.sensors.bumper import Bumper, BumperConfig
from neural_brain.sim.sensors.imu import Imu, ImuConfig
from neural_brain.sim.sensors.joints import JointSensorConfig, JointSensors
from neural_brain.sim.sensors.lidar import Lidar, LidarConfig
from neural_brain.sim.sensors.odometry import Odometry, OdometryConfig
from neural_brain.sim.sensors.rgbd import RgbdCamera, RgbdConfig
from neural_brain.sim.sensors.suite import SensorsConfig, SensorSuite
from neural_brain.sim.sensors.wrench import WrenchConfig, WrenchSensor

__all__ = [
    "Bumper",
    "BumperConfig",
    "Imu",
    "ImuConfig",
    "JointSensorConfig",
    "JointSensors",
    "Lidar",
    "LidarConfig",
    "Odometry",
    "OdometryConfig",
    "RgbdCamera",
    "RgbdConfig",
    "SensorSuite",
    "SensorsConfig",
    "WrenchConfig",
    "WrenchSensor",
]
