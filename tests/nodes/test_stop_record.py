"""Each STOP leaves a file with what led to it; nothing of that can end the loop."""

import numpy as np
import pytest

from neural_brain.benchmarks.fuzz_line import Line
from neural_brain.models.signals import ReflexLevel
from neural_brain.nodes import stop_record
from neural_brain.nodes.stop_record import AFTER_TICKS, KEPT, StopRecord


@pytest.fixture
def line():
    line = Line()
    for _ in range(700):
        line.tick()
    assert line.fast.level == ReflexLevel.NOMINAL
    return line


def run(line, record, ticks, **changes):
    for _ in range(ticks):
        line.tick(line.state(**changes))
        record.look()


def files(folder):
    return sorted(folder.glob("stop-*.npz"))


def test_a_stop_is_kept_with_its_cause_and_what_was_before_and_after(line, tmp_path):
    record = StopRecord(line.fast, tmp_path / "stops")
    run(line, record, 50)
    hit = np.array([0.0, 200.0, 0.0, 0.0, 0.0, 0.0])
    while line.fast.level < ReflexLevel.STOP:
        run(line, record, 1, wrench_ee=hit)
    tick, cause = line.ticks, line.fast.reflex.cause
    run(line, record, AFTER_TICKS - 1)
    assert not files(tmp_path / "stops")
    run(line, record, 100)
    record.close()
    (file,) = files(tmp_path / "stops")
    with np.load(file) as kept:
        assert str(kept["cause"]) == f"STOP: {cause.name}"
        assert kept["value"] == cause.value > kept["limit"] == cause.limit
        at = int(kept["stop_tick"])
        levels = kept["level"][:, 0]
        assert levels[at] == ReflexLevel.STOP and levels[at - 1] < ReflexLevel.STOP
        assert at + 1 == tick and len(levels) == tick + AFTER_TICKS
        assert kept["wrench_ee"][at, 1] == 200.0
        assert kept["effort"].shape == (len(levels), 7)
        np.testing.assert_array_equal(kept["effort"][at], line.commands[at].effort)
        twist = kept["twist_proposed"]
        np.testing.assert_array_equal(twist, np.tile(line.twist, (len(twist), 1)))
        assert kept["twist_base"][-1, 0] == 0.0 < twist[-1, 0]
        assert kept["effort_proposed"].shape == kept["effort"].shape
        assert np.isfinite(kept["effort_proposed"]).all()


@pytest.mark.parametrize(
    "junk", [None, {"wrench_ee": np.full(6, np.nan)}], ids=["nothing", "NaN"]
)
def test_a_stop_for_states_that_are_lost_shows_them_as_they_came(line, tmp_path, junk):
    record = StopRecord(line.fast, tmp_path)
    for _ in range(AFTER_TICKS + 400):
        line.tick("nothing" if junk is None else line.state(**junk))
        record.look()
    record.close()
    with np.load(*files(tmp_path)) as kept:
        assert str(kept["cause"]) == "STOP: body state lost"
        at = int(kept["stop_tick"])
        levels = kept["level"][:, 0]
        assert levels[at] == ReflexLevel.STOP and levels[at - 1] < ReflexLevel.STOP
        assert np.isnan(kept["wrench_ee"][at]).all()
        assert np.isnan(kept["q"][at]).all() == (junk is None)
        assert np.isfinite(kept["effort"]).all() and np.isfinite(kept["stamp"]).all()
        assert np.isfinite(kept["effort_proposed"]).all()


def test_a_process_that_ends_soon_after_a_stop_still_keeps_it(line, tmp_path):
    record = StopRecord(line.fast, tmp_path)
    line.fast.estop()
    run(line, record, 10)
    record.close()
    record.close()
    with np.load(*files(tmp_path)) as kept:
        assert str(kept["cause"]) == "ESTOP: person"
        assert kept["stop_tick"] == len(kept["level"]) - 10


def test_one_stop_is_one_file_and_old_ones_go(line, tmp_path):
    for number in range(KEPT + 5):
        (tmp_path / f"stop-20200101-000000-{number:06d}.npz").write_bytes(b"")
    record = StopRecord(line.fast, tmp_path)
    line.fast.estop()
    run(line, record, 3 * AFTER_TICKS)
    record.close()
    found = files(tmp_path)
    assert len(found) == KEPT and found[-1].stat().st_size > 0
    assert sum(file.stat().st_size > 0 for file in found) == 1


def test_a_folder_that_cannot_be_written_is_said_and_survived(line, tmp_path, capsys):
    wall = tmp_path / "file"
    wall.write_text("")
    record = StopRecord(line.fast, wall / "stops")
    line.fast.estop()
    run(line, record, AFTER_TICKS + 2)
    record.close()
    assert "no record of the stop" in capsys.readouterr().err
    assert line.fast.level == ReflexLevel.ESTOP


def test_without_a_stop_nothing_is_written(line, tmp_path):
    record = StopRecord(line.fast, tmp_path)
    run(line, record, 200, wrench_ee=np.array([0.0, 20.0, 0.0, 0.0, 0.0, 0.0]))
    assert line.fast.level in (ReflexLevel.HOLD, ReflexLevel.RETRACT)
    record.close()
    assert not files(tmp_path) and stop_record.PATTERN == "stop-*.npz"
