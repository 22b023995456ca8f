"""The feature map: patches, three writers under one budget, questions, forgetting."""

import numpy as np
import pytest

from neural_brain.models.categories import CATEGORIES
from neural_brain.models.errors import ConfigError
from neural_brain.models.maps import (
    FeatureConfig,
    FeatureMap,
    Patches,
    frame_patches,
    word_feature,
)
from neural_brain.models.maps.feature_store import ENTRY_BYTES, FeatureStore
from neural_brain.models.maps.features import WRITERS
from neural_brain.models.maps.patches import DIMENSION, joined
from neural_brain.models.signals import RgbdFrame

H, W = 96, 128
BLUE, GREY = (30, 40, 200), (120, 120, 120)


def make_frame(depth_m, stamp=0.0):
    """A camera 1 m above the base that looks straight ahead at a grey wall."""
    T = np.eye(4)
    T[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    T[2, 3] = 1.0
    return RgbdFrame(
        stamp=stamp,
        rgb=np.full((H, W, 3), GREY, np.uint8),
        depth=np.full((H, W), depth_m, np.float32),
        K=np.array([[100.0, 0.0, W / 2], [0.0, 100.0, H / 2], [0.0, 0.0, 1.0]]),
        T_base_camera=T,
    )


def mug_on_wall(depth_m=2.0, pose=(0.0, 0.0, 0.0)):
    """Patches of a wall with a blue mug in the middle of the picture."""
    frame = make_frame(depth_m)
    frame.rgb[40:72, 56:88] = BLUE
    classes = np.zeros((H // 2, W // 2), np.int32)
    classes[20:36, 28:44] = CATEGORIES.index("mug")
    sure = np.full(classes.shape, 0.9, np.float32)
    return frame_patches(frame, classes, sure, np.array(pose, float))


def random_patches(rng, count=60, spread_m=2.0, stamp=0.0):
    raw = rng.dirichlet(np.full(DIMENSION, 0.1), size=count).astype(np.float32)
    parts = raw[:, : len(CATEGORIES)], raw[:, len(CATEGORIES) :]
    return Patches(
        stamp=stamp,
        xyz=rng.uniform(-spread_m, spread_m, (count, 3)),
        features=joined(*parts),
        index=np.arange(count),
    )


def test_patches_lie_where_the_depth_says():
    patches = mug_on_wall(pose=(1.0, 2.0, np.pi / 2))
    assert len(patches.xyz) == (H // 16) * (W // 16)
    assert np.allclose(patches.xyz[:, 1], 4.0, atol=0.01)
    assert abs(patches.xyz[:, 0].mean() - 1.0) < 0.1
    assert abs(patches.xyz[:, 2].mean() - 1.0) < 0.1


def test_patches_without_depth_are_left_out():
    frame = make_frame(2.0)
    frame.depth[:, : W // 2] = 0.0
    classes = np.zeros((H // 2, W // 2), np.int32)
    sure = np.ones(classes.shape, np.float32)
    patches = frame_patches(frame, classes, sure, np.zeros(3))
    assert len(patches.xyz) == (H // 16) * (W // 32)
    assert np.all(np.isfinite(patches.xyz))


@pytest.mark.parametrize("writer", WRITERS)
def test_words_find_the_thing(writer):
    features = FeatureMap(FeatureConfig(writer=writer))
    features.write(mug_on_wall())
    best = features.query(word_feature("mug", "blue"))[0]
    assert best.likeness > 0.6
    assert np.hypot(best.xyz[0] - 2.0, best.xyz[1] + 0.15) < 0.3
    assert not features.query(word_feature("sofa", "red"))


def test_unknown_words_are_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="mug"):
        word_feature("mugg")
    with pytest.raises(ConfigError, match="at least one word"):
        word_feature()


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("budget", [ENTRY_BYTES, 1000, 5000])
def test_the_budget_holds(writer, budget):
    rng = np.random.default_rng(3)
    config = FeatureConfig(writer=writer, budget_bytes=budget, merge_threshold=0.1)
    features = FeatureMap(config, rng)
    for _ in range(5):
        features.write(random_patches(rng))
    assert 0 < features.used_bytes <= budget
    assert features.used_bytes > budget - ENTRY_BYTES


def test_only_random_keeps_what_was_seen_before():
    sizes = {}
    for writer in WRITERS:
        features = FeatureMap(FeatureConfig(writer=writer))
        features.write(mug_on_wall())
        once = features.store.size
        for _ in range(3):
            features.write(mug_on_wall())
        sizes[writer] = (once, features.store.size)
    assert sizes["random"][1] == 4 * sizes["random"][0]
    assert sizes["mean"][1] < 2 * sizes["mean"][0]
    assert sizes["merge"][1] == sizes["merge"][0]


def test_a_full_merge_map_keeps_the_thing_and_not_the_wall():
    config = FeatureConfig(writer="merge", budget_bytes=4 * ENTRY_BYTES)
    features = FeatureMap(config)
    for k in range(8):
        features.write(mug_on_wall(2.0 + 0.3 * k))
    assert features.query(word_feature("mug", "blue"))[0].likeness > 0.6


def test_a_merged_entry_is_the_mean_and_has_the_new_stamp():
    store = FeatureStore(4, 0.25)
    blue, red = word_feature("mug", "blue"), word_feature("mug", "red")
    slot = store.add(np.zeros(3), blue, 1.0, 0.5)
    store.merge(slot, red, 2.0)
    mean = (blue + red) / np.linalg.norm(blue + red)
    assert np.allclose(store.features([slot])[0], mean, atol=0.01)
    assert store.stamps[slot] == 2.0
    assert store.views[slot] == 2


@pytest.mark.parametrize("seed", range(5))
def test_the_index_agrees_with_the_places_after_any_changes(seed):
    rng = np.random.default_rng(seed)
    store = FeatureStore(80, 0.3)
    for _ in range(200):
        xyz, feature = rng.uniform(-1, 1, 3), random_patches(rng, 1).features[0]
        if not store.full and rng.random() < 0.6:
            store.add(xyz, feature, 0.0, 0.0)
        elif store.size and rng.random() < 0.5:
            store.replace(int(rng.integers(store.size)), xyz, feature, 0.0, 0.0)
        elif store.size:
            gone = rng.choice(store.size, min(3, store.size), replace=False)
            store.remove(gone)
    here = np.array([0, 0, 0])
    voxels = np.array([store._voxels[k] for k in range(store.size)])
    near = np.flatnonzero(np.abs(voxels - here).max(axis=1) <= 1)
    assert sorted(store.around((0, 0, 0), 1)) == near.tolist()
    apart = store.places(slice(0, store.size)) - (voxels + 0.5) * 0.3
    assert np.abs(apart).max() < 0.15 + 0.006  # the voxel is that of the place


def test_what_is_seen_through_is_forgotten_and_the_rest_stays():
    features = FeatureMap(FeatureConfig(writer="random"))
    features.write(mug_on_wall(2.0))
    behind = features.store.size
    features.write(mug_on_wall(4.0))
    features.forget_seen_through(make_frame(4.0), np.zeros(3))
    left = features.store.places(slice(0, features.store.size))
    assert 0 < features.store.size < 2 * behind
    inner = np.abs(left[:, 1]) < 0.5 * 4.0 * (W / 2) / 100.0
    inner &= np.abs(left[:, 2] - 1.0) < 0.5 * 4.0 * (H / 2) / 100.0
    assert np.allclose(left[inner][:, 0], 4.0, atol=0.02)


def test_nothing_is_forgotten_without_depth():
    features = FeatureMap(FeatureConfig(writer="random"))
    features.write(mug_on_wall(2.0))
    before = features.store.size
    features.forget_seen_through(make_frame(0.0), np.zeros(3))
    features.forget_seen_through(make_frame(np.nan), np.zeros(3))
    assert features.store.size == before


def plainly_asked(features, asked, limit):
    """The same question, answered by looking at every entry for every answer."""
    everything = slice(0, features.store.size)
    known = features.store.features(everything)
    xyz, likeness = features.store.places(everything), np.ones(len(known))
    for part in (slice(0, len(CATEGORIES)), slice(len(CATEGORIES), DIMENSION)):
        length = np.linalg.norm(asked[part])
        if length > 0.0:
            likeness *= known[:, part] @ asked[part] * np.sqrt(2) / length
    left, found = likeness.copy(), []
    while len(found) < limit and left.max() > 0.0:
        best = int(np.argmax(left))
        near = np.linalg.norm(xyz - xyz[best], axis=1) < features.config.reach_m
        alike = near & (likeness > 0.9 * likeness[best])
        found.append(np.average(xyz[alike], axis=0, weights=likeness[alike]))
        left[np.hypot(*(xyz - xyz[best])[:, :2].T) < 2 * features.config.reach_m] = 0.0
    return np.array(found)


@pytest.mark.parametrize("spread_m", [0.1, 1.5, 30.0])
@pytest.mark.parametrize("count", [200, 9000])
def test_a_large_map_answers_as_if_all_was_looked_at(count, spread_m):
    rng = np.random.default_rng(count)
    patches = random_patches(rng, count, spread_m)
    if spread_m == 1.5:  # the likest ones lie together, the second best far away
        patches.xyz[: count // 2] *= 0.01
        patches.features[: count // 2] = word_feature("mug", "blue")
    config = FeatureConfig(writer="random", budget_bytes=count * ENTRY_BYTES)
    features = FeatureMap(config)
    for k in range(count):
        stamp = float(k)
        features.store.add(patches.xyz[k], patches.features[k], stamp, 0.0)
    for asked in (
        word_feature("mug", "blue"),
        word_feature("mug"),
        patches.features[3],
    ):
        found = np.array([place.xyz for place in features.query(asked)])
        expected = plainly_asked(features, asked, 3)
        np.testing.assert_allclose(found, expected, atol=1e-3)
