import numpy as np
import pytest

from neural_brain.models.maps.tilt import GAP_S, Tilt
from tests.models.maps.hills import DT_S, G, Rover, level, ramp, ridge


def errors(rover):
    """Estimate less truth [rad], where it is known."""
    estimate, truth = np.array(rover.pitches).T
    return (estimate - truth)[np.isfinite(estimate)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("height", [ramp, ridge, level])
def test_it_follows_a_ramp_with_noise_while_the_base_speeds_up_and_brakes(height, seed):
    rover = Rover(height, seed=seed)
    rover.stand()
    for way in (2.6, 1.0, -3.0, 6.0):
        rover.drive(way, hard=1.0)
    rover.turn(np.pi)
    rover.drive(4.0)
    assert len(errors(rover)) > 0.95 * len(rover.pitches) - 25
    assert np.abs(errors(rover)).max() < 0.01  # gyro 0.003 rad/s, accel 0.03 m/s2


def test_the_accelerometer_alone_would_take_speeding_up_for_a_slope():
    """What the wheels say is taken off; without it 1 m/s2 looks like 0.1 rad."""
    rover, deaf = Rover(level), Tilt(1.0)
    worst = 0.0
    for k in range(100):
        body = rover.step(min(1.0, max(0.0, k - 40) * DT_S))
        rover.feel(body)
        still = np.array([0.0, body.twist_base[1]])
        worst = max(worst, np.nan_to_num(deaf.feel(replaced(body, twist_base=still))))
    assert worst > 0.04
    assert np.abs(errors(rover)).max() < 0.01


def test_turning_around_on_a_slope_turns_the_pitch_over():
    rover = Rover(lambda x: 0.1 * x)
    rover.stand()
    assert rover.pitches[-1][0] == pytest.approx(0.1, abs=0.01)
    for _ in range(4):
        rover.turn(np.pi / 2, rate=1.2)
    assert np.abs(errors(rover)).max() < 0.02
    rover.turn(np.pi)
    assert rover.pitches[-1][0] == pytest.approx(-0.1, abs=0.02)


def test_a_shove_is_hardly_a_slope():
    rover = Rover(level)
    rover.stand()
    for push in (3.0, -3.0):
        for _ in range(6):
            rover.feel(rover.step(0.3, push=push))
        assert np.abs(errors(rover)).max() < 0.05
        rover.stand()
    assert abs(rover.pitches[-1][0]) < 0.01


def replaced(body, **changes):
    return body.__class__(**{**body.__dict__, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"gyro": np.zeros(3), "accel": np.zeros(3)},  # no IMU
        {"accel": np.array([0.0, np.nan, G])},
        {"gyro": np.array([np.inf, 0.0, 0.0])},
        {"gyro": np.array([0.0, 1e3, 0.0])},
        {"accel": np.array([0.0, 0.0, 1.0])},  # in units of g
        {"accel": np.array([0.0, 0.0, 1e6])},
        {"accel": np.zeros(0)},
        {"twist_base": np.array([np.nan, 0.0])},
        {"stamp": np.nan},
    ],
)
def test_nonsense_is_unknown(changes):
    rover = Rover(level)
    rover.stand()
    assert np.isfinite(rover.climbs.tilt.pitch_rad)
    for _ in range(25):
        pitch = rover.climbs.tilt.feel(replaced(rover.step(0.0), **changes))
    assert np.isnan(pitch)
    for _ in range(25):  # and comes back
        pitch = rover.climbs.tilt.feel(rover.step(0.0))
    assert abs(pitch) < 0.01


def test_a_knock_is_passed_over():
    rover = Rover(level)
    rover.stand()
    knock = replaced(rover.step(0.0), accel=np.array([30.0, 0.0, 40.0]))
    assert abs(rover.climbs.tilt.feel(knock)) < 0.01


def test_after_a_gap_and_when_time_jumps_back_it_begins_anew():
    for jump in (2.0 * GAP_S, -5.0):
        rover = Rover(level)
        rover.stand()
        rover.t += jump
        assert np.isnan(rover.climbs.tilt.feel(rover.step(0.0)))


def test_it_recovers_from_a_start_in_the_middle_of_a_fall():
    tilt, rover = Tilt(1.0), Rover(level)
    tilt.feel(replaced(rover.step(0.0), accel=np.array([0.0, 9.0, -1.0])))
    for _ in range(100):
        pitch = tilt.feel(rover.step(0.0))
    assert abs(pitch) < 0.02
