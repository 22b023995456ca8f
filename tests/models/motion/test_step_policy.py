"""The learned choice of step and stiffness: safe whatever its weights and inputs."""

import numpy as np
import pytest

from neural_brain.models.errors import ModelFileError
from neural_brain.models.impedance import ImpedanceConfig, condition_stiffness
from neural_brain.models.motion import Felt, StepConfig, StepPolicy, load_policy
from neural_brain.models.motion.step_policy import (
    ACTIONS,
    FEATURES,
    VERSION,
    motion_frame,
)
from neural_brain.models.weights import save_weights

CONFIG = StepConfig()


def weights(rng, size=1.0, hidden=5):
    shapes = {
        "w0": (len(FEATURES), hidden),
        "b0": (hidden,),
        "w1": (hidden, len(ACTIONS)),
        "b1": (len(ACTIONS),),
    }
    return {
        name: (size * rng.standard_normal(shape)).astype(np.float32)
        for name, shape in shapes.items()
    }


def felt(rng, scale=1.0):
    return Felt(
        way=scale * 0.05 * rng.standard_normal(6),
        velocity=scale * 0.05 * rng.standard_normal(6),
        wrench=scale * 10.0 * rng.standard_normal(6),
    )


def rotation(rng):
    Q, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    return Q * np.sign(np.linalg.det(Q))


@pytest.mark.parametrize("seed", range(10))
def test_every_stiffness_is_allowed_and_no_step_is_too_long(seed):
    rng = np.random.default_rng(seed)
    policy = StepPolicy(weights(rng, 10.0 ** rng.uniform(-1, 2)), CONFIG)
    for _ in range(50):
        chosen = policy.choose(felt(rng, 10.0 ** rng.uniform(-9, 6)))
        K = chosen.stiffness
        values = np.linalg.eigvalsh(K[:3, :3])
        assert CONFIG.soft_n_m * 0.999 <= values[0]
        assert values[-1] <= CONFIG.stiff_n_m * 1.001
        assert np.linalg.eigvalsh(K)[0] > 0.0
        allowed = condition_stiffness(K, ImpedanceConfig())
        np.testing.assert_allclose(K, allowed, atol=1e-9)
        assert np.linalg.norm(chosen.step[:3]) <= CONFIG.step_m * 1.001
        assert np.linalg.norm(chosen.step[3:]) <= CONFIG.turn_rad * 1.001


def test_what_is_not_finite_means_rest_and_the_softest_spring():
    rng = np.random.default_rng(3)
    policy = StepPolicy(weights(rng), CONFIG)
    good = felt(rng)
    for bad in (np.nan, np.inf):
        wrench = good.wrench.copy()
        wrench[1] = bad
        with np.errstate(invalid="ignore"):
            chosen = policy.choose(
                Felt(way=good.way, velocity=good.velocity, wrench=wrench)
            )
        assert not chosen.step.any()
        assert np.linalg.eigvalsh(chosen.stiffness[:3, :3]).max() == CONFIG.soft_n_m
    assert np.isfinite(policy.choose(good).stiffness).all()


def test_it_acts_alike_in_every_direction():
    rng = np.random.default_rng(4)
    tensors, R = weights(rng), rotation(rng)
    one, two = StepPolicy(tensors, CONFIG), StepPolicy(tensors, CONFIG)
    B = np.kron(np.eye(2), R)
    for _ in range(5):
        here = felt(rng)
        turned = Felt(
            way=B @ here.way, velocity=B @ here.velocity, wrench=B @ here.wrench
        )
        first, second = one.choose(here), two.choose(turned)
        np.testing.assert_allclose(second.step, B @ first.step, atol=1e-9)
        np.testing.assert_allclose(
            second.stiffness, B @ first.stiffness @ B.T, rtol=1e-6, atol=1e-6
        )


def test_what_happened_before_matters_until_a_reset():
    rng = np.random.default_rng(5)
    policy, here = StepPolicy(weights(rng), CONFIG), felt(rng)
    first = policy.choose(here).stiffness
    assert not np.allclose(policy.choose(here).stiffness, first)
    policy.reset()
    np.testing.assert_array_equal(policy.choose(here).stiffness, first)


def test_the_frame_is_a_rotation_even_without_a_way_or_a_force():
    rng = np.random.default_rng(6)
    ways, forces = rng.standard_normal((2, 40, 3))
    ways[0] = forces[1] = 0.0
    forces[2] = -3.0 * ways[2]
    frame, share = motion_frame(ways, forces)
    np.testing.assert_allclose(
        frame @ np.swapaxes(frame, 1, 2), np.broadcast_to(np.eye(3), (40, 3, 3)),
        atol=1e-9,
    )  # fmt: skip
    assert share[1] == 0.0 and (share >= 0.0).all() and (share < 1.0).all()


def test_weights_travel_through_a_file_and_wrong_ones_are_refused(tmp_path):
    rng = np.random.default_rng(7)
    tensors, path = weights(rng), tmp_path / "stiffness.safetensors"
    save_weights(path, tensors, {"model": "stiffness", "version": VERSION})
    here = felt(rng)
    np.testing.assert_array_equal(
        load_policy(path, CONFIG).choose(here).stiffness,
        StepPolicy(tensors, CONFIG).choose(here).stiffness,
    )
    with pytest.raises(ModelFileError, match="lacks the tensors"):
        StepPolicy({"w0": tensors["w0"]}, CONFIG)
    tensors["b1"] = tensors["b1"][:-1]
    with pytest.raises(ModelFileError, match="shapes"):
        StepPolicy(tensors, CONFIG)
