"""Real processes that write at the same time, one of them killed in the middle."""

import json
import multiprocessing
import time

import pytest

from neural_brain.benchmarks.fleet import judge, play, read_promises
from neural_brain.benchmarks.fleet_robot import Promise, begin, survey
from neural_brain.models.memory import check_memory
from neural_brain.sim.homes import generate_home

SEED = 1001
WITHOUT_LOSS = (0, 0, 0)


def lost(outcome):
    return outcome.things, outcome.cells, outcome.events


@pytest.mark.slow
def test_robots_that_write_at_the_same_time_lose_nothing(url):
    outcome = play(url, SEED, robots=2, rounds=15)
    assert len(outcome.latencies_ms) == 2 * 15
    assert lost(outcome) == WITHOUT_LOSS
    assert check_memory(url).problems == ()


def test_the_measure_sees_what_is_lost(url):
    begin(url, SEED)
    home = generate_home(SEED)
    x0, y0, x1, y1 = home.rooms[-1].rect
    never = Promise(
        spot=(0.5 * (x0 + x1), 0.5 * (y0 + y1)),
        things=tuple(thing.id for thing in home.objects),
        event="never written",
        latency_s=0.0,
        start=0.0,
        end=1.0,
    )
    assert min(lost(judge(url, SEED, [never]))) > 0


@pytest.mark.slow
def test_one_robot_killed_while_it_writes_harms_nobody(url, tmp_path):
    begin(url, SEED)
    context = multiprocessing.get_context("spawn")
    steady, victims = tmp_path / "steady.jsonl", tmp_path / "victims.jsonl"

    def start(robot, rounds, listed):
        keywords = {"rounds": rounds, "listed": listed}
        process = context.Process(
            target=survey, args=(url, SEED, robot), kwargs=keywords
        )
        process.start()
        return process

    other = start(0, 25, steady)
    for kill in range(4):
        victim = start(10 + kill, 1000, victims)
        promised = len(read_promises(victims))
        deadline = time.monotonic() + 60.0
        while len(read_promises(victims)) < promised + 2:
            assert time.monotonic() < deadline and victim.is_alive()
            time.sleep(0.02)
        time.sleep(0.013 * kill)  # at different moments of a save
        victim.kill()
        victim.join()
        assert check_memory(url).problems == ()
    other.join()
    assert other.exitcode == 0
    whole = [line for line in victims.read_text().split("\n") if line.endswith("}")]
    promises = read_promises(steady) + read_promises(victims)
    assert len(promises) == 25 + len(whole) and json.loads(whole[-1])
    assert lost(judge(url, SEED, promises)) == WITHOUT_LOSS
