"""One-way passages that people name: in words, as GeoJSON, in plans."""

import json

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.executive.one_way_words import hear_one_way
from neural_brain.models.executive.place_words import hear_place
from neural_brain.models.executive.places_known import areas_called, phrases
from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.maps.area_geojson import areas_to_geojson, read_geojson
from neural_brain.models.maps.areas import check_areas
from neural_brain.models.maps.one_way import one_way_area, one_way_tolls
from neural_brain.models.motion import CostmapConfig, make_costmap, travel_field
from neural_brain.models.signals import Area, AreaKind, MapOrder
from tests.models.executive.conftest import Flat

FAR = np.array([3.2, 0.1, np.pi])
DOOR = np.zeros(3)  # from the kitchen (x < 0) into the office


@pytest.fixture
def state():
    return Flat().state(0.0)


@pytest.mark.parametrize(
    "words",
    ["this door is one way", "Please this door is a one-way door.",
     "this is a one way passage", "This doorway is one-way!"],
)  # fmt: skip
def test_words_make_the_door_one_way(state, words):
    said = hear_place(words, 3.0, state, DOOR)
    area = said.request.area
    assert (said.request.order, area.kind) == (MapOrder.ADD, AreaKind.ONE_WAY)
    assert np.array_equal(area.pose_map, DOOR)
    assert area.name == "one-way door 1"


def test_said_again_it_turns_and_it_can_be_taken_back(state):
    object.__setattr__(state, "areas", (one_way_area("one-way door 1", DOOR),))
    turned = np.array([0.2, 0.1, np.pi])
    again = hear_place("this door is one way", 3.0, state, turned).request.area
    assert again.name == "one-way door 1"
    other = hear_place("this door is one way", 3.0, state, FAR)
    assert other.request.area.name == "one-way door 2"
    back = hear_place("this door is not one way any more", 3.0, state, turned)
    assert back.request.order is MapOrder.REMOVE
    far = hear_place("this door is open both ways", 3.0, state, FAR)
    assert far.request is None and "no one-way door" in far.text


def test_other_words_and_a_lost_robot(state):
    for words in ("this door is open", "go one way", "this is Anna's door"):
        assert hear_one_way(words, 1.0, state, DOOR) is None
    text, request = hear_one_way("this door is one way", 1.0, state, None)
    assert request is None and "not sure where I am" in text


def test_nobody_goes_to_it_by_name(state):
    areas = (one_way_area("fire door", DOOR),)
    object.__setattr__(state, "areas", areas)
    assert areas_called("fire door", areas) == ()
    assert ("fire", "door") not in phrases(state)


@pytest.mark.parametrize(
    ("start", "goal", "reached"),
    [((-2, 0), (2, 0), True), ((2, 0), (-2, 0), False)],
)
def test_plans_lead_through_one_way_only(state, start, goal, reached):
    tolls = one_way_tolls([one_way_area("door", DOOR)])
    costmap = make_costmap(state.grid, CostmapConfig(), 0.25)
    field = travel_field(costmap, np.array(start, float), tolls=tolls)
    assert np.isfinite(field.cost_to(np.array([goal], float))[0]) == reached


def test_the_line_is_as_wide_as_the_outline():
    turned = np.array([1.0, 2.0, np.pi / 2])
    wide = Area(
        name="gate", kind=AreaKind.ONE_WAY, pose_map=turned,
        outline=np.array([[0.0, 1.8], [2.4, 1.8], [2.4, 2.2], [0.0, 2.2]]),
    )  # fmt: skip
    (toll,) = one_way_tolls([wide])
    assert toll.half_width_m == pytest.approx(1.4)
    assert abs(toll.heading_rad) == pytest.approx(np.pi / 2)
    assert toll.heading_rad < 0.0


def test_it_lasts_and_is_published():
    cognitive = CognitiveMap(MapsConfig())
    cognitive.areas = (one_way_area("door", DOOR),)
    again = CognitiveMap.restore(MapsConfig(), cognitive.snapshot())
    assert again.state().tolls == one_way_tolls(cognitive.areas)


def test_geojson_there_and_back():
    text = json.dumps(areas_to_geojson((one_way_area("door", DOOR),)))
    (area,) = read_geojson(text)
    assert area.kind is AreaKind.ONE_WAY
    assert np.allclose(area.pose_map, DOOR)
    point = {
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [1, 2]},
        "properties": {"kind": "one-way", "name": "gate", "yaw": 0.5},
    }  # fmt: skip
    (gate,) = read_geojson(json.dumps(point))
    assert np.allclose(gate.pose_map, [1, 2, 0.5])
    del point["properties"]["yaw"]
    with pytest.raises(MapFileError, match="yaw"):
        read_geojson(json.dumps(point))


def test_without_a_direction_it_is_refused():
    area = Area(
        name="door", kind=AreaKind.ONE_WAY, outline=one_way_area("a", DOOR).outline
    )
    with pytest.raises(MapFileError, match="has no pose"):
        check_areas((area,))
