"""Keyframes: what is kept of a scan, how many, and what lies between them."""

import numpy as np
import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.geometry import compose2, inverse2, wrap
from neural_brain.models.maps import GridConfig, OccupancyGrid
from neural_brain.models.maps.consistency import largest_clique
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.correlative import Likelihood, correlate
from neural_brain.models.maps.keyframes import KeyframeConfig, Keyframes, keyframe
from neural_brain.models.maps.pose_graph import Edge, GraphProblem
from neural_brain.models.maps.redraw import draw, points_of
from neural_brain.models.maps.spread import Spreads

STEP = np.diag(np.square([0.02, 0.02, 0.01]))


def filled(world, count, most=1500):
    """Keyframes along the corridor of the flat home, to and fro."""
    keys = Keyframes(KeyframeConfig(most=most))
    rng = np.random.default_rng(0)
    last = None
    for k in range(count):
        there = k % 40
        x = 1.0 + 0.25 * (there if there < 20 else 40 - there)
        frame = keys.add(np.array([x, 4.6, 0.0]), world.scan([x, 4.6, 0.0], k, rng))
        if last is not None:
            pose = compose2(inverse2(last.pose), frame.pose)
            keys.edges.append(
                Edge(first=last.id, second=frame.id, pose=pose, covariance=STEP)
            )
        last = frame
        keys.thin_out(5)
    return keys


def test_a_scan_is_kept_to_the_millimetre(world):
    scan = world.scan(world.start, 1.0, np.random.default_rng(1))
    again = keyframe(1, np.zeros(3), scan).scan()
    for kind in (np.isnan, np.isposinf, np.isneginf):
        assert np.array_equal(kind(again.ranges), kind(scan.ranges))
    good = np.isfinite(scan.ranges)
    assert np.abs(again.ranges[good] - scan.ranges[good]).max() <= 0.00051
    assert again.angle_increment == scan.angle_increment
    assert np.array_equal(again.pose_base_laser, scan.pose_base_laser)


def test_their_number_is_bounded_and_the_graph_stays_in_one_piece(world):
    keys = filled(world, 130, most=30)
    assert len(keys.frames) == 30
    assert keys.used_bytes < 30 * 2000
    assert len(keys.edges) <= 4 * 30
    numbers = list(keys.frames)
    assert numbers[0] == 1  # the origin is never dropped
    assert np.all(np.isfinite(Spreads(numbers, keys.edges, numbers[-1]).sigma))
    solution = GraphProblem(numbers, keys.edges).solve(keys.poses())
    assert np.abs(solution.poses - keys.poses()).max() < 1e-6  # edges still are true
    xs = keys.poses()[:, 0]
    assert xs.min() < 1.3
    assert xs.max() > 5.7  # all of the corridor is still covered


def test_arrays_bring_everything_back(world):
    keys = filled(world, 12)
    again = Keyframes(KeyframeConfig())
    again.restore(keys.arrays(), keys.next_id)
    assert again.next_id == keys.next_id
    for name, array in keys.arrays().items():
        assert np.array_equal(again.arrays()[name], array), name


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("key_pose", np.full((12, 3), np.nan)),
        ("key_ranges", np.zeros(5, np.uint16)),
        ("key_id", np.zeros(12, np.int64)),
        ("edge_ends", np.full((11, 3), 99, np.int64)),
        ("edge_covariance", np.zeros((11, 3, 3))),
    ],
)
def test_damaged_arrays_are_refused(world, name, bad):
    arrays = {**filled(world, 12).arrays(), name: bad}
    with pytest.raises(MapFileError, match="keyframes are damaged"):
        Keyframes(KeyframeConfig()).restore(arrays, 13)


def test_a_way_is_less_sure_the_longer_it_is(world):
    keys = filled(world, 40)
    numbers = list(keys.frames)
    spreads = Spreads(numbers, keys.edges, 1)
    assert np.all(np.diff(spreads.sigma) > 0.0)
    pose, near = spreads.relative(5)
    _, far = spreads.relative(35)
    assert np.allclose(pose, [1.0, 0.0, 0.0], atol=1e-9)
    assert np.linalg.eigvalsh(far - near).min() > -1e-12
    loop = Edge(
        first=1, second=35, pose=[1.5, 0.0, 0.0], covariance=0.01 * STEP, loop=True
    )
    closed = Spreads(numbers, [*keys.edges, loop], 1)
    assert closed.sigma[34] < 0.2 * spreads.sigma[34]


def test_a_scan_is_found_a_metre_off_and_a_second_place_is_seen(world):
    rng = np.random.default_rng(2)
    keys = Keyframes(KeyframeConfig())
    spots = [(6.0, 4.6, 0.0), (6.0, 3.0, 0.5), (5.5, 2.5, 1.0), (7.0, 1.5, 2.0)]
    for spot in spots:
        keys.add(np.array(spot), world.scan(spot, 0.0, rng))
    grid = OccupancyGrid(GridConfig())
    list(draw(grid, [(f, f.pose) for f in keys.frames.values()]))
    true = np.array([6.4, 2.2, 0.7])
    scan = keyframe(9, true, world.scan(true, 0.0, rng))
    hits = points_of(scan, GridConfig()).hits
    guess = true + np.array([1.0, -0.8, 0.3])
    work = correlate(Likelihood(grid), hits, guess, (1.5, 0.5), 0.4)
    try:
        while True:
            next(work)
    except StopIteration as end:
        peaks = end.value
    gap = peaks.pose - true
    assert np.hypot(*gap[:2]) < 0.12
    assert abs(wrap(gap[2])) < 0.05
    assert peaks.rival < 0.9 * peaks.score


def test_the_largest_set_in_accord_holds_the_new_one():
    joined = np.zeros((5, 5), bool)
    for a, b in ((0, 1), (1, 2), (0, 2), (3, 4)):
        joined[a, b] = joined[b, a] = True
    assert largest_clique(joined, 1) == [0, 1, 2]
    assert largest_clique(joined, 4) == [3, 4]


def test_a_bent_grid_moves_with_its_keyframes():
    values = np.zeros((60, 80), np.int16)
    values[20, 10], values[40, 70] = 7, 9
    before = np.array([[0.5, 1.0, 0.0], [3.5, 2.0, 0.0]])
    after = before + np.array([[0.0, 0.0, 0.0], [-0.25, 0.1, 0.0]])
    correction = Correction(numbers=(1, 2), before=before, after=after)
    bent = correction.bend(values, np.zeros(2), 0.05)
    assert bent[20, 10] == 7
    assert bent[42, 65] == 9
    assert np.count_nonzero(bent) == 2
    moved = correction.move(np.array([[0.5, 1.0], [3.5, 2.0]]))
    assert np.allclose(moved, [[0.5, 1.0], [3.25, 2.1]])
    assert correction.shift_m == pytest.approx(np.hypot(0.25, 0.1))
