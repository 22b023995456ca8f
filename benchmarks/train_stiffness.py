"""Recipe of the learned stiffness: evolution in the plane, judged in the full maze.

Candidates of the cross-entropy method go through random flat mazes, all at once, with
random mass, contact stiffness and sensor offset. A round's candidates meet the same
mazes. The force limit is lower than in the benchmark, because the flat hand hits
softer than the arm. Only what the plane exercises is learned: the length of the step,
its bend, and the stiffness along and across the way; the rest keeps its middle value.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.maze_rig import LIMIT_N, SPEED_M_S, run_episode
from neural_brain.models.errors import ModelFileError
from neural_brain.models.geometry import Array
from neural_brain.models.learning import CrossEntropy
from neural_brain.models.motion.contact_step import (
    StepChoice,
    StepConfig,
    StiffnessRule,
)
from neural_brain.models.motion.step_policy import (
    ACTIONS,
    FEATURES,
    VERSION,
    StepMemory,
    StepPolicy,
    answer,
    motion_frame,
    step_of,
    stiffness_of,
)
from neural_brain.models.weights import Tensors, save_weights
from neural_brain.sim.contact_maze import Maze, draw_maze
from neural_brain.sim.flat_maze import STEP_S, FlatMazes, HandLimits

__all__ = ["SHIPPED", "train"]
SHIPPED = None
"""No weights: the rule is better."""
HIDDEN, LEARNED = 8, 4
SAFE_SHARE = 0.8
"""Of the force limit is the limit in the plane."""
HORIZON_S = 16.0
FIRST_SEED, JUDGE_SEED = 2000, 9000
START = np.array([0.8, 0.0, 0.3, -0.3])
"""What the untrained network answers: long steps, straight, of middling stiffness."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Rounds, candidates and mazes of a round, and episodes of the full simulation."""

    rounds: int
    candidates: int
    mazes: int
    judged: int


SIZES = {
    "quick": Recipe(rounds=2, candidates=6, mazes=2, judged=1),
    "full": Recipe(rounds=36, candidates=32, mazes=6, judged=20),
}


def train(
    path: Path, *, size: str, seed: int, device: str, card: dict[str, object]
) -> dict[str, float]:
    """Evolve, judge and write; returns the metrics of the card.

    Raises:
        ModelFileError: if the device is not "cpu".
    """
    if device != "cpu":
        raise ModelFileError(
            f"--device {device} is not for the stiffness: its network is tiny and "
            "trains in minutes on the processor. Leave the option out."
        )
    recipe = SIZES[size]
    best = evolve(recipe, seed)
    tensors = {name: a.astype(np.float32) for name, a in unpack(best[None]).items()}
    tensors = {name: a[0] for name, a in tensors.items()}
    metrics = judged(tensors, recipe.judged)
    full = {
        "model": "stiffness",
        "version": VERSION,
        "data": f"{recipe.rounds} rounds of {recipe.candidates} candidates in "
        f"{recipe.mazes} random flat mazes each; judged in {recipe.judged} mazes of "
        "the full simulation that training did not see",
        "training_seed": seed,
        "metrics": metrics,
        **card,
    }
    save_weights(path, tensors, full)
    return metrics


def evolve(recipe: Recipe, seed: int) -> Array:
    """The parameters (n,) that evolution ends with."""
    rng = np.random.default_rng([seed, 1])
    mean, spread = first_guess()
    search = CrossEntropy(mean, spread, rng)
    bar = tqdm(range(recipe.rounds), desc="rounds")
    for number in bar:
        candidates = search.ask(recipe.candidates)
        first = FIRST_SEED + (number * recipe.mazes) % (JUDGE_SEED - FIRST_SEED)
        scores = score(candidates, range(first, first + recipe.mazes), rng)
        search.tell(candidates, scores)
        bar.set_postfix(mean=f"{scores[0]:.3f}", best=f"{scores.max():.3f}")
    return search.mean


def first_guess() -> tuple[Array, Array]:
    """Where evolution begins: mean and spread (n,) of the parameters."""
    sizes = [len(FEATURES) * HIDDEN, HIDDEN, HIDDEN * LEARNED, LEARNED]
    spread = np.repeat([0.3, 0.3, 0.4, 0.4], sizes)
    mean = np.zeros(spread.size)
    mean[-LEARNED:] = np.arctanh(START)
    return mean, spread


def score(candidates: Array, seeds: range, rng: np.random.Generator) -> Array:
    """Mean score (count,) of candidates (count, n) in these mazes."""
    mazes = [draw_maze(np.random.default_rng(s)) for s in seeds]
    count, k = len(candidates), len(mazes)
    ended, time_s, along = play(np.repeat(candidates, k, axis=0), mazes * count, rng)
    won = 1.0 + 0.4 * (1.0 - time_s / HORIZON_S)
    value = np.where(ended > 0, won, np.where(ended < 0, along - 1.5, 0.5 * along))
    return np.asarray(value.reshape(count, k).mean(axis=1))


def play(
    parameters: Array, mazes: list[Maze], rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """How each parameter vector (b, n) does in its flat maze: ended, time, progress."""
    limits = HandLimits(speed_m_s=SPEED_M_S, limit_n=SAFE_SHARE * LIMIT_N)
    world = FlatMazes(mazes, limits, rng)
    net = [a if a.ndim == 3 else a[:, None] for a in unpack(parameters).values()]
    memory, config = StepMemory((len(mazes),)), StepConfig()
    rows = np.arange(len(mazes))
    ended, time_s, along = (np.zeros(len(mazes)) for _ in range(3))
    for _ in range(round(HORIZON_S / STEP_S)):
        act(world, memory, net, config)
        ended[rows], time_s[rows] = world.ended, world.time_s
        along[rows] = world.along
        running = world.ended == 0
        if running.mean() < 0.8:
            if not running.any():
                break
            rows, net = rows[running], [a[running] for a in net]
            world.keep(running)
            memory.keep(running)
    return ended, time_s, along


def act(
    world: FlatMazes, memory: StepMemory, net: list[Array], config: StepConfig
) -> None:
    """One step of every hand by its network."""
    force, velocity = solid(world.measured()), solid(world.velocity)
    whole = solid(world.way())
    length = np.linalg.norm(whole, axis=1, keepdims=True)
    way = whole * np.minimum(1.0, config.step_m / np.maximum(length, 1e-9))
    frame, share = motion_frame(way, force)
    seen = memory.features(frame, (whole / config.step_m, velocity, force))
    action = answer(net, seen[:, None])[:, 0]
    memory.last = action[:, 2]
    k = stiffness_of(action, config)
    across = k[:, 2] + share * (k[:, 1] - k[:, 2])
    step = step_of(action, way, frame, share)
    both = np.stack([k[:, 0], across], axis=1)
    world.step(step[:, :2], frame[:, 0, :2], both)


def solid(flat: Array) -> Array:
    """Vectors (b, 2) of the plane in space (b, 3)."""
    return np.concatenate([flat, np.zeros((len(flat), 1))], axis=1)


def unpack(parameters: Array) -> Tensors:
    """Weights of networks from parameter vectors (b, n)."""
    inputs, rest = len(FEATURES), len(ACTIONS) - LEARNED
    ends = np.cumsum([inputs * HIDDEN, HIDDEN, HIDDEN * LEARNED, LEARNED])
    w0, b0, w1, b1 = np.split(parameters, ends[:-1], axis=1)
    b = len(parameters)
    w1 = np.concatenate(
        [w1.reshape(b, HIDDEN, LEARNED), np.zeros((b, HIDDEN, rest))], axis=2
    )
    b1 = np.concatenate([b1, np.zeros((b, rest))], axis=1)
    return {"w0": w0.reshape(b, inputs, HIDDEN), "b0": b0, "w1": w1, "b1": b1}


def judged(tensors: Tensors, count: int) -> dict[str, float]:
    """Success and violations in the full simulation, beside those of the rule."""
    config, found = StepConfig(), {}
    choices: dict[str, StepChoice] = {
        "policy": StepPolicy(tensors, config),
        "rule": StiffnessRule(config),
    }
    for name, choice in choices.items():
        runs = []
        for seed in tqdm(range(JUDGE_SEED, JUDGE_SEED + count), desc=name):
            maze = draw_maze(np.random.default_rng(seed))
            runs.append(run_episode(maze, choice, reflex=False, seed=seed))
        ends = [run.ended for run in runs]
        found[f"success, {name}"] = ends.count("goal") / count
        found[f"violations, {name}"] = ends.count("violation") / count
        found[f"time [s], {name}"] = float(np.mean([run.time_s for run in runs]))
    return found
