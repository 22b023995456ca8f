import numpy as np
import pytest

from neural_brain.models.maps import MapSnapshot


def snapshot_of(n: int, size: int = 120) -> MapSnapshot:
    """A map whose every part says its number."""
    rng = np.random.default_rng(n)
    noise = rng.integers(0, 100, (size, size)).astype(np.int16)
    mug = {
        "id": 1, "category": "mug", "colour": "blue", "center": [1.0, 2.0, 0.7],
        "covariance": [[0.01, 0, 0], [0, 0.01, 0], [0, 0, 0.01]],
        "size": [0.1, 0.1, 0.1], "categories": {"mug": 3.0}, "colours": {"blue": 2.0},
        "confidence": 0.9, "log_odds": 2.0, "count": n, "first_seen": 1.0,
        "last_seen": float(n), "near": 1.0, "far": 2.0, "told": True, "rivals": [],
        "room": 1,
    }  # fmt: skip
    data = {
        "version": 1,
        "number": n,
        "landmarks": [mug],
        "rooms": [{"id": 1, "name": "kitchen", "center": [1.0, 1.0], "area_m2": 9.0}],
        "places": [
            {"id": 1, "xy": [0.0, 0.0], "room": 1},
            {"id": 2, "xy": [1.0, 0.0], "room": 1},
        ],
        "passages": [{"start": 1, "end": 2, "cost": 1.0, "door": False}],
    }
    arrays = {
        "lidar": noise + np.int16(n),
        "hit_mean": rng.random((size, size, 2)).astype(np.float16),
        "origin": np.array([float(n), 0.0]),
    }
    return MapSnapshot(stamp=float(n), arrays=arrays, data=data)


@pytest.fixture
def make_snapshot():
    return snapshot_of
