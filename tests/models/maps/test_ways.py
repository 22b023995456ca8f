import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from neural_brain.models.maps.endotaxis import Endotaxis, largest_eigenvalue
from neural_brain.models.maps.successor import RANK, SuccessorMap
from neural_brain.models.maps.ways import climb, graph_of, walk, way_graph
from neural_brain.models.signals import Passage


@st.composite
def connected(draw, most=14):
    """Costs of a random graph in which every place leads to every other one."""
    n = draw(st.integers(2, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    costs = {}
    for k in range(1, n):
        other = int(rng.integers(0, k))
        costs[k, other], costs[other, k] = rng.uniform(0.3, 3.0, 2)
    for a, b in rng.integers(0, n, (n, 2)).tolist():
        if a != b:
            costs[a, b] = float(rng.uniform(0.3, 3.0))
    return graph_of(costs).costs, rng


def exact(costs, reach_m=1.0):
    discount = np.where(costs > 0.0, np.exp(-costs / reach_m), 0.0)
    chance = discount / np.maximum(discount.sum(axis=1, keepdims=True), 1e-300)
    return np.linalg.inv(np.eye(len(costs)) - chance * discount)


@settings(max_examples=60, deadline=None)
@given(connected(), st.integers(0, 2 * RANK))
def test_the_successor_map_is_the_exact_inverse_after_any_edits(graph, edits):
    costs, rng = graph
    n = costs.shape[0]
    successor, table = SuccessorMap(costs), costs.toarray()
    for _ in range(edits):
        row = int(rng.integers(0, n))
        ends = [k for k in rng.permutation(n).tolist() if k != row][:3]
        table[row] = 0.0
        table[row, ends] = rng.uniform(0.3, 3.0, len(ends))
        successor.set_row(row, {k: float(table[row, k]) for k in ends})
    M = np.stack([successor.column(g) for g in range(n)], axis=1)
    assert np.allclose(M, exact(table), rtol=1e-9, atol=1e-12)
    assert np.array_equal(successor.costs.toarray(), table)
    successor.refresh()
    assert np.allclose(successor.column(0), exact(table)[:, 0], rtol=1e-9, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(connected())
def test_climbing_the_successor_map_always_arrives(graph):
    costs, _ = graph
    best = np.array([graph_costs(costs, g) for g in range(costs.shape[0])])
    for goal in range(costs.shape[0]):
        way = walk(SuccessorMap(costs).next_rows(goal), costs, goal)
        assert np.all(np.isfinite(way))
        assert np.all(way >= best[goal] - 1e-9)


def graph_costs(costs, goal):
    """Bellman and Ford, to check against."""
    table = np.where(costs.toarray() > 0.0, costs.toarray(), np.inf)
    value = np.full(len(table), np.inf)
    value[goal] = 0.0
    for _ in table:
        value = np.minimum(value, (table + value).min(axis=1))
    return value


@settings(max_examples=60, deadline=None)
@given(connected())
def test_dijkstra_is_exact_and_directed(graph):
    costs, _ = graph
    table = costs.toarray()
    pairs = {(a, b): table[a, b] for a, b in zip(*np.nonzero(table), strict=True)}
    ways = graph_of({(int(a), int(b)): float(v) for (a, b), v in pairs.items()})
    for goal in range(len(table)):
        assert np.allclose(ways.costs_to(goal), graph_costs(costs, goal))
        assert ways.costs_from(goal)[0] == pytest.approx(ways.costs_to(0)[goal])


@settings(max_examples=60, deadline=None)
@given(connected(), st.floats(0.05, 0.3))
def test_endotaxis_reaches_the_goal_with_a_small_gain(graph, share):
    costs, _ = graph
    both = costs + costs.T  # as published: passages that lead both ways
    endotaxis = Endotaxis(csr_matrix(both), share)
    for goal in range(costs.shape[0]):
        assert np.all(np.isfinite(walk(endotaxis.next_rows(goal), both, goal)))


def lattice(side):
    costs = {}
    for k in range(side * side):
        row, column = divmod(k, side)
        for other, there in ((k + 1, column < side - 1), (k + side, row < side - 1)):
            if there:
                costs[k, other] = costs[other, k] = 1.2
    return graph_of(costs).costs


def test_endotaxis_takes_shortest_ways_up_to_the_largest_gain():
    costs = lattice(7)
    for goal in (0, 24, 48):
        way = walk(Endotaxis(costs).next_rows(goal), costs, goal)
        assert np.allclose(way, graph_costs(costs, goal), rtol=0.05)


@pytest.mark.parametrize("share", [0.0, 0.81, -1.0, float("nan")])
def test_a_gain_near_the_critical_one_is_refused(share):
    with pytest.raises(ValueError, match=r"at most 0\.8"):
        Endotaxis(lattice(3), share)


def test_the_critical_gain_of_a_lattice_is_known():
    largest = 4.0 * np.cos(np.pi / 11)
    assert largest_eigenvalue((lattice(10) > 0).astype(float)) == pytest.approx(
        largest, rel=1e-3
    )


def test_a_closed_passage_is_gone_around_and_costs_are_one_way():
    costs = lattice(5)
    successor = SuccessorMap(costs)
    successor.close(0, 1)
    assert successor.next_rows(1)[0] == 5
    assert successor.next_rows(0)[1] == 0
    successor.close(0, 5)
    assert successor.next_rows(1)[0] == -1
    assert not np.isfinite(walk(successor.next_rows(1), successor.costs, 1)[0])


@pytest.mark.parametrize("cost", [0.0, -1.0, np.nan, np.inf])
def test_senseless_costs_are_refused(cost):
    with pytest.raises(ValueError, match="positive"):
        graph_of({(1, 2): cost})


def test_places_keep_their_numbers():
    passages = [
        Passage(start=7, end=3, cost=1.0, door=False),
        Passage(start=3, end=20, cost=2.0, door=True),
    ]
    ways = way_graph(passages)
    assert ways.numbers == (3, 7, 20)
    assert ways.costs_to(ways.row(20))[ways.row(7)] == 3.0
    assert ways.costs_to(ways.row(7))[ways.row(20)] == np.inf
    with pytest.raises(KeyError):
        ways.row(8)


def test_climbing_finds_the_largest_neighbour_or_none():
    costs = graph_of({(0, 1): 1.0, (0, 2): 1.0, (2, 1): 1.0}).costs
    assert climb(costs, np.array([9.0, 1.0, 2.0])).tolist() == [2, -1, 1]
    assert climb(costs, np.array([9.0, 0.0, np.nan])).tolist() == [-1, -1, -1]
