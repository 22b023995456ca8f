"""The same push against a soft and a stiff arm: how far does the hand give way?

python examples/soft_arm.py
"""

import numpy as np

from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.reflex import GuardConfig, ReflexConfig
from neural_brain.models.signals import ArmMode, MotionTarget
from neural_brain.robots import MujocoBodyConfig, arm_dynamics, make_room_body
from neural_brain.sim.robots import READY
from neural_brain.sim.sensors import SensorsConfig
from neural_brain.sim.shove import ForcePulse

PUSH_N = np.array([0.0, 6.0, 0.0])
# The arm stands on a pedestal: it needs no lidar to move.
CONFIG = FastConfig(reflex=ReflexConfig(guards=GuardConfig(lidar_required=False)))
BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False, lidar_on=False))


def hand_gives_way(stiffness_n_m):
    """Largest sideways way of the hand [m] while it is pushed."""
    body = make_room_body("arm", config=BLIND)
    body.simulation.place_arm(np.array(READY))
    dynamics = arm_dynamics(kind="arm")
    fast = FastLoop(CONFIG, arm_dynamics(kind="arm"), body.limits)

    state = body.read()
    dynamics.update(state.q, state.dq)
    start = dynamics.T_base_ee.copy()
    farthest = 0.0
    for tick in range(1500):
        state = body.read()
        if tick % 50 == 0:
            fast.set_target(hold(state, start, stiffness_n_m))
        if tick == 500:
            ForcePulse(body.simulation, PUSH_N, duration_s=0.5)
        body.write(fast.tick(state))
        body.advance()
        dynamics.update(state.q, state.dq)
        farthest = max(farthest, abs(dynamics.T_base_ee[1, 3] - start[1, 3]))
    body.close()
    return farthest


def hold(state, T_base_ee, stiffness_n_m):
    """A target that keeps the hand where it is."""
    return MotionTarget(
        stamp=state.stamp,
        twist_base=np.zeros(2),
        mode=ArmMode.CARTESIAN,
        q_target=state.q,
        T_base_ee=T_base_ee,
        stiffness=np.diag([stiffness_n_m] * 3 + [20.0] * 3),
        wrench_ff=np.zeros(6),
        contact=True,
        head=np.zeros(2),
        gripper_m=0.0,
    )


if __name__ == "__main__":
    for stiffness in (150.0, 600.0):
        way_m = hand_gives_way(stiffness)
        print(f"{stiffness:4.0f} N/m: the hand gives way by {1000 * way_m:.0f} mm")
