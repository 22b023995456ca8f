"""The Gymnasium environments."""

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import neural_brain.sim.envs  # noqa: F401  (registers the environments)
from neural_brain.models.errors import ConfigError

NAMES = ("neural_brain/Home-v0", "neural_brain/Reach-v0", "neural_brain/Press-v0")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("error:.*:UserWarning:gymnasium")
def test_the_checker_of_gymnasium_accepts_it(name):
    env = gymnasium.make(name)
    check_env(env.unwrapped, skip_render_check=True)
    env.close()


def roll(name, seed):
    env = gymnasium.make(name)
    env.reset(seed=seed)
    env.action_space.seed(seed)
    parts = []
    for _ in range(15):
        observation, reward, *_ = env.step(env.action_space.sample())
        values = (
            observation.values() if isinstance(observation, dict) else [observation]
        )
        parts += [np.asarray(value).tobytes() for value in values]
        parts.append(np.float64(reward).tobytes())
    env.close()
    return b"".join(parts)


@pytest.mark.parametrize("name", NAMES)
def test_one_seed_gives_one_episode_and_another_seed_another(name):
    assert roll(name, 5) == roll(name, 5)
    assert roll(name, 5) != roll(name, 6)


def test_reaching_straight_at_the_target_succeeds():
    env = gymnasium.make("neural_brain/Reach-v0")
    env.reset(seed=1)
    for _ in range(150):
        gap = env.unwrapped.target - env.unwrapped.tip()
        action = np.clip(gap / 0.04, -0.5, 0.5).astype(np.float32)
        _, reward, done, _, info = env.step(action)
        if done:
            break
    assert done
    assert reward > 0.9
    assert info["distance_m"] < 0.02
    env.close()


def test_a_force_controlled_press_succeeds_and_stays_below_the_limit():
    env = gymnasium.make("neural_brain/Press-v0")
    observation, _ = env.reset(seed=2)
    for _ in range(400):
        tip, target, force = observation[14:17], observation[17:20], observation[22]
        gap = target - tip
        down = 0.4 * (force - 10.0) / 10.0 if force > 2.0 else -0.2
        if np.hypot(*gap[:2]) > 0.01 and force < 2.0 and tip[2] - target[2] < 0.03:
            down = 0.0
        action = np.array([gap[0] / 0.04, gap[1] / 0.04, down])
        action = np.clip(action, -0.5, 0.5).astype(np.float32)
        observation, reward, done, _, info = env.step(action)
        if done:
            break
    assert done
    assert reward > 9.0
    assert info["peak_force_n"] < 65.0
    env.close()


def test_driving_towards_an_object_brings_reward_until_it_is_there():
    env = gymnasium.make("neural_brain/Home-v0")
    observation, info = env.reset(seed=3)
    start, total = info["distance_m"], 0.0
    for _ in range(30):
        bearing = np.arctan2(observation["goal"][1], observation["goal"][0])
        forward = 0.5 if abs(bearing) < 0.3 else 0.0
        action = np.array([forward, np.clip(bearing, -1, 1)], dtype=np.float32)
        observation, reward, done, _, info = env.step(action)
        total += reward
        if done:
            break
    assert done or info["distance_m"] < start
    env.close()


def test_the_goal_is_hidden_when_it_must_be_searched():
    env = gymnasium.make("neural_brain/Home-v0", goal_given=False)
    observation, _ = env.reset(seed=3)
    assert not observation["goal"].any()
    env.close()


def test_an_object_that_the_home_lacks_is_refused():
    env = gymnasium.make("neural_brain/Home-v0")
    with pytest.raises(ConfigError, match="no 'dragon'"):
        env.reset(seed=0, options={"category": "dragon"})
    env.close()


@pytest.mark.gl
def test_it_draws_a_picture():
    env = gymnasium.make("neural_brain/Reach-v0", render_mode="rgb_array")
    env.reset(seed=0)
    picture = env.render()
    assert picture.shape == (240, 320, 3)
    assert picture.std() > 10.0
    env.close()
    with pytest.raises(ConfigError, match="rgb_array"):
        gymnasium.make(
            "neural_brain/Reach-v0", render_mode="ascii", disable_env_checker=True
        )
