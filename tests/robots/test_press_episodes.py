"""The press skill drives the arm softly, and through joint positions alone."""

import numpy as np
import pytest

from neural_brain.robots.guarded_arm import GuardedArm, GuardedArmConfig
from neural_brain.robots.press_episodes import (
    BUTTON,
    JOINTS,
    STATE,
    ScriptedPress,
    play_joints,
    play_scripted,
    press_episodes,
    press_state,
)


@pytest.fixture
def arm():
    arm = GuardedArm(GuardedArmConfig(button=True, rate_hz=10.0), seed=1000)
    yield arm
    arm.close()


def check(result):
    assert result.success and not result.stopped
    assert 7.0 < result.button_n < 16.0 and result.peak_n < 25.0
    assert result.outside == 0


def test_the_skill_presses_with_a_soft_hand(arm):
    check(play_scripted(arm))


def test_the_skill_presses_through_joint_positions(arm):
    script = ScriptedPress(arm, 10.0)
    check(play_joints(arm, script.joints, ended=lambda: script.over))


def test_an_arm_that_does_nothing_has_not_pressed(arm):
    still = arm.state.q.copy()
    ticks = iter(range(100))
    result = play_joints(arm, lambda state: still, ended=lambda: next(ticks) > 20)
    assert not result.success and result.button_n == 0.0 and not result.released


def test_pressing_without_leaving_is_no_success(arm):
    script = ScriptedPress(arm, 10.0)
    held = []

    def stay(state):
        q = held[0] if held else script.joints(state)
        if not held and arm.force_n > 8.0:
            held.append(q)
        return q

    result = play_joints(arm, stay, ended=lambda: script.over)
    assert result.pressed_s > 1.0 and not result.released and not result.success


class Shelf:
    """Takes frames instead of a dataset."""

    def __init__(self):
        self.rows = []

    def add(self, frame, known):
        self.rows.append((frame, known))


def test_episodes_hold_what_the_policy_will_see():
    shelf = Shelf()
    assert press_episodes(1, seed=1000, rate_hz=10.0, writer=shelf) == [True]
    frames = [frame for frame, _ in shelf.rows]
    assert len(frames) > 50
    assert all(f.names == STATE and f.action_names == JOINTS for f in frames)
    assert all(set(known) == set(BUTTON) for _, known in shelf.rows)
    steps = np.diff([f.action for f in frames], axis=0)
    assert np.abs(steps).max() < 15.0  # no jumps from inverse kinematics [deg]
    force = np.array([f.state[-1] for f in frames])
    assert force.max() > 5.0  # the press is in the state
    assert len(press_state(GuardedArm(GuardedArmConfig()).state)) == len(STATE)
