"""The nav-memory benchmark: its arithmetic, and that every writer gets the same."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks.curve import Curve, curve_svg
from neural_brain.benchmarks.feature_recall import (
    Question,
    Sight,
    Trial,
    change_day,
    fill,
    recall,
)
from neural_brain.benchmarks.nav_memory import (
    BUDGETS,
    WRITERS,
    bytes_for,
    one_home,
    summarise,
)
from neural_brain.models.maps import FeatureConfig, Patches, word_feature
from neural_brain.models.sensing.sensing import empty_percepts
from neural_brain.models.signals import ObjectPercept
from neural_brain.sim.homes import generate_home


def percept(thing):
    return ObjectPercept(
        category=thing.category,
        colour=thing.colour,
        confidence=0.9,
        center_base=np.array(thing.center),
        size=np.array(thing.size),
    )


def sight(objects, patches, things, stamp=0.0):
    seen = replace(empty_percepts(stamp, np.zeros(3)), objects=tuple(objects))
    return Sight(patches=patches, things=things, pose=np.zeros(3), percepts=seen)


@pytest.fixture(scope="module")
def trial():
    """A home whose things are seen one by one, each as exactly its words."""
    home = generate_home(7, small=True)
    things = home.objects
    patches = Patches(
        stamp=0.0,
        xyz=np.array([thing.center for thing in things]),
        features=np.stack([word_feature(t.category, t.colour) for t in things]),
        index=np.arange(len(things)),
    )
    numbers = np.array([thing.id + 1 for thing in things])
    percepts = [percept(thing) for thing in things]
    day = [sight(percepts, patches, numbers)]
    kinds = {(t.category, t.colour) for t in things}
    words = [
        Question(
            feature=word_feature(*kind),
            right=frozenset(t.id for t in things if (t.category, t.colour) == kind),
            category=kind[0],
            colour=kind[1],
        )
        for kind in sorted(kinds)
    ]
    return Trial(
        home=home,
        later=home,
        moved=frozenset([things[-1].id]),
        first_day=day * 2,
        second_day=day,
        camera_day=[sight(percepts, patches, numbers, k) for k in range(8)],
        words=words,
        photos=words[:5],
    )


@pytest.mark.parametrize("writer", WRITERS)
def test_without_a_limit_everything_is_found(trial, writer):
    features, shown = fill(trial, FeatureConfig(writer=writer, budget_bytes=10**6))
    assert recall(features, trial.words, trial.home) == 1.0
    assert len(shown) == features.store.size
    for slot, number in enumerate(shown):
        thing = trial.home.objects[number - 1]
        place = features.store.places(np.array([slot]))[0]
        assert np.linalg.norm(place - thing.center) < 0.4


def test_recall_counts_what_is_missing(trial):
    features, _ = fill(trial, FeatureConfig(writer="random", budget_bytes=10**6))
    wrong = Question(feature=trial.words[0].feature, right=trial.words[-1].right)
    assert recall(features, [trial.words[0], wrong], trial.home) <= 1.0
    assert np.isnan(recall(features, [], trial.home))


def test_nothing_is_stale_while_nothing_moved(trial):
    stale, found = change_day(trial, FeatureConfig(writer="random"), forget=False)
    assert stale == 0.0
    assert found == 1.0 or np.isnan(found)


def test_bytes_for_a_level_lie_between_the_points():
    used, share = np.array([10.0, 100.0, 1000.0]), np.array([0.0, 0.5, 1.0])
    assert bytes_for(used, share, 0.5) == pytest.approx(100.0)
    assert bytes_for(used, share, 0.75) == pytest.approx(10.0**2.5)
    assert bytes_for(used, share + 0.5, 0.2) == 10.0
    assert bytes_for(used, share * 0.5, 0.9) == np.inf


def test_the_summary_compares_bytes_at_equal_recall():
    used = np.array(BUDGETS, float)
    rising = np.linspace(0.4, 1.0, len(BUDGETS))
    row = {"area": np.array([100.0]), "things": np.array([50.0])}
    for writer in WRITERS:
        shift = 16.0 if writer == "merge" else 1.0
        row[f"{writer} bytes"] = used / shift
        for kind in ("words", "photos"):
            row[f"{writer} {kind}"] = rising
        row[f"{writer} stale"] = row[f"{writer} moved"] = np.array([0.5, 0.2])
    metrics = summarise([row, row, row])
    assert metrics[0].value == pytest.approx(1.0 / 16.0)
    assert metrics[0].met is True
    assert metrics[0].low <= metrics[0].value <= metrics[0].high
    assert {m.name for m in metrics} >= {"bytes per m2 without a limit"}


def test_one_home_gives_numbers_for_every_writer_and_budget(trial):
    row = one_home(trial)
    for writer in WRITERS:
        assert row[f"{writer} words"].shape == (len(BUDGETS),)
        assert np.all(row[f"{writer} bytes"] <= np.array(BUDGETS))
        assert row[f"{writer} stale"].shape == (2,)


def test_the_picture_holds_every_curve():
    curves = [Curve(name=name, x=(10.0, 1000.0), y=(0.1, 0.9)) for name in ("a<b", "c")]
    text = curve_svg(curves, title="t", x_label="bytes", y_label="recall")
    assert text.count("<polyline") == 2
    assert "a&lt;b" in text
