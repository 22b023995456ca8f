"""Result files: metrics with spread, baselines and goals, and where they come from."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import operator
import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

RESULTS = Path(__file__).resolve().parent / "results"
_GOAL = re.compile(r"^(>=|<=|==|>|<)\s*(-?[0-9.eE+-]+)$")
_OPERATORS = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}
_PACKAGES = (
    "numpy",
    "scipy",
    "mujoco",
    "pybullet",
    "opencv-python-headless",
    "torch",
    "onnxruntime",
)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One number with its 95 % interval, baselines and goal (">= 0.9" or "")."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    n: int
    baseline: dict[str, float] = field(default_factory=dict)
    goal: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the value reaches the goal; None without a goal."""
        if not self.goal:
            return None
        match = _GOAL.match(self.goal)
        if match is None:
            raise ValueError(f"goal = {self.goal!r}; write it like '>= 0.9'")
        return bool(_OPERATORS[match[1]](self.value, float(match[2])))


def mean_metric(
    name: str,
    samples: Sequence[float],
    unit: str,
    *,
    goal: str = "",
    baseline: dict[str, float] | None = None,
) -> Metric:
    """The mean of samples with its bootstrap interval (2000 resamples, 95 %)."""
    values = np.asarray(samples, dtype=float)
    low, high = bootstrap_interval(values)
    return Metric(
        name=name,
        value=float(values.mean()),
        low=low,
        high=high,
        unit=unit,
        n=len(values),
        baseline=baseline or {},
        goal=goal,
    )


def bootstrap_interval(
    values: np.ndarray, resamples: int = 2000
) -> tuple[float, float]:
    """Percentile bootstrap interval (95 %) of the mean of `values` (n,)."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(values), size=(resamples, len(values)))
    low, high = np.percentile(values[picks].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def percentile_interval(
    values: np.ndarray, share: float, resamples: int = 2000
) -> tuple[float, float]:
    """Percentile bootstrap interval (95 %) of a percentile of `values` (n,)."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(values), size=(resamples, len(values)))
    spread = np.percentile(values[picks], share, axis=1)
    low, high = np.percentile(spread, [2.5, 97.5])
    return float(low), float(high)


def machine() -> dict[str, Any]:
    """The processor, its cores and its load, as far as the system tells."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = re.findall(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE)
        cpu = names[0] if names else cpu
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return {"cpu": cpu, "cores": os.cpu_count(), "load": round(load, 2)}


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that matter for a result."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "absent"
    return found


def commit() -> str:
    """The commit of this checkout, "+" if files differ; "unknown" outside git."""
    here = Path(__file__).resolve().parent
    try:
        revision = _git(here, "rev-parse", "--short=12", "HEAD")
        dirty = _git(here, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return revision + ("+" if dirty else "")


def write_result(
    benchmark: str,
    metrics: Sequence[Metric],
    *,
    seeds: Sequence[int],
    out: str | Path | None = None,
    notes: dict[str, Any] | None = None,
) -> Path:
    """Write `results/BENCHMARK.json` whole or not at all; returns its path.

    Args:
        benchmark: its name.
        metrics: what was measured.
        seeds: of homes, tasks and noise.
        out: another file, or a folder for `BENCHMARK.json`.
        notes: more entries of the file.
    """
    rows = [{**vars(metric), "met": metric.met} for metric in metrics]
    content = {
        "benchmark": benchmark,
        "commit": commit(),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "machine": machine(),
        "versions": versions(),
        "seeds": list(seeds),
        "command": "neural-brain " + " ".join(sys.argv[1:]),
        "metrics": rows,
        **(notes or {}),
    }
    path = Path(out) if out else RESULTS
    if path.is_dir():
        path /= f"{benchmark}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    part.replace(path)
    return path


def table(metrics: Sequence[Metric]) -> str:
    """The metrics as a text table for the terminal."""
    rows = [("metric", "value", "95 % interval", "n", "goal", "")]
    for metric in metrics:
        mark = {True: "met", False: "MISSED", None: ""}[metric.met]
        interval = f"[{metric.low:.3g}, {metric.high:.3g}]"
        value = f"{metric.value:.4g} {metric.unit}".strip()
        rows.append((metric.name, value, interval, str(metric.n), metric.goal, mark))
        rows += [
            (f"  {name}", f"{base:.4g} {metric.unit}".strip(), "", "", "", "baseline")
            for name, base in metric.baseline.items()
        ]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)


def _git(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return result.stdout.strip()
