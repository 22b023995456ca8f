"""Eyes: sensing beside the control loop, in a thread or in a process of its own.

Looking at a frame takes long. A thread shares the interpreter's lock with the loop and
slows it down; a process does not, but must be sent the frames, and needs a detector
that can be pickled. What is seen is the same either way.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Protocol

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.sensing.config import SensingConfig
from neural_brain.models.sensing.detector import Detector
from neural_brain.models.sensing.embedding import Embedding
from neural_brain.models.sensing.sensing import Sensing
from neural_brain.models.signals import BodyState, LaserScan, Percepts, RgbdFrame

PATIENCE_S = 60.0  # a look takes some hundredths of a second, a start some seconds


class Eyes(Protocol):
    """Looks at one frame at a time: `begin`, and later `finish`.

    `trouble` says what went wrong with the eyes themselves, "" if nothing did.
    """

    trouble: str

    def begin(self, scan: LaserScan | None, frame: RgbdFrame, body: BodyState) -> None:
        """Start to look at a frame; arguments as `Sensing.step`."""

    def finish(self) -> Percepts:
        """What was seen; waits until the look is done.

        Raises:
            Exception: what `Sensing.step` raised.
        """


class EyesThread:
    """Looks in a thread of this process.

    Args:
        config: ranges and limits.
        detector: finds objects in camera frames.
        embedding: turns pictures into vectors; None = as the configuration
            says.
    """

    def __init__(
        self,
        config: SensingConfig,
        detector: Detector,
        embedding: Embedding | None = None,
    ) -> None:
        self._sensing = Sensing(config, detector, embedding)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sensing")
        self._look: Future[Percepts] | None = None
        self.trouble = ""

    def begin(self, scan: LaserScan | None, frame: RgbdFrame, body: BodyState) -> None:
        """Start to look at a frame; arguments as `Sensing.step`."""
        self._look = self._thread.submit(self._sensing.step, scan, frame, body)

    def finish(self) -> Percepts:
        """What was seen; waits until the look is done."""
        if self._look is None:
            raise NeuralBrainError("Nothing is looked at; call `begin` first.")
        return self._look.result()


class EyesProcess:
    """Looks in a process of its own, which ends with this one.

    It is started anew by `multiprocessing`'s spawn method, so a script that uses it
    needs the usual `if __name__ == "__main__":`. Should the process die, or not answer
    for `PATIENCE_S`, the eyes go on as a thread.

    Args:
        config: ranges and limits.
        detector: finds objects in camera frames; is sent to the process.
        embedding: turns pictures into vectors, is sent, too; None = the
            process makes its own, as the configuration says.

    Raises:
        NeuralBrainError: if the detector or the embedding cannot be pickled.
    """

    def __init__(
        self,
        config: SensingConfig,
        detector: Detector,
        embedding: Embedding | None = None,
    ) -> None:
        try:
            ForkingPickler.dumps((detector, embedding))  # what a pipe does with it
        except Exception as error:
            raise NeuralBrainError(
                f"The embedding or the detector {type(detector).__name__} cannot be "
                f"sent to a process of its own ({error}); expected ones that can be "
                "pickled. Use EyesThread for them."
            ) from error
        self.trouble = ""
        self._spare = (config, detector, embedding)
        self._thread: EyesThread | None = None
        self._task: tuple[LaserScan | None, RgbdFrame, BodyState] | None = None
        context = multiprocessing.get_context("spawn")
        self._pipe, there = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(there,), daemon=True, name="sensing"
        )
        self._process.start()
        there.close()
        self._end = weakref.finalize(self, self._pipe.close)
        # Not by the process's arguments: their pipe blocks when the child ends early.
        with contextlib.suppress(OSError):  # dead already: `begin` finds out
            self._pipe.send(self._spare)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._thread is None and self._process.is_alive()

    def begin(self, scan: LaserScan | None, frame: RgbdFrame, body: BodyState) -> None:
        """Start to look at a frame; arguments as `Sensing.step`."""
        self._task = (scan, frame, body)
        if self._thread is None:
            try:
                self._pipe.send(self._task)
                return
            except (OSError, EOFError):
                self._go_on_as_thread()
        if self._thread is not None:
            self._thread.begin(scan, frame, body)

    def finish(self) -> Percepts:
        """What was seen; waits until the look is done."""
        if self._task is None:
            raise NeuralBrainError("Nothing is looked at; call `begin` first.")
        if self._thread is not None:
            return self._thread.finish()
        try:
            if not self._pipe.poll(PATIENCE_S):
                self._process.kill()  # and the pipe ends: EOFError
            answer = self._pipe.recv()
        except (OSError, EOFError):
            thread = self._go_on_as_thread()
            thread.begin(*self._task)
            return thread.finish()
        if isinstance(answer, Percepts):
            return answer
        raise answer

    def _go_on_as_thread(self) -> EyesThread:
        self._thread = EyesThread(*self._spare)
        self.trouble = (
            "the process that sees for me has died or hangs; I see in the main process "
            "now, which is slower"
        )
        return self._thread

    def close(self) -> None:
        """End the process; safe to call twice."""
        self._end()
        self._process.join(5.0)


def _serve(pipe: Connection) -> None:
    """Answer frames with percepts until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when to end
    with contextlib.suppress(EOFError, OSError):
        sensing = Sensing(*pipe.recv())
        while True:
            task = pipe.recv()
            try:
                answer: Percepts | Exception = sensing.step(*task)
            except Exception as error:  # is raised where the percepts are awaited
                answer = error
            pipe.send(answer)
