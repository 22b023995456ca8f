"""Planes and self-distance with arms from files: the fast loop in front of each."""

from functools import partial

import numpy as np
import pytest

from neural_brain.models.reflex import WorkspaceConfig
from neural_brain.models.signals import ArmMode, ReflexLevel
from neural_brain.robots import arm_from_file
from neural_brain.robots.arm_file_limits import arm_and_limits
from tests.models.test_fast_places import MM, Robot, limits, plane_beyond
from tests.robots.arms_from_files import make

ARMS = ("made up", "ur5e", "xarm6")
SELF = WorkspaceConfig(self_distance=True)


@pytest.fixture(params=ARMS)
def arm(request, tmp_path):
    """Dynamics, limits and start, all but speeds from the file; inside itself."""
    at = make(request.param, tmp_path)
    _, found = arm_and_limits(at.path, at.ee, at.joints)
    speeds = np.fmin(found.dq_max, 2.0)
    top = limits(found.q_min, found.q_max, speeds, found.effort_max)
    read = partial(arm_from_file, at.path, at.ee, joints=at.joints)
    return (read, top, at.start), at.inside


def test_a_target_behind_a_plane_is_not_followed_there(arm):
    arm, _ = arm
    way = (0.3, -0.3, -1.0)
    plane = plane_beyond(arm, way, 0.04)
    watch = WorkspaceConfig(planes=(plane,))
    robot = Robot(arm, watch)
    robot.run(200).run(1800, T_base_ee=robot.push(way, 0.2))
    assert robot.gaps[0] == pytest.approx(0.04, abs=MM)
    assert min(robot.gaps) > -MM
    assert max(robot.levels[200:]) == ReflexLevel.SLOW
    causes = {event.cause for event in robot.fast.pop_events()}
    assert "workspace plane 1" in causes
    bare = Robot(arm, WorkspaceConfig(), watch=watch)
    bare.run(200).run(1800, T_base_ee=bare.push(way, 0.2))
    assert min(bare.gaps) < -0.03  # without the rule it is crossed


def test_links_keep_apart_from_each_other_and_from_what_is_fixed(arm):
    arm, inside = arm
    robot = Robot(arm, SELF, speed_m_s=0.8)
    begins = robot.gap()
    robot.run(200).run(1800, every=10, mode=ArmMode.JOINT, q_target=inside)
    assert begins > 0.0 and min(robot.gaps) > -MM
    causes = {event.cause for event in robot.fast.pop_events()}
    assert any(cause.startswith("self-distance ") for cause in causes)
    bare = Robot(arm, WorkspaceConfig(), speed_m_s=0.8, watch=SELF)
    bare.run(200).run(1800, every=10, mode=ArmMode.JOINT, q_target=inside)
    assert min(bare.gaps) < -0.02  # without the rule it meets itself
