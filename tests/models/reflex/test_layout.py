"""Arrays of any type give the numbers that numpy would make of them."""

import numpy as np
import pytest

from neural_brain.models.reflex.layout import Layout

STATE = ((3,), (2,), (4,), (0,), (1,), (2,))
TARGET = ((4, 4), (6, 6), (2,), (7,), (6,), (2,))


def arrays(shapes):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in shapes]


def strided(values):
    return np.repeat(values, 2, axis=-1)[..., ::2]


def read_only(values):
    values.flags.writeable = False
    return values


OTHERS = (
    np.asfortranarray, strided, read_only, np.ma.asarray,
    lambda v: v.astype(np.float32), lambda v: np.round(v).astype(int),
)  # fmt: skip


@pytest.mark.parametrize("shapes", [STATE, TARGET])
@pytest.mark.parametrize("other", [*OTHERS, lambda v: v])
def test_the_numbers_are_those_of_numpy(shapes, other):
    layout = Layout(*shapes)
    for place in range(6):
        parts = arrays(shapes)
        parts[place] = other(parts[place])
        for _ in range(2):  # the second time it knows the type
            layout.numbers[:] = np.nan
            assert layout.take(tuple(parts))
            expected = np.concatenate(parts, axis=None)
            np.testing.assert_array_equal(layout.numbers, expected)


@pytest.mark.parametrize("shapes", [STATE, TARGET])
@pytest.mark.parametrize("tried", [True, False])
def test_other_shapes_are_refused(shapes, tried):
    for place in range(6):
        for wrong in (np.zeros(9), np.zeros((3, 3)), np.zeros(()), np.zeros((1, 2, 3))):
            layout, parts = Layout(*shapes), arrays(shapes)
            layout._plain = tried
            parts[place] = wrong
            assert not layout.take(tuple(parts))


def test_a_value_that_moved_to_the_next_part_is_refused():
    parts = arrays(STATE)
    parts[0], parts[1] = np.zeros(2), np.zeros(3)
    assert not Layout(*STATE).take(tuple(parts))


@pytest.mark.parametrize("bad", [None, [], [1.0], "x", 1.0, np.array(["a", "b", "c"])])
def test_what_is_no_array_of_numbers_raises_what_guards_expect(bad):
    layout = Layout(*STATE)
    for _ in range(2):
        with pytest.raises((AttributeError, TypeError, ValueError)):
            layout.take((bad, *arrays(STATE)[1:]))
    assert layout.take(tuple(arrays(STATE)))
