"""Explore a simulated home, remember it in a file, and draw the map.

python examples/map_a_home.py --seconds 60 --to runs/example
"""

import argparse
from pathlib import Path

from neural_brain.models.brain import Brain, BrainConfig
from neural_brain.models.memory import MemoryStore, next_stamp
from neural_brain.models.sensing import NetDetector
from neural_brain.robots import arm_dynamics, make_home_body
from neural_brain.robots.loop import run
from neural_brain.view.map_picture import draw_map, save_picture


def main():
    """Run for a while, then say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="simulated")
    parser.add_argument("--to", type=Path, default=Path("runs/example"))
    args = parser.parse_args()
    args.to.mkdir(parents=True, exist_ok=True)

    body = make_home_body(seed=3, small=True)
    store = MemoryStore(args.to / "memory.sqlite")
    body.simulation.begin_at(next_stamp(store))  # a second run comes after the first
    brain = Brain(BrainConfig(), body.limits, arm_dynamics, NetDetector(), store)

    print(brain.say("explore", body.simulation.time_s).text)
    run(brain, body, duration_s=args.seconds)

    state = brain.map_state
    for mark in state.landmarks:
        x, y, z = mark.center_map
        print(f"{mark.colour} {mark.category} at ({x:.1f}, {y:.1f}, {z:.1f}) m")
    print(f"{len(state.rooms)} rooms, {len(state.landmarks)} things")

    brain.save(body.simulation.time_s)
    save_picture(str(args.to / "map.png"), draw_map(state))
    print(f"Written: {args.to}/memory.sqlite, {args.to}/map.png")
    store.close()
    body.close()


if __name__ == "__main__":
    main()
