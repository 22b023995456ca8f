"""The other end of the worker: starts it, speaks to it, believes nothing unchecked."""

from __future__ import annotations

import base64
import json
import os
import queue
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neural_brain.models.errors import SimulationError
from neural_brain.models.geometry import Array

WORKER = Path(__file__).with_name("worker.py")
MAZES = {"9x9": 3, "11x11": 4, "13x13": 5, "15x15": 6}  # targets in each
STEPS = {"9x9": 1000, "11x11": 2000, "13x13": 3000, "15x15": 4000}
PIXELS = 64
ACTIONS = 6
SILENCE_S = 120.0


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What `ExtraObs` tells beside the picture, in metres.

    Attributes:
        pose: (3,) of the ball [m, m, rad]; the maze's lower left corner is (0, 0).
        targets: centres (n, 2) [m] of all targets.
        layout: (rows, columns) of bool, True where a 2 m cell is free; row 0 is y = 0.
    """

    pose: Array
    targets: Array
    layout: NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One answer: picture (64, 64, 3) uint8, reward, end, and the truth if asked."""

    image: NDArray[np.uint8]
    reward: float
    done: bool
    truth: Truth | None


class MazeProcess:
    """A Memory Maze in a process of its own.

    Args:
        python: interpreter that has the environment.
        maze: "9x9", "11x11", "13x13" or "15x15".
        seed: of the environment.
        extra: ask for `ExtraObs`; otherwise nothing but pictures ever arrives.
        stock: leave the package's slow loop over contacts as it is.
        blind: draw no pictures but the border; the rest is the same, only sooner.

    Raises:
        SimulationError: it does not start, is silent, dies or answers nonsense.
    """

    def __init__(
        self,
        python: Path,
        maze: str,
        seed: int,
        *,
        extra: bool,
        stock: bool = False,
        blind: bool = False,
        silence_s: float = SILENCE_S,
    ) -> None:
        if maze not in MAZES:
            raise SimulationError(
                f"maze = {maze!r}; allowed: {', '.join(MAZES)}. Choose one of them."
            )
        self.maze, self.extra, self.silence_s = maze, extra, silence_s
        name = f"MemoryMaze-{maze}-{'ExtraObs-' if extra else ''}v0"
        command = [str(python), str(WORKER), "--id", name, "--seed", str(seed)]
        self._process = subprocess.Popen(
            [
                *command,
                *(["--stock"] if stock else []),
                *(["--blind"] if blind else []),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=own_environment(),
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._said: list[str] = []
        for stream, sink in (
            (self._process.stdout, self._lines.put),
            (self._process.stderr, self._hear),
        ):
            threading.Thread(target=_drain, args=(stream, sink), daemon=True).start()

    def reset(self) -> Frame:
        """Start the episode; the first picture."""
        return self._ask({"do": "reset"})

    def step(self, action: int) -> Frame:
        """Do one of the six actions for 0.25 s."""
        if action not in range(ACTIONS):
            raise SimulationError(
                f"action = {action!r}; allowed: 0 to {ACTIONS - 1}. Choose one of them."
            )
        return self._ask({"do": "step", "action": int(action)})

    def close(self) -> None:
        """End the process; safe to call twice."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _ask(self, request: dict[str, Any]) -> Frame:
        pipe = self._process.stdin
        try:
            if pipe is None or pipe.closed:
                raise BrokenPipeError
            pipe.write(json.dumps(request) + "\n")
            pipe.flush()
            line = self._lines.get(timeout=self.silence_s)
        except (OSError, queue.Empty):
            raise self._silent() from None
        if not line:
            raise self._silent()
        return read_answer(line, maze=self.maze, extra=self.extra)

    def _silent(self) -> SimulationError:
        try:  # a worker that fell says so a moment after its pipe closed
            code: int | None = self._process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            code = None
        what = "no answer" if code is None else f"it ended with code {code}"
        last = " ".join("".join(self._said).split()[-60:])
        return SimulationError(
            f"Memory Maze worker: {what} (waited up to {self.silence_s:.0f} s). It "
            f"said last: {last!r}. Make its environment anew with --setup."
        )

    def _hear(self, line: str) -> None:
        self._said = [*self._said[-40:], line]


def own_environment() -> dict[str, str]:
    """Variables for the worker: another Python, so none of ours for libraries."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("PYTHON", "LD_", "_ROS_", "AMENT_", "VIRTUAL_ENV"))
    }
    kept.setdefault("MUJOCO_GL", "egl")
    kept["OMP_NUM_THREADS"] = kept["OPENBLAS_NUM_THREADS"] = "1"
    return kept


def read_answer(line: str, *, maze: str, extra: bool) -> Frame:
    """Check one line of the worker and turn it into a frame.

    Raises:
        SimulationError: names the field, what came and what was expected.
    """
    try:
        answer = json.loads(line)
        shape = answer["shape"]
        data = base64.b64decode(answer["image"], validate=True)
        reward, done, more = answer["reward"], answer["done"], answer["extra"]
    except (ValueError, KeyError, TypeError) as error:
        raise _nonsense("line", line[:80], "a JSON answer of the worker") from error
    if shape != [PIXELS, PIXELS, 3] or len(data) != PIXELS * PIXELS * 3:
        raise _nonsense("image", f"{shape}, {len(data)} bytes", "64 x 64 x 3")
    if reward not in (0.0, 1.0):
        raise _nonsense("reward", reward, "0 or 1")
    if not isinstance(done, bool):
        raise _nonsense("done", done, "true or false")
    image = np.frombuffer(data, np.uint8).reshape(PIXELS, PIXELS, 3)
    truth = _truth(more, maze) if extra else None
    return Frame(image=image, reward=float(reward), done=done, truth=truth)


def _truth(more: Any, maze: str) -> Truth:
    cells = int(maze.split("x")[0])
    position = _numbers(more, "agent_pos", (2,), (0.0, cells))
    heading = _numbers(more, "agent_dir", (2,), (-1.001, 1.001))
    targets = _numbers(more, "targets_pos", (MAZES[maze], 2), (0.0, cells))
    layout = _numbers(more, "maze_layout", (cells, cells), (0, 1))
    yaw = float(np.arctan2(heading[1], heading[0]))
    return Truth(
        pose=np.array([*(2.0 * position), yaw]),
        targets=2.0 * targets,
        layout=layout > 0.5,
    )


def _numbers(
    more: Any, name: str, shape: tuple[int, ...], limits: tuple[float, float]
) -> Array:
    try:
        values = np.asarray(more[name], dtype=np.float64)
    except (KeyError, TypeError, ValueError) as error:
        raise _nonsense(name, "no numbers", f"an array {shape}") from error
    if values.shape != shape:
        raise _nonsense(name, f"shape {values.shape}", f"{shape}")
    if not (np.isfinite(values).all() and (values >= limits[0]).all()
            and (values <= limits[1]).all()):  # fmt: skip
        raise _nonsense(name, values.tolist(), f"finite numbers in {limits}")
    return values


def _nonsense(name: str, got: object, expected: str) -> SimulationError:
    return SimulationError(
        f"Memory Maze worker: {name} = {got!r}; expected {expected}. Make its "
        "environment anew with --setup."
    )


def _drain(stream: Any, sink: Any) -> None:
    """Pass on lines until the stream ends, then an empty one."""
    try:
        for line in stream:
            sink(line)
    except ValueError:  # closed while reading
        return
    finally:
        sink("")
