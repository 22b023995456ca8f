"""The drill that kills: with real processes, once each side."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_the_robot_holds_after_either_side_is_killed(ros_domain):
    command = [sys.executable, "-m", "neural_brain.nodes.kill_drill", "--kills", "1"]
    env = {**os.environ, "ROS_DOMAIN_ID": str(ros_domain)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=250)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["killed"] for each in found] == ["fast process", "commanding side"]
    # How fast is counted in periods, by a clock of its own: of the bridge in
    # test_robot_silence.py, of the loop in test_fast_promises.py.
    assert all(each["hold_s"] > 0.0 for each in found)
