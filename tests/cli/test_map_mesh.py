"""`neural-brain map mesh` on a recorded run, a real Kinect frame, and mistakes."""

import numpy as np
import pytest
import trimesh

from neural_brain.cli.main import main
from neural_brain.robots.recordings import DatasetError, mrpt_datasets
from neural_brain.view.recording import Recorder


def needs_open3d():
    pytest.importorskip(
        "open3d", reason="needs neural_brain[pointcloud]", exc_type=ImportError
    )


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """Four seconds of exploring a small home, as the demo records it."""
    from neural_brain.benchmarks.episode import EpisodeTimes, make_episode
    from neural_brain.models.brain import BrainConfig
    from neural_brain.models.sensing import NoDetector
    from neural_brain.robots.home_body import make_home_body
    from neural_brain.sim.homes import generate_home

    path = tmp_path_factory.mktemp("run") / "run.mcap"
    body = make_home_body(1000, small=True)
    try:
        with Recorder(path) as recorder:
            episode = make_episode(
                1000,
                config=BrainConfig(),
                detector=NoDetector(),
                body=body,
                home=generate_home(1000, small=True),
                observers=[recorder.observe],
            )
            episode.times = EpisodeTimes(explore_s=4.0)
            episode.explore()
    finally:
        body.close()
    return path


@pytest.mark.gl
def test_a_run_becomes_a_model_and_a_picture(recorded, tmp_path, capsys):
    needs_open3d()
    home, points = tmp_path / "home.glb", tmp_path / "home.pcd"
    words = ["map", "mesh", str(recorded), "--to", str(home), str(points)]
    assert main([*words, "--voxel", "0.05"]) == 0
    told = capsys.readouterr().out
    assert "poses from recorded map" in told
    mesh = trimesh.load(home, force="mesh")
    assert len(mesh.faces) > 2000
    heights = mesh.vertices[:, 1]
    assert np.quantile(heights, 0.01) == pytest.approx(0.0, abs=0.05)  # the floor
    assert 1.0 < heights.max() < 3.0
    assert (tmp_path / "home.png").read_bytes()[:4] == b"\x89PNG"
    assert {path.name for path in tmp_path.iterdir()} == {
        *("home.glb", "home.pcd", "home.png"),
    }


@pytest.mark.gl
def test_odometry_alone_is_aligned_with_the_model(recorded, tmp_path, capsys):
    needs_open3d()
    words = ["map", "mesh", str(recorded), "--to", str(tmp_path / "home.ply")]
    assert main([*words, "--poses", "odometry", "--voxel", "0.05", "--points"]) == 0
    told = capsys.readouterr().out
    assert "poses from odometry alone" in told
    assert "aligned: " in told
    assert isinstance(trimesh.load(tmp_path / "home.ply"), trimesh.PointCloud)


def test_a_real_kinect_frame_becomes_a_coloured_surface(tmp_path, capsys):
    needs_open3d()
    try:
        log = mrpt_datasets() / "tests_rgbd.rawlog"
    except DatasetError as error:
        pytest.skip(str(error))
    path = tmp_path / "shelf.ply"
    assert main(["map", "mesh", str(log), "--to", str(path), "--voxel", "0.01"]) == 0
    assert "1 frames" in capsys.readouterr().out
    shelf = trimesh.load(path)
    assert len(shelf.faces) > 50_000
    assert 1.5 < shelf.vertices[:, 0].min() < shelf.vertices[:, 0].max() < 2.7
    colours = shelf.visual.vertex_colors[:, :3].astype(int)
    assert np.ptp(colours, axis=1).max() > 80  # books, not shades of grey
    assert colours.mean() == pytest.approx(120, abs=40)


@pytest.fixture
def refusal(tmp_path, monkeypatch, capsys):
    """Runs `map mesh` here; the message, after which no new file may be there."""
    monkeypatch.chdir(tmp_path)

    def run(*words):
        before = set(tmp_path.rglob("*"))
        assert main(["map", "mesh", *map(str, words)]) == 2
        assert set(tmp_path.rglob("*")) == before
        told = capsys.readouterr().err
        assert "\n\n" not in told.strip() and "Traceback" not in told
        return " ".join(told.split())

    return run


def test_unknown_endings_are_refused(refusal):
    assert "known are .ply" in refusal("run.mcap", "--to", "home.stl")
    words = ("run.mcap", "--to", "home.ply", "--png", "home.jpg")
    assert "known are .png" in refusal(*words)


def test_places_without_write_access_are_refused(refusal):
    assert "Cannot write" in refusal("run.mcap", "--to", "/proc/home.ply")


def test_a_missing_recording_is_told(refusal):
    needs_open3d()
    assert "There is no recording" in refusal("none.mcap", "--to", "home.ply")


@pytest.mark.gl
def test_a_recording_that_was_cut_off_is_told(recorded, tmp_path, refusal):
    needs_open3d()
    (tmp_path / "cut.mcap").write_bytes(recorded.read_bytes()[:200_000])
    assert "Cannot read the recording" in refusal("cut.mcap", "--to", "home.ply")


@pytest.mark.gl
def test_too_much_memory_is_refused(recorded, refusal):
    needs_open3d()
    words = (recorded, "--to", "home.ply", "--voxel", "0.01", "--memory", "10")
    assert "larger --voxel" in refusal(*words)


def test_without_open3d_the_extra_is_named(refusal, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "open3d", None)
    message = refusal("run.mcap", "--to", "home.ply")
    assert "neural_brain[pointcloud]" in message


def test_a_missing_library_is_named(refusal, tmp_path, monkeypatch):
    """Open3D is there, but the system lacks what it is linked with."""
    package = tmp_path / "site" / "open3d"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        'raise ImportError("libusb-1.0.so.0: cannot open shared object file")'
    )
    monkeypatch.delitem(__import__("sys").modules, "open3d", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    message = refusal("run.mcap", "--to", "home.ply")
    assert "apt-get install libusb-1.0-0" in message
