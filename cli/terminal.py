"""The terminal while a command runs: lines of the diary, typed words, interrupts."""

from __future__ import annotations

import os
import select
import shutil
import signal
import sys
import textwrap
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neural_brain.models.signals import Event

_INDENT = 22  # width of time and source


def diary_line(event: Event) -> str:
    """An event as text, wrapped beside its time and source."""
    width = min(100, max(60, shutil.get_terminal_size().columns))
    head = f"{event.stamp:7.1f} s  {event.source:<{_INDENT - 13}}  "
    return textwrap.fill(
        " ".join(event.text.split()) or event.kind,
        width,
        initial_indent=head,
        subsequent_indent=" " * _INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )


def is_news(event: Event) -> bool:
    """Whether a person wants to read it; every new room and landmark is too much."""
    return event.source != "maps" or event.kind in ("lost", "relocalised")


class TypedLines:
    """Complete lines from standard input, without ever waiting for them."""

    def __init__(self) -> None:
        try:
            self._file: int | None = sys.stdin.fileno()
        except (AttributeError, OSError, ValueError):  # closed, or not a real file
            self._file = None
        self._rest = b""

    def read(self) -> list[str]:
        """The lines typed since the last call, without blanks at their ends."""
        while self._file is not None and select.select([self._file], [], [], 0.0)[0]:
            piece = os.read(self._file, 4096)
            if not piece:
                self._file = None
                self._rest += b"\n"  # the last line may lack its end
            self._rest += piece
        *lines, self._rest = self._rest.split(b"\n")
        words = (line.decode(errors="replace").strip() for line in lines)
        return [line for line in words if line]


class Interrupt:
    """Ctrl-C or SIGTERM as a flag, so that a run ends between two steps.

    A second Ctrl-C ends the program at once.

    Args:
        wake: called at the first signal, to end a wait.
    """

    def __init__(self, wake: Callable[[], None] = lambda: None) -> None:
        self.is_set = False
        self.wake = wake

    def __enter__(self) -> Interrupt:
        """Take over the signals."""
        self._old = {
            number: signal.signal(number, self._handle)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.is_set:
            raise KeyboardInterrupt
        self.is_set = True
        self.wake()
