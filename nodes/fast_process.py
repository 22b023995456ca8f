"""The fast process: body, impedance and reflex at 1 kHz, without ROS.

It shares memory with the ROS side and waits for nobody: targets and scans that stop
coming are stale to the reflex, which then holds the robot. In simulation the body is
MuJoCo and every tick also advances the physics by 1 ms.
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from neural_brain.models.cache import cache_dir
from neural_brain.models.config import load_yaml
from neural_brain.models.errors import (
    BodyError,
    ConfigError,
    MapFileError,
    NeuralBrainError,
)
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.impedance import virtual_dynamics
from neural_brain.models.reflex import Cause
from neural_brain.models.signals import ReflexLevel
from neural_brain.nodes.arm_choice import dynamics_in
from neural_brain.nodes.fast_link import FastEnd
from neural_brain.nodes.link_body import LinkBody, open_body
from neural_brain.nodes.stop_record import StopRecord
from neural_brain.nodes.worlds import WORLDS, World, make_body
from neural_brain.robots import AdmittanceBody, MujocoBody
from neural_brain.robots.realtime import Pace, ask_for_realtime

TICK_S = 0.001
STATE_EVERY = 4
TRUTH_EVERY = 10
CHECK_EVERY = 500
SLOW_BELOW, STOP_BELOW = 0.95, 0.90
SPIN_MAX_US = 500.0


class FastProcess:
    """Runs the fast loop on a body, tick by tick.

    Args:
        body: the robot; a simulated one is also advanced.
        loop: impedance and reflex.
        link: shared memory, made by this process.
        time_scale: simulated seconds per real second (1 for a real robot).
        spin_s: last part of each wait that is spent awake [s].
        record: keeps what led to a STOP; None: nothing is kept.
    """

    def __init__(
        self,
        body: MujocoBody | LinkBody | AdmittanceBody[LinkBody],
        loop: FastLoop,
        link: FastEnd,
        time_scale: float,
        *,
        spin_s: float = 0.0,
        record: StopRecord | None = None,
    ) -> None:
        self.body, self.loop, self.link, self.record = body, loop, link, record
        self.simulated = isinstance(body, MujocoBody)
        self._clock = body.inner if isinstance(body, AdmittanceBody) else body
        self.pace = Pace(TICK_S / time_scale, spin_s=spin_s)
        self.realtime = False
        self.tick = 0
        self._late: Cause | None = None

    def step(self) -> None:
        """One control tick: read, think, write, advance, tell.

        Raises:
            SimulationError: if the physics diverged.
        """
        self._take_requests()
        state = self.body.read()
        now = None if self.simulated else self._clock.now_s
        if self._late is not None:  # in every tick, or the level would fall again
            self.loop.reflex.demand(self._late)
        command = self.loop.tick(state, now)
        if math.isfinite(float(command.effort.sum())):
            self.body.write(command)
        if self.record is not None:
            self.record.look()
        if self.simulated:
            self.body.advance()
        if self.tick % STATE_EVERY == 0:
            pace = self.pace
            loop = (self.tick, pace.success, pace.missed, self.realtime)
            self.link.write_state(state, command, self.loop.level, loop)
            self.link.write_events(self.loop.pop_events())
        if self.simulated and self.tick % TRUTH_EVERY == 0:
            self._tell_truth(self.body)
        if self.tick % CHECK_EVERY == 0:
            self._check_pace()
        self.tick += 1

    def _take_requests(self) -> None:
        target, estop, reset = self.link.new_target()
        if reset:
            self.loop.reset()
        if estop:  # after the reset: the stop wins
            self.loop.estop()
        if target is not None:
            self.loop.set_target(target)
        for lidar, scan in self.link.new_scans():
            self.loop.set_scan(scan, lidar)

    def _check_pace(self) -> None:
        """A real robot slows down, then stops, when too many ticks come late.

        The thresholds are libfranka's; a pause counts with all the ticks that it took.
        A simulated clock waits for its loop, so there no tick is ever lost and late
        ones only make the simulation slow.
        """
        self.link.refresh()
        success = self.pace.success
        if self.simulated or success >= SLOW_BELOW:
            self._late = None
            return
        level, limit = ReflexLevel.SLOW, SLOW_BELOW
        if success < STOP_BELOW:
            level, limit = ReflexLevel.STOP, STOP_BELOW
        self._late = Cause(level, "ticks in time", success, limit)

    def _tell_truth(self, body: MujocoBody) -> None:
        simulation = body.simulation
        truth = simulation.truth
        self.link.write_truth(
            (
                simulation.time_s,
                simulation.tick,
                *truth.pose_world_base(),
                truth.arm_force_n,
                truth.base_force_n,
                truth.peak_arm_force_n,
                truth.peak_base_force_n,
            ),
            simulation.data.qpos,
        )


class Stop:
    """Set by SIGINT and SIGTERM."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ROS arguments that a launch file adds are ignored."""
    words = list(sys.argv[1:] if argv is None else argv)
    if "--ros-args" in words:
        words = words[: words.index("--ros-args")]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--body", choices=("sim", "robot"), default="sim", help="simulated or real"
    )
    parser.add_argument("--world", choices=WORLDS, default="home")
    parser.add_argument("--seed", type=int, default=0, help="seed of the home")
    parser.add_argument(
        "--memory", default="", help="the simulated clock begins after what is in it"
    )
    parser.add_argument("--link", default="robot", help="name of the shared memory")
    parser.add_argument(
        "--time-scale", type=float, default=1.0, help="simulated per real second"
    )
    parser.add_argument("--config", default="", help="YAML file of the fast loop")
    parser.add_argument(
        "--fifo", action="store_true", help="ask for real-time scheduling"
    )
    parser.add_argument(
        "--cpu", type=int, help="processor to stay on, best one kept free of the rest"
    )
    parser.add_argument(
        "--spin-us",
        type=float,
        default=0.0,
        help="microseconds before each tick to wait awake; costs processor time",
    )
    parser.add_argument(
        "--stops",
        type=Path,
        default=cache_dir() / "stops",
        help="folder for the last seconds before and after each STOP; '' = none",
    )
    options = parser.parse_args(words)
    processors = os.cpu_count() or 1
    if options.cpu is not None and not 0 <= options.cpu < processors:
        parser.error(f"--cpu must be in [0, {processors - 1}], got {options.cpu}")
    if not 0.0 <= options.spin_us <= SPIN_MAX_US:
        parser.error(
            f"--spin-us must be in [0, {SPIN_MAX_US:.0f}], got {options.spin_us:g}"
        )
    if not 0.01 <= options.time_scale <= 100.0:
        parser.error("--time-scale must be in [0.01, 100]")
    return options


def start(options: argparse.Namespace) -> int:
    """Build everything, run, and give everything back."""
    config = _configured(options.config)
    stop = Stop()
    body, about = _make_body(options, stop)
    if body is None:
        return 0
    dynamics, body = dynamics_in(about), _take_servos(body, about, config)
    if isinstance(body, AdmittanceBody):
        dynamics = virtual_dynamics(dynamics, config.admittance)
        print(f"[fast_process] {body.sentence}", flush=True)
    loop = FastLoop(config, dynamics, body.limits)
    if loop.reflex.places is not None and loop.reflex.places.unwatched:
        pairs = ", ".join(loop.reflex.places.unwatched)
        print(f"[fast_process] self-distance does not watch {pairs}", flush=True)
    lidars = config.reflex.guards.lidars
    link = FastEnd(options.link, {**about, "lidars": lidars})
    scale = options.time_scale if options.body == "sim" else 1.0
    record = StopRecord(loop, options.stops) if options.stops.name else None
    spin_s = 1e-6 * options.spin_us
    process = FastProcess(body, loop, link, scale, spin_s=spin_s, record=record)
    grants = ask_for_realtime(fifo=options.fifo, core=options.cpu)
    process.realtime = grants.fifo
    print(f"[fast_process] {grants.sentence()}", flush=True)
    try:
        while not stop.asked:
            process.step()
            process.pace.wait()
    finally:
        pace = process.pace
        print(
            f"[fast_process] {process.tick} ticks, {pace.missed} missed, "
            f"{pace.slips} pauses; {loop.counters}",
            flush=True,
        )
        if record is not None:
            record.close()
        link.close()
        body.close()
    return 0


def _configured(path: str) -> FastConfig:
    """The parameters in a file, the defaults without one.

    Raises:
        ConfigError: if they are wrong, or made for a loop of another period.
    """
    config = load_yaml(FastConfig, path) if path else FastConfig()
    tick_s = config.impedance.tick_s
    if tick_s != TICK_S:
        raise ConfigError(
            f"impedance.tick_s = {tick_s!r} in {path}; allowed: {TICK_S}, the period "
            "of this process, or all limits of rates and speeds are wrong. Leave it "
            "and reflex.joints.tick_s out."
        )
    return config


def _make_body(
    options: argparse.Namespace, stop: Stop
) -> tuple[MujocoBody | LinkBody | None, dict[str, object]]:
    """The body and what others should know of it; no body if told to stop before."""
    if options.body == "robot":
        try:
            body = open_body(options.link, lambda: stop.asked)
        except BodyError:
            if stop.asked:
                return None, {}
            raise
        return body, {**body.about, "nq": 0}
    world = World(kind=options.world, seed=options.seed)
    sim = make_body(world, slow_sensors=False)
    if options.memory:
        sim.simulation.begin_at(_time_after(options.memory))
    state = sim.read()
    return sim, {
        "joints": state.q.size,
        "bumper": state.bumper.size,
        "nq": int(sim.simulation.model.nq),
        "world": world.plain(),
        "time_scale": options.time_scale,
    }


def _time_after(memory: str) -> float:
    """Where the clock begins [s]; a memory that cannot be read is told of, no more."""
    from neural_brain.models.memory import next_stamp_at  # real robots need no maps

    try:
        return next_stamp_at(memory)
    except MapFileError as error:
        print(f"[fast_process] the clock begins at 0: {error}", flush=True)
        return 0.0


def _take_servos(
    body: MujocoBody | LinkBody, about: dict[str, object], config: FastConfig
) -> MujocoBody | LinkBody | AdmittanceBody[LinkBody]:
    """The body itself, or one that leads its position or velocity servos."""
    if isinstance(body, MujocoBody) or about.get("command", "effort") == "effort":
        return body
    feels = bool(about.get("feels", False))
    return AdmittanceBody(body, config, dynamics_in(about), feels=feels)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process; returns 0, or 2 with a printed reason."""
    try:
        return start(parse(argv))
    except NeuralBrainError as error:
        print(f"fast_process: {error}", file=sys.stderr, flush=True)
        return 2


if __name__ == "__main__":
    sys.exit(main())
