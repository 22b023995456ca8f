"""The fleet benchmark: its robots see what is there, and its rows say what they say."""

import numpy as np

from neural_brain.benchmarks.fleet import Outcome, summarise
from neural_brain.benchmarks.fleet_robot import (
    APART_M,
    any_spot,
    distinct,
    look_around,
    scan_from,
)
from neural_brain.models.maps import CognitiveMap
from neural_brain.sim.homes import generate_home

HOME = generate_home(1000)


def test_a_scan_ends_at_walls_and_what_is_before_them_is_free():
    rng = np.random.default_rng(1)
    walls = np.array(HOME.walls)
    for _ in range(5):
        spot = any_spot(HOME, rng)
        scan = scan_from(HOME, spot)
        assert len(scan.hits) > 100
        x, y = scan.hits[:, None, 0], scan.hits[:, None, 1]
        on_wall = (x >= walls[:, 0] - 1e-6) & (x <= walls[:, 2] + 1e-6)
        on_wall &= (y >= walls[:, 1] - 1e-6) & (y <= walls[:, 3] + 1e-6)
        assert on_wall.any(axis=1).all()
        between = spot + 0.9 * (scan.hits - spot)
        x, y = between[:, None, 0], between[:, None, 1]
        inside = (x > walls[:, 0]) & (x < walls[:, 2])
        inside &= (y > walls[:, 1]) & (y < walls[:, 3])
        assert not inside.any()


def test_things_cannot_be_mistaken_and_are_believed_after_one_look():
    things = distinct(HOME)
    assert len(things) > 20
    for thing in things:
        for other in HOME.objects:
            if other.id != thing.id and other.category == thing.category:
                gap = np.subtract(thing.position[:2], other.position[:2])
                assert np.hypot(*gap) >= APART_M
    cognitive = CognitiveMap()
    x0, y0, x1, y1 = HOME.rooms[0].rect
    spot = np.array([0.5 * (x0 + x1), 0.5 * (y0 + y1)])
    seen = look_around(cognitive, HOME, spot, np.random.default_rng(0), t=0.0)
    found = {mark.category for mark in cognitive.landmarks.landmarks()}
    assert found == {thing.category for thing in things if thing.id in seen}


def test_a_loss_misses_its_goal():
    same = {"commits_s": 4.0, "latencies_ms": (10.0, 30.0), "refused": 0, "things": 0}
    whole = Outcome(cells=0, events=0, **same)
    lossy = Outcome(cells=3, events=1, **same)
    good = {metric.name: metric for metric in summarise(2, [whole], [lossy])}
    assert good["cells lost, 2 robots"].met
    assert good["cells lost, 2 robots"].baseline == {"one SQLite file": 3.0}
    assert good["merge p50, 2 robots"].value == 20.0
    bad = {metric.name: metric for metric in summarise(2, [lossy], [whole])}
    assert bad["things lost, 2 robots"].met
    assert bad["cells lost, 2 robots"].met is False
    assert bad["events lost, 2 robots"].met is False
