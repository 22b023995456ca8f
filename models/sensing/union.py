"""Two detectors at once: what both see is surer, what one sees still counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.models.sensing.detector import Detector
from neural_brain.models.signals import ObjectPercept, RgbdFrame

REACH_M = 0.25


class UnionDetector:
    """Joins what two detectors see.

    Two percepts of one category are one thing where their middles lie within 0.25 m or
    half their size. The surer one's place stays; the confidences join as independent
    evidence: 1 - (1 - a)(1 - b).

    Args:
        first: a detector.
        second: another one.
    """

    def __init__(self, first: Detector, second: Detector) -> None:
        self.first, self.second = first, second

    def detect(self, frame: RgbdFrame) -> tuple[ObjectPercept, ...]:
        """Objects that at least one of them sees, surest first."""
        joined = list(self.first.detect(frame))
        free = set(range(len(joined)))
        for percept in self.second.detect(frame):
            k = min(
                (k for k in free if _same(joined[k], percept)),
                key=lambda k: _apart(joined[k], percept),
                default=None,
            )
            if k is None:
                joined.append(percept)
                continue
            free.remove(k)
            joined[k] = _join(joined[k], percept)
        return tuple(sorted(joined, key=lambda percept: -percept.confidence))


def _same(a: ObjectPercept, b: ObjectPercept) -> bool:
    half = 0.5 * max(float(a.size[:2].max()), float(b.size[:2].max()))
    return a.category == b.category and _apart(a, b) < max(REACH_M, half)


def _apart(a: ObjectPercept, b: ObjectPercept) -> float:
    return float(np.linalg.norm(a.center_base - b.center_base))


def _join(a: ObjectPercept, b: ObjectPercept) -> ObjectPercept:
    surer = a if a.confidence >= b.confidence else b
    doubt = (1.0 - a.confidence) * (1.0 - b.confidence)
    return replace(surer, confidence=1.0 - doubt)
