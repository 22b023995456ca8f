"""Whether a feature map finds what the brain's landmarks do not, and at what price.

Both take the same frames, as many as the robot's camera takes, in one home after the
other. Asked are landmarks, the feature map, and what a brain with both could do; and,
as that costs nothing, tracks that were not seen often enough to be landmarks.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.feature_recall import Question, Sight, Trial
from neural_brain.benchmarks.landmark_recall import (
    Finder,
    Known,
    believing_all,
    feature_finder,
    first_then,
    landmark_finder,
    nothing_known,
    remember,
    share_found,
)
from neural_brain.benchmarks.result import Metric, mean_metric
from neural_brain.models.categories import CATEGORIES, COLOURS
from neural_brain.models.maps import (
    FeatureConfig,
    FeatureMap,
    LandmarkConfig,
    word_feature,
)
from neural_brain.sim.homes import HomeSpec

OURS, FEATURES, BOTH = "landmarks", "feature map", "both"
RARELY, UNSURE = "both, if no landmark fits", "landmarks, then unsure ones"
ALL = "all three"
WAYS = (OURS, FEATURES, BOTH, RARELY, UNSURE, ALL)
BEFORE = {OURS: "landmarks alone", UNSURE: "landmarks and unsure ones"}
Floats = NDArray[np.float64]
Row = dict[str, Floats]


def compared(trial: Trial) -> Row:
    """All numbers of one home, by name.

    `WAY words` and `WAY photos` are recalls of the ways of `WAYS` with the camera's
    frames, `quick WAY words` and so on with a third of them. `there` (n,) and `absent`
    (m,) are the best likenesses for things without a landmark that are and are not in
    the home. `landmarks ms`, `feature map ms` are CPU times of a frame, `... bytes` is
    what is kept.
    """
    row: Row = {}
    for prefix, day in (("", trial.camera_day), ("quick ", trial.first_day)):
        known, landmarks_ms = _landmarks(day)
        features, features_ms = _features(day)
        for way, find in ways_of(known, features).items():
            for kind in ("words", "photos"):
                share = share_found(find, getattr(trial, kind), trial.home)
                row[f"{prefix}{way} {kind}"] = np.array([share])
        if prefix:
            continue
        row[f"{OURS} ms"] = np.array([landmarks_ms])
        row[f"{FEATURES} ms"] = np.array([features_ms])
        row[f"{OURS} bytes"] = np.array([float(known.file_bytes)])
        row[f"{FEATURES} bytes"] = np.array([float(features.used_bytes)])
        row["there"], row["absent"] = likenesses(trial, known, features)
    return row


def ways_of(known: Known, features: FeatureMap) -> dict[str, Finder]:
    """How each of `WAYS` answers."""
    ours, theirs = landmark_finder(known), feature_finder(features)
    unsure = first_then(ours, landmark_finder(believing_all(known)))
    return {
        OURS: ours,
        FEATURES: theirs,
        BOTH: first_then(ours, theirs),
        RARELY: first_then(ours, theirs, fewer_than=1),
        UNSURE: unsure,
        ALL: first_then(unsure, theirs),
    }


def likenesses(
    trial: Trial, known: Known, features: FeatureMap
) -> tuple[Floats, Floats]:
    """Best likeness of kinds without a landmark: those that are there, and others."""
    find = landmark_finder(known)
    there = [q for q in trial.words if not len(find(q))]
    absent = [q for q in absent_kinds(trial.home) if not len(find(q))]
    return _best(features, there), _best(features, absent)


def absent_kinds(home: HomeSpec) -> list[Question]:
    """Questions for all that is not in a home."""
    have = {(thing.category, thing.colour) for thing in home.objects}
    return [
        Question(
            feature=word_feature(category, colour),
            right=frozenset(),
            category=category,
            colour=colour,
        )
        for category, colour in product(CATEGORIES[1:], COLOURS)
        if (category, colour) not in have
    ]


def compared_metrics(rows: Sequence[Row]) -> list[Metric]:
    """What the comparison says over homes."""
    metrics = []
    for kind in ("words", "photos"):
        values = {way: _mean(rows, f"{way} {kind}") for way in WAYS}
        samples = _column(rows, f"{BOTH} {kind}")
        name = f"recall by {kind}, landmarks then the feature map"
        others = {way: values[way] for way in WAYS if way != BOTH}
        metrics.append(mean_metric(name, samples, "", baseline=others))
        for what, way, before in (
            ("the feature map", BOTH, OURS),
            ("unsure ones", UNSURE, OURS),
            ("the feature map", ALL, UNSURE),
        ):
            gains = [r[f"{way} {kind}"][0] - r[f"{before} {kind}"][0] for r in rows]
            name = f"gain of {what} by {kind}, over {BEFORE[before]}"
            goal = ">= 0.03" if way == BOTH else ""
            metrics.append(mean_metric(name, gains, "", goal=goal))
    name = "recall by words after a third of the views, landmarks then the feature map"
    quick = {way: _mean(rows, f"quick {way} words") for way in WAYS if way != BOTH}
    samples = _column(rows, f"quick {BOTH} words")
    metrics.append(mean_metric(name, samples, "", baseline=quick))
    if any(row["there"].size for row in rows):
        metrics.append(told_apart(rows))
    for name, what, unit in (
        ("bytes of the feature map", "bytes", "B"),
        ("CPU of the feature map for a frame", "ms", "ms"),
    ):
        ours = {OURS: _mean(rows, f"{OURS} {what}")}
        samples = _column(rows, f"{FEATURES} {what}")
        metrics.append(mean_metric(name, samples, unit, baseline=ours))
    return metrics


def told_apart(rows: Sequence[Row]) -> Metric:
    """Chance that a thing that is there looks liker than one that is not (ROC area)."""
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(rows), size=(1000, len(rows)))
    areas = [_area([rows[i] for i in pick]) for pick in picks]
    low, high = np.nanpercentile(areas, [2.5, 97.5])
    return Metric(
        name="things without a landmark: one that is there looks liker than one "
        "that is not",
        value=_area(rows),
        low=float(low),
        high=float(high),
        unit="",
        n=len(rows),
        baseline={"chance": 0.5},
    )


def _area(rows: Sequence[Row]) -> float:
    there = np.concatenate([row["there"] for row in rows])[:, None]
    absent = np.concatenate([row["absent"] for row in rows])
    if not (there.size and absent.size):
        return float("nan")
    return float(np.mean(there > absent) + 0.5 * np.mean(there == absent))


def _landmarks(day: Sequence[Sight]) -> tuple[Known, float]:
    """Landmarks of a day and the CPU time of a frame [ms]."""
    known = nothing_known(LandmarkConfig())
    began = time.process_time()
    remember(known, day)
    return known, 1e3 * (time.process_time() - began) / max(1, len(day))


def _features(day: Sequence[Sight]) -> tuple[FeatureMap, float]:
    """The feature map of a day and the CPU time of a frame [ms], cutting included."""
    features = FeatureMap(FeatureConfig())
    began = time.process_time()
    for sight in day:
        features.write(sight.patches)
    spent = 1e3 * (time.process_time() - began)
    spent += sum(sight.cutting_ms for sight in day)
    return features, spent / max(1, len(day))


def _best(features: FeatureMap, questions: Sequence[Question]) -> Floats:
    best = [features.query(question.feature, 1) for question in questions]
    return np.array([places[0].likeness if places else 0.0 for places in best])


def _column(rows: Sequence[Row], name: str) -> list[float]:
    return [float(row[name][0]) for row in rows]


def _mean(rows: Sequence[Row], name: str) -> float:
    return float(np.mean(_column(rows, name)))
