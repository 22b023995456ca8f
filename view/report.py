"""A one-page HTML report of a run: map, path, forces, reflexes, surprise, diary."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import jinja2
import numpy as np

import neural_brain
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.signals import Event, MapState, ReflexLevel
from neural_brain.view.map_picture import draw_map
from neural_brain.view.trace import Trace

MAX_EVENTS = 400
_ROW = {"reflex": "reflex", "world": "surprise", "person": "goal", "executive": "goal"}


def write_report(
    path: str | Path,
    *,
    title: str,
    lead: str,
    numbers: Sequence[tuple[str, str]],
    state: MapState,
    trace: Trace,
    force_limit_n: float,
    machine: str,
    files: str = "",
    picture: np.ndarray | None = None,
) -> Path:
    """Write the report as one self-contained file.

    Args:
        path: the HTML file.
        title: heading.
        lead: sentence below it.
        numbers: pairs of name and value, shown as tiles.
        state: the map at the end of the run.
        trace: samples and events of the run.
        force_limit_n: contact force limit, drawn into the force curve [N].
        machine: processor and versions.
        files: where the recording and the map are.
        picture: (h, w, 3) uint8 view of the scene.

    Raises:
        NeuralBrainError: if the file cannot be written.
    """
    folder = Path(__file__).resolve().parent
    loader = jinja2.FileSystemLoader(folder)
    environment = jinja2.Environment(loader=loader, autoescape=True)
    html = environment.get_template("report.html").render(
        title=title,
        lead=lead,
        numbers=numbers,
        map_png=_png(draw_map(state, trail_map=trace.path())),
        picture_png=None if picture is None else _png(picture),
        curves_svg=curves(trace, force_limit_n),
        events=[_row(event) for event in _shown(trace.events)],
        version=neural_brain.__version__,
        machine=machine,
        files=files,
    )
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8")
    except OSError as error:
        raise NeuralBrainError(
            f"Cannot write the report {target}: {error.strerror}. Choose a folder that "
            "you may write to with --to."
        ) from error
    return target


def curves(trace: Trace, force_limit_n: float) -> str:
    """Force, reflex level, surprise and explored area over time, as SVG text."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.5, 7.5), layout="constrained")
    FigureCanvasSVG(figure)
    force, level, surprise, area = figure.subplots(4, 1, sharex=True)
    t = np.asarray(trace.t)
    force.plot(t, trace.force_n, lw=0.8, color="#1769aa")
    force.axhline(force_limit_n, color="#c62828", ls="--", lw=1, label="limit")
    force.set_ylabel("wrist force [N]")
    force.legend(loc="upper left", frameon=False)
    level.fill_between(t, trace.level, step="post", color="#ef8f00", alpha=0.8)
    names = [item.name for item in ReflexLevel]
    level.set_yticks(range(len(names)), names, fontsize=7)
    level.set_ylabel("reflex")
    surprise.plot(t, trace.surprise_z, lw=0.8, color="#6a3fb5")
    surprise.set_ylabel("surprise z")
    area.plot(t, trace.explored_m2, lw=1.2, color="#2e7d32")
    area.set_ylabel("free area known [m²]")
    area.set_xlabel("simulated time [s]")
    for axis in (force, level, surprise, area):
        axis.grid(color="#e4e9ee", lw=0.6)
        axis.spines[["top", "right"]].set_visible(False)
    text = io.StringIO()
    figure.savefig(text, format="svg")
    svg = text.getvalue()
    return svg[svg.index("<svg") :]


def _shown(events: Sequence[Event]) -> Sequence[Event]:
    if len(events) <= MAX_EVENTS:
        return events
    kept = [event for event in events if event.source != "maps"]
    return kept[-MAX_EVENTS:]


def _row(event: Event) -> dict[str, str]:
    return {
        "time": f"{event.stamp:.1f}",
        "source": event.source,
        "text": event.text,
        "row": _ROW.get(event.source, ""),
    }


def _png(rgb: np.ndarray) -> str:
    _, data = cv2.imencode(".png", np.ascontiguousarray(rgb[:, :, ::-1]))
    return base64.b64encode(data.tobytes()).decode()
