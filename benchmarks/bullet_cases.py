"""What the arm does in both physics engines: paths, presses, unexpected contacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from neural_brain.benchmarks.engines import Engine
from neural_brain.benchmarks.impact_rig import (
    STIFFNESS,
    Guarded,
    Impact,
    build_body,
    home_pose,
    strike,
)
from neural_brain.benchmarks.press_rig import Path, Surface, follow, press_body
from neural_brain.models.geometry import Array
from neural_brain.models.reflex import ForceConfig

OURS_N = ForceConfig().collision_n
PATH_S, REST_S, AFTER_S = 1.8, 0.8, 0.6
PRESSED_N_M = (1e3, 5e3, 2e4, 1e5)
HIT_N_M = (1e3, 2e4, np.inf)
GAP_M, DEEP_M, EASE_IN_S = 0.03, 0.15, 0.5
STEADY_TICKS = 200
Values = dict[str, tuple[float, str]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing to do.

    Attributes:
        name: kind of case. path: of the hand, or None for `impact`.
        surface: below the hand, or None. duration_s: of the path.
        contact: touching is intended. impact: with an ideal spring, or None.
        payload_kg: held. seed: of the sensors.
    """

    name: str
    payload_kg: float
    seed: int
    path: Path | None = None
    surface: Surface | None = None
    duration_s: float = 0.0
    contact: bool = False
    impact: Impact | None = None


def draw_cases(seed: int) -> list[Case]:
    """A set of cases with random speeds, sizes, directions, forces and payload."""
    rng = np.random.default_rng(seed)
    payload = float(rng.uniform(0.0, 1.5))
    made = _paths(rng, payload, seed) + _presses(rng, payload, seed)
    made += _hits(rng, payload, seed)
    for name, low, high in (("soft", 3.0, 4.0), ("stiff", 4.0, 5.0)):
        direction = rng.standard_normal(3)
        impact = Impact(
            direction=direction / np.linalg.norm(direction),
            speed_m_s=float(rng.uniform(0.05, 0.2)),
            gap_m=float(rng.uniform(0.03, 0.1)),
            stiffness_n_m=float(10.0 ** rng.uniform(low, high)),
            payload_kg=payload,
            latency_s=0.0,
            seed=seed,
        )
        made.append(
            Case(name=f"{name} spring", payload_kg=payload, seed=seed, impact=impact)
        )
    return made


def run_case(case: Case, engine: Engine) -> Values:
    """Quantities of a case in an engine: name -> value, unit.

    Raises:
        SimulationError: if the physics diverged.
    """
    if case.impact is not None:
        body = build_body(case.impact, engine)
        try:
            outcome = strike(body, _controller(body.limits, case), case.impact)
        finally:
            body.close()
        return {"peak force at an ideal spring": (float(outcome.force_n.max()), "N")}
    body = press_body(
        engine, payload_kg=case.payload_kg, surface=case.surface, seed=case.seed
    )
    try:
        track = follow(
            body,
            _controller(body.limits, case),
            case.path,
            duration_s=case.duration_s,
            contact=case.contact,
        )
    finally:
        body.close()
    peak = float(track.force_n.max())
    if case.contact:
        steady = float(track.force_n[-STEADY_TICKS:].mean())
        return {
            "peak force of a press": (peak, "N"),
            "steady force of a press": (steady, "N"),
        }
    if case.surface is not None:
        return {"peak force of an unexpected contact": (peak, "N")}
    if case.name == "turn":
        return {"tracking error": (1e3 * _rms(track.turned_off), "mrad")}
    off = np.linalg.norm(track.wanted - track.hand, axis=1)
    return {"tracking error": (1e3 * _rms(off), "mm")}


def _controller(limits, case: Case) -> Guarded:
    return Guarded(limits, case.payload_kg, OURS_N)


def _paths(rng: np.random.Generator, payload: float, seed: int) -> list[Case]:
    """Line, circle, figure eight in random planes, and a turn about a random axis."""
    home = home_pose(payload)
    made = []
    for name in ("line", "circle", "eight", "turn"):
        axes = Rotation.random(random_state=rng).as_matrix()
        rate_hz = float(rng.uniform(0.2, 0.4))
        size = float(rng.uniform(0.04, 0.08))
        made.append(
            Case(
                name=name,
                payload_kg=payload,
                seed=seed,
                path=_turn(home, axes, rate_hz)
                if name == "turn"
                else _curve(home, name, axes, 2.0 * np.pi * rate_hz, size),
                duration_s=PATH_S,
            )
        )
    return made


def _curve(home: Array, name: str, axes: Array, rate: float, size: float) -> Path:
    def path(t: float) -> Array:
        a = rate * t
        shape = {
            "line": (np.sin(a), 0.0, 0.0),
            "circle": (np.sin(a), 1.0 - np.cos(a), 0.0),
            "eight": (np.sin(a), 0.5 * np.sin(2.0 * a), 0.0),
        }[name]
        T = home.copy()
        T[:3, 3] += min(t / EASE_IN_S, 1.0) * size * (axes @ np.array(shape))
        return T

    return path


def _turn(home: Array, axes: Array, rate_hz: float) -> Path:
    def path(t: float) -> Array:
        angle = 0.4 * np.sin(2.0 * np.pi * rate_hz * t)
        T = home.copy()
        T[:3, :3] = Rotation.from_rotvec(angle * axes[:, 0]).as_matrix() @ T[:3, :3]
        return T

    return path


def _presses(rng: np.random.Generator, payload: float, seed: int) -> list[Case]:
    made = []
    for stiffness in PRESSED_N_M:
        force = float(rng.uniform(6.0, 14.0))
        speed = float(rng.uniform(0.03, 0.08))
        depth = GAP_M + force / float(STIFFNESS[2, 2]) + force / stiffness
        made.append(
            Case(
                name=f"press {stiffness:.0e} N/m",
                payload_kg=payload,
                seed=seed,
                path=_down(home_pose(payload), depth, speed),
                surface=Surface(gap_m=GAP_M, stiffness_n_m=stiffness),
                duration_s=depth / speed + REST_S,
                contact=True,
            )
        )
    return made


def _hits(rng: np.random.Generator, payload: float, seed: int) -> list[Case]:
    made = []
    for stiffness in HIT_N_M:
        speed = float(rng.uniform(0.08, 0.2))
        kind = f"{stiffness:.0e} N/m" if np.isfinite(stiffness) else "a block"
        made.append(
            Case(
                name=f"hit {kind}",
                payload_kg=payload,
                seed=seed,
                path=_down(home_pose(payload), DEEP_M, speed),
                surface=Surface(gap_m=GAP_M, stiffness_n_m=stiffness),
                duration_s=GAP_M / speed + AFTER_S,
            )
        )
    return made


def _down(home: Array, depth: float, speed: float) -> Path:
    def path(t: float) -> Array:
        T = home.copy()
        T[2, 3] -= min(speed * t, depth)
        return T

    return path


def _rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
