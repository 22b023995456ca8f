"""Runs one Memory Maze in the environment's own Python and obeys lines of JSON.

It is started as a script by an interpreter that has dm_control 1.0 and MuJoCo 3.3, so
it imports nothing of this package. One request a line comes in, one answer a line goes
out; anything else that a library prints goes to the error stream.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import sys
import warnings

EXTRA = ("agent_pos", "agent_dir", "targets_pos", "target_color", "maze_layout")


def main() -> int:
    """Serve until the input ends or `close` comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--id", required=True, help="gym id of the environment")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--stock", action="store_true", help="keep the slow loop")
    parser.add_argument("--blind", action="store_true", help="draw no pictures")
    args = parser.parse_args()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    environment = make(args)
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "close":
            break
        if request["do"] == "reset":
            answer = pack(environment.reset(), 0.0, False)
        else:
            seen, reward, done, _ = environment.step(int(request["action"]))
            answer = pack(seen, float(reward), bool(done))
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    return 0


def make(args: argparse.Namespace) -> object:
    """The environment as its package registers it, without gym's own checker."""
    warnings.filterwarnings("ignore")
    import gym
    import memory_maze  # noqa: F401  registers the names

    if not args.stock:
        look_at_all_contacts_at_once()
    if args.blind:
        draw_nothing()
    return gym.make(args.id, seed=args.seed, disable_env_checker=True).unwrapped


def draw_nothing() -> None:
    """Black pictures (with the border) for agents that do not look at them."""
    import numpy as np
    from dm_control import mjcf

    def render(self, height=240, width=320, **_):  # type: ignore[no-untyped-def]
        return np.zeros((height, width, 3), np.uint8)

    mjcf.Physics.render = render


def look_at_all_contacts_at_once() -> None:
    """Ask for a touched target with one comparison instead of a loop over contacts.

    The same condition, evaluated after every one of the 50 physics steps of an action.
    """
    import numpy as np
    from dm_control.locomotion.props import target_sphere

    def update(self, physics):  # type: ignore[no-untyped-def]
        if not self._activated:
            touching = np.asarray(physics.data.ptr.contact.geom)
            if (touching == self._geom_id).any():
                self._activated = True
                physics.bind(self._material).rgba[-1] = 0

    target_sphere.TargetSphere._update_activation = update


def pack(seen: object, reward: float, done: bool) -> dict[str, object]:
    """An answer that JSON can carry; the picture as base64 of its bytes."""
    values = seen if isinstance(seen, dict) else {"image": seen}
    picture = values["image"]
    return {
        "reward": reward,
        "done": done,
        "shape": list(picture.shape),
        "image": base64.b64encode(picture.tobytes()).decode("ascii"),
        "extra": {name: values[name].tolist() for name in EXTRA if name in values},
    }


if __name__ == "__main__":
    sys.exit(main())
