"""The description of a home as text and as JSON."""

import pytest

from neural_brain.models.errors import SimulationError
from neural_brain.sim.homes import describe, from_json, generate_home, to_json


def test_json_reads_back_as_the_same_home() -> None:
    home = generate_home(7)
    assert from_json(to_json(home)) == home


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"rooms": 3}', "null"])
def test_wrong_json_is_an_error(text: str) -> None:
    with pytest.raises(SimulationError, match="description of a home"):
        from_json(text)


def test_text_names_rooms_things_and_supports() -> None:
    home = generate_home(7, small=True)
    text = describe(home)
    for room in home.rooms:
        assert f"In the {room.name} ({room.area_m2:.1f} m2)" in text
    for thing in home.objects:
        assert f"{thing.colour} {thing.category}" in text
    assert " on the table" in text and " on the floor" in text
    assert "open doorway" in text
