"""`neural-brain sim`: a simulated home where you give the robot its goals.

Type goals into the terminal or into the live view: "explore", "press the red mug",
"go to the kitchen". Also: "e-stop", "reset", "quit". Ctrl-C saves the map and ends.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neural_brain.cli.memory_place import memory_place
from neural_brain.cli.numbers import PORT, real, whole

if TYPE_CHECKING:
    from neural_brain.cli.terminal import TypedLines
    from neural_brain.models.brain import Brain
    from neural_brain.models.signals import Observation
    from neural_brain.robots import MujocoBody
    from neural_brain.sim.homes import HomeSpec

HELP = "a simulated home with a robot that you give goals to"
EXIT_INTERRUPTED = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which home, how fast, what to show and keep."""
    parser.add_argument("--seed", type=whole(0, 9999), default=0, help="n-th home")
    parser.add_argument(
        "--split", choices=("tune", "test"), default="tune", help="of these homes"
    )
    parser.add_argument("--small", action="store_true", help="a home of three rooms")
    parser.add_argument("--config", help="YAML file with parameters of the brain")
    parser.add_argument(
        "--memory",
        type=memory_place,
        metavar="FILE",
        help="continue and save the map here; postgresql://... for a shared one",
    )
    parser.add_argument(
        "--record", type=Path, metavar="FILE", help="record the run into an .mcap file"
    )
    parser.add_argument("--no-view", action="store_true", help="no live dashboard")
    parser.add_argument("--port", type=PORT, default=8080, help="of the dashboard")
    parser.add_argument(
        "--speed",
        type=real(0.0, 100.0),
        default=1.0,
        help="times real time; 0 = all it can (default: 1)",
    )
    parser.add_argument(
        "--seconds", type=real(0.05, 1e6), default=1e6, help="simulated time to run"
    )
    parser.add_argument(
        "--describe", action="store_true", help="only print what is where"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw the home into a PNG file"
    )
    parser.add_argument(
        "--meshes", action="store_true", help="draw the arm with a package's meshes"
    )
    parser.add_argument(
        "--oracle", action="store_true", help="see with ground truth, to compare"
    )
    parser.add_argument(
        "--detector",
        default="network",
        metavar="NAME",
        help="what finds objects: network (default), coco, openimages, both or none",
    )


def run(args: argparse.Namespace) -> int:
    """Describe the home, or run it; 0 = ended by "quit" or in time, 130 = Ctrl-C."""
    from neural_brain.robots import make_home_body
    from neural_brain.sim.homes import describe, generate_home, seed_ranges

    seed = seed_ranges()[args.split][args.seed]
    home = generate_home(seed, small=args.small)
    if args.describe:
        print(describe(home), end="")
        if args.picture is None:
            return 0
    body = make_home_body(seed, small=args.small, meshes=args.meshes)
    try:
        if args.picture is not None:
            draw(home, body, args.picture)
        return 0 if args.describe else play(args, home, body)
    finally:
        body.close()


def draw(home: HomeSpec, body: MujocoBody, path: Path) -> None:
    """Write a picture of the home and the robot from above.

    Raises:
        RenderError: if no OpenGL back end works.
        OSError: if the file cannot be written.
    """
    from neural_brain.view.map_picture import save_picture
    from neural_brain.view.overview import draw_overview

    width, depth = home.size
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = draw_overview(
        body.simulation,
        lookat=(width / 2.0, depth / 2.0, 0.0),
        distance_m=1.25 * max(width, 1.4 * depth),
    )
    with path.open("wb"):  # says why, when it cannot be written
        pass
    save_picture(str(path), picture)
    print(f"Picture: {path}")


def play(args: argparse.Namespace, home: HomeSpec, body: MujocoBody) -> int:
    """Run brain and body until the time is over or somebody ends it."""
    from neural_brain.cli.terminal import Interrupt, TypedLines
    from neural_brain.models.memory import shown
    from neural_brain.robots.loop import run as run_loop

    brain = make_brain(args, body)
    print(
        f"Home {home.seed}: {len(home.rooms)} rooms, {len(home.objects)} things. "
        "Type a goal and Enter, such as: explore"
    )
    with (
        Interrupt() as interrupt,
        dashboard(args, brain, body) as show,
        recorder(args.record) as record,
    ):
        if show is not None:
            interrupt.wake = show.dashboard.paused.clear
        listeners = [] if show is None else [show.note]
        listeners += [] if record is None else [record.record_event]
        talk = Talk(TypedLines(), listeners)
        run_loop(
            brain,
            body,
            duration_s=args.seconds,
            until=lambda: interrupt.is_set or talk.ended,
            observers=[
                talk,
                *([] if show is None else [show]),
                *([] if record is None else [record.observe]),
            ],
            speed=args.speed,
        )
        talk.tell(brain)
    if brain.store is not None:
        brain.finish(body.simulation.time_s)
        print(f"Saved: {shown(args.memory)}")
    return EXIT_INTERRUPTED if interrupt.is_set else 0


def make_brain(args: argparse.Namespace, body: MujocoBody) -> Brain:
    """A brain with the chosen parameters, eyes and memory, whose time goes on."""
    from neural_brain.models.brain import Brain, BrainConfig
    from neural_brain.models.config import load_yaml
    from neural_brain.models.memory import next_stamp, open_memory
    from neural_brain.models.sensing import make_detector
    from neural_brain.robots import arm_dynamics
    from neural_brain.robots.oracle import oracle_detector

    config = load_yaml(BrainConfig, args.config) if args.config else BrainConfig()
    detector = oracle_detector(body) if args.oracle else make_detector(args.detector)
    store = None
    if args.memory is not None:
        store = open_memory(args.memory, config.memory, config.maps)
        for message in store.messages:
            print(message)
        body.simulation.begin_at(next_stamp(store))
    return Brain(
        config, body.limits, arm_dynamics, detector, store, own_eyes=not args.oracle
    )


class Talk:
    """An observer that passes typed words on and prints what happens.

    Args:
        lines: where the words come from.
        listeners: also get every event.
    """

    def __init__(
        self, lines: TypedLines, listeners: Sequence[Callable[[Any], None]]
    ) -> None:
        self._lines = lines
        self._listeners = listeners
        self.ended = False

    def __call__(
        self, brain: Brain, _body: MujocoBody, observation: Observation
    ) -> None:
        """Do what was typed since the last call."""
        for words in self._lines.read():
            if words in ("quit", "exit"):
                self.ended = True
            elif words in ("e-stop", "estop"):
                brain.fast.estop()
            elif words == "reset":
                brain.fast.reset()
            else:
                brain.say(words, observation.body.stamp)
        self.tell(brain)

    def tell(self, brain: Brain) -> None:
        """Print the newest lines of the diary."""
        from neural_brain.cli.terminal import diary_line, is_news

        for event in brain.pop_events():
            for listener in self._listeners:
                listener(event)
            if is_news(event):
                print(diary_line(event), flush=True)


@contextlib.contextmanager
def dashboard(
    args: argparse.Namespace, brain: Brain, body: MujocoBody
) -> Iterator[Any]:
    """The live view, or None with --no-view."""
    if args.no_view:
        yield None
        return
    from neural_brain.view.live import live_view

    limit_n = brain.config.fast.reflex.force.limit_n
    with live_view(body, args.port, limit_n) as show:
        print(f"Live view: http://127.0.0.1:{args.port}")
        yield show


@contextlib.contextmanager
def recorder(path: Path | None) -> Iterator[Any]:
    """What writes the recording, or None without --record.

    Raises:
        NeuralBrainError: if the file cannot be created.
    """
    if path is None:
        yield None
        return
    from neural_brain.view.recording import Recorder

    with Recorder(path) as record:
        yield record
    print(f"Recording: {path}")
