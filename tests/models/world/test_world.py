import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.signals import BodyCommand, BodyState
from neural_brain.models.world import (
    CHANNELS,
    STEP_S,
    WorldConfig,
    WorldModel,
    channel_nll,
    channels_of,
)
from neural_brain.models.world.words import sentence

NOISE = np.array([0.005, 0.01, 0.005, 0.05, 0.05, *[0.15] * 3, *[0.01] * 3])


def body(t, rng, wrench=(0, 0, 0), twist=(0.0, 0.0), joints=7):
    noise = rng.normal(size=11) * NOISE
    speed = np.array(twist, float) + noise[:2]
    return BodyState(
        stamp=t,
        q=np.zeros(joints),
        dq=np.zeros(joints),
        effort=np.zeros(joints),
        twist_base=speed,
        pose_odom_base=np.zeros(3),
        wrench_ee=np.array([*wrench, 0.0, 0.0, 0.0]) + noise[5:],
        bumper=np.zeros(4, bool),
        gyro=np.array([0.0, 0.0, twist[1] + noise[2]]),
        accel=np.array([noise[3], noise[4], 9.81]),
        head=np.zeros(2),
        gripper_m=0.0,
        battery=1.0,
    )


def command(t, joints=7):
    return BodyCommand(
        stamp=t,
        effort=np.zeros(joints),
        twist_base=np.zeros(2),
        head=np.zeros(2),
        gripper_m=0.0,
    )


def calm(world, seconds=5.0, start=0.0, seed=0, joints=7):
    rng = np.random.default_rng(seed)
    times = start + STEP_S * np.arange(round(seconds / STEP_S))
    return [
        world.step(t, body(t, rng, joints=joints), command(t, joints)) for t in times
    ]


@pytest.fixture
def world():
    return WorldModel(WorldConfig())


def test_a_standing_robot_is_not_surprised(world):
    told = [s for s in calm(world, 30.0) if s is not None]
    assert len(told) > 500
    assert np.mean([s.z > 4.0 for s in told]) < 0.01


def test_nothing_is_told_before_the_model_settled(world):
    assert all(s is None for s in calm(world, 0.9))


def test_a_shove_of_the_hand_surprises_and_is_said_in_words(world):
    usual = calm(world)
    t = 5.0
    seen = world.step(t, body(t, np.random.default_rng(1), (0, -22.0, 0)), command(t))
    assert seen.z > 4.0 and seen.z > 3.0 * max(s.z for s in usual if s)
    assert seen.channel == "force y"
    assert "to the right" in seen.text and "N" in seen.text


def test_being_moved_without_a_command_surprises(world):
    calm(world)
    t = 5.0
    moved = body(t, np.random.default_rng(1), twist=(0.5, 0.0))
    seen = world.step(t, moved, command(t))
    assert seen.z > 4.0 and seen.channel == "forward speed"
    assert "I moved" in seen.text


def test_arms_with_other_numbers_of_joints_work(world):
    assert calm(world, 3.0, joints=6)[-1] is not None


def test_numbers_that_are_not_finite_are_an_alarm(world):
    calm(world)
    rng = np.random.default_rng(1)
    seen = world.step(5.0, body(5.0, rng, (np.nan, 0, 0)), command(5.0))
    assert seen.z == world.config.alarm_z and seen.channel == "force x"
    assert np.isfinite([s.z for s in calm(world, 2.0, start=5.05) if s]).all()


def test_silence_is_an_alarm(world):
    calm(world)
    seen = world.step(7.0, body(7.0, np.random.default_rng(1)), command(7.0))
    assert seen.channel == "silence" and seen.z == world.config.alarm_z


def test_two_equal_runs_are_equal():
    a, b = (calm(WorldModel(WorldConfig()), 3.0) for _ in range(2))
    assert a == b


def test_long_surprise_does_not_become_usual_at_once(world):
    calm(world)
    rng = np.random.default_rng(2)
    for i in range(20):
        t = 5.0 + i * STEP_S
        seen = world.step(t, body(t, rng, (30.0 * (i % 2), 0, 0)), command(t))
    assert seen.z > 4.0


def test_channels_are_finite_and_named():
    x = channels_of(body(0.0, np.random.default_rng(0)))
    assert x.shape == (len(CHANNELS),) and np.isfinite(x).all()


def test_nll_is_least_at_the_mean_and_grows_linearly_far_off():
    gap = np.array([0.0, 1.0, 10.0, 20.0, 30.0])
    nll = channel_nll(gap, np.zeros(5), np.ones(5))
    assert np.all(np.diff(nll) > 0)
    assert nll[4] - nll[3] == pytest.approx(nll[3] - nll[2])


@pytest.mark.parametrize("channel", range(len(CHANNELS)))
def test_every_channel_has_a_sentence(channel):
    seen = np.zeros(len(CHANNELS))
    seen[channel] = 2.0
    assert len(sentence(channel, seen, np.zeros(len(CHANNELS)))) > 10


def test_missing_weights_name_file_and_remedy(tmp_path):
    with pytest.raises(ModelFileError, match=r"no\.json.*neural-brain train world"):
        WorldModel(WorldConfig(weights=str(tmp_path / "no.safetensors")))
