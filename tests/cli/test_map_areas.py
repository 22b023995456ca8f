"""`neural-brain map areas` and `map floors`, on a file that is really saved."""

import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

from neural_brain.cli.main import main
from neural_brain.models.maps import CognitiveMap, MapsConfig, ScanPoints
from neural_brain.models.memory import (
    MemoryConfig,
    MemoryStore,
    check_file,
    load_floor,
    read_floors,
)


def drawn(map_id=1, floor=""):
    """A round room."""
    cognitive = CognitiveMap(MapsConfig())
    angle = np.linspace(-np.pi, np.pi, 180, endpoint=False)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    cognitive.grid.add_scan(
        ScanPoints(origin=np.zeros(2), hits=2.5 * ring, outline=2.44 * ring), weight=3
    )
    cognitive.refresh()
    cognitive.map_id, cognitive.floor = map_id, floor
    return cognitive


@pytest.fixture
def memory(tmp_path):
    path = tmp_path / "home.db"
    with MemoryStore(path) as store:
        store.save_map(drawn(2, "first").snapshot(), 5.0)
        store.save_map(drawn(1, "ground").snapshot(), 6.0)
    return path


def areas(path, floor=None):
    return load_floor(path, floor).data["areas"]


def do(*words):
    return main(["map", *(str(word) for word in words)])


def add(path, *words):
    return do("areas", "add", path, *words)


def test_areas_are_added_listed_and_removed(memory, capsys):
    square = "--polygon -1 -1 1 -1 1 1 -1 1".split()
    assert add(memory, "--name", "pond", "--kind", "keep-out", *square) == 0
    disc = "--disc -1 0.5 0.4".split()
    assert add(memory, "--name", "pond", "--kind", "slow", "--speed", 0.3, *disc) == 0
    assert add(memory, "--name", "dock", "--kind", "dock", "--pose", 1, -1, 0.5) == 0
    words = ("--name", "lift", "--kind", "lift", "--floors", "first", *disc)
    assert add(memory, *words) == 0
    assert do("areas", "list", memory) == 0
    told = capsys.readouterr().out
    for part in ("keep-out  pond", "4.0 m2", "0.3 m/s", "dock", "to first"):
        assert part in told
    assert check_file(memory).problems == ()
    assert do("areas", "remove", memory, "--name", "pond") == 2  # which of two?
    assert do("areas", "remove", memory, "--name", "pond", "--kind", "slow") == 0
    assert [a["kind"] for a in areas(memory)] == ["dock", "keep-out", "lift"]
    assert areas(memory, "first") == []
    with MemoryStore(memory) as store:  # the robot goes on where it was
        assert CognitiveMap.restore(MapsConfig(), store.load_map()).floor == "ground"


def test_another_floor_is_changed_and_the_robot_still_starts_on_its_own(memory):
    disc = "--disc 0 0 1".split()
    words = ("--floor", "first", "--name", "hole", "--kind", "keep-out", *disc)
    assert add(memory, *words) == 0
    assert [a["name"] for a in areas(memory, "2")] == ["hole"]
    assert areas(memory) == []
    with MemoryStore(memory) as store:
        assert store.load_map().data["floor"] == "ground"


def test_export_and_import_give_the_same_areas(memory, tmp_path):
    add(memory, "--name", "It's Bo's", "--kind", "room", "--disc", 0, 0, 1)
    add(memory, "--name", "dock", "--kind", "dock", "--pose", 1, -1, 0.5)
    file = tmp_path / "areas.geojson"
    assert do("areas", "export", memory, "--to", file) == 0
    before = areas(memory)
    assert do("areas", "import", memory, file, "--floor", "first") == 0
    for one, two in zip(before, areas(memory, "first"), strict=True):
        assert {**one, "changed": 0} == {**two, "changed": 0}
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not GeoJSON"),
        (b"\xff\xfe", "UTF-8"),
        ('{"type": "FeatureCollection", "features": [{}]}', "Feature 0"),
        (None, "Cannot read"),
    ],
)
def test_a_bad_import_changes_nothing(memory, tmp_path, capsys, text, words):
    file = tmp_path / "bad.geojson"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = memory.read_bytes()
    assert do("areas", "import", memory, file) == 2
    assert words in capsys.readouterr().err
    assert memory.read_bytes() == before


def test_one_wrong_area_of_many_keeps_all_out(memory, tmp_path, capsys):
    def disc(name, radius):
        return {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [0, 0]},
            "properties": {"kind": "keep-out", "name": name, "radius_m": radius},
        }

    file = tmp_path / "areas.geojson"
    features = [disc("a", 1.0), disc("b", 0.02), disc("c", 1.0)]
    text = json.dumps({"type": "FeatureCollection", "features": features})
    file.write_text(text)
    assert do("areas", "import", memory, file) == 2
    assert "m2" in capsys.readouterr().err
    assert areas(memory) == []


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("--kind keep-out --disc 0 0 -1", "more than 0"),
        ("--kind keep-out --disc 0 0 nan", "not a number from"),
        ("--kind keep-out --polygon 0 0 1 1 1", "5 numbers"),
        ("--kind keep-out --polygon 0 0 2 2 2 0 0 2", "crosses itself"),
        ("--kind slow --disc 0 0 1", "speed_m_s"),
        ("--kind dock --disc 0 0 1", "no pose"),
        ("--kind room --disc 0 0 1 --floor third", "There is no floor 'third'"),
        ("--kind moat --disc 0 0 1", "invalid choice"),
    ],
)
def test_a_mistake_is_told_and_changes_nothing(memory, capsys, words, answer):
    before = memory.read_bytes()
    try:
        code = add(memory, "--name", "x", *words.split())
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert answer in " ".join(capsys.readouterr().err.split())
    assert memory.read_bytes() == before


def test_a_file_that_a_robot_has_open_is_refused(memory, capsys):
    with MemoryStore(memory) as store:
        assert store.load_map() is not None
        assert add(memory, "--name", "x", "--kind", "room", "--disc", 0, 0, 1) == 2
    assert "Stop the robot" in " ".join(capsys.readouterr().err.split())
    assert add(memory, "--name", "x", "--kind", "room", "--disc", 0, 0, 1) == 0


def test_damaged_missing_and_older_files_are_refused(memory, tmp_path, capsys):
    disc = ("--name", "x", "--kind", "room", "--disc", 0, 0, 1)
    assert add(tmp_path / "none.db", *disc) == 2
    assert not (tmp_path / "none.db").exists()
    old = tmp_path / "old.db"
    snapshot = drawn().snapshot()
    snapshot.data["version"] = 1
    with MemoryStore(old, MemoryConfig()) as store:
        store.save_map(snapshot, 1.0)
    assert add(old, *disc) == 2
    assert "has version 1" in " ".join(capsys.readouterr().err.split())
    raw = bytearray(memory.read_bytes())
    raw[8192:12288] = b"\xa5" * 4096
    memory.write_bytes(raw)
    assert add(memory, *disc) == 2
    assert "repair" in capsys.readouterr().err
    assert memory.read_bytes() == bytes(raw)


def test_floors_are_listed_and_renamed(memory, capsys):
    assert do("floors", "list", memory) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2
    assert "ground" in told[0]
    assert told[0].endswith("(saved last)")
    assert do("floors", "rename", memory, "2", "upper") == 0
    assert [f.name for f in read_floors(memory)] == ["ground", "upper"]
    assert do("floors", "rename", memory, "ground", "Upper") == 2
    assert "called 'upper' already" in capsys.readouterr().err
    assert do("floors", "rename", memory, "cellar", "x") == 2
    assert do("map".replace("map", "show"), memory, "--floor", "upper",
              "--png", memory.parent / "m.png") == 0  # fmt: skip
    assert "upper floor" in capsys.readouterr().out


def test_masks_for_nav2_hold_the_areas(memory, tmp_path):
    add(memory, "--name", "a", "--kind", "keep-out", "--disc", -1, 0, 0.5)
    slow = ("--kind", "slow", "--speed", 0.5)
    add(memory, "--name", "b", *slow, "--disc", 1, 0, 0.5)
    folder = tmp_path / "masks"
    assert do("areas", "export", memory, "--masks", folder) == 0

    def at(name, x, y):
        """Value 0..100 as nav2_map_server reads it in scale mode."""
        sheet = yaml.safe_load((folder / f"{name}_mask.yaml").read_text())
        head, rest = (folder / sheet["image"]).read_bytes().split(b"255\n", 1)
        width, height = map(int, head.split(b"\n")[1].split())
        grey = np.frombuffer(rest, np.uint8).reshape(height, width)
        column, row = ((np.array([x, y]) - sheet["origin"][:2]) / 0.05).astype(int)
        return round((255 - int(grey[height - 1 - row, column])) / 255 * 100)

    assert [at("keepout", x, 0.0) for x in (-1, 0, 1)] == [100, 0, 0]
    assert [at("speed", x, 0.0) for x in (-1, 0, 1)] == [0, 0, 25]  # 25 * 0.02 m/s


KILLED = """
import os, sys
from neural_brain.cli.main import main
from neural_brain.models.memory import codec
import neural_brain.models.memory.store as store
real = store.MemoryStore._transaction
calls = int(sys.argv[2])
import sqlite3, contextlib
@contextlib.contextmanager
def dying(self):
    with real(self) as connection:
        yield connection
        if calls == 1:
            os.kill(os.getpid(), 9)  # written, not committed
    if calls == 2:
        os.kill(os.getpid(), 9)  # committed
store.MemoryStore._transaction = dying
main(["map", "areas", "add", sys.argv[1], "--name", "x", "--kind", "keep-out",
      "--disc", "0", "0", "1"])
"""


@pytest.mark.parametrize(("when", "names"), [(1, []), (2, ["x"])])
def test_kill_9_leaves_all_of_the_change_or_nothing(memory, when, names):
    words = [sys.executable, "-c", KILLED, str(memory), str(when)]
    assert subprocess.run(words, timeout=120, check=False).returncode == -9
    assert check_file(memory).problems == ()
    assert [a["name"] for a in areas(memory)] == names
    assert add(memory, "--name", "y", "--kind", "room", "--disc", 0, 0, 1) == 0
