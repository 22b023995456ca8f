"""A small ACT policy of LeRobot, trained on a dataset without pictures.

Action chunking with transformers: Zhao et al. 2023, arXiv:2304.13705; the network, its
loss and its normalisation are LeRobot's own. The policy sees `observation.state` and
`observation.environment_state`; without pictures a step takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.learning.lerobot_extra import import_lerobot
from neural_brain.models.learning.torch_extra import import_torch

STATE, WORLD, ACTION = "observation.state", "observation.environment_state", "action"


@dataclass(frozen=True, kw_only=True)
class ActTraining:
    """Size of the network and length of the training."""

    steps: int = param(3000, "gradient steps", low=1, high=10_000_000)
    batch: int = param(32, "moments per step", low=1, high=4096)
    learning_rate: float = param(3e-4, "of AdamW, falling to 0", low=1e-6, high=0.1)
    width: int = param(128, "of the transformer", low=8, high=1024)
    chunk: int = param(40, "actions that are predicted at once", low=1, high=400)
    executed: int = param(20, "of them before it looks again", low=1, high=400)
    layers: int = param(2, "of the encoders", low=1, high=12)
    latent: bool = param(False, "ACT's variational part, for demonstrations that vary")
    seed: int = param(0, "of weights and batches", low=0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


class ActPolicy:
    """A trained policy with its normalisation.

    Args:
        policy: LeRobot's policy.
        before, after: its processors.
    """

    def __init__(self, policy: Any, before: Any, after: Any) -> None:
        self._policy, self._before, self._after = policy, before, after
        self._torch = import_torch()
        self._policy.eval()

    def reset(self) -> None:
        """Forget the chunk under way: a new episode begins."""
        self._policy.reset()

    def action(self, state: Array, world: Array) -> Array:
        """The next action.

        Args:
            state: `observation.state` as in the dataset.
            world: `observation.environment_state` likewise.
        """
        tensor = self._torch.as_tensor
        seen = {
            STATE: tensor(np.asarray(state, np.float32)),
            WORLD: tensor(np.asarray(world, np.float32)),
        }
        with self._torch.inference_mode():
            chosen = self._after(self._policy.select_action(self._before(seen)))
        return np.asarray(chosen, dtype=np.float64).ravel()

    def save(self, folder: Path) -> None:
        """Write it as LeRobot does: safetensors and JSON."""
        for part in (self._policy, self._before, self._after):
            part.save_pretrained(folder)

    @staticmethod
    def load(folder: Path) -> ActPolicy:
        """A policy that `save`, or lerobot-train, wrote.

        Raises:
            ModelFileError: if there is none in the folder.
        """
        if not (folder / "config.json").is_file():
            raise ModelFileError(
                f"There is no policy in {folder}: config.json is missing. Give a "
                "folder that was written by save() or by lerobot-train."
            )
        acts = import_lerobot("lerobot.policies.act.modeling_act")
        factory = import_lerobot("lerobot.policies.factory")
        policy = acts.ACTPolicy.from_pretrained(folder, local_files_only=True)
        before, after = factory.make_pre_post_processors(
            policy.config, pretrained_path=str(folder)
        )
        return ActPolicy(policy, before, after)


def train_act(
    dataset: Any,
    config: ActTraining,
    *,
    go_on: Callable[[int, float], bool] | None = None,
) -> tuple[ActPolicy, list[float]]:
    """Train on a LeRobotDataset.

    Args:
        dataset: with state, environment state and action, without pictures.
        config: size and length.
        go_on: called with step and loss; False ends the training early.

    Returns:
        The policy and the losses.
    """
    torch = import_torch()
    torch.manual_seed(config.seed)
    policy, before, after = _make(dataset, config)
    rows = {key: _column(dataset, key) for key in (STATE, WORLD, ACTION)}
    last = _last_of_episode(dataset)
    optimiser = torch.optim.AdamW(policy.parameters(), config.learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, config.learning_rate, total_steps=config.steps + 1
    )
    rng = np.random.default_rng(config.seed)
    losses: list[float] = []
    policy.train()
    for step in range(config.steps):
        pick = rng.integers(0, len(last), config.batch)
        chunk = pick[:, None] + np.arange(config.chunk)
        inside = np.minimum(chunk, last[pick][:, None])
        batch = {key: torch.as_tensor(rows[key][pick]) for key in (STATE, WORLD)}
        batch[ACTION] = torch.as_tensor(rows[ACTION][inside])
        batch["action_is_pad"] = torch.as_tensor(chunk > inside)
        loss, _ = policy.forward(before(batch))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(policy.parameters(), 10.0)
        optimiser.step()
        schedule.step()
        losses.append(float(loss.detach()))
        if go_on is not None and not go_on(step, losses[-1]):
            break
    return ActPolicy(policy, before, after), losses


def _make(dataset: Any, config: ActTraining) -> tuple[Any, Any, Any]:
    """LeRobot's policy and processors for the features of a dataset."""
    acts = import_lerobot("lerobot.policies.act.modeling_act")
    kinds = import_lerobot("lerobot.configs.types")
    factory = import_lerobot("lerobot.policies.factory")

    def feature(kind: Any, key: str) -> Any:
        shape = tuple(dataset.meta.features[key]["shape"])
        return kinds.PolicyFeature(type=kind, shape=shape)

    normal = kinds.NormalizationMode.MEAN_STD
    settings = acts.ACTConfig(
        input_features={
            STATE: feature(kinds.FeatureType.STATE, STATE),
            WORLD: feature(kinds.FeatureType.ENV, WORLD),
        },
        output_features={ACTION: feature(kinds.FeatureType.ACTION, ACTION)},
        # Without ENV the place of the button would reach the network unscaled.
        normalization_mapping=dict.fromkeys(("STATE", "ENV", "ACTION"), normal),
        chunk_size=config.chunk,
        n_action_steps=min(config.executed, config.chunk),
        dim_model=config.width,
        dim_feedforward=2 * config.width,
        n_heads=4,
        n_encoder_layers=config.layers,
        n_vae_encoder_layers=config.layers,
        use_vae=config.latent,
        pretrained_backbone_weights=None,
        device="cpu",
        push_to_hub=False,
    )
    before, after = factory.make_pre_post_processors(
        settings, dataset_stats=dataset.meta.stats
    )
    return acts.ACTPolicy(settings), before, after


def _column(dataset: Any, key: str) -> Any:
    """One feature of all frames (n, d) float32."""
    column = dataset.hf_dataset.with_format("numpy")[key]
    return np.asarray(column[:], dtype=np.float32)


def _last_of_episode(dataset: Any) -> Any:
    """For each frame, the number of the last frame of its episode (n,)."""
    column = dataset.hf_dataset.with_format("numpy")["episode_index"]
    episode = np.asarray(column[:]).ravel()
    ends = np.flatnonzero(np.append(np.diff(episode) != 0, True))
    return ends[np.searchsorted(ends, np.arange(len(episode)))]
