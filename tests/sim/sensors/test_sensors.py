"""Sensors against what is really there."""

import mujoco
import numpy as np
import pytest

from neural_brain.models.errors import ConfigError, RenderError
from neural_brain.sim.empty_room import build_room, room_spec
from neural_brain.sim.robots import READY, STOWED, add_robot
from neural_brain.sim.sensors import (
    ImuConfig,
    JointSensorConfig,
    LidarConfig,
    OdometryConfig,
    RgbdConfig,
    SensorsConfig,
    SensorSuite,
    WrenchConfig,
)
from neural_brain.sim.sensors.line import LineConfig, SensorLine
from neural_brain.sim.sensors.schedule import Schedule
from neural_brain.sim.simulation import Simulation

PERFECT_LIDAR = LidarConfig(noise_m=0.0, beam_dropout=0.0)
PERFECT_CAMERA = RgbdConfig(
    depth_noise_m=0.0, hole_share=0.0, colour_noise=0.0, gain_spread=0.0
)
PERFECT_WRENCH = WrenchConfig(
    force_noise_n=0.0,
    torque_noise_nm=0.0,
    force_bias_n=0.0,
    force_drift_n=0.0,
    tool_mass_error_kg=0.0,
)


def suite(model, q=STOWED, seed=0, tilt=0.0, **sections):
    simulation = Simulation(model)
    simulation.data.qpos[simulation.index.head_q] = [0.0, tilt]
    simulation.place_arm(q)
    return SensorSuite(SensorsConfig(**sections), simulation, seed)


def beam(scan, angle):
    return scan.ranges[round((angle - scan.angle_min) / scan.angle_increment) % 360]


# --- lidar ----------------------------------------------------------------------


def test_lidar_measures_the_walls_and_not_the_robot():
    sensors = suite(build_room(pose=(1.0, 0.5, 0.0)), lidar=PERFECT_LIDAR)
    scan = sensors.lidar.measure(0.0)
    assert scan.ranges.shape == (360,)
    assert beam(scan, 0.0) == pytest.approx(2.0, abs=1e-6)
    assert beam(scan, np.pi / 2) == pytest.approx(2.5, abs=1e-6)
    assert beam(scan, -np.pi) == pytest.approx(4.0, abs=1e-6)
    assert beam(scan, -np.pi / 2) == pytest.approx(3.5, abs=1e-6)
    assert np.isfinite(scan.ranges).all()


def test_lidar_turns_with_the_robot():
    sensors = suite(build_room(pose=(1.0, 0.0, np.pi / 2)), lidar=PERFECT_LIDAR)
    assert beam(sensors.lidar.measure(0.0), -np.pi / 2) == pytest.approx(2.0, abs=1e-6)


def test_lidar_sees_table_legs_but_not_the_table_top():
    sensors = suite(build_room(table=True), lidar=PERFECT_LIDAR)
    scan = sensors.lidar.measure(0.0)
    assert beam(scan, 0.0) == pytest.approx(3.0, abs=1e-6)
    leg = np.arctan2(0.47, 0.58)
    assert beam(scan, leg) == pytest.approx(np.hypot(0.58, 0.47), abs=0.05)


def test_lidar_codes_follow_rep_117():
    config = LidarConfig(
        noise_m=0.0, beam_dropout=0.1, range_min_m=0.8, range_max_m=2.0
    )
    model = build_room("base", pose=(-2.4, 0.0, 0.0))
    scan = suite(model, lidar=config).lidar.measure(0.0)
    assert np.isneginf(scan.ranges).any()  # the wall 0.6 m behind is too close
    assert np.isposinf(scan.ranges).any()  # nothing within 2 m ahead
    assert 10 < np.isnan(scan.ranges).sum() < 80
    finite = scan.ranges[np.isfinite(scan.ranges)]
    assert (finite >= 0.8).all() and (finite <= 2.0).all()


def test_lidar_noise_has_the_configured_spread():
    sensors = suite(build_room(), lidar=LidarConfig(noise_m=0.02, beam_dropout=0.0))
    exact = suite(build_room(), lidar=PERFECT_LIDAR).lidar.measure(0.0).ranges
    errors = np.concatenate(
        [sensors.lidar.measure(0.0).ranges - exact for _ in range(20)]
    )
    assert errors.std() == pytest.approx(0.02, rel=0.1)


# --- camera -----------------------------------------------------------------------


@pytest.mark.gl
def test_depth_is_right_at_every_point_of_the_room():
    """Every pixel, moved to the world by pose and depth, lies on floor or wall."""
    sensors = suite(build_room("base", half_m=2.0), tilt=0.5, camera=PERFECT_CAMERA)
    frame = sensors.camera.measure(0.0)
    v, u = np.nonzero(frame.depth > 0)
    depth = frame.depth[v, u]
    rays = np.linalg.inv(frame.K) @ np.stack([u, v, np.ones_like(u)])
    points = frame.T_base_camera[:3, :3] @ (rays * depth) + frame.T_base_camera[:3, 3:]
    on_floor = np.abs(points[2]) < 0.01
    on_wall = np.abs(np.abs(points[:2]).max(axis=0) - 2.0) < 0.01
    assert on_floor.sum() > 1000 and on_wall.sum() > 1000
    assert (on_floor | on_wall).mean() > 0.995


@pytest.mark.gl
def test_a_red_ball_is_red_where_geometry_says_it_is():
    sensors = suite(build_room(table=True), camera=PERFECT_CAMERA)
    frame = sensors.camera.measure(0.0)
    ball = np.array([0.75, 0.3, 0.79, 1.0])
    x, y, z = (np.linalg.inv(frame.T_base_camera) @ ball)[:3]
    u, v = (
        round(frame.K[0, 0] * x / z + frame.K[0, 2]),
        round(frame.K[1, 1] * y / z + frame.K[1, 2]),
    )
    red, green, blue = (int(c) for c in frame.rgb[v, u])
    assert red > 2 * green and red > 2 * blue
    assert frame.depth[v, u] == pytest.approx(z - 0.04, abs=0.02)
    ids = sensors.camera.segment()
    model = sensors.camera._model
    assert model.body(int(model.geom_bodyid[ids[v, u]])).name == "ball"


@pytest.mark.gl
def test_the_camera_sees_the_floor_ahead_over_the_stowed_arm():
    model = build_room()
    sensors = suite(model, tilt=0.35, camera=PERFECT_CAMERA)
    floor = model.geom("floor").id
    ids = sensors.camera.segment()
    robot = model.geom_bodyid[np.maximum(ids, 0)] > 0
    assert (robot & (ids >= 0)).mean() < 0.15
    assert (ids == floor).mean() > 0.3


@pytest.mark.gl
def test_the_robot_is_blanked_in_depth_only_with_the_self_filter():
    model = build_room()
    for self_filter in (True, False):
        config = RgbdConfig(self_filter=self_filter, hole_share=0.0, range_min_m=0.05)
        sensors = suite(model, q=READY, tilt=0.5, camera=config)
        ids = sensors.camera.segment()
        robot = (ids >= 0) & (model.geom_bodyid[np.maximum(ids, 0)] > 0)
        frame = sensors.camera.measure(0.0)
        known = (frame.depth[robot] > 0).mean()
        assert robot.mean() > 0.05
        assert (known < 0.02) if self_filter else (known > 0.3), known


@pytest.mark.gl
def test_depth_has_noise_holes_and_range():
    config = RgbdConfig(depth_noise_m=0.005, hole_share=0.05, range_max_m=2.0)
    sensors = suite(build_room("base"), tilt=0.6, camera=config)
    exact, noisy = sensors.camera.ideal()[1], sensors.camera.measure(0.0).depth
    assert (noisy[exact > 2.0] == 0.0).all()
    seen = noisy > 0
    error = (noisy - exact)[seen] / exact[seen] ** 2
    assert error.std() == pytest.approx(0.005, rel=0.1)
    near = (exact > 0.4) & (exact < 1.9)
    assert 0.03 < (~seen[near]).mean() < 0.1


@pytest.mark.gl
def test_leaving_out_unseen_geoms_changes_no_pixel():
    spec = room_spec()
    rng = np.random.default_rng(0)
    for i in range(40):
        body = spec.worldbody.add_body(
            name=f"box{i}", pos=[*rng.uniform(0.7, 2.8, 1), *rng.uniform(-2, 2, 1), 0.4]
        )
        size = rng.uniform(0.03, 0.3, 3)
        body.add_geom(type=mujoco.mjtGeom.mjGEOM_BOX, size=size, rgba=[*size * 3, 1])
    add_robot(spec, "base")
    sensors = suite(spec.compile(), camera=PERFECT_CAMERA)
    camera, data = sensors.camera, sensors.camera._data
    rgb, depth = camera.ideal()
    painter, _ = camera._easel.ready()
    culling, index = painter._culling, camera._index.camera
    unseen = culling.unseen(data, index)
    assert 5 < unseen.sum() < 45
    groups = painter._model.geom_group
    groups[unseen] = 5
    np.testing.assert_array_equal(camera.ideal()[0], rgb)
    groups[:] = np.where(unseen, 0, groups)
    culling.unseen = lambda *_: np.zeros(unseen.size, dtype=bool)
    np.testing.assert_array_equal(camera.ideal()[0], rgb)
    np.testing.assert_array_equal(camera.ideal()[1], depth)


def test_an_unknown_back_end_is_one_clear_paragraph(monkeypatch):
    monkeypatch.setenv("MUJOCO_GL", "crayons")
    sensors = suite(build_room("base"))
    with pytest.raises(RenderError, match=r"libegl1.*libosmesa6") as error:
        sensors.camera.measure(0.0)
    assert "\n\n" not in str(error.value)


# --- wrist ----------------------------------------------------------------------


def settle(simulation, q, push, ticks=1500):
    """Joint impedance about q plus a force (3,) [N] at the end effector."""
    data, index, model = simulation.data, simulation.index, simulation.model
    jacobian = np.zeros((3, model.nv))
    for _ in range(ticks):
        mujoco.mj_jacSite(model, data, jacobian, None, index.ee_site)
        data.ctrl[index.arm_ctrl] = (
            data.qfrc_bias[index.arm_dof]
            + 20 * (q - data.qpos[index.arm_q])
            - 15 * data.qvel[index.arm_dof]
            + jacobian[:, index.arm_dof].T @ push
        )
        simulation.step()


def arm_over_block():
    spec = room_spec()
    spec.worldbody.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX, pos=[0.5, 0, 0.92], size=[0.1, 0.1, 0.02]
    )
    add_robot(spec, "arm")
    return spec.compile()


def test_pressing_down_is_felt_as_a_force_up_of_the_true_size():
    sensors = suite(arm_over_block(), q=READY, wrench=PERFECT_WRENCH)
    simulation = sensors._simulation
    settle(simulation, READY, np.array([0.0, 0.0, -15.0]))
    wrench, truth = sensors.wrench.read(), simulation.truth
    assert truth.arm_force_n > 8.0
    assert wrench[2] == pytest.approx(truth.arm_force_n, rel=0.05)
    assert np.abs(wrench[:2]).max() < 3.0
    assert np.abs(wrench[3:]).max() < 0.5
    assert truth.tool_contacts["world"] == pytest.approx(truth.arm_force_n)


@pytest.mark.parametrize("q", [STOWED, READY])
def test_a_free_hand_feels_nothing_once_its_weight_is_removed(q):
    sensors = suite(build_room(), q=q, wrench=PERFECT_WRENCH)
    settle(sensors._simulation, q, np.zeros(3), ticks=600)
    assert np.abs(sensors.wrench.read()[:3]).max() < 0.1
    assert np.abs(sensors.wrench.read()[3:]).max() < 0.02


def test_a_pull_forward_is_felt_forward_whatever_way_the_robot_faces():
    model = build_room(pose=(0.0, 0.0, 2.0))
    sensors = suite(model, q=READY, wrench=PERFECT_WRENCH)
    simulation = sensors._simulation
    forward = np.array([np.cos(2.0), np.sin(2.0), 0.0])
    simulation.data.xfrc_applied[simulation.index.hand_body, :3] = 5.0 * forward
    settle(simulation, READY, -5.0 * forward, ticks=800)
    np.testing.assert_allclose(sensors.wrench.read()[:3], [5.0, 0.0, 0.0], atol=0.3)


def test_wrench_noise_and_bias_have_the_configured_size():
    config = WrenchConfig(force_noise_n=0.5, force_bias_n=0.0, force_drift_n=0.0)
    sensors = suite(build_room(), wrench=config)
    readings = np.array([sensors.wrench.read() for _ in range(2000)])
    assert readings[:, :3].std(axis=0) == pytest.approx([0.5] * 3, rel=0.1)


# --- joints, IMU, odometry ------------------------------------------------------


def test_joint_sensors_are_noisy_about_the_truth():
    config = JointSensorConfig(position_noise_rad=0.01)
    sensors = suite(build_room(), joints=config)
    readings = np.array([sensors.joints.read()[0] for _ in range(1000)])
    np.testing.assert_allclose(readings.mean(axis=0), STOWED, atol=2e-3)
    assert readings.std(axis=0) == pytest.approx([0.01] * 7, rel=0.15)


def test_imu_at_rest_feels_gravity_upwards():
    config = ImuConfig(
        gyro_noise_rad_s=0.0,
        gyro_bias_rad_s=0.0,
        gyro_drift_rad_s=0.0,
        accel_noise_m_s2=0.0,
        accel_bias_m_s2=0.0,
    )
    sensors = suite(build_room("base"), imu=config)
    for _ in range(500):
        sensors._simulation.step()
    gyro, accel = sensors.imu.read()
    np.testing.assert_allclose(gyro, 0.0, atol=1e-3)
    np.testing.assert_allclose(accel, [0.0, 0.0, 9.81], atol=0.05)


def test_odometry_errors_grow_with_the_configured_radius_error():
    errors = []
    for radius_error in (0.0, 0.05):
        config = OdometryConfig(radius_error=radius_error, slip_m=0.0)
        sensors = suite(build_room("base"), odometry=config, seed=1)
        simulation = sensors._simulation
        for tick in range(2000):
            speed = min(0.4, 0.001 * tick)
            simulation.data.ctrl[simulation.index.wheel_ctrl] = speed / 0.08
            simulation.step()
            pose, _ = sensors.odometry.read()
        true = simulation.truth.pose_world_base()
        errors.append(np.hypot(*(pose - true)[:2]))
    assert errors[0] < 0.01
    assert errors[1] > 0.015


# --- timing -----------------------------------------------------------------------


def test_schedule_keeps_rate_delay_and_order():
    clock = {"tick": 0}
    schedule = Schedule(
        lambda: clock["tick"],
        rate_hz=10.0,
        delay_s=0.02,
        dropout=0.0,
        phase=0.5,
        generator=np.random.default_rng(0),
    )
    arrived = []
    for tick in range(1000):
        clock["tick"] = tick
        message = schedule.poll(tick)
        if message is not None:
            arrived.append((tick, message))
    assert len(arrived) == 10
    assert arrived[0] == (70, 50)
    assert all(tick - message == 20 for tick, message in arrived)


def test_schedule_loses_the_configured_share():
    schedule = Schedule(
        lambda: 1,
        rate_hz=1000.0,
        delay_s=0.0,
        dropout=0.3,
        phase=0.0,
        generator=np.random.default_rng(0),
    )
    got = sum(schedule.poll(tick) is not None for tick in range(2000))
    assert 1300 < got < 1500


def test_a_fast_sensor_has_its_own_rate_delay_and_losses():
    line = SensorLine(
        LineConfig(rate_hz=100.0, delay_s=0.005), np.random.default_rng(0)
    )
    got = [line.carry(tick, tick) for tick in range(40)]
    assert got[4] == 0 and got[15] == 10 and got[24] == 10 and got[25] == 20
    lossy = SensorLine(LineConfig(dropout=0.5), np.random.default_rng(0))
    got = [lossy.carry(tick, tick) for tick in range(1000)]
    assert 430 < sum(value == tick for tick, value in enumerate(got)) < 570
    ideal = SensorLine(LineConfig(), np.random.default_rng(0))
    assert [ideal.carry(tick, tick) for tick in range(5)] == [0, 1, 2, 3, 4]


def test_delay_of_a_fast_sensor_shows_in_the_body_state():
    model = build_room("base")
    now, late = (
        suite(model, imu=ImuConfig(delay_s=delay), seed=2) for delay in (0.0, 0.01)
    )
    history = []
    for _ in range(30):
        now._simulation.step()
        late._simulation.step()
        history.append(now.read().gyro)
        delayed = late.read().gyro
    np.testing.assert_array_equal(delayed, history[-11])


def test_a_setting_out_of_range_is_refused():
    with pytest.raises(ConfigError, match="beams"):
        LidarConfig(beams=2)
