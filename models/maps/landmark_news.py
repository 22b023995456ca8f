"""What is told of landmarks that were found or are gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from neural_brain.models.maps.landmarks import LandmarkMap


def landmark_news(landmarks: LandmarkMap) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Kind, sentence and data of each change since the last call."""
    for kind, changed in (
        ("new landmark", landmarks.new),
        ("landmark gone", landmarks.gone),
    ):
        for landmark in changed:
            words = f"{landmark.colour} {landmark.category}".strip()
            x, y = (round(float(v), 2) for v in landmark.center_map[:2])
            data = {
                "id": landmark.id,
                "category": landmark.category,
                "colour": landmark.colour,
                "xyz": [round(float(v), 3) for v in landmark.center_map],
            }
            yield kind, f"{kind}: {words} at ({x}, {y})", data
        changed.clear()
