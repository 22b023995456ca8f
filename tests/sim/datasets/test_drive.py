from itertools import islice

import numpy as np
import pytest

from neural_brain.models.geometry import compose2, inverse2
from neural_brain.sim.datasets.drive import PERIOD_S, SPEED_M_S, drive_samples
from neural_brain.sim.homes import generate_home


def first(count, seed=1001, **options):
    return list(islice(drive_samples(generate_home(seed), seed, **options), count))


@pytest.fixture(scope="module")
def samples():
    return first(80)


def test_the_base_moves_as_fast_as_it_can_drive(samples):
    true = np.array([sample.true for sample in samples])
    assert (
        np.hypot(*np.diff(true[:, :2], axis=0).T).max() <= SPEED_M_S * PERIOD_S + 1e-9
    )
    assert np.allclose(np.diff([s.scan.stamp for s in samples]), PERIOD_S)


def test_no_sample_stands_in_an_obstacle(samples):
    nearest = [np.nanmin(sample.scan.ranges) for sample in samples]
    assert min(nearest) > 0.12


def test_odometry_drifts_and_more_if_told(samples):
    def gap(drive):
        true = compose2(inverse2(drive[0].true), drive[-1].true)
        start = drive[0].body.pose_odom_base
        felt = compose2(inverse2(start), drive[-1].body.pose_odom_base)
        return np.hypot(*(true - felt)[:2])

    assert 0.0 < gap(samples) < gap(first(80, drift=20.0))


def test_a_seed_gives_one_drive(samples):
    for one, other in zip(samples[:5], first(5), strict=True):
        assert np.array_equal(one.true, other.true)
        assert np.array_equal(one.scan.ranges, other.scan.ranges, equal_nan=True)
        assert np.array_equal(one.body.pose_odom_base, other.body.pose_odom_base)
