"""Run nodes in one process until it is told to stop, and end cleanly.

One thread, `spin_once` in a loop, and a fixed order at the end (stop flag, deactivate,
executor, nodes, context): other orders leave threads that abort the interpreter.
"""

from __future__ import annotations

import signal
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Sequence
from types import FrameType, TracebackType

import rclpy
from rclpy.executors import Executor, SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions

from neural_brain.models.errors import NeuralBrainError
from neural_brain.nodes.lifecycle import BrainNode

SPIN_S = 0.1
MAX_FAILURES, FAILURE_WINDOW_S = 20, 30.0
NodeMaker = Callable[[], Sequence[BrainNode]]


class StopFlag:
    """Set by SIGINT or SIGTERM; a second SIGINT has no further effect."""

    def __init__(self) -> None:
        self.is_set = False

    def __enter__(self) -> StopFlag:
        self._old = {
            number: signal.signal(number, self._set)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._old.items():
            signal.signal(number, handler)

    def _set(self, number: int, frame: FrameType | None) -> None:
        self.is_set = True


def make_executor() -> Executor:
    """The cheapest single-threaded executor that this rclpy has."""
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:
        return SingleThreadedExecutor()
    return EventsExecutor()


def run(make: NodeMaker, argv: Sequence[str] | None = None) -> int:
    """Make the nodes, bring them up, spin until told to stop; returns the exit code.

    0 = told to stop, 1 = too many failures, 2 = a configuration error (printed).
    """
    nodes: list[BrainNode] = []
    with StopFlag() as stop:
        rclpy.init(args=argv, signal_handler_options=SignalHandlerOptions.NO)
        executor = make_executor()
        try:
            nodes = list(make())
            for node in nodes:
                executor.add_node(node)
            bring_up([node for node in nodes if wants_start(node)])
            return spin(executor, nodes, stop)
        except NeuralBrainError as error:
            print(f"neural-brain: {error}", file=sys.stderr, flush=True)
            return 2
        finally:
            for node in reversed(nodes):
                bring_down(node)
            executor.shutdown()
            for node in reversed(nodes):
                node.destroy_node()
            rclpy.try_shutdown()


def wants_start(node: BrainNode) -> bool:
    """Whether the node's `autostart` parameter is true."""
    return bool(node.get_parameter("autostart").value)


def bring_up(nodes: Sequence[BrainNode]) -> None:
    """Configure all nodes, then activate all.

    Raises:
        NeuralBrainError: if a node refuses; its reason is in the log.
    """
    for node in nodes:
        node.trigger_configure()
        _expect(node, "inactive")
    for node in nodes:
        node.trigger_activate()
        _expect(node, "active")


def bring_down(node: BrainNode) -> None:
    """Deactivate (which saves) and shut down, from whatever state."""
    try:
        if state_of(node) == "active":
            node.trigger_deactivate()
        if state_of(node) in ("inactive", "unconfigured"):
            node.trigger_shutdown()
    except Exception:  # the others must still come down
        traceback.print_exc()


def spin(executor: Executor, nodes: Sequence[BrainNode], stop: StopFlag) -> int:
    """Serve callbacks until the flag is set; a failing callback is only logged."""
    failures: deque[float] = deque(maxlen=MAX_FAILURES)
    while rclpy.ok() and not stop.is_set:
        try:
            executor.spin_once(timeout_sec=SPIN_S)
        except Exception:
            failures.append(time.monotonic())
            nodes[0].get_logger().error(traceback.format_exc())
            full = len(failures) == MAX_FAILURES
            if full and failures[-1] - failures[0] < FAILURE_WINDOW_S:
                return 1
    return 0


def state_of(node: BrainNode) -> str:
    """The label of the node's life-cycle state."""
    return str(node._state_machine.current_state[1])


def _expect(node: BrainNode, label: str) -> None:
    if state_of(node) != label:
        raise NeuralBrainError(
            f"Node {node.get_name()!r} is {state_of(node)} instead of {label}. The "
            "line above says why; correct its parameters and start again."
        )
