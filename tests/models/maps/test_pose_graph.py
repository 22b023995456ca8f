import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import compose2, inverse2, wrap
from neural_brain.models.maps.pose_graph import Edge, GraphProblem

TIGHT = np.diag(np.square([0.01, 0.01, 0.005]))


def ring(count, rng, noise=(0.01, 0.01, 0.01)):
    """True poses on a circle, the chain of noisy steps, and where the chain leads."""
    step = np.array([0.5, 0.0, 2.0 * np.pi / count])
    true, edges, chained = [np.zeros(3)], [], [np.zeros(3)]
    for k in range(count - 1):
        true.append(compose2(true[-1], step))
        felt = step + rng.normal(0.0, noise)
        edges.append(Edge(first=k, second=k + 1, pose=felt, covariance=TIGHT))
        chained.append(compose2(chained[-1], felt))
    return np.array(true), edges, np.array(chained)


def loop(true, first, second, pose=None):
    measured = compose2(inverse2(true[first]), true[second]) if pose is None else pose
    return Edge(first=first, second=second, pose=measured, covariance=TIGHT, loop=True)


def error(poses, true):
    return np.hypot(*(poses - true)[:, :2].T)


def test_without_contradiction_nothing_moves():
    true, edges, _ = ring(30, np.random.default_rng(0), noise=(0.0, 0.0, 0.0))
    solution = GraphProblem(list(range(30)), edges).solve(true)
    assert solution.chi2 < 1e-12
    assert np.allclose(solution.poses, true, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_a_loop_takes_the_drift_out_of_the_whole_ring(seed):
    rng = np.random.default_rng(seed)
    true, edges, chained = ring(120, rng, noise=(0.01, 0.01, 0.02))
    edges += [loop(true, 0, 119), loop(true, 1, 118)]
    solution = GraphProblem(list(range(120)), edges).solve(chained)
    assert error(solution.poses, true)[-1] < 0.03
    assert error(solution.poses, true).mean() < 0.6 * error(chained, true).mean()
    assert solution.weights.min() > 0.5


@pytest.mark.parametrize("seed", range(5))
def test_one_wrong_loop_among_right_ones_is_switched_off(seed):
    rng = np.random.default_rng(seed)
    true, edges, chained = ring(100, rng)
    right = [loop(true, 0, 99), loop(true, 3, 97), loop(true, 6, 95)]
    wrong = loop(true, 10, 60, np.array([0.1, 0.2, 0.3]))
    problem = GraphProblem(list(range(100)), [*edges, *right, wrong])
    solution = problem.solve(chained)
    assert solution.weights[-1] < 0.05
    assert solution.weights[-4:-1].min() > 0.5
    without = GraphProblem(list(range(100)), [*edges, *right]).solve(chained)
    assert error(solution.poses, without.poses).max() < 0.01


def test_the_first_pose_and_loose_poses_stay():
    _, edges, chained = ring(20, np.random.default_rng(1))
    chained[0] = [4.0, 5.0, 1.0]
    alone = [e for e in edges if 19 not in (e.first, e.second)]
    solution = GraphProblem(list(range(20)), alone).solve(chained)
    assert np.array_equal(solution.poses[0], [4.0, 5.0, 1.0])
    assert np.allclose(solution.poses[19], chained[19])
    assert np.all(np.isfinite(solution.poses))


@pytest.mark.parametrize("ends", [(0, 7), (2, 2)])
def test_an_edge_that_leads_nowhere_is_refused(ends):
    edge = Edge(first=ends[0], second=ends[1], pose=np.zeros(3), covariance=TIGHT)
    with pytest.raises(ConfigError, match=f"{ends[0]}-{ends[1]}"):
        GraphProblem([0, 1, 2], [edge])


def random_graph(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(3, 25))
    true = np.column_stack([rng.uniform(-5, 5, (count, 2)), rng.uniform(-3, 3, count)])
    pairs = [(k, k + 1) for k in range(count - 1)]
    pairs += [tuple(rng.choice(count, 2, replace=False)) for _ in range(count)]
    edges = []
    for a, b in pairs:
        half = rng.normal(size=(3, 3))
        pose = compose2(inverse2(true[a]), true[b]) + rng.normal(0, 0.02, 3)
        edges.append(
            Edge(
                first=int(a),
                second=int(b),
                pose=pose,
                covariance=1e-4 * (half @ half.T + np.eye(3)),
            )
        )
    return true, edges


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_the_solution_is_a_minimum(seed):
    true, edges = random_graph(seed)
    problem = GraphProblem(list(range(len(true))), edges)
    solution = problem.solve(true)
    assert solution.chi2 <= problem.chi2(true).sum() + 1e-9
    rng = np.random.default_rng(seed)
    for _ in range(5):
        other = solution.poses.copy()
        other[1:] += rng.normal(0.0, 1e-3, other[1:].shape)
        assert problem.chi2(other).sum() >= solution.chi2 - 1e-6 * solution.chi2


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.integers(0, 10**6),
    st.tuples(st.floats(-20, 20), st.floats(-20, 20), st.floats(-3, 3)),
)
def test_the_solution_does_not_depend_on_the_frame(seed, frame):
    true, edges = random_graph(seed)
    frame = np.array(frame)
    problem = GraphProblem(list(range(len(true))), edges)
    here = problem.solve(true)
    there = problem.solve(np.array([compose2(frame, pose) for pose in true]))
    back = np.array([compose2(inverse2(frame), pose) for pose in there.poses])
    gap = back - here.poses
    assert np.abs(gap[:, :2]).max() < 2e-3
    assert max(abs(wrap(float(a))) for a in gap[:, 2]) < 1e-3


def test_slices_and_one_go_give_the_same():
    true, edges, chained = ring(40, np.random.default_rng(2))
    problem = GraphProblem(list(range(40)), [*edges, loop(true, 0, 39)])
    work, slices = problem.steps(chained), 0
    try:
        while True:
            next(work)
            slices += 1
    except StopIteration as end:
        sliced = end.value
    assert slices >= 2
    assert np.array_equal(sliced.poses, problem.solve(chained).poses)
