"""The fast process: body, impedance and reflex at 1 kHz, without ROS.

It shares memory with the ROS side and waits for nobody: targets and scans that stop
coming are stale to the reflex, which then holds the robot. In simulation the body is
MuJoCo and every tick also advances the physics by 1 ms.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from neural_brain.models.config import load_yaml
from neural_brain.models.errors import NeuralBrainError
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.nodes.fast_link import FastLink, loop_numbers
from neural_brain.nodes.realtime import Pace, ask_for_realtime
from neural_brain.nodes.worlds import WORLDS, World, make_body
from neural_brain.robots import MujocoBody, arm_dynamics
from neural_brain.sim.physics import TICK_S

STATE_EVERY = 4
TRUTH_EVERY = 10
REPORT_EVERY = 60_000


class FastProcess:
    """Runs the fast loop on a simulated body, tick by tick.

    Args:
        body: the robot.
        loop: impedance and reflex.
        link: shared memory, made by this process.
        time_scale: simulated seconds per real second.
    """

    def __init__(
        self, body: MujocoBody, loop: FastLoop, link: FastLink, time_scale: float
    ) -> None:
        self.body, self.loop, self.link = body, loop, link
        self.pace = Pace(TICK_S / time_scale)
        self.realtime = False
        self.stopped = False
        self.tick = 0

    def stop(self, *_: object) -> None:
        """End after the present tick."""
        self.stopped = True

    def run(self) -> None:
        """Tick until stopped.

        Raises:
            SimulationError: if the physics diverged.
        """
        while not self.stopped:
            self.step()
            self.pace.wait()

    def step(self) -> None:
        """One control tick: read, think, write, advance, tell."""
        self._take_requests()
        state = self.body.read()
        command = self.loop.tick(state)
        self.body.write(command)
        self.body.advance()
        if self.tick % STATE_EVERY == 0:
            loop = loop_numbers(
                self.loop.level,
                self.tick,
                self.pace.success,
                self.pace.missed,
                realtime=self.realtime,
            )
            self.link.write_state(state, command, loop)
            self.link.write_events(self.loop.pop_events())
        if self.tick % TRUTH_EVERY == 0:
            self._tell_truth()
        self.tick += 1

    def _take_requests(self) -> None:
        target = self.link.new_target()
        if target is not None:
            self.loop.set_target(target)
        scan = self.link.new_scan()
        if scan is not None:
            self.loop.set_scan(scan)
        estop, reset = self.link.new_requests()
        if reset:
            self.loop.reset()
        if estop:  # after the reset: the stop wins
            self.loop.estop()

    def _tell_truth(self) -> None:
        simulation = self.body.simulation
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


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """The command line; ROS arguments that a launch file adds are ignored."""
    words = list(sys.argv[1:] if argv is None else argv)
    if "--ros-args" in words:
        words = words[: words.index("--ros-args")]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", choices=WORLDS, default="home")
    parser.add_argument("--seed", type=int, default=0, help="seed of the home")
    parser.add_argument("--link", default="robot", help="name of the shared memory")
    parser.add_argument(
        "--time-scale", type=float, default=1.0, help="simulated per real second"
    )
    parser.add_argument("--config", default="", help="YAML file of the fast loop")
    parser.add_argument(
        "--fifo", action="store_true", help="ask for real-time scheduling"
    )
    options = parser.parse_args(words)
    if not 0.01 <= options.time_scale <= 100.0:
        parser.error("--time-scale must be in [0.01, 100]")
    return options


def start(options: argparse.Namespace) -> int:
    """Build everything, run, and give everything back."""
    config = load_yaml(FastConfig, options.config) if options.config else FastConfig()
    world = World(kind=options.world, seed=options.seed)
    body = make_body(world, slow_sensors=False)
    loop = FastLoop(config, arm_dynamics(), body.limits)
    state = body.read()
    about = {
        "joints": state.q.size,
        "bumper": state.bumper.size,
        "nq": int(body.simulation.model.nq),
        "world": world.plain(),
        "time_scale": options.time_scale,
    }
    link = FastLink(options.link, about)
    process = FastProcess(body, loop, link, options.time_scale)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, process.stop)
    grants = ask_for_realtime(fifo=options.fifo)
    process.realtime = grants.fifo
    print(f"[fast_process] {grants.sentence()}", flush=True)
    try:
        process.run()
    finally:
        pace = process.pace
        print(
            f"[fast_process] {process.tick} ticks, {pace.missed} late, "
            f"{pace.slips} pauses; violations: {dict(body.violations) or 'none'}",
            flush=True,
        )
        link.close()
        body.close()
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process; returns 0, or 2 with a printed reason."""
    try:
        return start(parse(argv))
    except NeuralBrainError as error:
        print(f"fast_process: {error}", file=sys.stderr, flush=True)
        return 2


if __name__ == "__main__":
    sys.exit(main())
