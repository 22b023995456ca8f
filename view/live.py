"""Connect the dashboard to a run: draw, pause, and carry out what people click."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from neural_brain.models.brain import Brain
from neural_brain.models.geometry import inverse2, matrix_from_pose2
from neural_brain.models.signals import Event, Observation
from neural_brain.robots.mujoco_body import MujocoBody
from neural_brain.view.dashboard import Dashboard


class Live:
    """An observer for `robots.loop.run` that feeds a dashboard.

    Args:
        dashboard: the served page.
        body: the robot at its start, whose base is the origin of `map`.
    """

    def __init__(self, dashboard: Dashboard, body: MujocoBody) -> None:
        self.dashboard = dashboard
        truth = body.simulation.truth
        T_map_world = matrix_from_pose2(inverse2(truth.pose_world_base()))
        model = body.simulation.model
        root = model.body(body.simulation.index.base_body).name
        dashboard.show_home(model, root, T_map_world)

    def __call__(
        self, brain: Brain, body: MujocoBody, observation: Observation
    ) -> None:
        """Show the newest state, then do what was asked; waits while paused."""
        self.dashboard.observe(brain, body, observation)
        self.dashboard.apply(brain, observation.body.stamp)
        while self.dashboard.paused.is_set():
            time.sleep(0.05)
            self.dashboard.apply(brain, observation.body.stamp)

    def note(self, event: Event) -> None:
        """Show a line of the diary."""
        self.dashboard.note(event)


@contextlib.contextmanager
def live_view(body: MujocoBody, port: int, force_limit_n: float) -> Iterator[Live]:
    """Serve the live view of a run on 127.0.0.1 for the time of a `with` block."""
    dashboard = Dashboard(port=port, force_limit_n=force_limit_n)
    try:
        yield Live(dashboard, body)
    finally:
        dashboard.close()
