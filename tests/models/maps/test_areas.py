"""Named areas: nothing wrong gets in, nothing right is lost."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import compose2, inverse2, transform2
from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.maps.area_geojson import (
    areas_to_geojson,
    dock_area,
    read_geojson,
)
from neural_brain.models.maps.areas import (
    absorbed,
    area_to_plain,
    areas_from_plain,
    check_area,
    check_areas,
    joined,
    moved,
    same,
    with_area,
    without,
)
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.floors import change_map
from neural_brain.models.maps.news import adopt, take_news
from neural_brain.models.maps.outlines import disc
from neural_brain.models.signals import Area, AreaKind, MapOrder, MapRequest

EAST = np.array([8.0, 0.0])
SQUARE = np.array([[0, 0], [2, 0], [2, 1], [0, 1]], float)

DIRECTED = (AreaKind.DOCK, AreaKind.ONE_WAY)


def area(name="nursery", kind=AreaKind.KEEP_OUT, outline=SQUARE, **more):
    return Area(name=name, kind=kind, outline=outline, **more)


def every_kind():
    return check_areas(
        (
            area("Anna's room", AreaKind.ROOM),
            area(),
            area("stairs", AreaKind.SLOW, SQUARE + 5.0, speed_m_s=0.2),
            dock_area("dock", np.array([1.0, 2.0, 0.5]), 7.0),
            area("lift", AreaKind.LIFT, SQUARE - 3.0, floors=("first", "ground")),
        )
    )


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (area(outline=SQUARE[[0, 2, 1, 3]]), "crosses itself"),
        (area(outline=SQUARE * np.nan), "not numbers"),
        (area(outline=np.full((4, 2), np.inf)), "not numbers"),
        (area(outline=SQUARE + 1e7), "-1000 to 1000"),
        (area(outline=SQUARE[:2]), "2 corners"),
        (area(outline=np.zeros((101, 2))), "101 corners"),
        (area(outline=np.zeros((4, 3))), "shape"),
        (area(outline=SQUARE[[0, 0, 1, 2]]), "twice"),
        (area(outline=SQUARE * 1e-2), "m2"),
        (area(""), "1 to 40 letters"),
        (area("x" * 41), "1 to 40 letters"),
        (area("a\nb"), "1 to 40 letters"),
        (area("--"), "1 to 40 letters"),
        (area(None), "1 to 40 letters"),
        (area(kind=AreaKind.SLOW), "speed_m_s = 0.0"),
        (area(kind=AreaKind.SLOW, speed_m_s=np.nan), "speed_m_s = nan"),
        (area(speed_m_s=0.3), "only slow areas"),
        (area(kind=AreaKind.DOCK), "no pose"),
        (area(kind=AreaKind.DOCK, pose_map=np.full(3, np.nan)), "pose"),
        (area(pose_map=np.zeros(3)), "only docks"),
        (area(floors=("first",)), "only lifts"),
        (area(kind=AreaKind.LIFT, floors=("",)), "floor of the lift"),
        (area(changed=np.inf), "changed"),
    ],
)
def test_what_cannot_be_right_is_refused_with_a_reason(wrong, words):
    with pytest.raises(MapFileError, match=words):
        check_area(wrong)


def test_names_count_once_and_are_not_endless():
    two = (area("Nursery"), area("nursery", outline=SQUARE + 4.0))
    with pytest.raises(MapFileError, match="two keep-out areas"):
        check_areas(two)
    assert len(check_areas((area(), area(kind=AreaKind.ROOM)))) == 2
    many = tuple(area(f"n{k}") for k in range(201))
    with pytest.raises(MapFileError, match="201 areas"):
        check_areas(many)


def test_adding_replaces_and_removing_removes():
    areas = with_area(every_kind(), area("NURSERY", outline=SQUARE + 1.0))
    assert len(areas) == len(every_kind())
    (nursery,) = [a for a in areas if a.name == "NURSERY"]
    assert np.array_equal(nursery.outline, SQUARE + 1.0)
    left = without(areas, AreaKind.KEEP_OUT, "Nursery")
    assert len(left) == len(areas) - 1
    assert without(left, AreaKind.KEEP_OUT, "Nursery") == left


def test_plain_data_and_geojson_come_back_as_they_were():
    areas = every_kind()
    plain = json.loads(json.dumps([area_to_plain(a) for a in areas]))
    again = areas_from_plain(plain)
    assert all(same(a, b) for a, b in zip(areas, again, strict=True))
    text = json.dumps(areas_to_geojson(areas))
    read = read_geojson(text)
    for a, b in zip(areas, read, strict=True):
        assert same(replace(a, changed=0.0), b)


def feature(geometry, **properties):
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def test_discs_and_docks_are_points_and_other_features_are_passed_over():
    point = {"type": "Point", "coordinates": [1.0, 2.0]}
    features = [
        feature(point, kind="keep-out", name="pond", radius_m=1.5),
        feature(point, kind="dock", name="dock", yaw=1.0),
        feature(point, kind="landmark", category="mug"),
        feature(point, kind="room", name="", id=3),
    ]
    collection = {"type": "FeatureCollection", "features": features}
    dock, pond = read_geojson(json.dumps(collection))
    assert np.allclose(pond.outline, disc(np.array([1.0, 2.0]), 1.5))
    assert np.allclose(dock.pose_map, [1.0, 2.0, 1.0])


LINE = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
POINT = {"type": "Point", "coordinates": [0, 0]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "not GeoJSON"),
        ("[1, 2", "not GeoJSON"),
        ("[" * 100000, "not GeoJSON"),
        ("[]", "FeatureCollection"),
        ('{"type": "FeatureCollection"}', "features"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "NaN"),
        ('{"type": "FeatureCollection", "features": [7]}', "Feature 0"),
        (feature(None, kind="slow", name="x"), "Feature 0"),
        (feature(LINE, kind="keep-out", name="x"), "LineString"),
        (feature(POINT, kind="keep-out", name="x"), "radius_m"),
        (feature(POINT, kind="keep-out", name="x", radius_m=-1), "more than 0"),
        (feature(POINT, kind="keep-out", name="x", radius_m="1"), "radius_m"),
        (feature(POINT, kind="moat", name="x", radius_m=1), "moat"),
        (feature(POINT, kind="keep-out", radius_m=1), "name"),
        (feature(POINT, kind="keep-out", name=3, radius_m=1), "letters"),
        (feature(POINT, kind="lift", name="x", radius_m=1, floors="up"), "floors"),
        (
            feature({"type": "Point", "coordinates": [1e300, 0]}, kind="dock",
                    name="d", yaw=0),
            "coordinate",
        ),
        (
            feature({"type": "Polygon", "coordinates": [[], []]}, kind="keep-out",
                    name="d"),
            "rings",
        ),
    ],
)  # fmt: skip
def test_geojson_that_is_none_is_refused_with_a_reason(data, words):
    text = data if isinstance(data, str) else json.dumps(data)
    with pytest.raises(MapFileError, match=words):
        read_geojson(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["type", "features", "geometry", "coordinates", "properties", "kind",
             "name", "radius_m", "yaw", "x", "y", "floors", "speed_m_s"]
        ),
        inner | st.sampled_from(["Feature", "FeatureCollection", "Polygon", "Point",
                                 "dock", "slow", "lift", "keep-out"]),
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(JSON, JSON)
def test_no_text_whatever_gets_in_unchecked_or_breaks_the_reader(geometry, properties):
    """Only areas that pass all checks, or one clear error."""
    for data in (geometry, {"type": "Feature", "geometry": geometry,
                            "properties": properties}):  # fmt: skip
        try:
            areas = read_geojson(json.dumps(data))
        except MapFileError as error:
            assert len(str(error)) < 700
            continue
        assert check_areas(areas) == areas


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(0.3, 5.0), min_size=3, max_size=40),
    st.floats(-500, 500), st.floats(-500, 500), st.sampled_from(list(AreaKind)),
)  # fmt: skip
def test_any_star_survives_export_and_import(radii, x, y, kind):
    angles = np.arange(len(radii)) * 2 * np.pi / len(radii)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    made = Area(
        name="It's 3, not 4",
        kind=kind,
        outline=np.array(radii)[:, None] * ring + [x, y],
        pose_map=np.array([x, y, 1.0]) if kind in DIRECTED else None,
        speed_m_s=0.3 if kind is AreaKind.SLOW else 0.0,
        floors=("first",) if kind is AreaKind.LIFT else (),
    )
    (again,) = read_geojson(json.dumps(areas_to_geojson((made,))))
    assert same(made, again)


def test_a_snapshot_keeps_areas_and_an_older_one_has_none():
    ours = CognitiveMap(MapsConfig())
    ours.areas, ours.floor = every_kind(), "ground"
    snapshot = ours.snapshot()
    assert json.loads(json.dumps(snapshot.data)) == snapshot.data
    again = CognitiveMap.restore(MapsConfig(), snapshot)
    assert again.floor == "ground"
    assert all(same(a, b) for a, b in zip(again.areas, ours.areas, strict=True))
    assert again.state().areas == again.areas
    older = {k: v for k, v in snapshot.data.items() if k not in ("areas", "floor")}
    old = CognitiveMap.restore(
        MapsConfig(), replace(snapshot, data={**older, "version": 2})
    )
    assert old.areas == ()
    assert old.floor == ""


@pytest.mark.parametrize(
    "change",
    [
        lambda item: item.pop("kind"),
        lambda item: item.update(outline=[[0, 0], [1, 1]]),
        lambda item: item.update(outline="round"),
        lambda item: item.update(outline=[[0, 0], [1, 1], [1]]),
        lambda item: item.update(kind="moat"),
        lambda item: item.update(speed_m_s="fast"),
        lambda item: item.update(floors=3),
    ],
)
def test_a_snapshot_with_a_wrong_area_is_refused(change):
    ours = CognitiveMap(MapsConfig())
    ours.areas = every_kind()
    snapshot = ours.snapshot()
    change(snapshot.data["areas"][0])
    with pytest.raises(MapFileError, match=r"area|areas"):
        CognitiveMap.restore(MapsConfig(), snapshot)
    broken = replace(snapshot, data={**snapshot.data, "areas": "none"})
    with pytest.raises(MapFileError, match="not a list"):
        CognitiveMap.restore(MapsConfig(), broken)


def test_a_closed_loop_moves_areas_with_the_map_around_them():
    after = np.array([[0.0, 0.0, 0.0], [9.0, 1.0, np.pi / 2]])
    correction = Correction(
        numbers=(1, 2), before=np.array([[0.0, 0, 0], [9.0, 0, 0]]), after=after
    )
    near, far, dock = moved(
        (
            area(),
            area("far", outline=SQUARE + EAST),
            dock_area("dock", np.array([9.0, 1.0, 0.0])),
        ),
        correction,
    )
    assert np.allclose(near.outline, SQUARE)
    change = compose2(after[1], inverse2(np.array([9.0, 0, 0])))
    assert np.allclose(far.outline, transform2(change, SQUARE + EAST))
    assert np.allclose(dock.pose_map, [8.0, 1.0, np.pi / 2])


def test_a_map_that_is_laid_onto_ours_brings_its_areas():
    pose = np.array([1.0, 2.0, np.pi])
    theirs = (area(outline=SQUARE + 9.0), area("lab", AreaKind.ROOM))
    both = absorbed((area(),), theirs, pose)
    assert [a.name for a in both] == ["nursery", "lab"]
    assert np.array_equal(both[0].outline, SQUARE)  # ours stays
    assert np.allclose(both[1].outline, transform2(pose, SQUARE))


def test_two_robots_join_what_their_people_changed():
    base = check_areas((area("a"), area("b"), area("c"), area("d"), area("e")))
    newer = SQUARE + 1.0
    ours = with_area(base, area("a", outline=newer, changed=5.0))
    ours = without(ours, AreaKind.KEEP_OUT, "c")
    ours = with_area(ours, area("e", outline=newer, changed=9.0))
    theirs = without(base, AreaKind.KEEP_OUT, "b")
    theirs = with_area(theirs, area("new", outline=newer))
    theirs = with_area(theirs, area("c", outline=newer, changed=3.0))
    theirs = without(theirs, AreaKind.KEEP_OUT, "e")
    for first, second in ((ours, theirs), (theirs, ours)):
        both = {a.name: a for a in joined(first, second, base)}
        assert sorted(both) == ["a", "c", "d", "e", "new"]
        assert all(np.array_equal(both[k].outline, newer) for k in "ace")
    clash = with_area(base, area("a", outline=SQUARE + 7.0, changed=6.0))
    for first, second in ((ours, clash), (clash, ours)):
        both = {a.name: a for a in joined(first, second, base)}
        assert np.array_equal(both["a"].outline, SQUARE + 7.0)  # the newer one


def test_a_shared_map_carries_areas_and_floor_to_the_other_robot():
    base = CognitiveMap(MapsConfig())
    base.areas = (area("a"),)
    ours, theirs = (
        CognitiveMap.restore(MapsConfig(), base.snapshot()) for _ in range(2)
    )
    theirs.areas, theirs.floor = with_area(theirs.areas, area("b")), "ground"
    take_news(ours, theirs, base, 1.0)
    assert [a.name for a in ours.areas] == ["a", "b"]
    assert ours.floor == "ground"
    robot = CognitiveMap.restore(MapsConfig(), base.snapshot())
    adopt(robot, ours.snapshot())
    assert [a.name for a in robot.areas] == ["a", "b"]
    assert robot.floor == "ground"


def test_a_request_changes_the_map_or_nothing():
    ours = CognitiveMap(MapsConfig())
    change_map(ours, MapRequest(stamp=1.0, order=MapOrder.ADD, area=area()))
    assert [a.name for a in ours.state().areas] == ["nursery"]
    assert [e.kind for e in ours.pop_events()] == ["area"]
    wrong = area(outline=SQUARE * np.nan)
    for request in (
        MapRequest(stamp=2.0, order=MapOrder.ADD, area=wrong),
        MapRequest(stamp=2.0, order=MapOrder.ADD),
        MapRequest(stamp=2.0, order=MapOrder.REMOVE, area=area("cellar")),
        MapRequest(stamp=2.0, order=MapOrder.NAME_FLOOR, floor=""),
    ):
        with pytest.raises(MapFileError):
            change_map(ours, request)
        assert [a.name for a in ours.areas] == ["nursery"]
    change_map(ours, MapRequest(stamp=3.0, order=MapOrder.REMOVE, area=area()))
    assert ours.areas == ()
