"""Where a clock begins that must not run into what is remembered."""

import math

import pytest

from neural_brain.models.errors import MapFileError
from neural_brain.models.memory import (
    MemoryStore,
    newest_stamp,
    next_stamp,
    next_stamp_at,
)
from neural_brain.models.signals import Event


def said(stamp):
    return Event(stamp=stamp, source="person", kind="words", text="explore", data={})


def test_an_empty_memory_lets_it_begin_at_0(tmp_path):
    file = tmp_path / "memory.sqlite"
    assert next_stamp_at(file) == 0.0
    with MemoryStore(file) as store:
        assert newest_stamp(store) == -math.inf
        assert next_stamp(store) == 0.0
    assert next_stamp_at(file) == 0.0


@pytest.mark.parametrize(("saved", "told"), [(40.5, 12.0), (12.0, 40.5)])
def test_it_begins_after_the_newest_of_both(tmp_path, make_snapshot, saved, told):
    file = tmp_path / "memory.sqlite"
    with MemoryStore(file) as store:
        store.save_map(make_snapshot(1), saved)
        store.add_events([said(told), said(3.0)])
        assert newest_stamp(store) == 40.5
        assert next_stamp(store) == 42.0
    before = file.read_bytes()
    assert next_stamp_at(file) == 42.0
    assert file.read_bytes() == before


def test_what_is_no_memory_is_refused(tmp_path):
    file = tmp_path / "memory.sqlite"
    file.write_text("no database at all, but long enough to be one")
    with pytest.raises(MapFileError, match="not a memory file"):
        next_stamp_at(file)
