import json
from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.signals import ObjectPercept, Percepts


@pytest.fixture(scope="module")
def snapshot(world, tour):
    cognitive = CognitiveMap(MapsConfig())
    for sample in world.drive(tour[:4]):
        mug = ObjectPercept(
            category="mug",
            colour="red",
            confidence=0.9,
            center_base=np.array([1.0, 0.0, 0.7]),
            size=np.full(3, 0.1),
        )
        percepts = Percepts(
            stamp=sample.t,
            pose_odom_base=sample.body.pose_odom_base,
            obstacles=np.array([[1.0, 0.0]]),
            free=np.array([[0.5, 0.0]]),
            objects=(mug,),
            view_polygon=np.zeros((0, 2)),
        )
        cognitive.step(sample.t, sample.body, sample.scan, percepts)
    return cognitive.snapshot()


def test_data_is_json_and_arrays_are_plain(snapshot):
    assert json.loads(json.dumps(snapshot.data)) == snapshot.data
    assert all(array.dtype.kind in "iuf" for array in snapshot.arrays.values())


def test_restoring_gives_the_same_snapshot(snapshot):
    again = CognitiveMap.restore(MapsConfig(), snapshot).snapshot()
    for name, array in snapshot.arrays.items():
        assert np.array_equal(again.arrays[name], array), name
    for name in ("landmarks", "places", "passages", "rooms", "travelled"):
        assert again.data[name] == snapshot.data[name], name


def test_a_restored_map_waits_until_it_is_sure(snapshot, make_body):
    cognitive = CognitiveMap.restore(MapsConfig(), snapshot)
    state = cognitive.step(0.0, make_body(0.0, np.zeros(3)), None, None)
    assert not state.localised
    assert state.landmarks
    assert state.rooms


def test_the_snapshot_is_a_copy(snapshot):
    cognitive = CognitiveMap.restore(MapsConfig(), snapshot)
    copy = cognitive.snapshot()
    cognitive.grid.lidar[:] = 7
    assert not np.any(copy.arrays["lidar"] == 7)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: replace(s, data={**s.data, "version": 99}), "version"),
        (lambda s: replace(s, arrays={}), "lidar"),
        (
            lambda s: replace(
                s, arrays={**s.arrays, "depth": np.zeros((2, 2), np.int16)}
            ),
            "shape",
        ),
        (
            lambda s: replace(s, arrays={**s.arrays, "origin": np.full(2, np.nan)}),
            "finite",
        ),
        (lambda s: replace(s, data={**s.data, "landmarks": [{"id": 1}]}), "damaged"),
        (lambda s: replace(s, data={**s.data, "penalties": [[1, 2, -1.0]]}), "damaged"),
        (
            lambda s: replace(
                s,
                data={
                    **s.data,
                    "passages": [
                        {"start": 1, "end": 2, "cost": float("nan"), "door": False}
                    ],
                },
            ),
            "damaged",
        ),
        (
            lambda s: replace(s, data={**s.data, "experience": {"tolls": [[1.0]]}}),
            "damaged",
        ),
    ],
)
def test_a_bad_snapshot_is_refused_with_the_reason(snapshot, change, words):
    with pytest.raises(MapFileError, match=words):
        CognitiveMap.restore(MapsConfig(), change(snapshot))
