"""Training of the safety critic and its recovery policy, several runs side by side.

    y = c + gamma max(Qbar_1, Qbar_2)(s', a')      (Bellman backup of the risk)
    L = sum_i (Q_i(s, a) - y)^2,   pi_rec = argmin max(Q_1, Q_2)(s, pi_rec(s))

with c the discounted violation on the way from s to s', a the action that was
*executed* in s, and a' the one that was proposed in s' (Thananjeyan et al. 2021,
arXiv:2010.15920; on intermediate actions as in Bresa, arXiv:2503.21989). What differs
from a critic of decisions is only which steps the transitions are made of. The runs
share nothing but the arithmetic: their weights are stacked, so that ten seeds cost
little more than one.

What the policy chooses need not be the action itself: `perform` says which action comes
of a choice, so that a policy can be kept from anything that a rule would forbid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from neural_brain.models.config import param, validate
from neural_brain.models.geometry import Array
from neural_brain.models.learning.torch_extra import import_torch
from neural_brain.models.reflex.recovery import PREFIX
from neural_brain.models.reflex.risk_net import LAYERS
from neural_brain.models.weights import Tensors

ACTOR_EVERY = 2
"""Gradient steps of the critic for one of the recovery policy."""


@dataclass(frozen=True, kw_only=True)
class ReflexTraining:
    """How the critic is trained."""

    width: int = param(32, "units per hidden layer", low=4, high=512)
    batch: int = param(128, "transitions per step", low=8, high=65536)
    learning_rate: float = param(1e-3, "of Adam", low=1e-6, high=0.1)
    target_share: float = param(
        0.01, "of the new weights in the slow copy, each step", low=1e-5, high=1.0
    )
    violating_share: float = param(
        0.3, "of a batch drawn from steps into a violation", low=0.0, high=0.9
    )
    recovers: bool = param(True, "train a recovery policy beside the critic")
    seed: int = param(0, "of initial weights and batches", low=0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class RiskData:
    """Steps of several runs, in the order in which they were made.

    Attributes:
        inputs: state and executed action (runs, n, s + a).
        costs: discounted violation until the next input (runs, n), 0..1.
        discounts: of the risk from the next input on (runs, n); 0 after a violation or
            where nothing can happen any more.
        next_inputs: next state and the action proposed there (runs, n, s + a).
    """

    inputs: Array
    costs: Array
    discounts: Array
    next_inputs: Array

    def joined(self, other: RiskData) -> RiskData:
        """The steps of both, these first."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        parts = [np.concatenate(pair, axis=1) for pair in pairs]
        return RiskData(
            **{name: part for name, part in zip(vars(self), parts, strict=True)}
        )


class RiskTrainer:
    """Twin critics, their slow copies and recovery policies of all runs.

    Args:
        config: sizes and rates.
        data: first steps; they also fix the scaling of the inputs.
        actions: how many of the last inputs are the action.
        perform: inputs (runs, n, s + a) with the action that comes of what the policy
            chose (runs, n, choices), each in -1..1; the choice is the action when None.
        choices: outputs of the policy; as many as the action has when None.

    Raises:
        ModelFileError: if the `[learn]` extra (torch) is not installed.
    """

    def __init__(
        self,
        config: ReflexTraining,
        data: RiskData,
        actions: int,
        *,
        perform: Callable[[Any, Any], Any] | None = None,
        choices: int | None = None,
    ) -> None:
        torch = self._torch
        self.config = config
        self.data = data
        runs, _, inputs = data.inputs.shape
        self._states = inputs - actions
        generator = torch.Generator().manual_seed(config.seed)
        self._rng = np.random.default_rng(config.seed)
        self.mean = data.inputs.mean(axis=1)
        self.std = np.maximum(data.inputs.std(axis=1), 1e-3)
        self._offset = torch.as_tensor(self.mean).float()[:, None, None]
        self._scale = torch.as_tensor(1.0 / self.std).float()[:, None, None]
        self._critic = self._net((runs, 2), inputs, 1, generator)
        self._slow = [value.detach().clone() for value in self._critic]
        self._perform = perform or self._replaced
        self._actor = self._net((runs, 1), self._states, choices or actions, generator)
        rate = config.learning_rate
        self._critic_adam = torch.optim.Adam(self._critic, rate)
        self._count = 0
        self._actor_adam = torch.optim.Adam(self._actor, rate)

    @property
    def _torch(self) -> Any:
        return import_torch()

    def update(self, steps: int) -> float:
        """Take gradient steps on random batches; returns the last critic loss."""
        loss = 0.0
        for weight, x, cost, discount, next_x in self._batches(steps):
            with self._torch.no_grad():
                ahead = self._q(self._slow, next_x).amax(dim=1)
                y = cost + discount * ahead
            error = self._q(self._critic, x) - y[:, None]
            found = (weight[:, None] * error**2).mean(dim=(1, 2)).sum()
            _descend(self._critic_adam, found)
            loss = float(found.detach()) / len(x)
            self._count += 1
            if self.config.recovers and self._count % ACTOR_EVERY == 0:
                self._improve_actor(x)
            self._follow()
        return loss

    def risk(self, inputs: Array) -> Array:
        """Pessimistic risk (runs, n) of inputs (runs, n, s + a)."""
        with self._torch.no_grad():
            x = self._torch.as_tensor(inputs).float()
            found = self._q(self._critic, x).amax(dim=1)
        return np.asarray(found.numpy(), float)

    def recover(self, states: Array) -> Array:
        """What the policy chooses (runs, n, choices), -1..1, in states (runs, n, s)."""
        with self._torch.no_grad():
            found = self._act(self._torch.as_tensor(states).float())
        return np.asarray(found.numpy(), float)

    def tensors(self, run: int = 0) -> Tensors:
        """The critic of one run as `RiskNet` reads it, without its calibration."""
        found = {}
        for i in range(LAYERS):
            w, b = self._critic[2 * i][run], self._critic[2 * i + 1][run, :, 0]
            found[f"w{i}"] = w.detach().numpy().copy()
            found[f"b{i}"] = b.detach().numpy().copy()
        found["input_mean"] = self.mean[run].astype(np.float32)
        found["input_std"] = self.std[run].astype(np.float32)
        return found

    def recovery_tensors(self, run: int = 0) -> Tensors:
        """The recovery policy of one run as `RecoveryNet` reads it."""
        found = {}
        for i in range(LAYERS):
            w, b = self._actor[2 * i][run, 0], self._actor[2 * i + 1][run, 0, 0]
            found[f"{PREFIX}w{i}"] = w.detach().numpy().copy()
            found[f"{PREFIX}b{i}"] = b.detach().numpy().copy()
        return found

    def _batches(self, steps: int) -> Any:
        """Random steps of every run, more of them into violations than there are.

        The first array holds weights that undo this choice in the mean: without them
        the rare violations would be taken for frequent ones.
        """
        torch, data, config = self._torch, self.data, self.config
        runs, count = data.costs.shape
        share = config.violating_share
        hot = round(share * config.batch)
        rows = np.arange(runs)[:, None]
        violating = [np.flatnonzero(cost) for cost in data.costs]
        weights = np.full((runs, count), 1.0)
        for weight, found in zip(weights, violating, strict=True):
            if found.size and hot:
                weight[:] = 1.0 / (1.0 - share)
                weight[found] = 1.0 / (share * count / found.size + 1.0 - share)
        for _ in range(steps):
            pick = self._rng.integers(0, count, (runs, config.batch))
            for run, found in enumerate(violating):
                if found.size and hot:
                    pick[run, :hot] = self._rng.choice(found, hot)
            yield tuple(
                torch.as_tensor(values[rows, pick]).float()
                for values in (weights, *vars(data).values())
            )

    def _net(
        self, stack: tuple[int, ...], inputs: int, outputs: int, generator: Any
    ) -> list[Any]:
        torch, sizes = self._torch, [inputs] + [self.config.width] * (LAYERS - 1)
        values = []
        for before, after in zip(sizes, [*sizes[1:], outputs], strict=True):
            w = torch.randn((*stack, before, after), generator=generator)
            values.append((w / before**0.5).requires_grad_())
            values.append(torch.zeros((*stack, 1, after)).requires_grad_())
        return values

    def _q(self, net: list[Any], x: Any) -> Any:
        """Risks (runs, 2, n) of inputs (runs, n, s + a)."""
        z = (x[:, None] - self._offset) * self._scale
        return self._torch.sigmoid(self._forward(net, z))[..., 0]

    def _act(self, states: Any) -> Any:
        first = self._states
        z = (states[:, None] - self._offset[..., :first]) * self._scale[..., :first]
        return self._torch.tanh(self._forward(self._actor, z))[:, 0]

    def _forward(self, net: list[Any], z: Any) -> Any:
        for i in range(LAYERS):
            z = self._torch.matmul(z, net[2 * i]) + net[2 * i + 1]
            if i < LAYERS - 1:
                z = self._torch.relu(z)
        return z

    def _improve_actor(self, x: Any) -> None:
        states = x[..., : self._states]
        tried = self._perform(x, self._act(states))
        risk = self._q(self._critic, tried).amax(dim=1)
        _descend(self._actor_adam, risk.mean(dim=1).sum())

    def _replaced(self, x: Any, chosen: Any) -> Any:
        return self._torch.cat((x[..., : self._states], chosen), dim=-1)

    def _follow(self) -> None:
        share = self.config.target_share
        with self._torch.no_grad():
            for slow, new in zip(self._slow, self._critic, strict=True):
                slow.lerp_(new, share)


def _descend(optimiser: Any, loss: Any) -> None:
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
