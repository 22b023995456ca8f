"""The shield: of the actions whose risk is low enough, the nearest to the wish.

A recovery policy that is trained to run away from all risk runs away from the goal,
too, and task and recovery then take turns for the rest of the episode. A shield changes
as little as the critic allows. Recovery RL has the same choice without the nearness:
the least risk among random actions (arXiv:2010.15920).
"""

from __future__ import annotations

import numpy as np

from neural_brain.benchmarks.gust_tasks import Task, sense
from neural_brain.models.geometry import Array
from neural_brain.models.learning import RiskTrainer

SIDE = np.linspace(-1.0, 1.0, 5)
CANDIDATES: Array = np.stack(np.meshgrid(SIDE, SIDE), axis=-1).reshape(-1, 2)
"""What is tried (25, 2)."""


def shielded(
    trainer: RiskTrainer,
    task: Task,
    state: Array,
    wish: Array,
    *,
    risk_max: float,
    asked: np.ndarray,
) -> tuple[Array, np.ndarray]:
    """The action (runs, n, 2), and where (runs, n) it is not what was wished.

    Where no candidate's risk is low enough, the one with the least.

    Args:
        trainer: its critics, one a run.
        task: where the boxes are.
        state: place and felt push (runs, n, 4).
        wish: what would be done without the shield (runs, n, 2).
        risk_max: the highest risk that is allowed.
        asked: where it acts at all (runs, n).
    """
    acts = asked & (trainer.risk(sense(task, state, wish)) > risk_max)
    most = int(acts.sum(axis=1).max())
    if most == 0:
        return wish, acts
    # every run looks at as many rows; those that need it come first
    rows = np.argsort(~acts, axis=1, kind="stable")[:, :most]
    run = np.arange(len(rows))[:, None]
    instead = _nearest(trainer, task, state[run, rows], wish[run, rows], risk_max)
    action = wish.copy()
    action[run, rows] = np.where(acts[run, rows][..., None], instead, wish[run, rows])
    return action, acts


def _nearest(
    trainer: RiskTrainer, task: Task, state: Array, wish: Array, risk_max: float
) -> Array:
    shape = (*state.shape[:2], len(CANDIDATES))
    tried = np.broadcast_to(CANDIDATES, (*shape, 2))
    states = np.broadcast_to(state[:, :, None], (*shape, 4))
    seen = sense(task, states, tried)
    risk = trainer.risk(seen.reshape(shape[0], -1, seen.shape[-1])).reshape(shape)
    far = np.linalg.norm(tried - wish[:, :, None], axis=-1)
    # 100 is more than any distance, so any safe action comes before all others
    order = np.where(risk <= risk_max, far, 100.0 + risk)
    return CANDIDATES[order.argmin(axis=-1)]
