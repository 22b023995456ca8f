"""Why a goal was missed."""

import numpy as np
import pytest

from neural_brain.benchmarks.navigation import reason
from neural_brain.benchmarks.navigation.metrics import GoalResult
from neural_brain.models.signals import Landmark
from neural_brain.sim.homes import generate_home

THING = next(t for t in generate_home(3, small=True).objects if t.position[2] > 0)


def mark(xyz):
    return Landmark(
        id=1, category=THING.category, colour="", center_map=np.array(xyz),
        covariance=np.eye(3), size=np.ones(3), confidence=1.0, count=9,
        first_seen=0.0, last_seen=0.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "known", "why"),
    [
        ({"success": True, "claimed": True}, [], ""),
        ({"claimed": True, "away_m": 1.4}, [], reason.TOO_FAR),
        ({"claimed": True, "away_m": 4.0}, [], reason.WRONG),
        ({"outcome": "I stopped after 300 s"}, [], reason.TIME),
        ({"outcome": "I searched everything"}, [], reason.UNSEEN),
        ({"outcome": "no way"}, [mark(THING.center)], reason.UNREACHED),
        ({"outcome": "no way"}, [mark((50.0, 0.0, 0.0))], reason.UNSEEN),
    ],
)
def test_reasons(more, known, why):
    values = {
        "home": 3, "words": "", "kind": "", "index": 0, "success": False,
        "claimed": False, "shortest_m": 1.0, "driven_m": 1.0, "left_m": 1.0,
        "away_m": 5.0, "time_s": 1.0, "outcome": "", **more,
    }  # fmt: skip
    result = GoalResult(**values)
    assert reason.reason_of(result, known, np.zeros(3), [THING]) == why


def test_the_map_may_lie_elsewhere_in_the_world():
    shifted = np.array(THING.center) - (2.0, 0.0, 0.0)
    assert reason.knows([mark(shifted)], np.array([2.0, 0.0, 0.0]), [THING])
    assert not reason.knows([mark(shifted)], np.zeros(3), [THING])
