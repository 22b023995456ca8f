import json
import re

import cv2
import numpy as np
import pytest
import yaml

from neural_brain.cli.main import main
from neural_brain.models.maps import CognitiveMap, MapsConfig
from neural_brain.models.memory import MemoryStore, check_file
from neural_brain.models.memory.episodes import COLUMNS
from neural_brain.models.sensing import OrbVlad
from neural_brain.models.sensing.scene_views import frame_view
from neural_brain.models.signals import Event, LaserScan, ObjectPercept, Percepts
from neural_brain.robots.recordings.body import recorded_body
from tests.painted_room import PaintedRoom


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    """A round room with a blue mug, saved twice."""
    path = tmp_path_factory.mktemp("memory") / "home.db"
    cognitive = CognitiveMap(MapsConfig())
    mug = ObjectPercept(
        category="mug",
        colour="blue",
        confidence=0.9,
        center_base=np.array([1.0, 0.5, 0.7]),
        size=np.full(3, 0.1),
    )
    for k in range(12):
        t = 0.5 * k
        body = recorded_body(t, np.zeros(3))
        scan = LaserScan(
            stamp=t,
            angle_min=-np.pi,
            angle_increment=np.pi / 180,
            range_min=0.1,
            range_max=10.0,
            ranges=np.full(360, 2.5),
            pose_base_laser=np.zeros(3),
        )
        percepts = Percepts(
            stamp=t,
            pose_odom_base=np.zeros(3),
            obstacles=np.zeros((0, 2)),
            free=np.zeros((0, 2)),
            objects=(mug,),
            view_polygon=np.zeros((0, 2)),
        )
        cognitive.step(t, body, scan, percepts)
    with MemoryStore(path) as store:
        store.save_map(cognitive.snapshot(), 5.0)
        store.save_map(cognitive.snapshot(), 6.0)
    return path


def test_show_tells_rooms_and_things_and_draws(memory, tmp_path, capsys):
    picture = tmp_path / "map.png"
    assert main(["map", "show", str(memory), "--png", str(picture)]) == 0
    told = capsys.readouterr().out
    assert "1 rooms" in told
    assert "blue mug" in told
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_export_writes_what_ros_and_gis_read(memory, tmp_path):
    assert main(["map", "export", str(memory), "--to", str(tmp_path / "out")]) == 0
    sheet = yaml.safe_load((tmp_path / "out/map.yaml").read_text())
    head, rest = (tmp_path / "out" / sheet["image"]).read_bytes().split(b"255\n", 1)
    width, height = map(int, head.split(b"\n")[1].split())
    grey = np.frombuffer(rest, np.uint8).reshape(height, width)
    x, y = np.array([0.0, 0.0]) - sheet["origin"][:2]
    row, column = (
        height - 1 - int(y / sheet["resolution"]),
        int(x / sheet["resolution"]),
    )
    assert grey[row, column] == 254
    assert grey[row, column + int(2.52 / sheet["resolution"])] == 0
    assert grey[0, 0] == 205
    features = json.loads((tmp_path / "out/map.geojson").read_text())["features"]
    kinds = {feature["properties"]["kind"] for feature in features}
    assert {"landmark", "place", "room"} <= kinds
    (mug,) = [f for f in features if f["properties"].get("category") == "mug"]
    assert mug["geometry"]["coordinates"] == pytest.approx([1.0, 0.5, 0.7], abs=0.01)


def test_check_says_whole_or_damaged(memory, tmp_path, capsys):
    assert main(["map", "check", str(memory)]) == 0
    assert "2 of 2 map generations whole" in capsys.readouterr().out
    copy = tmp_path / "copy.db"
    copy.write_bytes(memory.read_bytes())
    with MemoryStore(copy) as store:  # what is still in its log counts, too
        before = copy.stat().st_size
        store.add_events([Event(stamp=0.0, source="a", kind="b", text="x" * 300_000)])
        assert copy.stat().st_size == before
        assert check_file(copy).size_bytes > before + 300_000
    damaged = tmp_path / "damaged.db"
    data = bytearray(memory.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    damaged.write_bytes(data)
    assert main(["map", "check", str(damaged)]) == 1
    assert "PROBLEM" in capsys.readouterr().out


def test_repair_puts_a_whole_file_in_place_and_says_what_is_lost(
    memory, tmp_path, capsys
):
    damaged = tmp_path / "home.db"
    data = bytearray(memory.read_bytes())
    data[:16] = bytes(16)
    damaged.write_bytes(data)
    assert main(["map", "repair", str(damaged)]) == 1
    told = capsys.readouterr().out
    assert "2 map generations" in told and "LOST" in told
    assert (tmp_path / "home.db.damaged-1").read_bytes() == bytes(data)
    assert main(["map", "check", str(damaged)]) == 0
    assert main(["map", "repair", str(damaged), "--to", str(tmp_path / "b")]) == 0


def test_merge_of_maps_that_share_too_little_is_refused(memory, tmp_path, capsys):
    words = ["map", "merge", str(memory), str(memory), "--to", str(tmp_path / "c.db")]
    assert main(words) == 2
    assert "merge again" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "c.db").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["map", "show", "none.db"], "There is no memory file"),
        (["map", "check", "{rubbish}"], "is not a memory file"),
        (["replay", "none.mcap"], "There is no recording"),
        (["replay", "{rubbish}"], "known are .mcap and .rawlog"),
    ],
)
def test_mistakes_are_one_paragraph_and_exit_code_2(tmp_path, capsys, words, told):
    rubbish = tmp_path / "list.txt"
    rubbish.write_text("milk, bread")
    words = [word.replace("{rubbish}", str(rubbish)) for word in words]
    assert main(words) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_find_tells_where_things_are_from_the_robot(memory, capsys):
    assert main(["map", "find", str(memory), "the blue mug"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("blue mug") and "as said" in told
    assert "1.1 m away ahead on the left" in told
    assert main(["map", "find", str(memory), "mug", "--pose", "2", "0.5", "180"]) == 0
    assert "1.0 m away ahead, to the west" in capsys.readouterr().out


def test_find_goes_by_direction_time_and_diary(memory, tmp_path, capsys):
    find = ["map", "find", str(memory)]
    assert main([*find, "the mug ahead on your left"]) == 0
    assert "as said" in capsys.readouterr().out
    assert main([*find, "the mug on your right"]) == 0
    assert "likely" in capsys.readouterr().out
    assert main([*find, "mug", "--since", "100"]) == 1
    assert "nothing that fits" in capsys.readouterr().out
    copy = tmp_path / "gone.db"
    copy.write_bytes(memory.read_bytes())
    gone = {"category": "ball", "colour": "red", "xyz": [1.0, 2.0, 0.0]}
    with MemoryStore(copy) as store:
        store.add_events(
            [Event(stamp=9.0, source="maps", kind="landmark gone", text="", data=gone)]
        )
    assert main(["map", "find", str(copy), "ball"]) == 0
    assert "gone     was at (1.00, 2.00) m, missed at 9 s" in capsys.readouterr().out


def test_find_lists_what_is_near_a_spot(memory, capsys):
    find = ["map", "find", str(memory), "--near"]
    assert main([*find, "1.0", "0.4", "0.3"]) == 0
    assert capsys.readouterr().out.startswith("blue mug")
    assert main([*find, "1.0", "0.4", "0.05"]) == 1
    assert main([*find, "1.0", "0.4", "0.3", "--since", "100"]) == 1
    capsys.readouterr()
    assert main(["map", "find", str(memory), "mug", "--near", "3", "0", "1"]) == 1


def test_find_says_where_a_picture_was_taken(memory, tmp_path, capsys):
    room, embedding = PaintedRoom(), OrbVlad()
    with MemoryStore(memory) as store:
        cognitive = CognitiveMap.restore(MapsConfig(), store.load_map())
    for k, x in enumerate((-2.0, 0.0, 2.0)):
        frame = room.frame(np.array([x, 0.0, 0.0]))
        cognitive.views.store.note(
            frame_view(frame, embedding), np.array([x, 0.0, 0.0]), float(k)
        )
    path, taken = tmp_path / "seen.db", tmp_path / "taken.png"
    with MemoryStore(path) as store:
        store.save_map(cognitive.snapshot(), 5.0)
    rgb = room.frame(np.array([0.2, 0.1, 0.0])).rgb
    cv2.imwrite(str(taken), cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
    find = ["map", "find", str(path), "--image", str(taken)]
    assert main(find) == 0
    told = capsys.readouterr().out.splitlines()[0]
    x, y = (float(text) for text in re.findall(r"-?[0-9]+\.[0-9]+", told)[:2])
    assert told.startswith("surely") and np.hypot(x - 0.2, y - 0.1) < 0.3
    assert main([*find, "--near", "0", "0", "1"]) == 2
    mine = "examples.own_embedding:ColourGrid"
    assert main([*find, "--embedding", mine]) == 2
    assert "not of 'colour-grid-4'" in capsys.readouterr().err
    cv2.imwrite(str(taken), np.full_like(rgb, 90))
    assert main(find) == 1
    assert "no place that looks so" in capsys.readouterr().out


def test_find_says_what_it_expects(memory, capsys):
    assert main(["map", "find", str(memory), "explore"]) == 2
    assert "Expected one thing" in capsys.readouterr().err
    assert main(["map", "find", str(memory), "mug", "--pose", "nan", "0", "0"]) == 2
    assert "three finite numbers" in capsys.readouterr().err


def test_diary_tells_what_happened_and_lists_episodes(memory, tmp_path, capsys):
    path = tmp_path / "lived.db"
    path.write_bytes(memory.read_bytes())
    diary = ["map", "diary", str(path)]
    assert main(diary) == 1
    assert "nothing that fits" in capsys.readouterr().out
    assert main([*diary, "--episode", "1"]) == 2
    assert "no episodes in it" in " ".join(capsys.readouterr().err.split())
    lines = [("executive", "goal", "my goal: find the mug"), ("maps", "lost", "lost")]
    steps = [[1.0, 0.5, 0.0, 0.0, 0.1, 0.0, 6.0, 3.1], [1.05, 0.6, *[0.0] * 6]]
    data = {"why": ["a touch"], "columns": list(COLUMNS), "steps": steps}
    events = [
        Event(stamp=float(k), source=source, kind=kind, text=text, data={})
        for k, (source, kind, text) in enumerate(lines)
    ]
    touch = Event(stamp=1.0, source="memory", kind="episode", text="a touch", data=data)
    with MemoryStore(path) as store:
        store.add_events([*events, touch])
    assert main(diary) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2 and told[0].endswith("my goal: find the mug")
    assert main([*diary, "--last", "1"]) == 0
    assert capsys.readouterr().out.startswith("... 1 before these")
    assert main([*diary, "--source", "maps", "--since", "0.5"]) == 0
    assert capsys.readouterr().out.split() == ["1.0", "s", "maps", "lost"]
    assert main([*diary, "--kind", "lost", "--until", "0.5"]) == 1
    capsys.readouterr()
    assert main([*diary, "--episodes"]) == 0
    assert "from (0.5, 0.0)  a touch" in capsys.readouterr().out
    assert main([*diary, "--episode", "1"]) == 0
    header, first, _ = capsys.readouterr().out.splitlines()
    assert header == "stamp,x,y,yaw,v,w,force_n,z"
    assert first == "1,0.5,0,0,0.1,0,6,3.1"
    assert main([*diary, "--episode", "2"]) == 2
    assert "from 1 to 1" in " ".join(capsys.readouterr().err.split())
