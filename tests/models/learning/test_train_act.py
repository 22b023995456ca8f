"""A LeRobot policy learns from a dataset of ours, and comes back from its files."""

import numpy as np
import pytest

pytest.importorskip("lerobot", reason="needs the extra: neural_brain[lerobot]")

from neural_brain.models.errors import ModelFileError
from neural_brain.models.learning.train_act import ActPolicy, ActTraining, train_act
from neural_brain.robots.lerobot_dataset import DatasetWriter, open_dataset
from neural_brain.robots.recordings.frames import Frame

pytestmark = pytest.mark.xdist_group("lerobot")
SMALL = ActTraining(steps=150, batch=16, width=32, chunk=5, executed=5, layers=1)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """The action is the place of the button, whatever the state."""
    folder = tmp_path_factory.mktemp("act") / "set"
    rng = np.random.default_rng(0)
    with DatasetWriter(folder, fps=10, robot="test") as writer:
        for episode in range(20):
            x = rng.uniform(-1.0, 1.0)
            for k in range(15):
                writer.add(
                    Frame(
                        episode=episode,
                        task="go there",
                        names=("a.pos", "b.pos"),
                        state=rng.normal(size=2),
                        action_names=("a.pos", "b.pos"),
                        action=np.array([100.0 * x, -50.0 * x]),
                        stamp=0.1 * k,
                        pictures={},
                        captured={"joints": 0.1 * k},
                    ),
                    {"button.x": x, "button.y": 0.5 * x},
                )
    return open_dataset(folder)


def test_it_learns_saves_and_loads(dataset, tmp_path):
    policy, losses = train_act(dataset, SMALL)
    assert np.mean(losses[-20:]) < 0.5 * np.mean(losses[:20])
    right, left = [], []
    for x, found in ((0.8, right), (-0.8, left)):
        policy.reset()
        found.append(policy.action(np.zeros(2), np.array([x, 0.5 * x])))
    assert right[0][0] > 30.0 > -30.0 > left[0][0]
    policy.save(tmp_path / "policy")
    names = {path.name for path in (tmp_path / "policy").iterdir()}
    assert "model.safetensors" in names
    assert all(name.endswith((".safetensors", ".json")) for name in names)
    loaded = ActPolicy.load(tmp_path / "policy")
    again = loaded.action(np.zeros(2), np.array([-0.8, -0.4]))
    np.testing.assert_allclose(again, left[0], atol=1e-3)
    with pytest.raises(ModelFileError, match=r"config\.json is missing"):
        ActPolicy.load(tmp_path)


def test_one_seed_gives_one_policy_and_the_training_can_be_ended(dataset):
    def three(step, loss):
        return step < 2

    losses = [train_act(dataset, SMALL, go_on=three)[1] for _ in range(2)]
    assert losses[0] == losses[1] and len(losses[0]) == 3
