"""A short-lived node for commands that talk to a running brain."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from neural_brain.nodes.environment import set_defaults

STEP_S = 0.05


class Client:
    """A plain node and its executor."""

    def __init__(self, node: Node, executor: SingleThreadedExecutor) -> None:
        self.node = node
        self._executor = executor

    def until(self, done: Callable[[], bool], timeout_s: float) -> bool:
        """Serve callbacks until `done()`; returns whether it came true in time."""
        deadline = time.monotonic() + timeout_s
        while not done():
            if time.monotonic() > deadline:
                return False
            self._executor.spin_once(timeout_sec=STEP_S)
        return True


@contextlib.contextmanager
def client(name: str) -> Iterator[Client]:
    """A client node that is taken down cleanly at the end."""
    set_defaults()
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    executor = SingleThreadedExecutor()
    node = rclpy.create_node(name, start_parameter_services=False)
    executor.add_node(node)
    try:
        yield Client(node, executor)
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.try_shutdown()
