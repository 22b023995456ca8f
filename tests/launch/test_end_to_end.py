"""The launch file with real nodes in processes of their own: a goal is reached.

What counts is the simulator's truth, not the robot's opinion. Afterwards nothing may
be left: no process, no shared memory, exit code 0.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

rclpy = pytest.importorskip("rclpy")
pytest.importorskip("tf2_msgs")

SEED = 3
THING = "bed"
NEAR_M = 1.6  # from the robot's centre to the middle of the bed, which is 2 m long
START_S, GOAL_S = 90.0, 200.0

pytestmark = [
    pytest.mark.slow,
    pytest.mark.ros,
    pytest.mark.gl,
    pytest.mark.timeout(600),
    pytest.mark.xdist_group("end_to_end"),
]


def shared_memory(link, domain):
    """Files of the link, and of Fast DDS on the ports of this domain."""
    first = 7400 + 250 * domain
    ports = {str(port) for port in range(first, first + 250)}
    names = os.listdir("/dev/shm")  # noqa: S108
    numbers = {name: re.findall(r"port(\d+)", name) for name in names}
    return [name for name in names if link in name or ports & set(numbers[name])]


def processes_with(word):
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if word in words and path.parent.name != str(os.getpid()):
            found.append((path.parent.name, words.replace("\0", " ")))
    return found


@pytest.fixture
def environment(tmp_path, monkeypatch):
    domain = str(102 + os.getpid() % 100)
    monkeypatch.setenv("ROS_DOMAIN_ID", domain)
    monkeypatch.setenv("ROS_LOG_DIR", str(tmp_path / "log"))
    monkeypatch.setenv("AMENT_PREFIX_PATH", sys.prefix)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    monkeypatch.delenv("ROS_PYTHON_CHECK_FIELDS", raising=False)  # images: 100 ms each
    return dict(os.environ)


@pytest.fixture
def robot(environment, tmp_path):
    """`neural-brain up sim`, interrupted at the end like by Ctrl-C."""
    link = f"e2e-{os.getpid()}"
    command = [sys.executable, "-m", "neural_brain", "up", "sim"]
    command += ["world:=small_home", f"seed:={SEED}", "detector:=oracle"]
    command += [f"link:={link}", f"memory_file:={tmp_path / 'memory.sqlite'}"]
    log = (tmp_path / "up.log").open("w")
    process = subprocess.Popen(
        command, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    yield process, link
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20.0)
        except subprocess.TimeoutExpired:
            process.kill()
    print((tmp_path / "up.log").read_text())


def cli(environment, *words):
    command = [sys.executable, "-m", "neural_brain", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


class Watcher:
    """Listens to what the simulator and the brain say."""

    def __init__(self, client):
        from nav_msgs.msg import Odometry
        from std_msgs.msg import String

        from neural_brain.nodes import qos, topics

        self.client = client
        self.truth = None
        self.state, self.reply = {}, {}
        node = client.node
        node.create_subscription(Odometry, topics.SIM_TRUTH, self._see, qos.SENSOR)
        for topic, profile, into in (
            (topics.STATE, qos.LATCHED, self.state),
            (topics.REPLY, qos.STATE, self.reply),
        ):
            node.create_subscription(
                String,
                topic,
                lambda m, into=into: into.update(json.loads(m.data)),
                profile,
            )
        self.goal = node.create_publisher(String, topics.GOAL, qos.STATE)

    def _see(self, message):
        p = message.pose.pose.position
        self.truth = np.array([p.x, p.y])

    def say(self, words, timeout_s):
        from std_msgs.msg import String

        self.reply.clear()
        self.goal.publish(String(data=words))
        assert self.client.until(lambda: bool(self.reply), timeout_s), "no reply"
        return dict(self.reply)


def test_a_goal_in_words_is_reached_in_the_simulator(robot, environment, tmp_path):
    from neural_brain.models.memory import MemoryStore
    from neural_brain.nodes.client import client
    from neural_brain.sim.homes import generate_home

    process, link = robot
    home = generate_home(SEED, small=True)
    (thing,) = (o for o in home.objects if o.category == THING)
    where = np.array(thing.position[:2])
    assert np.linalg.norm(where - np.array(home.start[:2])) > 2.0 * NEAR_M

    with client("watcher") as ears:
        watcher = Watcher(ears)
        ready = lambda: watcher.truth is not None and "motion" in watcher.state  # noqa: E731
        assert ears.until(ready, START_S), "the nodes did not come up"

        status = cli(environment, "status", "--seconds", "8")
        assert status.returncode == 0 and "executive_node" in status.stdout
        refused = watcher.say("wibble wobble", 30.0)
        assert refused["accepted"] is False and "wibble" in refused["text"]
        taken = cli(environment, "goal", f"go to the {THING}", "--timeout", "30")
        assert taken.returncode == 0 and THING in taken.stdout
        ears.until(lambda: watcher.state.get("goal"), 10.0)

        def arrived():
            near = np.linalg.norm(watcher.truth - where) < NEAR_M
            return near and not watcher.state.get("goal")

        done = ears.until(arrived, GOAL_S)
        distance = float(np.linalg.norm(watcher.truth - where))
        assert done, f"{distance:.2f} m away, state {watcher.state}"

    before = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(20.0) == 0
    print(
        f"stopped in {time.monotonic() - before:.2f} s, {distance:.2f} m from the goal"
    )
    assert not processes_with(link)
    assert not shared_memory(link, int(environment["ROS_DOMAIN_ID"]))
    store = MemoryStore(tmp_path / "memory.sqlite")
    assert store.load_map() is not None
    store.close()
