"""Views of places: laid onto each other, kept within a budget, recalled."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import compose2, inverse2
from neural_brain.models.maps import (
    CognitiveMap,
    Glimpse,
    MapsConfig,
    PlaceViews,
    Recogniser,
    ViewConfig,
    ViewPrior,
    fit_views,
    place_picture,
    recall_places,
    recognised,
)
from neural_brain.models.maps.correction import Correction
from neural_brain.models.sensing import OrbVlad, frame_view, picture_view
from neural_brain.models.sensing.sensing import empty_percepts
from neural_brain.models.signals import Picture, SceneView
from tests.painted_room import K, PaintedRoom

EMBEDDING = OrbVlad()
HERE = np.array([-1.0, 0.3, 0.4])
ASIDE = np.array([-1.3, 0.0, 0.55])


@pytest.fixture(scope="module")
def room():
    return PaintedRoom()


def view(room, pose, pan=0.0):
    return frame_view(room.frame(pose, pan=pan), EMBEDDING)


def plain_view(vector, embedding="test", corners=20, seed=0):
    """A view of random corners with a vector of its own."""
    rng = np.random.default_rng(seed)
    return SceneView(
        embedding=embedding,
        vector=np.asarray(vector, np.float32),
        codes=rng.integers(0, 256, (corners, 32)).astype(np.uint8),
        rays=np.zeros((corners, 2), np.float32),
        points=rng.uniform(0.5, 3.0, (corners, 3)).astype(np.float32),
        camera=np.zeros(3),
    )


@pytest.fixture
def walked(room):
    """A store that has seen the room from eight places."""
    store = PlaceViews(ViewConfig())
    for k, x in enumerate((-3.0, -1.5, 0.5, 2.0)):
        for n, yaw in enumerate((0.0, 2.0)):
            pose = np.array([x, 0.2, yaw])
            store.note(view(room, pose), pose, 100.0 * k + n)
    return store


@pytest.mark.parametrize("pan", [0.0, 0.3])
def test_two_views_with_depth_give_the_pose_between_them(room, pan):
    fit = fit_views(view(room, HERE), view(room, ASIDE, pan))
    true = compose2(inverse2(HERE), ASIDE)
    assert fit.spots >= 7
    np.testing.assert_allclose(fit.pose, true, atol=0.03)


def test_a_picture_without_depth_is_placed(room):
    picture = picture_view(room.frame(ASIDE).rgb, K, EMBEDDING)
    fit = fit_views(view(room, HERE), picture)
    np.testing.assert_allclose(fit.pose, compose2(inverse2(HERE), ASIDE), atol=0.06)


def test_views_of_different_rooms_do_not_agree(room):
    other = view(PaintedRoom(seed=7), HERE)
    fit = fit_views(view(room, HERE), other)
    assert fit is None or fit.spots < 6
    assert fit_views(plain_view([1.0], corners=0), other) is None


def test_the_place_is_recalled_with_its_pose(room, walked):
    asked = np.array([-1.7, -0.1, 0.2])
    found = recall_places(walked, [Glimpse(view(room, asked), np.zeros(3))])
    assert recognised(walked, found) is found[0]
    np.testing.assert_allclose(found[0].pose, asked, atol=0.05)


def test_an_unknown_place_is_not_recognised(walked):
    asked = view(PaintedRoom(seed=7), HERE)
    found = recall_places(walked, [Glimpse(asked, np.zeros(3))])
    assert recognised(walked, found) is None


def test_a_picture_gets_the_place_of_its_camera(room, walked):
    asked = np.array([1.8, 0.4, 0.1])
    seen = Picture(view=picture_view(room.frame(asked).rgb, K, EMBEDDING))
    recogniser = Recogniser()
    recogniser.store = walked
    place = place_picture(seen, recogniser).places[0]
    assert place.lead >= 7
    np.testing.assert_allclose(place.pose_map, asked, atol=0.1)


def test_a_prior_rules_out_what_is_far_away():
    store = PlaceViews(ViewConfig())
    for x in (0.0, 10.0):
        store.note(plain_view([1.0, 0.0]), np.array([x, 0.0, 0.0]), x)
    asked = [Glimpse(plain_view([1.0, 0.0]), np.zeros(3))]
    prior = ViewPrior(pose=np.array([9.5, 0.0, 0.0]), sigma_m=0.5)
    found = recall_places(store, asked, prior=prior, check=False)
    assert [match.pose[0] for match in found] == [10.0]


def test_earlier_glimpses_tell_places_apart_that_look_alike():
    # A lies before B1 and C before B2; B1 and B2 look the same.
    store = PlaceViews(ViewConfig())
    a, b, c = np.eye(3)
    for x, vector in ((0.0, a), (2.0, b), (10.0, c), (12.0, b)):
        store.note(plain_view(vector), np.array([x, 0.0, 0.0]), 100.0 * x)
    before = Glimpse(plain_view(c), np.array([5.0, 1.0, 0.0]))
    now = Glimpse(plain_view(b), np.array([7.0, 1.0, 0.0]))
    assert recall_places(store, [now], check=False)[0].pose[0] == 2.0
    assert recall_places(store, [before, now], check=False)[0].pose[0] == 12.0


def test_a_newer_view_takes_the_place_of_an_old_one_only():
    store = PlaceViews(ViewConfig(old_s=30.0))
    assert store.note(plain_view([1.0]), HERE, 0.0)
    assert not store.note(plain_view([1.0]), HERE + 0.1, 10.0)
    assert store.note(plain_view([1.0]), HERE + 0.1, 50.0)
    assert [kept.stamp for kept in store.views] == [50.0]
    turned = HERE + np.array([0.0, 0.0, 1.0])
    assert store.note(plain_view([1.0]), turned, 51.0)
    assert len(store.views) == 2


def test_the_budget_is_kept_and_the_closest_go_first():
    one = PlaceViews(ViewConfig())
    one.note(plain_view(np.eye(8)[0]), np.zeros(3), 0.0)
    budget = 3 * one.used_bytes
    store = PlaceViews(ViewConfig(budget_bytes=budget))
    for k, x in enumerate((0.0, 1.0, 9.0, 20.0, 30.0)):
        store.note(plain_view(np.eye(8)[0]), np.array([x, 0.0, 0.0]), float(k))
        assert store.used_bytes <= budget
    assert [kept.pose[0] for kept in store.views] == [9.0, 20.0, 30.0]
    nothing = PlaceViews(ViewConfig(budget_bytes=0))
    nothing.note(plain_view([1.0]), np.zeros(3), 0.0)
    assert not nothing.views


@pytest.mark.parametrize(
    "bad",
    [
        plain_view([1.0], corners=5),
        plain_view([np.nan]),
        plain_view([0.0]),
        replace(plain_view([1.0]), camera=np.full(3, np.inf)),
        replace(plain_view([1.0]), points=np.zeros((3, 3), np.float32)),
        None,
    ],
)
def test_a_useless_view_is_not_kept(bad):
    assert not PlaceViews(ViewConfig()).note(bad, np.zeros(3), 0.0)


def test_a_view_at_no_place_is_not_kept():
    assert not PlaceViews().note(plain_view([1.0]), np.full(3, np.nan), 0.0)


def test_vectors_of_another_embedding_are_never_compared(walked, room):
    foreign = replace(view(room, HERE), embedding="another")
    assert recall_places(walked, [Glimpse(foreign, np.zeros(3))]) == []
    walked.note(foreign, HERE, 1000.0)
    assert len(walked.views) == 1
    assert walked.embedding == "another"


def test_what_is_restored_recalls_the_same(walked, room):
    again = PlaceViews()
    again.restore(walked.arrays(), walked.embedding)
    asked = [Glimpse(view(room, HERE), np.zeros(3))]
    for a, b in zip(
        recall_places(walked, asked), recall_places(again, asked), strict=True
    ):
        np.testing.assert_allclose(a.pose, b.pose)
        assert (a.spots, a.lead) == (b.spots, b.lead)
    assert all(array.dtype.kind in "iuf" for array in walked.arrays().values())
    again.restore({}, None)
    assert again.views == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("view_pose", lambda a: a[:-1]),
        ("view_pose", lambda a: a * np.nan),
        ("view_count", lambda a: a + 1),
        ("view_count", lambda a: np.concatenate([[-1], a[1:]])),
        ("view_vector", lambda a: a.astype(np.float64)),
        ("view_vector", lambda a: a[:, :0]),
        ("view_codes", lambda a: a[:, :8]),
        ("view_points", lambda a: a[:-3]),
        ("view_camera", lambda a: a[:, :2]),
        ("view_stamp", lambda a: None),
    ],
)
def test_damaged_views_are_refused(walked, name, change):
    arrays = walked.arrays()
    changed = change(arrays[name])
    if changed is None:
        del arrays[name]
    else:
        arrays[name] = changed
    with pytest.raises(MapFileError, match="views are damaged"):
        PlaceViews().restore(arrays, walked.embedding)


@pytest.mark.parametrize("name", [None, "", 5, "x" * 200])
def test_views_without_a_sound_embedding_name_are_refused(walked, name):
    with pytest.raises(MapFileError, match="embedding"):
        PlaceViews().restore(walked.arrays(), name)


def test_views_move_with_their_keyframes():
    store = PlaceViews()
    store.note(plain_view([1.0]), np.array([1.0, 0.0, 0.0]), 0.0, anchor=7)
    store.note(plain_view([1.0]), np.array([1.0, 5.0, 0.0]), 0.0, anchor=0)
    moved = Correction(
        numbers=(3, 7),
        before=np.array([[1.0, 5.0, 0.0], [1.0, 1.0, 0.0]]),
        after=np.array([[1.0, 5.0, 0.0], [2.0, 1.0, 0.0]]),
    )
    store.move(moved)
    assert store.views[0].pose.tolist() == [2.0, 0.0, 0.0]
    assert store.views[1].pose.tolist() == [1.0, 5.0, 0.0]


def test_another_map_brings_its_views(walked):
    ours = PlaceViews()
    ours.absorb(walked, np.array([10.0, 0.0, np.pi / 2]), 5)
    assert len(ours.views) == len(walked.views)
    first = walked.views[0].pose
    np.testing.assert_allclose(ours.views[0].pose[:2], [10.0 - first[1], first[0]])
    foreign = PlaceViews()
    foreign.note(plain_view([1.0]), np.zeros(3), 0.0)
    foreign.absorb(walked, np.zeros(3), 0)
    assert len(foreign.views) == 1


def drive(world, tour, room, maps):
    for number, sample in enumerate(world.drive(tour[:3])):
        percepts = empty_percepts(sample.t, sample.body.pose_odom_base)
        if number % 5 == 0:
            percepts = replace(percepts, view=view(room, sample.world))
        maps.step(sample.t, sample.body, sample.scan, percepts)
    return sample


def test_the_map_keeps_views_and_saves_them(world, tour):
    room = PaintedRoom((0.0, 0.0), (12.0, 9.0))
    maps = CognitiveMap(MapsConfig())
    drive(world, tour, room, maps)
    kept = maps.views.store
    assert len(kept.views) >= 3
    again = CognitiveMap.restore(MapsConfig(), maps.snapshot()).views.store
    np.testing.assert_array_equal(again.poses(), kept.poses())
    assert again.embedding == kept.embedding


def test_a_lost_robot_is_found_by_what_it_sees(world, tour):
    room = PaintedRoom((0.0, 0.0), (12.0, 9.0))
    maps = CognitiveMap(MapsConfig())
    last = drive(world, tour, room, maps)
    frame = compose2(maps.pose_map_base(last.body), inverse2(last.world))
    again = CognitiveMap.restore(MapsConfig(), maps.snapshot())
    seen = maps.views.store.views[1]
    true = compose2(inverse2(frame), seen.pose)
    percepts = replace(empty_percepts(0.0, np.zeros(3)), view=view(room, true))
    correction = again.views.correction(percepts, None)
    np.testing.assert_allclose(correction, seen.pose, atol=0.05)
    blank = empty_percepts(0.1, np.zeros(3))
    assert again.views.correction(blank, correction) is correction
    other = replace(blank, view=view(PaintedRoom(seed=5), true))
    assert again.views.correction(other, correction) is None


def lost(world, tour, hint):
    """A localiser that is lost in a known map at rest, after six scans with a hint."""
    maps = CognitiveMap(MapsConfig())
    last = drive(world, tour, PaintedRoom((0.0, 0.0), (12.0, 9.0)), maps)
    true = maps.pose_map_base(last.body)
    again = CognitiveMap.restore(MapsConfig(), maps.snapshot())
    body, scan = last.body, last.scan
    away = compose2(true, np.array([2.0, 1.0, 2.0]))
    again.localiser.recall(compose2(away, inverse2(body.pose_odom_base)), away)
    for k in range(6):
        again.localiser.hint = hint(true, body.pose_odom_base)
        t = last.t + 1.0 + 0.5 * k
        again.step(t, replace(body, stamp=t), replace(scan, stamp=t), None)
        if again.localiser.by_search:
            break
    gap = compose2(
        inverse2(true), compose2(again.localiser.pose_map_odom, body.pose_odom_base)
    )
    return k, float(np.hypot(*gap[:2])), again.localiser


def test_a_right_hint_finds_the_robot_at_once(world, tour):
    near = np.array([0.2, -0.1, 0.1])
    k, gap, localiser = lost(
        world, tour, lambda true, odom: compose2(compose2(true, near), inverse2(odom))
    )
    assert localiser.by_search
    assert k == 0
    assert gap < 0.1


def test_without_a_hint_the_search_takes_some_scans(world, tour):
    k, gap, localiser = lost(world, tour, lambda true, odom: None)
    assert localiser.by_search
    assert k >= 5
    assert gap < 0.1


def test_what_the_search_finds_far_from_the_hint_is_refused(world, tour):
    far = np.array([5.0, 0.0, 0.0])
    _, _, localiser = lost(
        world, tour, lambda true, odom: compose2(compose2(true, far), inverse2(odom))
    )
    assert not localiser.by_search
    assert localiser.searches == 0
