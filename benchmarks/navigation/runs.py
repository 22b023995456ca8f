"""Many plays over many homes: in parallel, within a time budget, resumable.

Every play writes its result at once. A later run with the same folder takes what is
there and goes on with the rest; a part that other plays build on is played once.
"""

from __future__ import annotations

import itertools
import json
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from neural_brain.benchmarks.navigation.agents import Agent
from neural_brain.benchmarks.navigation.goals import Part
from neural_brain.benchmarks.navigation.metrics import GoalResult
from neural_brain.benchmarks.navigation.play import Conditions, OutOfTime, play


@dataclass(frozen=True, kw_only=True)
class Play:
    """One play of a task.

    Attributes:
        name: of its results, unique in the task.
        agent: who plays.
        part: name of the part that is played.
        after: name of the play whose memory is recalled, "" for none.
        remembers: whether other plays need its memory.
        later: played only when everything else is done: baselines that may be cut.
    """

    name: str
    agent: Agent
    part: str
    after: str = ""
    remembers: bool = False
    later: bool = False


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is played in every home.

    Attributes:
        plays: who plays which part.
        parts: makes the parts of a home by name, from its seed and a number of goals.
        suits: whether the home of a seed has what is asked; all have without it.
    """

    plays: tuple[Play, ...]
    parts: Callable[[int, int], dict[str, Part]]
    suits: Callable[[int], bool] | None = None

    def homes(self, seed: int, count: int) -> list[int]:
        """The first seeds from one on whose homes suit."""
        fitting = filter(self.suits or (lambda _: True), itertools.count(seed))
        return list(itertools.islice(fitting, count))

    def chains(self, later: bool) -> Iterator[tuple[Play, ...]]:
        """Plays that build on each other, in order; chains do not need each other."""
        for first in self.plays:
            if first.after:
                continue
            rest = tuple(
                play
                for play in self.plays
                if play.after == first.name and play.later is later
            )
            if rest or first.later is later:
                yield (first, *rest)


@dataclass(frozen=True, kw_only=True)
class Job:
    """A chain of plays in one home under some conditions."""

    home: int
    goals: int
    task: Task
    chain: tuple[Play, ...]
    conditions: Conditions
    folder: Path


Results = dict[tuple[str, str, int], list[GoalResult]]
"""By detector, name of the play and home."""


def run_all(
    task: Task,
    homes: Sequence[int],
    goals: int,
    conditions: Conditions,
    detectors: Sequence[str],
    *,
    jobs: int,
    folder: Path,
) -> Results:
    """Play all plays in all homes with all detectors, as far as time allows.

    Returns:
        Results of the plays that were finished.
    """
    folder.mkdir(parents=True, exist_ok=True)
    todo = [
        Job(
            home=home,
            goals=goals,
            task=task,
            chain=chain,
            conditions=replace(conditions, detector=detector),
            folder=folder,
        )
        for later in (False, True)
        for home in homes
        for detector in detectors
        for chain in task.chains(later)
    ]
    found: Results = {}
    for job, part in _worked(todo, jobs):
        for name, results in part.items():
            found[job.conditions.detector, name, job.home] = results
    return found


def _worked(
    todo: Sequence[Job], jobs: int
) -> Iterator[tuple[Job, dict[str, list[GoalResult]]]]:
    """Every job with its results, as they are done."""
    spawn = multiprocessing.get_context("spawn")
    bar = tqdm(total=len(todo), desc="plays")
    with ProcessPoolExecutor(jobs, mp_context=spawn) as pool, bar:
        pending: dict[Future[dict[str, list[GoalResult]]], Job] = {
            pool.submit(work, job): job for job in todo
        }
        for done in as_completed(pending):
            bar.update()
            yield pending[done], done.result()


def work(job: Job) -> dict[str, list[GoalResult]]:
    """Play one chain; what is not done at the deadline is missing."""
    parts: dict[str, Part] = {}
    done: dict[str, list[GoalResult]] = {}
    for one in job.chain:
        file = _file(job, one, "json")
        memory = _file(job, one, "sqlite") if one.remembers else None
        if file.is_file() and (memory is None or memory.is_file()):
            done[one.name] = _read(file)
            continue
        if time.monotonic() > job.conditions.deadline:
            break
        parts = parts or job.task.parts(job.home, job.goals)
        before = next((p for p in job.chain if p.name == one.after), None)
        recall = None if before is None else _file(job, before, "sqlite")
        started = time.process_time()
        try:
            results, diary = play(
                parts[one.part],
                one.agent,
                job.conditions,
                memory=memory,
                recall=recall,
            )
        except OutOfTime:
            break
        done[one.name] = results
        _write(file, results, diary, time.process_time() - started)
    return done


def _file(job: Job, one: Play, ending: str) -> Path:
    c = job.conditions
    name = f"{job.home}-{c.detector}-{c.odometry}-{job.goals}-{one.name}.{ending}"
    return job.folder / name.replace(" ", "_")


def _read(file: Path) -> list[GoalResult]:
    values = json.loads(file.read_text(encoding="utf-8"))
    return [GoalResult(**row) for row in values["results"]]


def _write(
    file: Path, results: Sequence[GoalResult], diary: Sequence[str], cpu_s: float
) -> None:
    rows = [vars(result) for result in results]
    part = file.with_suffix(".part")
    content = {"cpu_s": round(cpu_s, 1), "results": rows, "diary": diary}
    text = json.dumps(content, indent=1)
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(file)
