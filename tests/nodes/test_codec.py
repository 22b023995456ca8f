"""Signals survive the codec; nothing else gets through it."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neural_brain.models.maps.said import Said
from neural_brain.models.signals import (
    Area,
    AreaKind,
    ArmMode,
    BodyState,
    Event,
    Floor,
    GridView,
    Landmark,
    LookedGrid,
    MapMove,
    MapOrder,
    MapRequest,
    MapState,
    MotionStatus,
    MotionTarget,
    Passage,
    Place,
    Room,
    Route,
    SubGoal,
    SubGoalKind,
    Surprise,
    Toll,
)
from neural_brain.nodes.codec import SignalError, decode, encode

numbers = st.floats(-1e6, 1e6)
whole = st.integers(0, 10**6)


def arrays(*shape):
    return hnp.arrays(np.float64, shape, elements=numbers)


def equal(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    if dataclasses.is_dataclass(a):
        fields = dataclasses.fields(a)
        return type(a) is type(b) and all(
            equal(getattr(a, f.name), getattr(b, f.name)) for f in fields
        )
    return a == b and type(a) is type(b)


targets = st.builds(
    MotionTarget,
    stamp=numbers,
    twist_base=arrays(2),
    mode=st.sampled_from(ArmMode),
    q_target=st.integers(0, 60).flatmap(arrays),
    T_base_ee=arrays(4, 4),
    stiffness=arrays(6, 6),
    wrench_ff=arrays(6),
    contact=st.booleans(),
    head=arrays(2),
    gripper_m=numbers,
)
landmarks = st.builds(
    Landmark,
    id=whole,
    category=st.text(max_size=20),
    colour=st.text(max_size=9),
    center_map=arrays(3),
    covariance=arrays(3, 3),
    size=arrays(3),
    confidence=numbers,
    count=whole,
    first_seen=numbers,
    last_seen=numbers,
)
grids = st.builds(
    GridView,
    cells=st.tuples(st.integers(0, 12), st.integers(0, 12)).flatmap(
        lambda shape: hnp.arrays(np.int8, shape)
    ),
    origin=arrays(2),
    resolution=numbers,
    version=whole,
)
areas = st.builds(
    Area,
    name=st.text(),
    kind=st.sampled_from(AreaKind),
    outline=st.integers(0, 60).flatmap(lambda n: arrays(n, 2)),
    pose_map=st.none() | arrays(3),
    speed_m_s=numbers,
    floors=st.lists(st.text(), max_size=3).map(tuple),
    changed=numbers,
)
maps = st.builds(
    MapState,
    stamp=numbers,
    pose_map_odom=arrays(3),
    covariance=arrays(3, 3),
    localised=st.booleans(),
    grid=grids,
    places=st.lists(
        st.builds(Place, id=whole, xy=arrays(2), room=whole), max_size=3
    ).map(tuple),
    passages=st.lists(
        st.builds(Passage, start=whole, end=whole, cost=numbers, door=st.booleans()),
        max_size=3,
    ).map(tuple),
    rooms=st.lists(
        st.builds(Room, id=whole, center=arrays(2), area_m2=numbers, name=st.text()),
        max_size=3,
    ).map(tuple),
    landmarks=st.lists(landmarks, max_size=3).map(tuple),
    former=st.lists(landmarks, max_size=3).map(tuple),
    looked=st.none()
    | st.builds(
        LookedGrid,
        cells=st.tuples(st.integers(0, 12), st.integers(0, 12)).flatmap(
            lambda shape: hnp.arrays(np.uint8, shape)
        ),
        origin=arrays(2),
        cell_m=numbers,
    ),
    tolls=st.lists(
        st.builds(
            Toll,
            x_m=numbers,
            y_m=numbers,
            heading_rad=numbers,
            half_width_m=numbers,
            price_m=numbers,
        ),
        max_size=3,
    ).map(tuple),
    routes=st.lists(
        st.builds(
            Route,
            way=st.integers(0, 40).flatmap(lambda n: arrays(n, 2)),
            took_s=numbers,
            uses=whole,
        ),
        max_size=2,
    ).map(tuple),
    areas=st.lists(areas, max_size=3).map(tuple),
    moves=st.integers(0, 20).map(
        lambda n: (MapMove(stamp=1.0, before=np.zeros((n, 3)), after=np.ones((n, 3))),)
    ),
    floor=st.text(),
    other_floors=st.lists(
        st.builds(
            Floor,
            name=st.text(),
            rooms=st.lists(st.text(), max_size=3).map(tuple),
            things=st.lists(st.text(), max_size=3).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
)
requests = st.builds(
    MapRequest,
    stamp=numbers,
    order=st.sampled_from(MapOrder),
    area=st.none() | areas,
    floor=st.text(),
)
goals = st.builds(
    SubGoal,
    id=whole,
    kind=st.sampled_from(SubGoalKind),
    pose_map=st.none() | arrays(3),
    point_map=st.none() | arrays(3),
    size=st.none() | arrays(3),
    tolerance_m=numbers,
    tolerance_rad=numbers,
)
statuses = st.builds(
    MotionStatus,
    id=whole,
    state=st.text(max_size=9),
    reason=st.text(max_size=30),
    path_map=st.integers(0, 40).flatmap(lambda n: arrays(n, 2)),
    peak_force_n=numbers,
    stuck_at=st.none() | arrays(3),
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(targets, maps, goals, statuses, requests))
def test_what_is_encoded_comes_back_equal(signal):
    assert equal(decode(type(signal), encode(signal)), signal)


@settings(max_examples=10, deadline=None)
@given(maps)
def test_landmarks_in_blocks_as_the_map_has_them_come_back(state):
    said = Said(block=2)
    for number, landmark in enumerate(state.landmarks):
        said.put(number, landmark)
    blocks = dataclasses.replace(state, landmarks=said.view())
    back = decode(MapState, encode(blocks))
    assert isinstance(back.landmarks, tuple)
    assert equal(back, state)


@pytest.mark.parametrize("odd", [b"ab", bytearray(b"ab"), range(2)])
def test_what_only_looks_like_a_list_is_not_sent(odd):
    event = Event(stamp=1.0, source="x", kind="y", text="", data={"odd": odd})
    with pytest.raises(SignalError, match="cannot send"):
        encode(event)


def test_a_body_state_comes_back_bit_for_bit(body):
    assert equal(decode(BodyState, encode(body)), body)


def test_plain_data_of_an_event_comes_back():
    data = {"z": 4.5, "why": ["a", "b"], "deep": {"x": None, "n": 3, "yes": True}}
    event = Event(stamp=1.0, source="world", kind="surprise", text="x", data=data)
    assert decode(Event, encode(event)) == event


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([BodyState, MapState, MotionTarget, Event, MapRequest]),
    json_values,
)
def test_any_other_json_is_refused_with_a_reason(cls, value):
    text = json.dumps({"type": cls.__name__, "signal": value})
    with pytest.raises(SignalError) as caught:
        decode(cls, text)
    assert caught.value.reason


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_refused_with_a_reason(text):
    with pytest.raises(SignalError):
        decode(Surprise, text)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_one_changed_field_is_refused_or_still_well_typed(data):
    goal = SubGoal(id=3, kind=SubGoalKind.DRIVE, pose_map=np.array([1.0, 2.0, 0.5]))
    tree = json.loads(encode(goal))
    name = data.draw(st.sampled_from(sorted(tree["signal"])))
    tree["signal"][name] = data.draw(json_values)
    try:
        changed = decode(SubGoal, json.dumps(tree))
    except SignalError:
        return
    assert isinstance(changed.kind, SubGoalKind)
    assert isinstance(changed.id, int)
    assert changed.pose_map is None or changed.pose_map.shape == (3,)
    assert np.isfinite(changed.tolerance_m)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_not_sent(body, bad):
    q = body.q.copy()
    q[2] = bad
    with pytest.raises(SignalError, match=r"BodyState\.q") as caught:
        encode(dataclasses.replace(body, q=q))
    assert caught.value.reason == "finite"


def test_a_wrong_shape_is_not_sent(body):
    with pytest.raises(SignalError, match="expected \\(3,\\)"):
        encode(dataclasses.replace(body, pose_odom_base=np.zeros(4)))


def test_joint_arrays_of_different_lengths_are_refused(body):
    with pytest.raises(SignalError) as caught:
        encode(dataclasses.replace(body, dq=np.zeros(6)))
    assert caught.value.reason == "shape"


def test_nan_written_as_json_constant_is_refused():
    text = '{"type":"Surprise","signal":{"stamp":NaN,"z":0,"channel":"","text":""}}'
    with pytest.raises(SignalError) as caught:
        decode(Surprise, text)
    assert caught.value.reason == "syntax"


def test_a_text_over_the_budget_is_refused_before_it_is_parsed():
    with pytest.raises(SignalError) as caught:
        decode(Surprise, "[" * 2_000, budget_bytes=1_000)
    assert caught.value.reason == "size"


def test_deep_nesting_is_refused_without_a_crash():
    with pytest.raises(SignalError) as caught:
        decode(Event, "[" * 200_000)
    assert caught.value.reason == "syntax"


def test_a_shape_larger_than_its_bytes_is_refused():
    goal = MotionStatus(id=1, state="running", path_map=np.zeros((40, 2)))
    tree = json.loads(encode(goal))
    tree["signal"]["path_map"]["shape"] = [10**9, 2]
    with pytest.raises(SignalError) as caught:
        decode(MotionStatus, json.dumps(tree))
    assert caught.value.reason == "shape"


def test_the_type_of_the_signal_is_checked():
    text = encode(Surprise(stamp=1.0, z=0.0, channel="", text=""))
    with pytest.raises(SignalError, match="Expected a SubGoal, got 'Surprise'"):
        decode(SubGoal, text)
