"""One demo episode: explore an unknown home, take a goal in words, press, be shoved.

The brain only gets what the simulated sensors give. Ground truth is read for the
score alone: which body the hand touched, contact forces, true poses.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.errors import ConfigError, RenderError
from neural_brain.models.memory import Place, next_stamp, open_memory
from neural_brain.models.sensing import Detector
from neural_brain.models.signals import Observation, SubGoalKind
from neural_brain.robots.audit import CommandAudit
from neural_brain.robots.dynamics import arm_dynamics
from neural_brain.robots.loop import Observer, run
from neural_brain.robots.mujoco_body import MujocoBody
from neural_brain.sim.homes import HomeObject, HomeSpec
from neural_brain.sim.shove import Shove
from neural_brain.view.overview import draw_overview
from neural_brain.view.trace import Trace

SHOVE_ROOM_M = 0.3


@dataclass(frozen=True, kw_only=True)
class EpisodeResult:
    """What one episode measured; times in simulated seconds unless said.

    `reached` is the simulator's word, `claimed` the robot's own.
    """

    seed: int
    words: str
    reached: bool
    claimed: bool
    outcome: str
    sim_s: float
    wall_s: float
    explore_s: float
    goal_s: float
    explored_m2: float
    landmarks: int
    peak_arm_n: float
    peak_base_n: float
    shove_peak_n: float
    violations: int
    commands: int
    surprises: tuple[str, ...] = ()

    @property
    def realtime_factor(self) -> float:
        """Simulated seconds per real second."""
        return self.sim_s / max(self.wall_s, 1e-9)


@dataclass(frozen=True, kw_only=True)
class EpisodeTimes:
    """How long the parts of an episode may take [s]."""

    explore_s: float = 420.0
    goal_s: float = 240.0


@dataclass
class Episode:
    """A body, a brain and what is measured on them."""

    seed: int
    home: HomeSpec
    body: MujocoBody
    brain: Brain
    trace: Trace = field(default_factory=Trace)
    observers: list[Observer] = field(default_factory=list)
    times: EpisodeTimes = field(default_factory=EpisodeTimes)
    speed: float = 0.0

    def __post_init__(self) -> None:
        """Prepare the referees."""
        self.audit = CommandAudit(self.body.limits)
        self.touched: set[str] = set()
        self.shove_peak_n = 0.0
        self._watch: Callable[[], None] = lambda: None

    def play(self, words: str | None = None) -> EpisodeResult:
        """Explore, then reach the goal in words (picked from the seed when None)."""
        started = time.perf_counter()
        explore_s = self.explore()
        target = None if words else pick_goal(self.home, self.seed)
        words = words or goal_words(target)
        before = len(self.brain.executive.finished)
        goal_s = self._pursue(words)
        named = named_bodies(self.home, target) if target else set()
        outcome = self.brain.executive.finished[before:]
        truth = self.body.simulation.truth
        surprises = [e.text for e in self.trace.events if e.kind == "surprise"]
        return EpisodeResult(
            seed=self.seed,
            words=words,
            reached=bool(named & self.touched),
            claimed=bool(outcome and outcome[0].success),
            outcome=outcome[0].text if outcome else "no answer in time",
            sim_s=self.body.simulation.run_s,
            wall_s=time.perf_counter() - started,
            explore_s=explore_s,
            goal_s=goal_s,
            explored_m2=self.trace.explored_m2[-1],
            landmarks=len(self.brain.map_state.landmarks)
            if self.brain.map_state
            else 0,
            peak_arm_n=truth.peak_arm_force_n,
            peak_base_n=truth.peak_base_force_n,
            shove_peak_n=self.shove_peak_n,
            violations=self.audit.total,
            commands=self.audit.checked,
            surprises=tuple(surprises),
        )

    @property
    def _now(self) -> float:
        return self.body.simulation.time_s

    @property
    def force_limit_n(self) -> float:
        """The configured limit of contact forces [N]."""
        return self.brain.config.fast.reflex.force.limit_n

    def picture(self) -> np.ndarray | None:
        """The home and the robot from above, (h, w, 3) uint8; None without OpenGL."""
        try:
            width, depth = self.home.size
            return draw_overview(
                self.body.simulation,
                lookat=(width / 2.0, depth / 2.0, 0.0),
                distance_m=1.25 * max(width, 1.4 * depth),
            )
        except RenderError:
            return None

    def explore(self) -> float:
        """Explore until nothing is new or the time is over; returns the time [s]."""
        start = self._now
        self.brain.say("explore", start)
        self._run(self.times.explore_s, lambda: not self.brain.executive.exploring)
        return self._now - start

    def _pursue(self, words: str) -> float:
        start = self._now
        before = len(self.brain.executive.finished)
        self.brain.say(words, start)
        shove = ShoveOnce(self)
        self._watch = shove.watch
        done = lambda: len(self.brain.executive.finished) > before  # noqa: E731
        self._run(self.times.goal_s, done)
        self._watch = lambda: None
        return self._now - start

    def _run(self, duration_s: float, until: Callable[[], bool]) -> None:
        run(
            self.brain,
            self.body,
            duration_s=duration_s,
            until=until,
            observers=[self._referee, self.trace.observe, *self.observers],
            speed=self.speed,
            audit=self.audit,
        )

    def _referee(self, _brain: Brain, _body: MujocoBody, _seen: Observation) -> None:
        truth = self.body.simulation.truth
        if self.brain.sub_goal and self.brain.sub_goal.kind is SubGoalKind.PRESS:
            self.touched |= set(truth.tool_contacts)
        self._watch()


class ShoveOnce:
    """A person-like paddle pushes the hand once, when it first hangs in the air."""

    def __init__(self, episode: Episode, after_s: float = 3.0) -> None:
        self._episode = episode
        self._after_s = after_s
        self._since: float | None = None
        self._shove: Shove | None = None

    def watch(self) -> None:
        """Start the shove when the arm has been out for a while; note its force."""
        episode = self._episode
        t = episode.body.simulation.time_s
        goal = episode.brain.sub_goal
        pressing = goal is not None and goal.kind is SubGoalKind.PRESS
        if self._since is None and pressing:
            self._since = t
        if self._since is None or t < self._since + self._after_s:
            return
        if self._shove is None:
            self._shove = self._start()
        if self._shove is None:
            return
        episode.shove_peak_n = max(episode.shove_peak_n, self._shove.peak_force_n)

    def _start(self) -> Shove | None:
        """From the left, the right or the front, in an order drawn from the seed.

        Where a part of the robot leaves no room for the paddle, or furniture leaves
        the hand no room to give way, the next side is taken; without any, it is tried
        again at the next look.
        """
        simulation = self._episode.body.simulation
        yaw = simulation.truth.pose_world_base()[2]
        order = np.random.default_rng([self._episode.seed, 78]).permutation(3)
        for angle in np.array([0.5 * np.pi, -0.5 * np.pi, np.pi])[order] + yaw:
            try:
                way = [np.cos(angle), np.sin(angle), 0.0]
                return Shove(simulation, way, room_m=SHOVE_ROOM_M)
            except ConfigError:
                continue
        return None


def pick_goal(home: HomeSpec, seed: int) -> HomeObject:
    """A thing of the home to press, drawn from the seed: a category, then one of it."""
    rng = np.random.default_rng([seed, 77])
    names = sorted({thing.category for thing in home.objects})
    category = names[int(rng.integers(len(names)))]
    things = [thing for thing in home.objects if thing.category == category]
    return things[int(rng.integers(len(things)))]


def goal_words(thing: HomeObject) -> str:
    """How a person would ask for it."""
    return f"press the {thing.colour} {thing.category}"


def named_bodies(home: HomeSpec, thing: HomeObject) -> set[str]:
    """Bodies that the words fit: every thing of that colour and category."""
    return {
        f"obj_{o.id}"
        for o in home.objects
        if (o.category, o.colour) == (thing.category, thing.colour)
    }


def make_episode(
    seed: int,
    *,
    config: BrainConfig,
    detector: Detector,
    body: MujocoBody,
    home: HomeSpec,
    memory: Place | None = None,
    observers: Sequence[Observer] = (),
    own_eyes: bool = False,
) -> Episode:
    """Put a fresh brain into a body in a home; time goes on from a given memory."""
    store = None if memory is None else open_memory(memory, config.memory, config.maps)
    if store is not None:
        body.simulation.begin_at(next_stamp(store))
    brain = Brain(config, body.limits, arm_dynamics, detector, store, own_eyes=own_eyes)
    return Episode(
        seed=seed, home=home, body=body, brain=brain, observers=list(observers)
    )
