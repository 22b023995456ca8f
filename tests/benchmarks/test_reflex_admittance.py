"""The benchmark of arms without torque interface and of a base that gives way."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.benchmarks.admittance_rig import Course, draw_trials, perform
from neural_brain.benchmarks.floor_tasks import TASKS, do_task
from neural_brain.benchmarks.floor_world import RADIUS_M, Floor, _scan, _touch
from neural_brain.benchmarks.reflex_admittance import has_settled

SEED = 1001


def test_the_same_seed_draws_the_same_trials():
    first, again = draw_trials(SEED), draw_trials(SEED)
    assert first["hit"].delay_s == again["hit"].delay_s
    assert np.array_equal(first["air"].path(0.3), again["air"].path(0.3))
    assert first["soft press"].wall.stiffness_n_m < 1e4
    assert first["hard press"].wall.stiffness_n_m > 1e4


def test_settled_means_in_touch_and_calm():
    def course(force):
        return Course(force_n=force, wanted=np.zeros((1, 3)), hand=np.zeros((1, 3)))

    t = np.arange(2000)
    assert has_settled(course(np.full(2000, 8.0)))
    assert not has_settled(course(8.0 + 2.0 * np.sin(0.1 * t)))
    assert not has_settled(course(np.where(t % 50, 0.3, 0.0)))


def test_a_press_ends_like_the_torque_law_and_stiff_control_does_not():
    press = draw_trials(SEED)["hard press"]
    press = replace(press, delay_s=0.01)
    forces = {
        name: perform(name, press).force_n[-200:].mean()
        for name in ("torque", "position", "stiff position")
    }
    assert forces["position"] == pytest.approx(forces["torque"], rel=0.15)
    assert forces["stiff position"] > 2.0 * forces["torque"]


def test_without_contact_damping_a_late_servo_bounces_on_a_hard_thing():
    press = draw_trials(SEED)["hard press"]
    press = replace(press, delay_s=0.02, sensor_s=0.002)
    assert has_settled(perform("position", press))
    assert not has_settled(perform("no contact damping", press))


def test_the_lidar_sees_walls_and_people_where_they_are():
    floor = Floor(
        walls=np.array([[2.0, -1.0, 2.0, 1.0]]),
        pose=np.array([0.5, 0.0, 0.0]),
        person=np.array([-0.7, 0.0]),
    )
    ranges = _scan(floor, 0.0, np.random.default_rng(0)).ranges
    assert ranges[ranges.size // 2] == pytest.approx(1.5, abs=0.05)
    assert ranges[0] == pytest.approx(1.0, abs=0.05)


def test_a_touch_has_a_force_and_a_side():
    walls = np.array([[-1.0, RADIUS_M - 0.002, 1.0, RADIUS_M - 0.002]])
    force, bumper = _touch(Floor(walls=walls, pose=np.zeros(3)))
    assert force == pytest.approx(40.0, rel=1e-6)
    assert np.flatnonzero(bumper).tolist() == [2]


def test_a_corner_that_stops_the_rules_is_passed_by_giving_way():
    rules, ours = (do_task("corner", 1010, gives_way=g) for g in (False, True))
    assert np.isinf(rules.arrived_s) and np.isfinite(ours.arrived_s)
    assert rules.peak_n == ours.peak_n == 0.0


def test_all_tasks_begin_free():
    for name, make in TASKS.items():
        for seed in range(1000, 1020):
            floor, _ = make(np.random.default_rng(seed))
            assert _touch(floor)[0] == 0.0, (name, seed)
