"""A simulated robot in generated homes."""

import numpy as np
import pytest

from neural_brain.robots import MujocoBodyConfig, make_home_body
from neural_brain.sim.sensors import RgbdConfig, SensorsConfig

BLIND = MujocoBodyConfig(sensors=SensorsConfig(camera_on=False))


def test_scans_arrive_at_their_rate_and_nothing_is_touched_at_the_start():
    body = make_home_body(5, small=True, config=BLIND)
    scans = []
    for _ in range(1000):
        scan, frame = body.poll()
        scans += [scan] if scan else []
        assert frame is None
        body.advance()
    assert len(scans) == 10
    truth = body.simulation.truth
    assert truth.peak_arm_force_n == 0.0
    assert truth.peak_base_force_n == 0.0
    seen = scans[0].ranges[np.isfinite(scans[0].ranges)]
    assert seen.size > 200
    assert seen.min() > 0.2  # the start is free, and the robot does not see itself
    body.close()


@pytest.mark.gl
def test_frames_arrive_late_and_show_the_home():
    body = make_home_body(5, small=True)
    frames = []
    for _ in range(800):
        frame = body.poll()[1]
        if frame is not None:
            frames.append((body.simulation.time_s, frame))
        body.read()
        body.advance()
    assert len(frames) == 3
    for arrived, frame in frames:
        assert arrived - frame.stamp == pytest.approx(0.08)
    picture = frames[0][1]
    assert picture.rgb.shape == (144, 192, 3)
    assert picture.rgb.std() > 10.0
    assert (picture.depth > 0).mean() > 0.2
    body.close()


@pytest.mark.gl
@pytest.mark.parametrize("seed", [5, 8])
def test_what_is_left_out_of_pictures_could_not_be_seen(seed):
    camera_config = RgbdConfig(depth_noise_m=0.0, hole_share=0.0, self_filter=False)
    config = MujocoBodyConfig(sensors=SensorsConfig(camera=camera_config))
    body = make_home_body(seed, small=True, config=config)
    simulation, camera = body.simulation, body.sensors.camera
    camera.ideal()
    culling = camera._easel.ready()[0]._culling
    unseen, nothing = culling.unseen, np.zeros(simulation.model.ngeom, dtype=bool)
    wrong = total = 0
    for yaw in np.linspace(-np.pi, np.pi, 7)[:-1]:
        simulation.data.qpos[simulation.index.head_q] = [0.8 * np.sin(yaw), 0.3]
        start = simulation.index.base_q
        quat = [np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2)]
        simulation.data.qpos[start + 3 : start + 7] = quat
        simulation.place_arm(None)
        culling.unseen = unseen
        fast = camera.ideal()[1]
        culling.unseen = lambda *_: nothing
        exact = camera.ideal()[1]
        wrong += int((np.abs(fast - exact) > 1e-3).sum())
        total += exact.size
    assert wrong / total < 1e-3
    body.close()
