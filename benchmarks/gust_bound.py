"""What a perfect reflex could gain in the navigation tasks by looking at every tick.

A point goes along a wall, at some distance from it, until a gust begins. A perfect
reflex knows the gust as soon as it looks, and from then on goes straight away from the
wall at full speed: nothing that it could do is safer. It looks either at every tick or
when the next decision begins. How often it hits the wall all the same bounds what any
critic can reach at that distance.

Until it looks, nothing answers the gust; or, if the point holds its line, the tracking
law of the tasks does, which is there without any reflex.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neural_brain.benchmarks.gust_tasks import TASKS, Gusts, World, intermediate

POINTS = 20_000
DECISIONS = 4
AWAY = np.array([0.0, -1.0])


def hit_share(
    ticks: int,
    clearance: float,
    looks: str,
    *,
    gusts: Gusts | None = None,
    holds: bool = False,
) -> float:
    """Share of the gusts that drive the point into the wall.

    Args:
        ticks: control ticks a decision.
        clearance: from the wall when the decision begins.
        looks: "tick", or "decision".
        gusts: their speed and length, if not those of `navigation1`.
        holds: go back to the line until the gust is known.
    """
    rng = np.random.default_rng(0)
    task = TASKS["navigation1"]
    gusts = replace(gusts or task.gusts, chance=1.0)
    world = World(task, ticks, (POINTS,), rng, gusts)
    wall = task.boxes[0, 2]
    line = np.broadcast_to([0.0, wall - clearance], (POINTS, 2))
    world.place(line)
    world.begin()  # the gust of the first decision is the only one
    seen = np.zeros(POINTS, bool)
    for tick in range(DECISIONS * ticks):
        if looks == "tick" or tick % ticks == 0:
            seen |= (world.push != 0.0).any(axis=-1)
        back = intermediate(line, world.at, ticks - tick % ticks, ticks)
        world.tick(np.where(seen[:, None], AWAY, back if holds else 0.0))
    # pushed the other way for long, a point that retreats may hit the opposite wall
    return float((world.hit & (world.at[:, 1] > 0.0)).mean())
