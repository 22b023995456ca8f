"""A live view in the browser (viser): home, robot, map, camera, forces, goal box.

It listens on the local machine only. Buttons and words go into a queue that the
loop empties with `apply`, so the browser never touches the brain from its thread.
"""

from __future__ import annotations

import collections
import queue
import socket
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import viser
from viser import uplot

from neural_brain.models.brain import Brain
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import middle
from neural_brain.models.signals import BodyState, Event, MapState, Observation
from neural_brain.view.area_picture import COLOURS
from neural_brain.view.home_mesh import HomeView

HISTORY = 600
MAX_WORDS = 200


@dataclass(frozen=True)
class Request:
    """What a person asked for in the browser: kind is "goal", "estop" or "reset"."""

    kind: str
    text: str = ""


class Dashboard:
    """Serves the live view; call `observe` about 20 times a second and `apply` after.

    Args:
        port: TCP port on 127.0.0.1.
        force_limit_n: limit drawn into the force plot [N].

    Raises:
        NeuralBrainError: if the port is in use.
    """

    def __init__(self, *, port: int = 8080, force_limit_n: float = 65.0) -> None:
        _require_free(port)
        self.port = port
        self.paused = threading.Event()
        self._requests: queue.Queue[Request] = queue.Queue(maxsize=20)
        self._limit = force_limit_n
        self._curves: dict[str, collections.deque[float]] = {
            name: collections.deque(maxlen=HISTORY)
            for name in ("t", "force", "surprise", "level")
        }
        self._diary: collections.deque[str] = collections.deque(maxlen=14)
        self._grid_version = -1
        self._drawn: set[str] = set()
        self._areas: set[str] = set()
        self._count = 0
        self._home: HomeView | None = None
        self.server = viser.ViserServer(
            host="127.0.0.1", port=port, label="neural_brain", verbose=False
        )
        self.server.scene.set_up_direction("+z")
        self._build()

    def observe(self, brain: Brain, body: Any, observation: Observation) -> None:
        """Show the newest state."""
        state = observation.body
        self._sample(brain, state)
        self._count += 1
        if self._count % 2 == 0:
            self._show_robot(brain, body, state)
        if observation.frame is not None:
            self._camera.image = observation.frame.rgb
        if self._count % 20 == 0:
            self._show_numbers(brain)
            if brain.map_state is not None:
                self._show_map(brain.map_state, brain)

    def note(self, event: Event) -> None:
        """Add a line to the diary."""
        self._diary.appendleft(
            f"- `{event.stamp:7.1f}` **{event.source}** {event.text}"
        )

    def show_home(self, model: Any, root: str, T_map_world: Array) -> None:
        """Draw the simulated home (a MuJoCo model) and the robot below body `root`."""
        self._home = HomeView(self.server.scene, model, root, T_map_world)
        low, high = self._home.bounds
        middle = (low + high) / 2.0
        far = 0.75 * float(np.linalg.norm((high - low)[:2]))
        self.server.initial_camera.look_at = (middle[0], middle[1], 0.0)
        self.server.initial_camera.position = (
            middle[0],
            middle[1] - 0.55 * far,
            high[2] + far,
        )

    def apply(self, brain: Brain, t: float) -> list[Request]:
        """Carry out what people asked for since the last call; returns it."""
        done = []
        while not self._requests.empty():
            request = self._requests.get_nowait()
            if request.kind == "goal":
                reply = brain.say(request.text, t)
                self._reply.content = f"*{_clean(reply.text)}*"
            elif request.kind == "estop":
                brain.fast.estop()
            elif request.kind == "reset":
                brain.fast.reset()
            done.append(request)
        return done

    def close(self) -> None:
        """Stop serving."""
        self.server.stop()

    def _build(self) -> None:
        gui = self.server.gui
        gui.configure_theme(control_width="large")
        gui.main_panel.dock_right()
        self._status = gui.add_markdown("Waiting for the robot.")
        words = gui.add_text("Goal", initial_value="")
        send = gui.add_button("Send goal")
        self._reply = gui.add_markdown("Say what to do, such as *press the red mug*.")
        stop = gui.add_button("E-STOP", color="red")
        reset = gui.add_button("Reset e-stop", color="gray")
        pause = gui.add_button("Pause / go on", color="blue")
        self._camera = gui.add_image(np.zeros((90, 120, 3), np.uint8), label="Camera")
        self._force = gui.add_uplot(**_plot("force [N]", "#1769aa", self._limit))
        self._surprise = gui.add_uplot(**_plot("surprise z", "#6a3fb5", 4.0))
        with gui.add_folder("Diary"):
            self._lines = gui.add_markdown("")
        send.on_click(lambda _: self._ask("goal", words.value))
        stop.on_click(lambda _: self._ask("estop"))
        reset.on_click(lambda _: self._ask("reset"))
        pause.on_click(lambda _: self._toggle_pause())

    def _ask(self, kind: str, text: str = "") -> None:
        try:
            self._requests.put_nowait(Request(kind, text[:MAX_WORDS]))
        except queue.Full:
            self._reply.content = "*Too many requests at once; wait a moment.*"

    def _toggle_pause(self) -> None:
        if self.paused.is_set():
            self.paused.clear()
        else:
            self.paused.set()

    def _sample(self, brain: Brain, state: BodyState) -> None:
        z = 0.0 if brain.surprise is None else brain.surprise.z
        self._curves["t"].append(state.stamp)
        self._curves["force"].append(float(np.linalg.norm(state.wrench_ee[:3])))
        self._curves["surprise"].append(z)
        self._curves["level"].append(float(brain.fast.level))

    def _show_numbers(self, brain: Brain) -> None:
        t = np.array(self._curves["t"])
        for name, plot, limit in (
            ("force", self._force, self._limit),
            ("surprise", self._surprise, 4.0),
        ):
            plot.data = (t, np.array(self._curves[name]), np.full(len(t), limit))
        goal = brain.executive.goal
        doing = "exploring" if brain.executive.exploring else "waiting"
        words = _clean(goal.words) if goal is not None else doing
        kind = brain.sub_goal.kind.value if brain.sub_goal else "-"
        self._status.content = (
            f"**t = {t[-1]:.1f} s** | goal: **{words}** | now: {kind} | "
            f"reflex: **{brain.fast.level.name}**"
        )
        self._lines.content = "\n".join(self._diary)

    def _show_robot(self, brain: Brain, body: Any, state: BodyState) -> None:
        if self._home is not None:
            self._home.move(body.simulation.data, brain.pose_map_base(state))

    def _show_map(self, state: MapState, brain: Brain) -> None:
        self._show_grid(state)
        self._show_graph(state)
        self._show_areas(state)
        path = brain.status.path_map if brain.status is not None else np.zeros((0, 2))
        if len(path) >= 2:
            high = np.column_stack([path, np.full(len(path), 0.05)])
            pairs = np.stack([high[:-1], high[1:]], axis=1)
            self.server.scene.add_line_segments(
                "/plan", pairs, colors=(230, 30, 90), thickness=0.03
            )
        names = set()
        for mark in state.landmarks:
            name = f"/landmarks/{mark.id}"
            names.add(name)
            text = f"{mark.colour} {mark.category}".strip()
            self.server.scene.add_label(
                name, text, position=mark.center_map + np.array([0.0, 0.0, 0.15])
            )
        for name in self._drawn - names:
            self.server.scene.remove_by_name(name)
        self._drawn = names

    def _show_areas(self, state: MapState) -> None:
        """Outlines and names of named areas; those that are gone are removed."""
        names = set()
        for number, area in enumerate(state.areas):
            if len(area.outline) < 3:
                continue
            ring = np.vstack([area.outline, area.outline[:1]])
            high = np.column_stack([ring, np.full(len(ring), 0.06)])
            line, label = f"/areas/{number}/line", f"/areas/{number}/name"
            self.server.scene.add_line_segments(
                line,
                np.stack([high[:-1], high[1:]], axis=1),
                colors=COLOURS[area.kind],
                thickness=0.03,
            )
            words = f"{area.kind.value}: {_clean(area.name)}"
            spot = np.append(middle(area.outline), 0.1)
            self.server.scene.add_label(label, words, position=spot)
            names |= {line, label}
        for name in self._areas - names:
            self.server.scene.remove_by_name(name)
        self._areas = names

    def _show_grid(self, state: MapState) -> None:
        if state.grid.version == self._grid_version:
            return
        self._grid_version = state.grid.version
        height, width = state.grid.cells.shape
        size = np.array([width, height]) * state.grid.resolution
        shades = np.full((height, width, 3), 128, np.uint8)
        shades[(state.grid.cells >= 0) & (state.grid.cells < 50)] = 235
        shades[state.grid.cells >= 50] = 20
        center = state.grid.origin[:2] + size / 2.0
        self.server.scene.add_image(
            "/occupancy",
            shades[::-1],
            float(size[0]),
            float(size[1]),
            wxyz=(0.0, 1.0, 0.0, 0.0),
            position=(float(center[0]), float(center[1]), 0.01),
        )

    def _show_graph(self, state: MapState) -> None:
        where = {place.id: place.xy for place in state.places}
        pairs = [
            [[*where[p.start], 0.08], [*where[p.end], 0.08]]
            for p in state.passages
            if p.start in where and p.end in where
        ]
        if pairs:
            self.server.scene.add_line_segments(
                "/graph", np.array(pairs, float), colors=(30, 120, 220), thickness=0.02
            )


def _plot(label: str, colour: str, limit: float) -> dict[str, Any]:
    empty = np.zeros(2)
    return {
        "data": (np.array([0.0, 1.0]), empty, np.full(2, limit)),
        "series": (
            uplot.Series(label="t"),
            uplot.Series(label=label, stroke=colour, width=1),
            uplot.Series(label="limit", stroke="#c62828", width=1, dash=(4, 4)),
        ),
        "scales": {"x": uplot.Scale(time=False)},
        "aspect": 2.6,
    }


def _clean(text: str) -> str:
    """Words from outside as plain text: no markup reaches the page."""
    return "".join(c for c in text if c.isalnum() or c in " .,;:?!'-()")[:300]


def _require_free(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise NeuralBrainError(
                f"Port {port} on this machine cannot be used for the dashboard "
                f"({error.strerror}). Close the other program or choose another port "
                "with --port; --no-view runs without a dashboard."
            ) from error
