"""Image-goal episodes: a picture is shown, the robot goes to where it was taken.

The robot explores a home once, for a limited time, then pictures from places of its own
camera's height are shown one after the other, as another day would show them: things
and light furniture have moved meanwhile in the pictures only if asked for. The baseline
forgets its whole map before every picture and has to explore.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neural_brain.benchmarks.navigation.agents import ALL, KEPT, WIPED, Agent
from neural_brain.benchmarks.navigation.goals import Part
from neural_brain.benchmarks.navigation.play import Conditions, Player, enter
from neural_brain.benchmarks.navigation.referee import Referee
from neural_brain.benchmarks.navigation.true_space import TrueSpace
from neural_brain.benchmarks.place_trials import Sight, sights
from neural_brain.models.geometry import Array, wrap
from neural_brain.models.sensing import OrbVlad, frame_view
from neural_brain.sim.homes import HomeSpec, generate_home

SUCCESS_M, SUCCESS_RAD = 1.0, np.radians(30.0)
FEWEST_CORNERS = 40  # a picture shows something
NEAR_SHARE = 0.5  # of them nearer than this distance: not through a door
NEAR_M = 4.0
TRIED = 40
AGENTS = (KEPT, WIPED)


@dataclass(frozen=True, kw_only=True)
class PictureResult:
    """How one picture goal ended; ways in metres, `shortest_m` from where it began."""

    home: int
    agent: str
    index: int
    success: bool
    claimed: bool
    away_m: float
    turned_rad: float
    shortest_m: float
    driven_m: float
    time_s: float
    outcome: str

    @property
    def spl(self) -> float:
        """Success weighted by path length."""
        if not self.success:
            return 0.0
        return self.shortest_m / max(self.shortest_m, self.driven_m, 1e-6)


def play_pictures(
    seed: int, agent: Agent, *, goals: int, explore_s: float, goal_s: float
) -> tuple[list[PictureResult], float, list[str]]:
    """Show pictures of a home to an agent.

    Returns:
        Results, the way driven while exploring beforehand [m], the robot's diary.
    """
    home = generate_home(seed)
    start = np.array([*home.start[:2], np.radians(home.start[2])])
    part = Part(name="pictures", home=home, start=start, goals=())
    player, referee = enter(part, agent, Conditions(goal_s=goal_s), None)
    results = []
    with closing(player.body):
        explored = 0.0
        if agent.forgets != ALL:
            _explore(player, explore_s)
            explored = player.driven_m
        for index, sight in enumerate(pictures(home, referee, start, goals)):
            player.forget(agent.forgets)
            shown = _show(
                player, referee, sight, index, goal_s=goal_s, agent=agent.name
            )
            results.append(shown)
    return results, explored, player.diary


def pictures(home: HomeSpec, referee: Referee, start: Array, count: int) -> list[Sight]:
    """Sights from random free places that can be reached, each of something near."""
    rng = np.random.default_rng([home.seed, 0x1A6E])
    space = referee.space
    cells = space.xy[space.joined(start) & (space.clearance >= 0.4)]
    spots = cells[rng.integers(0, len(cells), TRIED)]
    poses = np.column_stack([spots, rng.uniform(-np.pi, np.pi, TRIED)])
    embedding, chosen = OrbVlad(), []
    for sight in sights(home, poses, home.seed + 1):
        view = frame_view(sight.frame, embedding)
        near = np.hypot(*view.points[:, :2].T) < NEAR_M
        if len(near) >= FEWEST_CORNERS and near.mean() >= NEAR_SHARE:
            chosen.append(sight)
        if len(chosen) == count:
            break
    return chosen


def _explore(player: Player, explore_s: float) -> None:
    player.brain.say("explore", player.now)
    player.pursue(0, explore_s, np.inf)
    if player.brain.executive.goals:
        player.brain.say("stop", player.now)


def _show(
    player: Player,
    referee: Referee,
    sight: Sight,
    index: int,
    *,
    goal_s: float,
    agent: str,
) -> PictureResult:
    ways = referee.space.ways_to(around(referee.space, sight.pose))
    shortest = float(ways[referee.space.cell(player.place)])
    driven, begun = player.driven_m, player.now
    ended = len(player.brain.executive.finished)
    _first_map(player)
    player.brain.show(sight.frame.rgb, player.now)
    player.pursue(ended, goal_s + 30.0, np.inf)
    outcomes = player.brain.executive.finished[ended:]
    at = player.place
    away = float(np.hypot(*(at - sight.pose)[:2]))
    turned = abs(wrap(float(at[2] - sight.pose[2])))
    claimed = bool(outcomes and outcomes[-1].success)
    there = bool(away <= SUCCESS_M and turned <= SUCCESS_RAD)
    return PictureResult(
        home=referee.home.seed,
        agent=agent,
        index=index,
        success=claimed and there,
        claimed=claimed,
        away_m=away,
        turned_rad=turned,
        shortest_m=shortest,
        driven_m=player.driven_m - driven,
        time_s=player.now - begun,
        outcome=outcomes[-1].text if outcomes else "no answer in time",
    )


def _first_map(player: Player) -> None:
    """Let a robot that has just woken up look once, so that it knows its camera."""
    if player.brain.map_state is None:
        player.pursue(len(player.brain.executive.finished), 0.5, np.inf)


def around(space: TrueSpace, pose: Array) -> NDArray[np.bool_]:
    """Free cells within the distance that counts as success."""
    near = np.hypot(*(space.xy - pose[:2]).transpose(2, 0, 1)) <= SUCCESS_M
    return np.asarray(space.free & near)
