import json
from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.maps.climbs import ClimbConfig
from neural_brain.models.maps.correction import Correction
from neural_brain.models.maps.experience import Experience, ExperienceConfig
from neural_brain.models.maps.tolls import Charge
from neural_brain.models.motion import CostmapConfig, make_costmap, travel_field
from neural_brain.models.signals import GridView, MotionStatus, Toll
from tests.models.maps.hills import DEAR, OPEN, Rover, level, price, ramp, ridge

LOW, HIGH = (0.0, 0.0), (6.0, 0.0)
PRICE = DEAR.price_m_per_m


def driven(height, *, way=6.0, seed=0, **more):
    """A rover that stood and drove along x."""
    rover = Rover(height, seed=seed, **more)
    rover.stand()
    rover.drive(way)
    return rover


def descended(height, *, seed=0, **more):
    """One that came down from the far side first."""
    rover = Rover(height, seed=seed, **more)
    rover.pose = np.array([6.0, 0.0, np.pi])
    rover.up = rover.true_up()
    rover.stand()
    rover.drive(6.0)
    return rover


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("drive", [driven, descended])
def test_uphill_is_dear_and_downhill_is_not_whichever_way_it_was_driven(drive, seed):
    rover = drive(ramp, seed=seed)
    (charge,) = rover.book.charges
    assert charge.slope
    assert price(rover, LOW, HIGH) == pytest.approx(0.2 * PRICE, abs=0.6)
    assert price(rover, HIGH, LOW) == 0.0
    assert charge.toll.x_m == pytest.approx(3.0, abs=0.15)  # in its middle


def test_backwards_up_is_up():
    rover = Rover(ramp)
    rover.pose = np.array([0.0, 0.0, np.pi])
    rover.up = rover.true_up()
    rover.stand()
    rover.drive(-6.0)
    assert price(rover, LOW, HIGH) == pytest.approx(0.2 * PRICE, abs=0.6)
    assert price(rover, HIGH, LOW) == 0.0


def test_a_ridge_costs_its_height_from_either_side():
    rover = driven(ridge)
    for start, end in ((LOW, HIGH), (HIGH, LOW)):
        assert price(rover, start, end) == pytest.approx(0.1 * PRICE, abs=0.6)


def test_driving_over_it_again_measures_it_anew_and_does_not_lift_it():
    rover = driven(ramp)
    for _ in range(3):
        rover.turn(np.pi)
        rover.drive(6.0)
        assert len(rover.book.charges) == 1
    assert price(rover, LOW, HIGH) == pytest.approx(0.2 * PRICE, abs=0.6)
    before = rover.book.charges
    rover.book.drove(np.array(LOW), np.array(HIGH))
    rover.book.fade(1e9)
    rover.book.look(OPEN)
    assert rover.book.charges == before


def test_a_slope_that_is_found_level_is_forgotten():
    rover = driven(ramp)
    rover.height = level  # the ramp was taken away
    rover.turn(np.pi)
    rover.stand()
    rover.drive(6.0)
    assert not rover.book.charges


def test_without_an_imu_a_slope_stays_as_it_was_and_none_is_found():
    blind = {"gyro": np.zeros(3), "accel": np.zeros(3)}
    rover = Rover(ramp)
    rover.stand(**blind)
    rover.drive(6.0, **blind)
    assert not rover.book.charges
    knows = driven(ramp)
    knows.turn(np.pi)
    knows.drive(6.0, **blind)
    assert len(knows.book.charges) == 1


@pytest.mark.parametrize(
    "height",
    [
        level,
        lambda x: ramp(x, slope=0.03),  # less steep than counts
        lambda x: ramp(x, slope=0.1, begin=3.0, end=3.15),  # a sill
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_no_toll_where_there_is_no_slope(height, seed):
    """Speeding up, braking, turning, backing up and shoves on a noisy IMU."""
    noise = {"gyro_noise": 0.01, "accel_noise": 0.2, "bias": 3.0}
    rover = Rover(height, seed=seed, **noise)
    rover.stand()
    for _ in range(2):
        rover.drive(6.0, speed=0.6, hard=2.0)
        rover.turn(np.pi, rate=1.5)
        rover.drive(3.0)
        rover.drive(-0.5)
        for push in (2.0, -2.0):
            for _ in range(8):
                rover.feel(rover.step(0.4, push=push))
        rover.drive(2.5)
        rover.turn(-np.pi)
    assert not rover.book.charges


@pytest.mark.parametrize("offset", [-0.06, -0.04, 0.04, 0.06])
def test_an_imu_that_is_mounted_askew_finds_no_slopes_on_the_level(offset):
    rover = Rover(level)
    rover.offset[3] += 9.81 * offset
    rover.stand()
    for _ in range(3):
        rover.drive(6.0)
        rover.turn(np.pi)
    assert not rover.book.charges


def test_half_a_slope_teaches_nothing():
    rover = driven(ramp, way=3.0)
    rover.turn(np.pi)
    rover.drive(3.0)
    assert not rover.book.charges


def test_turning_on_the_spot_on_a_slope_adds_no_height():
    rover = Rover(ramp)
    rover.stand()
    rover.drive(3.0)
    for _ in range(4):
        rover.turn(np.pi, rate=1.0)
    rover.drive(3.0)
    assert price(rover, LOW, HIGH) <= 0.2 * PRICE + 0.6


def test_a_toll_reaches_from_wall_to_wall():
    cells = OPEN.cells.copy()
    cells[:34] = cells[44:] = 100  # from y = -0.6 to 0.4
    rover = driven(ramp, grid=replace(OPEN, cells=cells))
    (charge,) = rover.book.charges
    toll = charge.toll
    assert toll.y_m == pytest.approx(-0.1, abs=0.1)
    assert 0.5 < toll.half_width_m < 0.75


def test_it_can_be_switched_off():
    assert not driven(ramp, config=ClimbConfig(price_m_per_m=0.0)).book.charges


def test_dear_slopes_stay_when_there_are_too_many():
    rover = driven(ramp)
    most = rover.book.config.count
    toll = rover.book.charges[0].toll
    for k in range(most + 5):
        other = replace(toll, x_m=10.0 + k, price_m=1.0)
        rover.book.add(Charge(toll=other, slope=True))
    assert len(rover.book.charges) == most
    assert price(rover, LOW, HIGH) > 3.0


# --- plans ----------------------------------------------------------------------


def home(around_m):
    """Two ways from x = 0 to x = 6: straight on, or around a block to y = around_m."""
    cells = np.full((220, 300), 100, np.int8)
    wide = 14
    cells[40 - wide // 2 : 40 + wide // 2, 40:120] = 0
    up = 40 + round(around_m / 0.1)
    cells[up - wide // 2 : up + wide // 2, 40:120] = 0
    for column in (50, 110):
        cells[40:up, column - wide // 2 : column + wide // 2] = 0
    return GridView(
        cells=cells, origin=np.array([-5.0, -4.0]), resolution=0.1, version=1
    )


@pytest.mark.parametrize(("around_m", "over"), [(2.0, True), (2.0, False), (8.0, True)])
def test_the_way_round_when_the_hill_is_dearer_and_the_hill_when_it_is_not(
    around_m, over
):
    """A ridge of 0.4 m costs 8 m; the ways round are 4 m and 16 m longer."""
    grid = home(around_m)
    rover = driven(lambda x: ridge(x, slope=0.3, half=4 / 3), grid=grid)
    assert price(rover, LOW, HIGH) == pytest.approx(0.4 * PRICE, rel=0.15)
    tolls = () if over and around_m < 4.0 else rover.book.messages()
    costmap = make_costmap(grid, CostmapConfig(), 0.27)
    field = travel_field(costmap, np.array(LOW), tolls=tolls)
    path = field.path_to(np.array(HIGH))
    assert bool(np.abs(path[:, 1]).max() < 1.0) is over


# --- files, moves and the whole map ---------------------------------------------


def learned():
    """An experience with one slope."""
    experience = Experience(ExperienceConfig())
    rover = driven(ramp)
    experience.tolls.charges = rover.book.charges
    return experience


def test_a_slope_survives_a_file_and_moves_with_a_map():
    experience = learned()
    data = json.loads(json.dumps({"experience": experience.to_plain()}))
    again = Experience(ExperienceConfig())
    again.from_plain(data)
    assert again.tolls.charges == experience.tolls.charges
    other = Experience(ExperienceConfig())
    other.absorb(again, np.zeros(3))
    other.absorb(again, np.zeros(3))
    assert other.tolls.charges == experience.tolls.charges
    again.move(
        Correction(
            numbers=(1,), before=np.zeros((1, 3)), after=np.array([[0.0, 1.0, 0.0]])
        )
    )
    (charge,) = again.tolls.charges
    assert charge.slope
    assert charge.toll.y_m == pytest.approx(1.0, abs=0.01)


def test_a_failure_on_a_slope_is_another_toll():
    experience = learned()
    toll = experience.tolls.charges[0].toll
    experience.tolls.fail(np.array([toll.x_m - 0.3, toll.y_m, 0.0]))
    assert [c.slope for c in experience.tolls.charges] == [True, False, False]
    experience.tolls.drove(np.array(HIGH), np.array(LOW))
    experience.tolls.drove(np.array(LOW), np.array(HIGH))
    assert [c.slope for c in experience.tolls.charges] == [True]


def test_a_whole_map_learns_a_slope_and_keeps_it():
    config = MapsConfig(experience=ExperienceConfig(climb=DEAR))
    cognitive, rover = CognitiveMap(config), Rover(ramp)
    idle = MotionStatus(id=0, state="idle")
    cognitive.step(0.0, rover.step(0.0), None, None)
    for _ in range(30):
        cognitive.note_motion(rover.t, rover.step(0.0), idle)
    while rover.pose[0] < 6.0:
        body = rover.step(0.5)
        status = MotionStatus(id=1, state="running", path_map=np.array([LOW, HIGH]))
        cognitive.note_motion(rover.t, body, status)
    (toll,) = cognitive.state().tolls
    assert isinstance(toll, Toll)
    assert toll.price_m == pytest.approx(0.2 * PRICE, abs=0.51)
    again = CognitiveMap.restore(config, cognitive.snapshot())
    assert again.state().tolls == (toll,)
