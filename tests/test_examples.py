"""Every example runs as printed, without a screen, and prints what it promises."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "examples"


def run_example(name, *words, cwd):
    """What an example prints."""
    done = subprocess.run(
        [sys.executable, str(FOLDER / name), *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_examples_are_short_and_tell_how_to_run_them():
    for path in FOLDER.glob("*.py"):
        text = path.read_text()
        assert len(text.splitlines()) < 80, path.name
        assert f"python examples/{path.name}" in text


def test_every_example_is_run_here():
    here = Path(__file__).read_text()
    assert all(f'"{path.name}"' in here for path in FOLDER.glob("*.py"))


def test_the_reflex_stops_a_cart_in_front_of_the_wall(tmp_path):
    told = run_example("own_body.py", cwd=tmp_path)
    assert "SLOW: obstacle" in told
    gap_m = float(re.search(r"stands ([\d.]+) m", told).group(1))
    assert 0.27 < gap_m < 0.6  # radius of the cart; well before the wall at 2 m


def test_a_soft_arm_gives_way_more_than_a_stiff_one(tmp_path):
    told = run_example("soft_arm.py", cwd=tmp_path)
    soft_mm, stiff_mm = map(float, re.findall(r"by (\d+) mm", told))
    assert soft_mm > 2.0 * stiff_mm > 0.0


@pytest.mark.gl
def test_a_detector_of_your_own_finds_the_ball(tmp_path):
    told = run_example("own_detector.py", cwd=tmp_path)
    assert "a red ball at (0.7" in told


def test_an_embedding_of_your_own_knows_a_place_in_dim_light(tmp_path):
    told = run_example("own_embedding.py", cwd=tmp_path)
    same, other = map(float, re.findall(r": ([+-][\d.]+)$", told, re.MULTILINE))
    assert "colour-grid-4: 48 numbers" in told
    assert same > 0.95 > other + 0.5


@pytest.mark.gl
@pytest.mark.slow
def test_a_home_is_mapped_and_drawn(tmp_path):
    told = run_example(
        "map_a_home.py", "--seconds", "6", "--to", str(tmp_path), cwd=tmp_path
    )
    assert "I will explore." in told
    assert int(re.search(r"(\d+) rooms", told).group(1)) >= 1
    assert (tmp_path / "memory.sqlite").stat().st_size > 1000
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")


def test_a_lerobot_arm_goes_aside_and_back(tmp_path):
    pytest.importorskip("lerobot", reason="needs the extra: neural_brain[lerobot]")
    told = run_example("lerobot_arm.py", cwd=tmp_path)
    turned = list(map(float, re.findall(r"turned +(-?[\d.]+) deg", told)))
    assert max(turned) == pytest.approx(20.0, abs=1.5)
    assert turned[-1] == pytest.approx(0.0, abs=1.5)
    assert "STOP" not in told
