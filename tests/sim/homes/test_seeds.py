"""Tune and test homes never share a seed or a shape."""

from neural_brain.sim.homes import generate_home, seed_ranges, split_of
from neural_brain.sim.homes.catalog import INSTANCES


def test_seed_ranges_are_disjoint() -> None:
    tune, test = seed_ranges()["tune"], seed_ranges()["test"]
    assert tune.stop <= test.start or test.stop <= tune.start
    assert split_of(tune.start) == "tune"
    assert split_of(test.start) == "test"


def test_shapes_of_test_homes_are_new() -> None:
    for split, first in (("tune", 0), ("test", 10000)):
        for seed in range(first, first + 3):
            home = generate_home(seed)
            low, high = INSTANCES[split]
            assert home.instances == split
            assert all(low <= thing.variant < high for thing in home.objects)
    assert INSTANCES["tune"][1] <= INSTANCES["test"][0]
