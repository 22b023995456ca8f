"""Integer draws: pinned stream, right ranges."""

from neural_brain.sim.homes.draw import Draw


def test_stream_is_pinned() -> None:
    assert [Draw(1, 2).below(1000) for _ in range(2)] == [682, 682]
    draw = Draw(1, 2)
    assert [draw.below(1000) for _ in range(4)] == [682, 571, 673, 399]


def test_ranges_hold() -> None:
    draw = Draw(3)
    values = [draw.between(5, 8) for _ in range(400)]
    assert set(values) == {5, 6, 7, 8}
    assert sorted(draw.shuffled(range(9))) == list(range(9))


def test_weights_count() -> None:
    draw = Draw(4)
    picks = [draw.weighted("ab", [9, 1]) for _ in range(1000)]
    assert 850 < picks.count("a") < 950
    assert draw.weighted("ab", [0, 1]) == "b"
