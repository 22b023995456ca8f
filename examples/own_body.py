"""A robot of your own: four methods, here for a base that drives towards a wall.

The controller wants 0.5 m/s all the time; the reflex stands behind it and stops.

python examples/own_body.py
"""

import numpy as np

from neural_brain.models import signals
from neural_brain.models.fast import FastConfig, FastLoop

WALL_M = 2.0


class Cart:
    """A `Body`: a base without an arm that does exactly what it is told."""

    def __init__(self):
        none = np.zeros(0)
        self.limits = signals.BodyLimits(
            q_min=none, q_max=none, dq_max=none, effort_max=none,
            effort_rate_max=none, twist_max=np.array([0.6, 1.5]),
            accel_max=np.array([1.0, 3.0]), radius_m=0.27,
        )  # fmt: skip
        self.t, self.x, self.twist = 0.0, 0.0, np.zeros(2)

    def read(self):
        """The newest state; a cart has no joints and no wrist."""
        none = np.zeros(0)
        return signals.BodyState(
            stamp=self.t, q=none, dq=none, effort=none, twist_base=self.twist,
            pose_odom_base=np.array([self.x, 0.0, 0.0]), wrench_ee=np.zeros(6),
            bumper=np.zeros(4, bool), gyro=np.zeros(3), accel=np.zeros(3),
            head=np.zeros(2), gripper_m=0.0, battery=1.0,
        )  # fmt: skip

    def write(self, command):
        """Act on a command for one tick of 1 ms."""
        self.twist = np.array(command.twist_base)
        self.t += 0.001
        self.x += 0.001 * self.twist[0]

    def close(self):
        """Nothing to release."""

    def scan(self):
        """What a lidar would see of the wall ahead."""
        angles = np.linspace(-np.pi, np.pi, 360, endpoint=False)
        ahead = np.maximum(np.cos(angles), 1e-9)
        return signals.LaserScan(
            stamp=self.t, angle_min=-np.pi, angle_increment=np.pi / 180.0,
            range_min=0.05, range_max=10.0, ranges=(WALL_M - self.x) / ahead,
            pose_base_laser=np.zeros(3),
        )  # fmt: skip


def forward(t):
    """A controller that knows nothing of walls."""
    return signals.MotionTarget(
        stamp=t, twist_base=np.array([0.5, 0.0]), mode=signals.ArmMode.JOINT,
        q_target=np.zeros(0), T_base_ee=np.eye(4), stiffness=np.eye(6),
        wrench_ff=np.zeros(6), contact=False, head=np.zeros(2), gripper_m=0.0,
    )  # fmt: skip


if __name__ == "__main__":
    cart = Cart()
    fast = FastLoop(FastConfig(), None, cart.limits)
    for tick in range(8000):
        if tick % 100 == 0:
            fast.set_scan(cart.scan())
        if tick % 50 == 0:
            fast.set_target(forward(cart.t))
        cart.write(fast.tick(cart.read()))
        for event in fast.pop_events():
            print(f"{event.stamp:5.2f} s  {event.level.name}: {event.cause}")
    print(f"stands {WALL_M - cart.x:.2f} m in front of the wall")
