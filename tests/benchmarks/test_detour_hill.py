from types import SimpleNamespace

import numpy as np
import pytest

from neural_brain.benchmarks.detour_hill import (
    MASS_KG,
    ROLLING,
    HillImu,
    spots,
    two_doors,
)
from neural_brain.models.maps.tilt import G_M_S2, Tilt

DT_S = 0.05


def across(hill, seed=0):
    """Straight over the hill at 0.5 m/s; IMU, and pitches estimated and true."""
    imu, tilt, pitches = HillImu(hill, seed), Tilt(1.0), []
    pose = np.array([*(hill.middle - 4.0 * hill.across), 0.0])
    pose[2] = np.arctan2(hill.across[1], hill.across[0])
    twists = np.array([[0.0, 0.0], [0.5, 0.0]])
    for k in range(320):
        after = pose + np.array([*(0.5 * DT_S * hill.across), 0.0])
        imu.move(pose, after, DT_S, twists)
        twists[0], pose = twists[1], after
        body = SimpleNamespace(
            stamp=DT_S * k, twist_base=twists[1], gyro=imu.gyro, accel=imu.accel
        )
        pitches.append((tilt.feel(body), np.arcsin(hill.up(pose)[0])))
    return imu, np.array(pitches)


@pytest.mark.parametrize("seed", range(3))
def test_the_imu_feels_the_hill_and_the_work_is_its_height_and_the_way(seed):
    _, hill = two_doors(1000 + seed)
    imu, pitches = across(hill, seed)
    known = np.isfinite(pitches[:, 0])
    assert pitches[:, 1].max() == pytest.approx(
        np.arctan(hill.height_m / hill.ramp_m), abs=1e-3
    )
    assert np.abs(np.diff(pitches[known], axis=1)).max() < 0.03
    assert imu.way_m == pytest.approx(8.0)
    slack = ROLLING * (imu.way_m - hill.ramp_m)  # downhill it rolls by itself
    work = MASS_KG * G_M_S2 * (hill.height_m + slack)
    assert imu.work_j == pytest.approx(work, rel=1e-3)


def test_goals_are_in_either_room_by_turns_and_off_the_hill():
    for seed in range(1000, 1020):
        home, hill = two_doors(seed)
        for k, goal in enumerate(spots(seed, hill, 8)):
            assert home.room_at(*goal) is home.rooms[k % 2]
            assert hill.height(goal) == 0.0
