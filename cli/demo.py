"""`neural-brain demo`: the whole loop in a simulated home, report and recording."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neural_brain.cli.memory_place import memory_place
from neural_brain.cli.numbers import PORT, real
from neural_brain.cli.terminal import diary_line, is_news
from neural_brain.models.errors import NeuralBrainError

if TYPE_CHECKING:
    from neural_brain.benchmarks.episode import Episode, EpisodeResult

HELP = "watch the robot explore a home, take a goal, press it and be shoved"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the demo."""
    parser.add_argument("--seed", type=int, default=0, help="n-th held-out test home")
    parser.add_argument("--goal", help='words, such as "press the red mug"')
    parser.add_argument("--small", action="store_true", help="a home of three rooms")
    parser.add_argument("--to", default="runs/demo", help="folder for what it makes")
    parser.add_argument(
        "--memory",
        type=memory_place,
        metavar="FILE",
        help="map file (default: memory.sqlite in the folder), or postgresql://...",
    )
    parser.add_argument("--config", help="YAML file with parameters of the brain")
    parser.add_argument("--no-view", action="store_true", help="no live dashboard")
    parser.add_argument("--port", type=PORT, default=8080, help="of the dashboard")
    parser.add_argument(
        "--speed",
        type=real(0.0, 100.0),
        default=0.0,
        help="times real time; 0 = all it can",
    )
    parser.add_argument(
        "--stay", action="store_true", help="keep the dashboard open at the end"
    )
    parser.add_argument(
        "--oracle", action="store_true", help="see with ground truth, to compare"
    )


def run(args: argparse.Namespace) -> int:
    """Play one episode, say what happens, write report, map and recording."""
    from neural_brain.benchmarks.demo import prepare
    from neural_brain.cli.wording import check_goal
    from neural_brain.models.memory import shown
    from neural_brain.view.recording import Recorder

    if args.goal is not None:
        check_goal(args.goal, to_do=True)
    folder = _folder(args.to)
    memory = args.memory or folder / "memory.sqlite"
    episode = prepare(
        args.seed,
        small=args.small,
        oracle=args.oracle,
        config_path=args.config,
        memory=memory,
    )
    episode.speed = args.speed
    rooms, things = len(episode.home.rooms), len(episode.home.objects)
    print(f"Home {episode.seed}: {rooms} rooms, {things} things, all new to the robot.")
    recorder = Recorder(folder / "recording.mcap")
    teller = Teller(episode, recorder)
    episode.observers += [recorder.observe, teller.tell]
    with _dashboard(args, episode) as show, recorder:
        teller.show = show
        result = episode.play(args.goal)
        teller.tell(episode.brain, episode.body, None)
        kept = [] if args.memory else ["memory.sqlite"]
        report = write(episode, result, folder, files=["recording.mcap", *kept])
        print(summary(result))
        print(f"\nReport:    {report}\nRecording: {recorder.path}")
        episode.brain.finish(episode.body.simulation.time_s)
        print(f"Map:       {shown(memory)}")
        if show is not None and args.stay:
            input("Press Enter to close the dashboard.")
    return 0 if result.claimed else 1


def summary(result: EpisodeResult) -> str:
    """The numbers of an episode in a few lines."""
    return (
        f"\n{result.words!r}: {result.outcome}\n"
        f"  hand touched it (simulator's word): {'yes' if result.reached else 'no'}\n"
        f"  explored {result.explored_m2:.0f} m2 in {result.explore_s:.0f} s, "
        f"goal took {result.goal_s:.0f} s; {result.landmarks} things remembered\n"
        f"  peak force {result.peak_arm_n:.1f} N at the arm (shove "
        f"{result.shove_peak_n:.1f} N), {result.peak_base_n:.1f} N at the base\n"
        f"  {result.violations} of {result.commands} commands outside limits; "
        f"{result.realtime_factor:.1f} x real time"
    )


def write(
    episode: Episode, result: EpisodeResult, folder: Path, files: Sequence[str]
) -> Path:
    """Write the one-page report, which names files beside it; returns its path."""
    from neural_brain.benchmarks.result import machine, versions
    from neural_brain.view.report import write_report

    state = episode.brain.map_state
    if state is None:
        raise NeuralBrainError("The run ended before there was a map; run it longer.")
    made = machine()
    return write_report(
        folder / "report.html",
        title=f"Home {result.seed}: {result.words}",
        lead=result.outcome,
        numbers=[
            ("hand on the named thing", "yes" if result.reached else "no"),
            ("free area known", f"{result.explored_m2:.0f} m²"),
            ("things remembered", str(result.landmarks)),
            ("simulated time", f"{result.sim_s:.0f} s"),
            ("times real time", f"{result.realtime_factor:.1f}"),
            ("peak force, arm", f"{result.peak_arm_n:.1f} N"),
            ("of which shove", f"{result.shove_peak_n:.1f} N"),
            ("peak force, base", f"{result.peak_base_n:.1f} N"),
            ("commands outside limits", f"{result.violations} / {result.commands}"),
            ("surprises told", str(len(result.surprises))),
        ],
        state=state,
        trace=episode.trace,
        force_limit_n=episode.force_limit_n,
        machine=f"{made['cpu']}, {made['cores']} cores, Python {versions()['python']}",
        files=", ".join(files),
        picture=episode.picture(),
    )


class Teller:
    """Prints the diary as it is written, and puts it into recording and live view."""

    def __init__(self, episode: Episode, recorder: Any) -> None:
        self._trace = episode.trace
        self._recorder = recorder
        self._told = 0
        self.show: Any = None

    def tell(self, _brain: Any, _body: Any, _observation: Any) -> None:
        """Print what is new."""
        for event in self._trace.events[self._told :]:
            self._recorder.record_event(event)
            if self.show is not None:
                self.show.note(event)
            if is_news(event):
                print(diary_line(event), flush=True)
        self._told = len(self._trace.events)


@contextlib.contextmanager
def _dashboard(args: argparse.Namespace, episode: Episode) -> Iterator[Any]:
    if args.no_view:
        yield None
        return
    from neural_brain.view.live import live_view

    with live_view(episode.body, args.port, episode.force_limit_n) as show:
        print(f"Live view: http://127.0.0.1:{args.port}")
        episode.observers.append(show)
        yield show


def _folder(path: str) -> Path:
    folder = Path(path)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write_probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise NeuralBrainError(
            f"Cannot write to the folder {folder} ({error.strerror}). Choose another "
            "with --to, or change its permissions."
        ) from error
    return folder
