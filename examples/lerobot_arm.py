"""An SO-101 of LeRobot moves slowly, guarded by our reflex.

    python examples/lerobot_arm.py                        # a simulated one
    python examples/lerobot_arm.py --port /dev/ttyACM0    # yours; keep clear of it

It goes 20 degrees aside and back. Pull out its cable: within a tenth of a second the
reflex holds, and nothing more is sent. Needs the extra `lerobot`.
"""

import argparse
import time

import numpy as np

from neural_brain.models.signals import ArmMode, MotionTarget
from neural_brain.robots import LeRobotBodyConfig, so101_body, so101_fast_loop


def make_robot(port):
    """A connected LeRobot robot: a real SO-101, or our simulated one."""
    if port:
        from lerobot.robots.so_follower import SO101Follower, SO101FollowerConfig

        robot = SO101Follower(SO101FollowerConfig(port=port, id="arm"))
    else:
        from neural_brain.robots.lerobot_plugin.config_simulated_arm import (
            SimulatedArmConfig,
        )
        from neural_brain.robots.lerobot_plugin.simulated_arm import SimulatedArm

        robot = SimulatedArm(SimulatedArmConfig(kind="so101", fps=50, camera=False))
    robot.connect()
    return robot


def target(t, q):
    """Go to joints q, now."""
    return MotionTarget(
        stamp=t, twist_base=np.zeros(2), mode=ArmMode.JOINT, q_target=q,
        T_base_ee=np.eye(4), stiffness=np.eye(6), wrench_ff=np.zeros(6), contact=False,
        head=np.zeros(2), gripper_m=0.0,
    )  # fmt: skip


def main():
    """Move, and say what the reflex did."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port")
    port = parser.parse_args().port
    ticks = 0
    clock = time.monotonic if port else lambda: 1e-3 * ticks  # or simulated time
    config = LeRobotBodyConfig(gripper="gripper" if port else "")
    body, fast = so101_body(make_robot(port), config, clock=clock), so101_fast_loop()
    body.exchange()
    if port:
        body.start()
    home = body.read().q.copy()
    aside = home + np.radians([20.0, 0, 0, 0, 0])
    for ticks in range(8000):
        state = body.read()
        if ticks % 50 == 0:
            q = body.measurement.q
            fast.set_target(target(clock(), aside if ticks < 4000 else home))
        if ticks % 2000 == 1999:
            print(f"{ticks / 1000:.0f} s: turned {np.degrees(q - home)[0]:5.1f} deg")
        body.write(fast.tick(state, now=clock()))
        for event in fast.pop_events():
            print(f"{event.level.name}: {event.cause}")
        if port:
            time.sleep(0.001)
        elif ticks % 20 == 0:
            body.exchange()
    body.close()


if __name__ == "__main__":
    main()
