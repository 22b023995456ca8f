"""One play: a brain in a body in a home pursues the goals of a part."""

from __future__ import annotations

import math
import shutil
import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from neural_brain.benchmarks.navigation.agents import (
    ALL,
    NOTHING,
    SPOTS,
    THINGS,
    Agent,
    spoiled,
)
from neural_brain.benchmarks.navigation.by_place import PlaceKnower, places_of
from neural_brain.benchmarks.navigation.goals import NavGoal, Part, chain_lengths
from neural_brain.benchmarks.navigation.metrics import GoalResult
from neural_brain.benchmarks.navigation.photographs import ReadsPictures
from neural_brain.benchmarks.navigation.reason import reason_of
from neural_brain.benchmarks.navigation.referee import Referee
from neural_brain.benchmarks.navigation.true_space import TrueSpace
from neural_brain.benchmarks.navigation.wanderers import Wanderer
from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.errors import GoalError, NeuralBrainError
from neural_brain.models.executive import Executive
from neural_brain.models.geometry import Array, compose2, inverse2
from neural_brain.models.maps.landmarks import LandmarkMap
from neural_brain.models.memory import MemoryStore
from neural_brain.models.sensing import Detector, NetDetector
from neural_brain.models.signals import Observation
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.gliding_body import GlidingBody, coarse
from neural_brain.robots.loop import run
from neural_brain.robots.mujoco_body import MujocoBody, MujocoBodyConfig
from neural_brain.robots.oracle import oracle_detector
from neural_brain.sim.scene import build_model
from neural_brain.sim.sensors import OdometryConfig, SensorsConfig
from neural_brain.sim.simulation import Simulation

ROBOT = "mobile_manipulator"
ODOMETRY = {
    "exact": OdometryConfig(radius_error=0.0, slip_m=0.0, speed_noise_m_s=0.0),
    "usual": OdometryConfig(),
    "poor": OdometryConfig(radius_error=0.03, slip_m=0.02),
}


class OutOfTime(NeuralBrainError):
    """The wall-clock budget of the benchmark is used up."""


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What is the same for all plays of a run.

    `deadline` [s] is on the clock of `time.monotonic`, which all processes of a machine
    share; a play that is not done then is broken off with `OutOfTime`.
    """

    detector: str = "oracle"
    odometry: str = "usual"
    goal_s: float = 600.0
    deadline: float = math.inf


@dataclass
class Player:
    """A body in a home, the brain that is in it now, and how far it drove."""

    body: GlidingBody
    config: BrainConfig
    detector: Detector
    store: MemoryStore | None
    executive: type[Executive] = Executive
    driven_m: float = 0.0
    diary: list[str] = field(default_factory=list)
    _at: Array | None = field(default=None)

    def __post_init__(self) -> None:
        """Wake the brain up; what its memory file holds is continued."""
        self.brain = self._brain(self.store)

    @property
    def now(self) -> float:
        """Simulated time [s]."""
        return self.body.simulation.time_s

    @property
    def place(self) -> Array:
        """True pose (3,)."""
        return self.body.simulation.truth.pose_world_base()

    def forget(self, what: str) -> None:
        """Lose the whole map, or only the things in it and what was looked at."""
        if what == ALL:
            self.brain = self._brain(None)
        elif what in (THINGS, SPOTS):
            known = self.brain.executive
            self.brain.executive = self.executive(self.config.executive)
            if isinstance(known, PlaceKnower) and what == SPOTS:
                places = places_of(self.brain.maps.state(), known.known)
                self.brain.executive.known = places  # type: ignore[attr-defined]
            self.brain.maps.landmarks = LandmarkMap(self.config.maps.landmarks)

    def tell(self, goal: NavGoal, words: str) -> str:
        """Say what is wanted, or show it; why it was refused, "" if it was not."""
        if goal.picture is None:
            self.brain.say(words, self.now)
            return ""
        if self.brain.map_state is None:  # just woken up: it knows no camera yet
            self.pursue(len(self.brain.executive.finished), 0.5, math.inf)
        if isinstance(self.detector, ReadsPictures):
            self.detector.picture = goal.picture
        try:
            reply = self.brain.show(goal.picture, self.now, "thing")
        except GoalError as error:
            return str(error)
        return "" if reply.accepted else reply.text

    def pursue(self, ended: int, limit_s: float, deadline: float) -> None:
        """Go on until more than `ended` goals have ended or time is over.

        Raises:
            OutOfTime: at the deadline [s].
        """
        executive = self.brain.executive

        def until() -> bool:
            return len(executive.finished) > ended or time.monotonic() > deadline

        run(
            self.brain,
            self.body,
            duration_s=limit_s,
            until=until,
            observers=[self._measure],
        )
        for event in self.brain.pop_events():
            if event.source in ("executive", "person", "maps"):
                self.diary.append(f"{event.stamp:.1f} {event.text}")
        if time.monotonic() > deadline:
            raise OutOfTime("The time of this benchmark is over. Give it more minutes.")

    def _measure(self, brain: Brain, _body: MujocoBody, seen: Observation) -> None:
        if seen.scan is not None and isinstance(brain.executive, Wanderer):
            brain.executive.sense(seen.scan)
        at = self.place[:2]
        if self._at is not None:
            self.driven_m += float(np.hypot(*(at - self._at)))
        self._at = at

    def _brain(self, store: MemoryStore | None) -> Brain:
        limits = self.body.limits
        brain = Brain(self.config, limits, arm_dynamics, self.detector, store)
        if self.executive is not Executive:
            brain.executive = self.executive(self.config.executive)
        return brain


def play(
    part: Part,
    agent: Agent,
    conditions: Conditions,
    *,
    memory: Path | None = None,
    recall: Path | None = None,
) -> tuple[list[GoalResult], list[str]]:
    """Pursue all goals of a part; returns how they ended, and the robot's diary.

    Args:
        part: home, start and goals.
        agent: who plays.
        conditions: detector, odometry, patience.
        memory: file to save the map to at the end.
        recall: memory file to begin with; it is copied, not changed.

    Raises:
        OutOfTime: at the deadline of the conditions.
    """
    with TemporaryDirectory() as folder:
        file = Path(folder) / "memory.sqlite"
        if recall is not None:
            shutil.copyfile(recall, file)
        lasts = memory is not None or recall is not None
        player, referee = enter(part, agent, conditions, file if lasts else None)
        with closing(player.body):
            at_once = part.ordered and agent.forgets == NOTHING
            give = _give_at_once if at_once else _give_in_turn
            results = give(part, agent, conditions, player, referee)
        if part.ordered:
            lengths = chain_lengths(part.goals, referee, part.start)
            results = [
                replace(result, chain_m=length)
                for result, length in zip(results, lengths, strict=False)
            ]
        if player.store is not None:
            player.brain.save(player.now)
            player.store.close()
        if memory is not None:
            shutil.copyfile(file, memory)
    return results, player.diary


def enter(
    part: Part, agent: Agent, conditions: Conditions, memory: Path | None
) -> tuple[Player, Referee]:
    """Put a robot with a brain into the home, and a referee beside it."""
    model = build_model(part.home, ROBOT, part.start)
    sensors = SensorsConfig(odometry=ODOMETRY[conditions.odometry])
    seed = part.home.seed
    body = GlidingBody(Simulation(model), MujocoBodyConfig(sensors=sensors), seed=seed)
    config = agent.change(BrainConfig())
    executive = replace(config.executive, max_goal_s=conditions.goal_s, ask=False)
    rates = replace(config.rates, save_every_s=3600.0)
    config = coarse(replace(config, executive=executive, rates=rates))
    store = None if memory is None else MemoryStore(memory, config.memory)
    detector = detector_of(conditions.detector, body, seed)
    if any(goal.picture is not None for goal in part.goals):
        detector = ReadsPictures(detector)
    player = Player(
        body=body,
        config=config,
        detector=detector,
        store=store,
        executive=agent.executive,
    )
    return player, Referee(part.home, model, TrueSpace(part.home))


def detector_of(name: str, body: MujocoBody, seed: int) -> Detector:
    """A rung of the ladder of detectors."""
    if name == "learned":
        return NetDetector()
    return spoiled(name, oracle_detector(body), seed)


def _give_in_turn(
    part: Part,
    agent: Agent,
    conditions: Conditions,
    player: Player,
    referee: Referee,
) -> list[GoalResult]:
    results = []
    for index, goal in enumerate(part.goals):
        player.forget(agent.forgets)
        begun = _Begun.now(player, referee, goal)
        before = len(player.brain.executive.finished)
        refused = player.tell(goal, agent.words(goal.words))
        if not refused:
            player.pursue(before, conditions.goal_s + 30.0, conditions.deadline)
        result = _judge(part, index, player, referee, begun)
        results.append(replace(result, outcome=refused or result.outcome))
        if part.ordered and not results[-1].success:
            break
    return results


def _give_at_once(
    part: Part,
    agent: Agent,
    conditions: Conditions,
    player: Player,
    referee: Referee,
) -> list[GoalResult]:
    """All goals in one sentence; the first failure ends the part."""
    words = ", then ".join(agent.words(goal.words) for goal in part.goals)
    player.brain.say(f"first {words}", player.now)
    results: list[GoalResult] = []
    for index, goal in enumerate(part.goals):
        begun = _Begun.now(player, referee, goal)
        player.pursue(index, conditions.goal_s + 30.0, conditions.deadline)
        results.append(_judge(part, index, player, referee, begun))
        if not results[-1].success:
            break
    return results


@dataclass(frozen=True, kw_only=True)
class _Begun:
    """State when a goal was given; `ways` (h, w) [m] lead to its success cells."""

    ways: Array
    shortest_m: float
    driven_m: float
    time_s: float

    @classmethod
    def now(cls, player: Player, referee: Referee, goal: NavGoal) -> _Begun:
        space = referee.space
        ways = space.ways_to(referee.success_cells(goal.right))
        return cls(
            ways=ways,
            shortest_m=float(ways[space.cell(player.place)]),
            driven_m=player.driven_m,
            time_s=player.now,
        )


def _judge(
    part: Part, index: int, player: Player, referee: Referee, begun: _Begun
) -> GoalResult:
    goal, at = part.goals[index], player.place
    outcomes = player.brain.executive.finished
    ended = [o for o in outcomes if o.stamp >= begun.time_s]
    claimed = bool(ended and ended[-1].success)
    there = referee.arrived(at, goal.right)
    result = GoalResult(
        home=part.home.seed,
        words=goal.words,
        kind=goal.kind,
        index=index,
        success=claimed and there,
        claimed=claimed,
        shortest_m=begun.shortest_m,
        driven_m=player.driven_m - begun.driven_m,
        left_m=float(begun.ways[referee.space.cell(at)]),
        away_m=referee.away_m(at, goal.right),
        time_s=player.now - begun.time_s,
        outcome=ended[-1].text if ended else "no answer in time",
        door_closed=part.door_closed,
    )
    known = player.brain.map_state.landmarks if player.brain.map_state else ()
    frame = _frame(player)
    right = [referee.home.objects[number] for number in goal.right]
    return replace(result, why=reason_of(result, known, frame, right))


def _frame(player: Player) -> Array:
    """Pose (3,) of the brain's map in the world, by where the robot really is."""
    believed = player.brain.pose_map_base(player.body.read())
    return compose2(player.place, inverse2(believed))
