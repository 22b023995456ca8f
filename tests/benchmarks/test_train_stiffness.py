"""Training of the stiffness: the flat policy is the real one; a small run ends well."""

import numpy as np
import pytest

from neural_brain.benchmarks import train_stiffness
from neural_brain.benchmarks.train_stiffness import (
    LEARNED,
    SIZES,
    START,
    first_guess,
    score,
    unpack,
)
from neural_brain.models.errors import ModelFileError
from neural_brain.models.motion import Felt, StepConfig, StepPolicy, load_policy

CONFIG = StepConfig()


def start():
    """Parameters of the network before training."""
    return first_guess()[0]


def one(parameters):
    """Tensors of one candidate."""
    return {name: a[0] for name, a in unpack(parameters[None]).items()}


def test_the_untrained_network_walks_straight_with_middling_stiffness():
    policy = StepPolicy(one(start()), CONFIG)
    way = np.array([0.1, 0.0, 0.0, 0.0, 0.0, 0.0])
    chosen = policy.choose(Felt(way=way, velocity=np.zeros(6), wrench=np.zeros(6)))
    assert chosen.step[0] == pytest.approx(CONFIG.step_m * (0.625 + 0.375 * START[0]))
    assert not chosen.step[1:].any()
    assert CONFIG.soft_n_m < chosen.stiffness[0, 0] < CONFIG.stiff_n_m


def test_what_the_plane_cannot_teach_keeps_its_middle_value():
    rng = np.random.default_rng(0)
    tensors = one(start() + rng.standard_normal(start().size))
    assert not tensors["w1"][:, LEARNED:].any() and not tensors["b1"][LEARNED:].any()
    assert tensors["w1"][:, :LEARNED].any()


def test_a_network_that_stands_still_scores_less_than_one_that_moves():
    moving, frozen = start(), start()
    frozen[-LEARNED:] = [-9.0, 0.0, -9.0, -9.0]  # short steps of the softest spring
    seeds, rng = range(2000, 2003), np.random.default_rng(0)
    scores = score(np.array([moving, frozen]), seeds, rng)
    assert scores[0] > scores[1]


def test_only_the_processor_is_offered(tmp_path):
    with pytest.raises(ModelFileError, match="--device cuda"):
        train_stiffness.train(
            tmp_path / "x.safetensors", size="quick", seed=0, device="cuda", card={}
        )


@pytest.mark.slow
def test_a_small_training_gives_a_policy_that_loads(tmp_path):
    path = tmp_path / "stiffness.safetensors"
    metrics = train_stiffness.train(path, size="quick", seed=1, device="cpu", card={})
    assert SIZES["quick"].judged == 1 and 0.0 <= metrics["success, policy"] <= 1.0
    policy = load_policy(path, CONFIG)
    felt = Felt(way=np.ones(6), velocity=np.zeros(6), wrench=np.zeros(6))
    assert np.isfinite(policy.choose(felt).stiffness).all()
