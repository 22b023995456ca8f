"""The address of a shared map wherever a command takes a memory file."""

import re
from pathlib import Path

import numpy as np
import pytest

from neural_brain.benchmarks.fleet_robot import look_around
from neural_brain.cli.main import main
from neural_brain.models.maps import CognitiveMap
from neural_brain.models.memory import MemoryStore, check_memory, open_memory
from neural_brain.models.signals import Event
from neural_brain.sim.homes import generate_home

HIDDEN = "sesame"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three memory files of one home, each with two of its rooms and all doorways."""
    folder = tmp_path_factory.mktemp("files")
    home = generate_home(1000, small=True)
    rng = np.random.default_rng(3)
    made = []
    for k, room in enumerate(home.rooms):
        cognitive = CognitiveMap()
        x0, y0, x1, y1 = room.rect
        middle = (0.5 * (x0 + x1), 0.5 * (y0 + y1))
        for spot in (middle, *(door.center for door in home.doors)):
            look_around(cognitive, home, np.array(spot), rng, t=1.0)
        path = folder / f"robot-{k}.sqlite"
        with MemoryStore(path) as store:
            store.save_map(cognitive.snapshot(), 1.0)
            store.add_events([Event(stamp=k, source="x", kind="y", text=f"robot {k}")])
        made.append(str(path))
    return made


def test_files_become_a_shared_map_that_every_command_reads(
    files, url, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    first, second, third = files
    assert main(["map", "merge", first, second, "--to", url]) == 0
    assert "2 events" in capsys.readouterr().out
    assert main(["map", "merge", first, third, "--to", url]) == 2
    assert "holds a map already" in " ".join(capsys.readouterr().err.split())
    assert main(["map", "merge", url, third, "--to", url]) == 0
    assert main(["map", "show", url]) == 0
    assert "rooms" in capsys.readouterr().out
    assert (tmp_path / "map.png").read_bytes()[:4] == b"\x89PNG"
    assert main(["map", "check", url]) == 0
    assert "2 of 2 map generations whole" in capsys.readouterr().out
    assert main(["map", "export", url, "--to", "out"]) == 0
    assert (tmp_path / "out/map.yaml").is_file()
    store = open_memory(url)
    assert [e.text for e in store.events()] == ["robot 0", "robot 1", "robot 2"]
    store.close()
    assert check_memory(url).problems == ()


def test_the_script_in_the_documentation_runs(files, url, capsys):
    first, second, _ = files
    assert main(["map", "merge", first, second, "--to", url]) == 0
    page = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    capsys.readouterr()
    exec(script.replace("postgresql://robot@localhost/home", url), {})  # noqa: S102
    *seen, robot = capsys.readouterr().out.splitlines()
    likeness = [float(line.split()[-1]) for line in seen[-3:]]
    assert likeness == sorted(likeness, reverse=True) and likeness[0] <= 1.0
    assert robot == "None 2"


def test_a_shared_map_becomes_a_file(files, url, tmp_path, capsys):
    first, second, third = files
    target = tmp_path / "all.sqlite"
    assert main(["map", "merge", first, second, "--to", url]) == 0
    assert main(["map", "merge", url, third, "--to", str(target)]) == 0
    assert "3 events" in capsys.readouterr().out
    assert check_memory(target).problems == ()


def test_a_server_is_not_repaired_by_hand(url, capsys):
    assert main(["map", "repair", url]) == 2
    assert "repairs itself" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["map", "show", "{away}"], "Check host and port"),
        (["map", "check", "{away}"], "Check host and port"),
        (["map", "merge", "{away}", "{away}", "--to", "{away}"], "Check host and port"),
        (["sim", "--no-view", "--small", "--memory", "{away}"], "Check host and port"),
        (["map", "show", "{wrong}"], "Write it like postgresql://USER@HOST/DATABASE"),
    ],
)
def test_mistakes_are_one_paragraph_without_password(capsys, words, told):
    pytest.importorskip("sqlalchemy")
    pytest.importorskip("psycopg")
    places = {
        "{away}": f"postgresql://me:{HIDDEN}@127.0.0.1:1/home",
        "{wrong}": f"postgresql://me:{HIDDEN}@127.0.0.1:port/home",
    }
    assert main([places.get(word, word) for word in words]) == 2
    output = capsys.readouterr()
    assert told in " ".join(output.err.split())
    assert "\n\n" not in output.err.strip()
    assert HIDDEN not in output.err + output.out
