"""A LeRobot policy that learned to press a button from the scripted skill.

The brain's press skill presses buttons in simulation; ACT, LeRobot's policy, is trained
on these episodes for some minutes on a processor, told the joints, their speeds, the
force at the wrist and where the button is. On buttons that nobody has seen before, all
ways to press drive the same arm behind the same reflex. It says what a small budget
gives, not what ACT can do: no pictures, one thing, no disturbances.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.geometry import Array
from neural_brain.models.learning.train_act import (
    ACTION,
    WORLD,
    ActPolicy,
    ActTraining,
    train_act,
)
from neural_brain.models.signals import BodyState
from neural_brain.robots.guarded_arm import GuardedArm, GuardedArmConfig
from neural_brain.robots.lerobot_dataset import DatasetWriter, open_dataset
from neural_brain.robots.press_episodes import (
    PressResult,
    ScriptedPress,
    play_joints,
    play_scripted,
    press_episodes,
    press_state,
)

HELP = "a LeRobot policy against the scripted press skill, behind the same reflex"
RATE_HZ = 10
DEMOS_FROM, BUTTONS_FROM = 1_000, 10_000
SCRIPT, JOINTS = "scripted skill", "scripted skill by joints"
NEAREST, MEAN, ACT = "nearest demonstration", "mean demonstration", "ACT"


@dataclass(frozen=True, kw_only=True)
class Demonstrations:
    """What was shown: for each episode its button (3,) and actions (t, 7) [deg]."""

    buttons: Array
    actions: list[Array]

    def nearest(self, button: Array) -> Array:
        """The actions for the button that was nearest to this one."""
        return self.actions[
            int(np.argmin(np.linalg.norm(self.buttons - button, axis=1)))
        ]

    def mean(self) -> Array:
        """The actions averaged over all episodes, each held at its end."""
        longest = max(map(len, self.actions))
        held = [
            np.pad(a, ((0, longest - len(a)), (0, 0)), "edge") for a in self.actions
        ]
        return np.asarray(np.mean(held, axis=0))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--demos", type=int, default=60, help="episodes to learn from")
    parser.add_argument("--steps", type=int, default=3000, help="of the training")
    parser.add_argument("--buttons", type=int, default=20, help="unseen ones to press")
    parser.add_argument("--first", type=int, default=BUTTONS_FROM, help="seed of those")
    parser.add_argument("--dataset", type=Path, help="demonstrations that are there")
    parser.add_argument("--save", type=Path, help="folder for the trained policy")
    parser.add_argument("--policy", type=Path, help="one from --save; no training")


def run(args: argparse.Namespace) -> dict[str, object]:
    """Show, train, press, print and write the result."""
    with tempfile.TemporaryDirectory() as folder:
        path = args.dataset or Path(folder, "demonstrations")
        if args.dataset is None:
            with DatasetWriter(path, fps=RATE_HZ, robot="neural_brain") as writer:
                press_episodes(
                    args.demos, seed=DEMOS_FROM, rate_hz=RATE_HZ, writer=writer
                )
        dataset = open_dataset(path)
        shown = demonstrations(dataset)
        policy, training = _policy(args, dataset)
    if args.save is not None:
        policy.save(args.save)
    seeds = list(range(args.first, args.first + args.buttons))
    results, thinking_ms = press_all(policy, shown, seeds)
    metrics = summarise(results, thinking_ms)
    print(table(metrics))
    notes = {
        "training": {
            "demonstrations": len(shown.actions),
            "frames": dataset.num_frames,
            "lerobot": importlib.metadata.version("lerobot"),
            **training,
        }
    }
    path = write_result("lerobot-act", metrics, seeds=seeds, out=args.out, notes=notes)
    print(f"\nTraining: {training}\nWritten to {path}")
    return {"metrics": metrics, "path": path}


def _policy(args: argparse.Namespace, dataset: Any) -> tuple[ActPolicy, dict[str, Any]]:
    """A policy, trained now or before, and what is known of its training."""
    if args.policy is not None:
        return ActPolicy.load(args.policy), {"loaded": True}
    started = time.process_time()
    policy, losses = train_act(dataset, ActTraining(steps=args.steps))
    minutes = (time.process_time() - started) / 60.0
    return policy, {
        "steps": args.steps,
        "cpu_minutes": round(minutes, 2),
        "last_loss": round(float(np.mean(losses[-50:])), 4),
    }


def demonstrations(dataset: Any) -> Demonstrations:
    """The episodes of a LeRobotDataset."""
    columns = dataset.hf_dataset.with_format("numpy")
    episode = np.asarray(columns["episode_index"][:]).ravel()
    actions, buttons = np.array(columns[ACTION][:]), np.array(columns[WORLD][:])
    starts = np.flatnonzero(np.append(True, np.diff(episode) != 0))
    return Demonstrations(
        buttons=buttons[starts], actions=np.split(actions, starts[1:])
    )


def press_all(
    policy: ActPolicy, shown: Demonstrations, seeds: list[int]
) -> tuple[dict[str, list[PressResult]], list[float]]:
    """Every way presses every button; also how long ACT thought each time [ms]."""
    arm = GuardedArm(GuardedArmConfig(button=True, rate_hz=RATE_HZ))
    thinking_ms: list[float] = []

    def by_act(state: BodyState) -> Array:
        started = time.process_time()
        chosen = policy.action(press_state(state), arm.button)
        thinking_ms.append(1e3 * (time.process_time() - started))
        return np.radians(chosen)

    def by_script() -> PressResult:
        script = ScriptedPress(arm, RATE_HZ)
        return play_joints(arm, script.joints, ended=lambda: script.over)

    def act() -> PressResult:
        policy.reset()
        return play_joints(arm, by_act, stop_when_done=True)

    ways: dict[str, Callable[[], PressResult]] = {
        ACT: act,
        SCRIPT: lambda: play_scripted(arm),
        JOINTS: by_script,
        NEAREST: lambda: replay(arm, shown.nearest(arm.button)),
        MEAN: lambda: replay(arm, shown.mean()),
    }
    results: dict[str, list[PressResult]] = {name: [] for name in ways}
    try:
        for seed in seeds:
            for name, way in ways.items():
                arm.reset(seed)
                results[name].append(way())
    finally:
        arm.close()
    return results, thinking_ms


def replay(arm: GuardedArm, actions: Array) -> PressResult:
    """Play actions (t, 7) [deg] one after the other."""
    rows = list(np.radians(actions))
    return play_joints(arm, lambda state: rows.pop(0), ended=lambda: not rows)


def summarise(
    results: dict[str, list[PressResult]], thinking_ms: list[float]
) -> list[Metric]:
    """The table: ACT first, all others beside it."""

    def all_of(read: Callable[[PressResult], float]) -> dict[str, list[float]]:
        return {name: [read(r) for r in done] for name, done in results.items()}

    def metric(
        name: str, read: Callable[[PressResult], float], unit: str, goal: str = ""
    ) -> Metric:
        values = all_of(read)
        mine = values.pop(ACT)
        others = {key: float(np.mean(value)) for key, value in values.items()}
        return mean_metric(name, mine, unit, goal=goal, baseline=others)

    script = float(np.mean([r.success for r in results[SCRIPT]]))
    return [
        metric("buttons pressed", lambda r: r.success, "", f">= {0.8 * script:.3g}"),
        metric("force on the button", lambda r: r.button_n, "N"),
        metric("greatest force of the arm", lambda r: r.peak_n, "N", "<= 65"),
        metric("commands outside limits", lambda r: r.outside, "", "== 0"),
        metric("stopped by the reflex", lambda r: r.stopped, ""),
        mean_metric("thinking, CPU time of a step", thinking_ms, "ms"),
    ]
