"""The comparison of two physics engines, on a few short cases."""

import sys

import pytest

from neural_brain.benchmarks.bullet_cases import draw_cases, run_case
from neural_brain.benchmarks.engines import OnBullet, on_mujoco
from neural_brain.benchmarks.reflex_bullet import (
    GOAL,
    Pair,
    all_metrics,
    case_rows,
    compare,
)
from neural_brain.cli.main import main
from neural_brain.models.errors import SimulationError
from neural_brain.sim.bullet import BulletConfig

SEED = 4300


def pair(bullet, mujoco=10.0, case="press", quantity="peak"):
    return Pair(case=case, quantity=quantity, unit="N", mujoco=mujoco, bullet=bullet)


def test_a_seed_gives_the_same_cases_of_every_kind():
    first, again = draw_cases(SEED), draw_cases(SEED)
    assert [c.name for c in first] == [c.name for c in again]
    assert [c.payload_kg for c in first] == [c.payload_kg for c in again]
    kinds = {name.split()[0] for name in (c.name for c in first)}
    assert kinds == {"line", "circle", "eight", "turn", "press", "hit", "soft", "stiff"}
    assert draw_cases(SEED + 1)[0].payload_kg != first[0].payload_kg


@pytest.mark.parametrize("name", ["circle", "press 5e+03 N/m", "hit 2e+04 N/m"])
def test_bullet_is_near_mujoco(name):
    pytest.importorskip(
        "pybullet", reason="pybullet is absent: pip install neural_brain[pybullet]"
    )
    (case,) = [case for case in draw_cases(SEED) if case.name == name]
    known = run_case(case, on_mujoco)
    pairs = compare([case], [known], OnBullet(BulletConfig()))
    assert pairs and all(one.difference <= GOAL for one in pairs)
    assert all(one.mujoco > 1.0 for one in pairs)


def test_differences_are_relative_and_a_diverged_world_agrees_in_nothing():
    assert pair(12.0).difference == pytest.approx(0.2)
    assert pair(9.0).difference == pytest.approx(0.1)
    assert pair(None).difference == 1.0
    assert pair(0.0, mujoco=0.0).difference == 1.0


def test_a_world_that_diverges_is_counted():
    (case,) = [case for case in draw_cases(SEED) if case.name == "line"]

    def diverges(model, config, *, seed):
        raise SimulationError("The physics diverged.")

    (found,) = compare([case], [{"tracking error": (3.0, "mm")}], diverges)
    assert found.bullet is None and found.mujoco == 3.0
    (row,) = case_rows([found])
    assert row["diverged"] == 1 and row["bullet"] is None


def test_goals_are_judged_on_the_mean_and_the_baselines_stand_beside():
    found = [pair(11.0), pair(12.5)]
    metrics = {m.name: m for m in all_metrics(found, {"bare": [pair(20.0)]})}
    peak = metrics["difference of peak"]
    assert peak.value == pytest.approx(0.175) and peak.met
    assert peak.baseline == {"bare": pytest.approx(1.0)}
    share = metrics["cases within 20%"]
    assert share.value == 0.5 and share.baseline == {"bare": 0.0}


def test_without_pybullet_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pybullet", None)
    assert main(["bench", "reflex-bullet"]) == 2
    said = " ".join(capsys.readouterr().err.split())
    assert 'pip install "neural_brain[pybullet]"' in said
