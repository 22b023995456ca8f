from collections import Counter

import numpy as np

from neural_brain.benchmarks.nav_consolidation import judge, rest
from neural_brain.models.maps.consolidation import Consolidation, ConsolidationConfig
from neural_brain.models.maps.landmarks import LandmarkConfig, LandmarkMap
from neural_brain.models.maps.track import Track
from neural_brain.sim.homes import generate_home


def track(number, thing, shift=0.0, name="") -> Track:
    center = np.array([*thing.position[:2], 0.5 * thing.size[2]])
    return Track(
        id=number,
        center=center + np.array([shift, 0.0, 0.0]),
        covariance=0.01 * np.eye(3),
        size=np.array(thing.size),
        categories={name or thing.category: 9.0},
        colours={},
        log_odds=3.0,
        count=20,
        first_seen=0.0,
        last_seen=0.0,
        near=1.0,
        far=3.0,
        told=True,
    )


def test_duplicates_and_ghosts_are_counted_and_a_rest_joins_the_former():
    home = generate_home(1300)
    names = Counter(thing.category for thing in home.objects)
    bed = next(x for x in home.objects if x.category == "bed")
    single = next(x for x in home.objects if names[x.category] == 1 and x != bed)
    landmarks = LandmarkMap(LandmarkConfig())
    for item in (
        track(1, bed),
        track(2, bed, 0.2),
        track(3, single),
        track(4, single, 5.0, "toilet" if "toilet" not in names else "ball"),
    ):
        landmarks.tracks[item.id] = item
    things = np.array([thing.position[:2] for thing in home.objects])
    consolidation = Consolidation(ConsolidationConfig())
    before = judge(landmarks, consolidation, home, things)
    assert (before.duplicates, before.tracks) == (1, 4)
    assert before.found == 2 / len(home.objects)
    rest(consolidation, landmarks, 10.0)
    after = judge(landmarks, consolidation, home, things)
    assert (after.duplicates, after.tracks) == (0, 3)
    assert (after.found, after.ghosts) == (before.found, before.ghosts)
