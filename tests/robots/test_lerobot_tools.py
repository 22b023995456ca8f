"""LeRobot's own code reads our datasets and drives our arm (in one process: slow)."""

import json
import math
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip(
    "lerobot", reason="needs the extra: pip install neural_brain[lerobot]"
)
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from neural_brain.cli.main import main
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.learning.lerobot_extra import import_lerobot
from neural_brain.robots.lerobot_dataset import (
    STARTS,
    DatasetWriter,
    open_dataset,
    picture_of,
)
from neural_brain.robots.recordings.frames import Frame

DAY_S = 1_700_000_000.0  # a clock that float32 cannot hold
PLUGIN = "neural_brain.robots.lerobot_plugin"
pytestmark = pytest.mark.xdist_group("lerobot")


def frames(episodes=2, length=12):
    """Frames of two joints and a picture; capture times are not those of the grid."""
    rng = np.random.default_rng(0)
    for episode in range(episodes):
        for k in range(length):
            t = DAY_S + 100.0 * episode + 0.1 * k
            yield Frame(
                episode=episode,
                task=("press it", "come back")[episode % 2],
                names=("a.pos", "b.pos"),
                state=np.array([k, -k], float),
                action_names=("a.pos", "b.pos"),
                action=np.array([k + 1, -k - 1], float),
                stamp=t,
                pictures={"front": rng.integers(0, 255, (24, 32, 3), np.uint8)},
                captured={"joints": t - 0.011, "front": t - 0.237},
            )


def write(folder, **options):
    with DatasetWriter(folder, fps=10, robot="test", **options) as writer:
        for frame in frames():
            writer.add(frame, {"button.x": 1.0, "button.y": 2.0})
    return writer


def test_a_dataset_is_read_back_by_lerobot_as_it_was_written(tmp_path):
    writer = write(tmp_path / "set")
    assert (writer.episodes, writer.frames) == (2, 24)
    dataset = open_dataset(tmp_path / "set")
    assert dataset.meta.info["codebase_version"] == "v3.0"
    assert (dataset.num_episodes, dataset.num_frames, dataset.fps) == (2, 24, 10)
    for item, frame in zip(dataset, frames(), strict=True):
        np.testing.assert_allclose(item["observation.state"], frame.state)
        np.testing.assert_allclose(item["action"], frame.action)
        np.testing.assert_allclose(item["observation.environment_state"], [1.0, 2.0])
        seen = picture_of(item["observation.images.front"])
        np.testing.assert_array_equal(seen, frame.pictures["front"])
        assert item["task"] == frame.task
        t = frame.stamp - DAY_S - 100.0 * frame.episode  # since the episode began
        times = [t, t - 0.011, t - 0.237]
        np.testing.assert_allclose(item["capture_time"], times, atol=1e-5)
    assert dataset.meta.features["capture_time"]["names"] == [
        "frame",
        "joints",
        "front",
    ]
    assert "action" in dataset.meta.stats
    starts = json.loads((tmp_path / "set" / STARTS).read_text())["episodes"]
    assert starts == [DAY_S, DAY_S + 100.0]


def test_videos_are_read_back_nearly_as_they_were(tmp_path):
    write(tmp_path / "set", videos=True)
    dataset = open_dataset(tmp_path / "set")
    seen = picture_of(dataset[5]["observation.images.front"])
    meant = list(frames())[5].pictures["front"]
    assert seen.shape == meant.shape
    assert abs(seen.mean() - meant.mean()) < 5.0


def test_what_was_not_finished_is_not_opened_and_an_error_keeps_whole_episodes(
    tmp_path,
):
    unfinished = DatasetWriter(tmp_path / "half", fps=10, robot="test")
    for frame in frames():
        unfinished.add(frame)
    with pytest.raises(NeuralBrainError, match="was not finished"):
        open_dataset(tmp_path / "half")
    unfinished.close()
    with (
        pytest.raises(KeyboardInterrupt),
        DatasetWriter(tmp_path / "stopped", fps=10, robot="test") as writer,
    ):
        for k, frame in enumerate(frames()):
            if k == 20:
                raise KeyboardInterrupt
            writer.add(frame)
    assert open_dataset(tmp_path / "stopped").num_episodes == 1
    with pytest.raises(NeuralBrainError, match="exists already"):
        DatasetWriter(tmp_path / "half", fps=10, robot="test")
    with pytest.raises(NeuralBrainError, match=r"meta/info\.json is missing"):
        open_dataset(tmp_path / "nothing")


@pytest.fixture
def arm():
    import_lerobot("lerobot.configs.parser").load_plugin(PLUGIN)
    robots = import_lerobot("lerobot.robots")
    config = robots.RobotConfig.get_choice_class("neural_brain")
    robot = robots.make_robot_from_config(config(camera=False, fps=20))
    robot.connect()
    yield robot
    if robot.is_connected:
        robot.disconnect()


def test_lerobot_drives_the_arm_through_the_reflex(arm):
    start = arm.get_observation()
    assert set(start) == set(arm.observation_features) == set(arm.action_features)
    goal = {**start, "joint1.pos": start["joint1.pos"] + 15.0}
    for _ in range(40):
        assert arm.send_action(goal) == pytest.approx(goal, abs=1e-6)
    assert arm.get_observation()["joint1.pos"] == pytest.approx(
        goal["joint1.pos"], abs=0.5
    )
    sent = arm.send_action({**goal, "joint1.pos": 9000.0, "gripper.pos": 500.0})
    assert math.radians(sent["joint1.pos"]) <= arm.arm.limits.q_max[0]
    assert sent["gripper.pos"] == pytest.approx(100.0)
    assert arm.arm.audit.total == 0


def test_values_that_are_not_finite_make_the_arm_hold(arm):
    start = arm.get_observation()
    for _ in range(20):
        sent = arm.send_action({**start, "joint2.pos": math.nan})
        assert all(map(math.isfinite, sent.values()))
    after = arm.get_observation()
    assert arm.arm.level.name == "HOLD"
    assert arm.arm.fast.reflex.targets.reason == "not finite"
    assert all(abs(after[k] - start[k]) < 1.0 for k in start)
    with pytest.raises(ValueError, match=r"lacks .*joint1\.pos"):
        arm.send_action({"joint2.pos": 0.0})


def test_a_recording_becomes_a_dataset_on_the_command_line(tape, tmp_path, capsys):
    for k in range(150):
        t = 0.02 * k
        tape.joints(t, [0.01 * k, 0.0])
        if k == 50:
            tape.words(t, "press the red mug")
        if k % 10 == 0:
            tape.picture(t, k)
    path = tape.close()
    assert main(["dataset", str(path), "--to", str(tmp_path / "set")]) == 0
    assert "frames in 2 episodes at 10 Hz" in capsys.readouterr().out
    dataset = open_dataset(tmp_path / "set")
    assert list(dataset.meta.tasks.index) == ["explore", "press the red mug"]
    assert main(["dataset", str(path), "--to", str(tmp_path / "set")]) == 2
    assert main(["dataset", "no.mcap", "--to", str(tmp_path / "other")]) == 2


@pytest.mark.slow
def test_lerobot_replay_plays_a_dataset_on_the_arm(tmp_path):
    """The tool as a user types it; torchvision needs our entry point there."""
    told = [f"joint{k}.pos" for k in range(1, 8)]
    rest = np.degrees([0.0, -0.450, 0.0, -1.931, 0.0, 1.481, 0.7854])
    with DatasetWriter(tmp_path / "set", fps=20, robot="neural_brain") as writer:
        for k in range(10):
            row = np.append(rest + 0.2 * k, 0.0)
            writer.add(
                Frame(
                    episode=0,
                    task="wave",
                    names=(*told, "gripper.pos"),
                    state=row,
                    action_names=(*told, "gripper.pos"),
                    action=row,
                    stamp=0.05 * k,
                    pictures={},
                    captured={"joints": 0.05 * k},
                )
            )
    tool = shutil.which("lerobot-replay", path=os.path.dirname(sys.executable))
    command = [tool, f"--robot.discover_packages_path={PLUGIN}"]
    command += ["--robot.type=neural_brain", "--robot.fps=20", "--robot.camera=false"]
    command += ["--dataset.repo_id=neural_brain/set", "--dataset.episode=0"]
    command += [f"--dataset.root={tmp_path / 'set'}", "--play_sounds=false"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-2000:]
