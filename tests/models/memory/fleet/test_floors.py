"""Areas and floors of a map that robots share."""

import numpy as np
import pytest

from neural_brain.cli.main import main
from neural_brain.models.errors import MapFileError
from neural_brain.models.maps.areas import with_area, without
from neural_brain.models.maps.outlines import disc
from neural_brain.models.memory import (
    change_floor,
    edit_floor,
    load_floor,
    note_floors,
    read_floors,
    saved_floors,
)
from neural_brain.models.signals import Area, AreaKind


def area(name, radius=0.5, changed=0.0):
    return Area(
        name=name,
        kind=AreaKind.KEEP_OUT,
        outline=disc(np.zeros(2), radius),
        changed=changed,
    )


def names(robot):
    return [one.name for one in robot.drawn.map.areas]


@pytest.fixture
def pair(robot):
    """Two robots that know one map with one area."""
    anna = robot("anna")
    anna.drawn.look(0.0, 0.0).look(2.5, 0.0)
    anna.drawn.map.areas = (area("pond"),)
    anna.save(1.0)
    return anna, robot("bert")


def test_both_robots_get_what_each_was_told(pair):
    anna, bert = pair
    assert names(bert) == ["pond"]
    anna.drawn.map.areas = with_area(anna.drawn.map.areas, area("nursery"))
    bert.drawn.map.areas = with_area(bert.drawn.map.areas, area("stairs"))
    anna.save(2.0)
    bert.save(3.0)
    anna.save(4.0)
    assert names(anna) == names(bert) == ["nursery", "pond", "stairs"]
    kept = without(anna.drawn.map.areas, AreaKind.KEEP_OUT, "pond")
    anna.drawn.map.areas = kept
    anna.save(5.0)
    bert.save(6.0)
    assert names(bert) == ["nursery", "stairs"]


def test_the_command_line_is_one_more_robot(pair, url, capsys):
    anna, _ = pair
    words = "--name hole --kind keep-out --disc 1 0 0.3".split()
    assert main(["map", "areas", "add", url, *words]) == 0
    anna.save(2.0)
    assert names(anna) == ["hole", "pond"]
    assert main(["map", "areas", "list", url]) == 0
    assert "hole" in capsys.readouterr().out
    assert main(["map", "floors", "rename", url, "1", "ground"]) == 0
    anna.save(3.0)
    assert anna.drawn.map.floor == "ground"
    with pytest.raises(MapFileError, match="There is no floor"):
        edit_floor(url, "attic", lambda data: data)


def test_robots_work_on_floors_of_their_own(robot, url):
    anna = robot("anna")
    anna.drawn.look(0.0, 0.0)
    anna.drawn.map.floor, anna.drawn.map.areas = "ground", (area("pond"),)
    anna.save(1.0)
    bert = robot("bert")
    change_floor(bert.drawn.map, bert.store, "first", 2.0)
    assert names(bert) == []
    bert.drawn.look(0.0, 0.0)  # the same walls, one storey above
    bert.drawn.map.areas = (area("balcony"),)
    bert.save(3.0)
    anna.save(4.0)
    assert names(anna) == ["pond"]
    carl = robot("carl")  # floors are not taken for one map that was begun twice
    found = {floor.name: floor for floor in saved_floors(carl.store)}
    assert sorted(found) == ["first", "ground"]
    note_floors(carl.drawn.map, carl.store)
    change_floor(carl.drawn.map, carl.store, "first", 5.0)
    assert names(carl) == ["balcony"]
    change_floor(carl.drawn.map, carl.store, "ground", 6.0)
    assert names(carl) == ["pond"]
    carl.drawn.map.areas = with_area(carl.drawn.map.areas, area("hole"))
    carl.save(7.0)
    anna.save(8.0)
    assert names(anna) == ["hole", "pond"]
    assert [floor.name for floor in read_floors(url)] == ["ground", "first"]
    assert load_floor(url, "first").data["areas"][0]["name"] == "balcony"
