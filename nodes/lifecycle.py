"""The base of all nodes: life cycle, parameters, gated inputs, diagnostics.

A subclass says what to build (`setup`), and optionally what to do on `start`, `stop`
and `teardown`. Everything it subscribes to passes a `Gate`, everything it publishes is
silent unless the node is active.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.qos import QoSProfile
from std_msgs.msg import String

from neural_brain.models.errors import NeuralBrainError
from neural_brain.nodes import parameters, qos
from neural_brain.nodes.bus import LocalBus
from neural_brain.nodes.codec import SignalError, decode, encode
from neural_brain.nodes.conversions import time_msg
from neural_brain.nodes.gate import Gate, GateConfig
from neural_brain.nodes.inbox import Inbox

T = TypeVar("T")
OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR
Health = tuple[bytes, str, dict[str, Any]]


class BrainNode(LifecycleNode):
    """A life-cycle node around one module.

    Args:
        name: the node's name.
        default: configuration with the default of every parameter.
        bus: shared by the nodes of one process; None = alone, signals go through ROS.
        options: passed on to rclpy (namespace, parameter_overrides, ...).
    """

    steady: ClassVar[Clock] = Clock(clock_type=ClockType.STEADY_TIME)

    def __init__(
        self, name: str, default: Any, *, bus: LocalBus | None = None, **options: Any
    ) -> None:
        super().__init__(name, **options)
        self.default = default
        self.config = default
        self.bus = bus
        self.active = False
        self.failures = 0
        self._inboxes: list[Inbox[Any]] = []
        self._undo: list[Callable[[], Any]] = []
        parameters.declare(self, default)
        self.declare_parameter("autostart", True)
        if bus is None:
            parameters.refuse_unknown(self)
        self.add_on_set_parameters_callback(self._on_parameters)
        self._diagnostics = self.create_publisher(
            DiagnosticArray, "/diagnostics", qos.STATE
        )
        self._timer = self.create_timer(1.0, self._diagnose, clock=self.steady)

    # --- for subclasses ---------------------------------------------------------

    def setup(self) -> None:
        """Build the module and its inputs and outputs from `self.config`."""

    def start(self) -> None:
        """The node became active."""

    def stop(self) -> None:
        """The node stops being active."""

    def teardown(self) -> None:
        """Give back what `setup` took (subscriptions go by themselves)."""

    def health(self) -> Health:
        """Level, sentence and values for `/diagnostics`."""
        return OK, "working", {}

    def now_s(self) -> float:
        """ROS time [s] (simulated under `use_sim_time`)."""
        return self.get_clock().now().nanoseconds * 1e-9

    def listen(
        self,
        kind: type,
        topic: str,
        convert: Callable[[Any], T],
        *,
        profile: QoSProfile = qos.SENSOR,
        gate: GateConfig | None = None,
        frames: tuple[str, ...] = (),
        stamped: bool = True,
        then: Callable[[T], Any] | None = None,
    ) -> Inbox[T]:
        """Subscribe to a standard message; what the gate admits lands in the inbox."""
        door = Gate(convert, self.now_s, gate, frames=frames, stamped=stamped)
        inbox: Inbox[T] = Inbox(topic, door.refused, then)

        def receive(message: Any) -> None:
            if self.active:
                value = door.admit(message)
                if value is not None:
                    inbox.put(value)

        subscription = self.create_subscription(
            kind, topic, receive, profile, qos_overriding_options=qos.overridable()
        )
        self._keep(inbox, lambda: self.destroy_subscription(subscription))
        return inbox

    def announce(
        self, kind: type, topic: str, profile: QoSProfile = qos.STATE
    ) -> Callable[[Any], None]:
        """A function that publishes messages while the node is active."""
        publisher = self.create_lifecycle_publisher(
            kind, topic, profile, qos_overriding_options=qos.overridable()
        )
        if self.active:
            publisher.on_activate(None)
        self._undo.append(lambda: self.destroy_lifecycle_publisher(publisher))

        def publish(message: Any) -> None:
            if self.active:
                publisher.publish(message)

        publish.publisher = publisher  # type: ignore[attr-defined]
        return publish

    def signal_in(
        self,
        cls: type[T],
        topic: str,
        *,
        profile: QoSProfile = qos.STATE,
        then: Callable[[T], Any] | None = None,
    ) -> Inbox[T]:
        """Subscribe to a signal, through the bus when composed and ROS otherwise."""
        if self.bus is None:
            return self.listen(
                String,
                topic,
                lambda message: decode(cls, message.data),
                profile=profile,
                stamped=False,
                then=then,
            )
        inbox: Inbox[T] = Inbox(topic, {}, then)
        bus = self.bus

        def receive(signal: T) -> None:
            if self.active:
                inbox.put(signal)

        bus.listen(topic, receive)
        self._keep(inbox, lambda: bus.leave(topic, receive))
        return inbox

    def signal_out(
        self, topic: str, profile: QoSProfile = qos.STATE
    ) -> Callable[[Any], None]:
        """A function that sends a signal to the bus and to whoever listens in ROS."""
        publish = self.announce(String, topic, profile)
        publisher = publish.publisher  # type: ignore[attr-defined]

        def send(signal: Any) -> None:
            if not self.active:
                return
            if self.bus is not None:
                self.bus.publish(topic, signal)
            if self.bus is None or publisher.get_subscription_count() > 0:
                try:
                    publish(String(data=encode(signal)))
                except SignalError as error:
                    self.failures += 1
                    self.get_logger().warning(str(error), throttle_duration_sec=5.0)

        return send

    def every(self, period_s: float, callback: Callable[[], Any]) -> None:
        """Call `callback` while the node is active (steady clock)."""

        def tick() -> None:
            if self.active:
                callback()

        timer = self.create_timer(period_s, tick, clock=self.steady)
        self._undo.append(lambda: self.destroy_timer(timer))

    def serve(self, kind: type, name: str, answer: Callable[[Any, Any], Any]) -> None:
        """Offer a service."""
        service = self.create_service(kind, name, answer)
        self._undo.append(lambda: self.destroy_service(service))

    # --- life cycle -------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Read the parameters and build the module."""
        try:
            self.config = parameters.read(self, type(self.default), self.default)
            self.setup()
        except NeuralBrainError as error:
            self.get_logger().error(str(error))
            self._release()
            return TransitionCallbackReturn.FAILURE
        return super().on_configure(state)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to listen and to speak."""
        result = super().on_activate(state)
        self.active = True
        self.start()
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Fall silent."""
        self.stop()
        self.active = False
        for inbox in self._inboxes:
            inbox.clear()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Back to the state before `configure`."""
        self._release()
        return super().on_cleanup(state)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop for good."""
        if self.active:
            self.stop()
            self.active = False
        self._release()
        return super().on_shutdown(state)

    def _release(self) -> None:
        self.teardown()
        for undo in reversed(self._undo):
            undo()
        self._undo, self._inboxes = [], []

    def _keep(self, inbox: Inbox[Any], undo: Callable[[], Any]) -> None:
        self._inboxes.append(inbox)
        self._undo.append(undo)

    # --- parameters and diagnostics ---------------------------------------------

    def _on_parameters(self, changes: list[Any]) -> Any:
        result = parameters.check_change(
            self, type(self.default), self.default, changes
        )
        own = {name for name, _, _ in parameters.flatten(self.default)}
        if result.successful and self.active and own & {p.name for p in changes}:
            result.successful = False
            result.reason = (
                f"{self.get_name()} is active. Deactivate and clean it up first; the "
                "value takes effect when it is configured again."
            )
        return result

    def _diagnose(self) -> None:
        level, message, values = (
            self.health() if self.active else (OK, "not active", {})
        )
        for inbox in self._inboxes:
            values[f"{inbox.topic} rate [Hz]"] = f"{inbox.rate_hz():.1f}"
            for reason, count in sorted(inbox.refused.items()):
                values[f"{inbox.topic} refused: {reason}"] = count
        if self.failures:
            values["signals not sent"] = self.failures
        status = DiagnosticStatus(
            level=level,
            name=f"{self.get_namespace().rstrip('/')}/{self.get_name()}",
            message=message,
            hardware_id="neural_brain",
            values=[KeyValue(key=k, value=str(v)) for k, v in values.items()],
        )
        array = DiagnosticArray(status=[status])
        array.header.stamp = time_msg(self.now_s())
        self._diagnostics.publish(array)
