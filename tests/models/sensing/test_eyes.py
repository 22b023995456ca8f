"""Eyes in a thread and in a process see the same; a lost process is no lost sight."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.sensing import (
    EyesProcess,
    EyesThread,
    NetDetector,
    NoDetector,
    SensingConfig,
)
from neural_brain.models.signals import Percepts


class Blinded:
    """A detector that fails on every frame."""

    def detect(self, frame):
        raise ArithmeticError("dazzled")


def same(a: Percepts, b: Percepts) -> bool:
    arrays = ("obstacles", "free", "view_polygon")
    things = [[repr(thing) for thing in p.objects] for p in (a, b)]
    return things[0] == things[1] and all(
        np.array_equal(getattr(a, name), getattr(b, name)) for name in arrays
    )


@pytest.fixture
def frame(scene):
    return scene.render(scene.camera_pose(), [((1.0, -0.3, 0.0), (1.4, 0.3, 0.7))])[0]


@pytest.fixture
def process():
    eyes = EyesProcess(SensingConfig(), NetDetector())
    yield eyes
    eyes.close()


def test_both_see_the_same(process, frame, body):
    thread = EyesThread(SensingConfig(), NetDetector())
    for eyes in (thread, process):
        eyes.begin(None, frame, body)
    assert same(process.finish(), thread.finish())
    assert process.alive


def test_a_killed_process_is_replaced_by_a_thread(process, frame, body):
    process.begin(None, frame, body)
    before = process.finish()
    os.kill(process._process.pid, signal.SIGKILL)
    for _ in range(2):
        process.begin(None, frame, body)
        assert same(process.finish(), before)
    assert not process.alive
    assert "has died" in process.trouble


def test_a_process_that_hangs_is_replaced_by_a_thread(
    process, frame, body, monkeypatch
):
    process.begin(None, frame, body)
    before = process.finish()
    monkeypatch.setattr("neural_brain.models.sensing.eyes.PATIENCE_S", 0.5)
    os.kill(process._process.pid, signal.SIGSTOP)
    process.begin(None, frame, body)
    assert same(process.finish(), before)
    assert not process.alive
    assert "hangs" in process.trouble


def test_a_failing_detector_is_told_where_its_percepts_are_awaited(frame, body):
    eyes = EyesProcess(SensingConfig(), Blinded())
    eyes.begin(None, frame, body)
    with pytest.raises(ArithmeticError, match="dazzled"):
        eyes.finish()
    eyes.close()
    assert not eyes.alive


def test_a_detector_that_cannot_be_sent_is_refused():
    detector = NoDetector()
    detector.hook = lambda: None
    with pytest.raises(NeuralBrainError, match="NoDetector cannot be sent"):
        EyesProcess(SensingConfig(), detector)


def test_nothing_is_seen_before_a_look():
    with pytest.raises(NeuralBrainError, match="begin"):
        EyesThread(SensingConfig(), NoDetector()).finish()


ORPHAN = """
import os, signal
from neural_brain.models.sensing import EyesProcess, NoDetector, SensingConfig
if __name__ == "__main__":
    eyes = EyesProcess(SensingConfig(), NoDetector())
    print(eyes._process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_no_orphan_stays_when_the_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(ORPHAN)
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=60
    )
    child = int(done.stdout)
    for _ in range(200):
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail(f"process {child} is still there")
