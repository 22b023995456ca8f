"""The audit sees each kind of violation once and lets good commands pass."""

import numpy as np

from neural_brain.models.signals import BodyCommand, BodyLimits
from neural_brain.robots.audit import CommandAudit

LIMITS = BodyLimits(
    q_min=-np.ones(2),
    q_max=np.ones(2),
    dq_max=np.ones(2),
    effort_max=np.array([10.0, 5.0]),
    effort_rate_max=np.array([1000.0, 1000.0]),
    twist_max=np.array([0.5, 1.0]),
    accel_max=np.ones(2),
    radius_m=0.3,
)


def command(effort=(0.0, 0.0), twist=(0.0, 0.0), gripper=0.0):
    return BodyCommand(
        stamp=0.0,
        effort=np.array(effort),
        twist_base=np.array(twist),
        head=np.zeros(2),
        gripper_m=gripper,
    )


def test_good_commands_pass():
    audit = CommandAudit(LIMITS)
    for effort in ((0.0, 0.0), (1.0, -1.0), (1.5, -0.5)):
        audit.check(command(effort, (0.5, -1.0)))
    assert audit.total == 0 and audit.checked == 3


def test_each_violation_is_counted_by_kind():
    audit = CommandAudit(LIMITS)
    audit.check(command((10.1, 0.0)))
    audit.check(command((9.9, 0.0), (0.51, 0.0)))
    audit.check(command((5.0, 0.0)))
    audit.check(command((np.nan, 0.0)))
    audit.check(command(gripper=np.inf))
    assert audit.violations == {
        "effort": 1,
        "twist": 1,
        "effort rate": 1,
        "not finite": 2,
    }
