"""How long a tick of the whole fast loop takes, and how often it misses its deadline.

The loop ticks at absolute deadlines 1 ms apart, on states of an arm that moves and is
pushed now and then; taking in new targets and scans counts as part of the tick. Blocks
of the same loop without any work and, where it is installed, of the C program
`cyclictest` (Debian: rt-tests) alternate with it: what the machine alone is late by.
`compute` is wall time, so another program on the same core counts; CPU time stands
beside it. It asks for what the fast process asks for, real-time priority included, and
the result says what it got. `warm` is the CPU time of ticks that follow each other
without a pause, when all of it is still in the caches. MuJoCo's rigid-body terms are
timed alone after such sleeps, too: no tick can be shorter than these. Then all of it
again while the whole brain explores a simulated home in real time beside it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from tqdm import tqdm

from neural_brain.benchmarks.cyclictest import Cyclictest
from neural_brain.benchmarks.fuzz_line import LIMITS
from neural_brain.benchmarks.result import Metric, table, write_result
from neural_brain.benchmarks.whole_brain import WholeBrain
from neural_brain.models.fast import FastConfig, FastLoop
from neural_brain.models.geometry import Array
from neural_brain.models.signals import (
    ArmMode,
    BodyState,
    LaserScan,
    MotionTarget,
)
from neural_brain.robots import MujocoArm, arm_dynamics
from neural_brain.robots.realtime import ask_for_realtime
from neural_brain.sim.robots import READY

HELP = "fast loop: time of a tick, missed deadlines against an empty loop"
SEED = 4200
PERIOD_NS = 1_000_000
BLOCK, WARM_UP = 2000, 500
TARGET_TICKS, SCAN_TICKS = 50, 100
WAVE_TICKS = 3142


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of this benchmark."""
    parser.add_argument("--ticks", type=int, default=60_000, help="ticks of the loop")
    parser.add_argument(
        "--spin-us", type=float, default=0.0, help="wait so long awake before each tick"
    )
    parser.add_argument(
        "--plain", action="store_true", help="without real-time priority"
    )
    parser.add_argument(
        "--alone", action="store_true", help="skip the part beside the whole brain"
    )


def run(args: argparse.Namespace) -> list[Metric]:
    """Tick, print and write the result."""
    spin_ns = round(1e3 * min(max(args.spin_us, 0.0), 500.0))
    loop = Ticker(np.random.default_rng(SEED))
    for _ in range(WARM_UP):
        loop.tick()
    grants = ask_for_realtime(fifo=not args.plain)
    cycles = Cyclictest.find(fifo=grants.fifo)
    blocks = max(1, args.ticks // BLOCK)
    metrics = timing_metrics(*measure(loop, blocks, spin_ns, cycles))
    if not args.alone:
        with WholeBrain() as brain:
            beside = measure(loop, blocks, spin_ns, cycles, brain.keep_running)
        metrics += [
            replace(metric, name=f"beside the whole brain: {metric.name}")
            for metric in timing_metrics(*beside)
        ]
    print(table(metrics))
    notes = {
        "baseline": "an empty loop with the same absolute deadlines, and cyclictest, "
        "in blocks that alternate with the fast loop's",
        "cyclictest": "absent" if cycles is None else cycles.version,
        "granted": grants.sentence(),
        "spin_us": 1e-3 * spin_ns,
        "levels": loop.levels,
    }
    path = write_result(
        "reflex-timing", metrics, seeds=[SEED], out=args.out, notes=notes
    )
    print(f"\nWritten to {path}")
    return metrics


def measure(
    loop: Ticker,
    blocks: int,
    spin_ns: int,
    cycles: Cyclictest | None,
    before: Callable[[], None] = lambda: None,
) -> tuple[Array, ...]:
    """Blocks of the loop, of an empty one, of cyclictest and of warm ticks, in turns.

    Args:
        loop: what ticks.
        blocks: rounds of BLOCK ticks.
        spin_ns: wait so long awake before each tick.
        cycles: the program, None to go without.
        before: called before every round.

    Returns:
        Rows of `timed_block` with and without work and of the rigid-body terms alone,
        cyclictest's lateness (n,) [us], empty without the program, and CPU time of warm
        ticks (n,) [us].
    """
    work, empty, late, warm = [], [], [np.zeros(0)], []
    rigid = []
    for _ in tqdm(range(blocks), desc="blocks"):
        before()
        work.append(timed_block(loop.tick, BLOCK, spin_ns))
        empty.append(timed_block(_nothing, BLOCK, spin_ns))
        rigid.append(timed_block(loop.rigid_body_terms, WARM_UP, spin_ns))
        if cycles is not None:
            late.append(cycles.lateness(BLOCK))
        warm += [1e-3 * loop.tick()[1] for _ in range(WARM_UP)]
    blocks_of = [np.vstack(rows) for rows in (work, empty, rigid)]
    return *blocks_of, np.concatenate(late), np.array(warm)


class Ticker:
    """A fast loop with made-up but possible states.

    Attributes:
        levels: number of ticks at each reflex level.
    """

    def __init__(self, rng: np.random.Generator) -> None:
        self.levels: dict[str, int] = {}
        self._fast = FastLoop(FastConfig(), arm_dynamics(), LIMITS)
        self._rng = rng
        self._count = 0
        arm = arm_dynamics()
        arm.update(READY, np.zeros(READY.size))
        self._home = arm.T_base_ee.copy()
        self._ranges = rng.uniform(1.0, 6.0, 360)
        self._arm = arm
        self._efforts = np.array([_explained(arm, 1e-3 * k) for k in range(WAVE_TICKS)])

    def prepare(self) -> tuple[BodyState, MotionTarget | None, LaserScan | None]:
        """The next state, and a target and a scan when they are due."""
        t, rng = self._count * 1e-3, self._rng
        scan = self._scan(t) if self._count % SCAN_TICKS == 0 else None
        target = self._target(t) if self._count % TARGET_TICKS == 0 else None
        self._count += 1
        q, dq, _ = _wave(t)
        wrench = rng.normal(0.0, 0.2, 6)
        if self._count % 8000 > 7950:
            wrench[1] += 20.0
        body = BodyState(
            stamp=t,
            q=q,
            dq=dq,
            effort=self._efforts[round(1e3 * (t % np.pi)) % WAVE_TICKS],
            twist_base=np.array([0.2, 0.1]),
            pose_odom_base=np.array([0.2 * t % 1.0, 0.0, 0.0]),
            wrench_ee=wrench,
            bumper=np.zeros(8, dtype=bool),
            gyro=np.zeros(3),
            accel=np.zeros(3),
            head=np.zeros(2),
            gripper_m=0.0,
            battery=1.0,
        )
        return body, target, scan

    def tick(self) -> tuple[int, int]:
        """One tick; wall and CPU time of the fast loop alone [ns]."""
        body, target, scan = self.prepare()
        start, cpu = time.perf_counter_ns(), time.thread_time_ns()
        if scan is not None:
            self._fast.set_scan(scan)
        if target is not None:
            self._fast.set_target(target)
        self._fast.tick(body)
        taken = time.perf_counter_ns() - start
        used = time.thread_time_ns() - cpu
        name = self._fast.level.name
        self.levels[name] = self.levels.get(name, 0) + 1
        return taken, used

    def rigid_body_terms(self) -> tuple[int, int]:
        """Kinematics, Jacobian, mass and bias alone; wall and CPU time [ns]."""
        q, dq, _ = _wave(self._count * 1e-3)
        start, cpu = time.perf_counter_ns(), time.thread_time_ns()
        self._arm.update(q, dq)
        taken = time.perf_counter_ns() - start
        return taken, time.thread_time_ns() - cpu

    def _scan(self, t: float) -> LaserScan:
        return LaserScan(
            stamp=t,
            angle_min=-np.pi,
            angle_increment=np.pi / 180.0,
            range_min=0.1,
            range_max=10.0,
            ranges=self._ranges,
            pose_base_laser=np.zeros(3),
        )

    def _target(self, t: float) -> MotionTarget:
        T = self._home.copy()
        T[:3, 3] += 0.05 * np.sin([1.1 * t, 1.3 * t, 1.7 * t])
        return MotionTarget(
            stamp=t,
            twist_base=np.array([0.2, 0.1 * np.sin(t)]),
            mode=ArmMode.CARTESIAN,
            q_target=READY,
            T_base_ee=T,
            stiffness=np.diag([400.0 + 200.0 * np.sin(t)] * 3 + [30.0] * 3),
            wrench_ff=np.zeros(6),
            contact=False,
            head=np.zeros(2),
            gripper_m=0.0,
        )


def _wave(t: float) -> tuple[Array, Array, Array]:
    """Positions, velocities and accelerations (7,) of an arm that sways."""
    phase = 2.0 * t + np.arange(READY.size)
    wave = 0.05 * np.sin(phase)
    return READY + wave, 0.1 * np.cos(phase), -4.0 * wave


def _explained(arm: MujocoArm, t: float) -> Array:
    """The efforts (7,) [Nm] of that swaying, so that nothing else seems to touch it."""
    q, dq, ddq = _wave(t)
    arm.update(q, dq)
    return np.asarray(arm.mass.dot(ddq) + arm.bias)


def timed_block(
    tick: Callable[[], tuple[int, int]], count: int, spin_ns: int = 0
) -> Array:
    """Tick at absolute deadlines; rows of compute, CPU and lateness [us], missed."""
    rows = np.zeros((count, 4))
    deadline = time.perf_counter_ns() + PERIOD_NS
    for row in rows:
        left = deadline - spin_ns - time.perf_counter_ns()
        if left > 0:
            time.sleep(left * 1e-9)
        while spin_ns and time.perf_counter_ns() < deadline:
            pass
        late = time.perf_counter_ns() - deadline
        taken, used = tick()
        deadline += PERIOD_NS
        now = time.perf_counter_ns()
        row[:] = taken * 1e-3, used * 1e-3, late * 1e-3, now > deadline
        if now > deadline:  # a miss is counted once, not as a chain of catching up
            deadline = now + PERIOD_NS
    return rows


def timing_metrics(
    work: Array, empty: Array, rigid: Array, cycles: Array, warm: Array
) -> list[Metric]:
    """Percentiles of compute, misses in a million ticks, and their ratios."""
    found = []
    for share, goal in ((50.0, ""), (99.0, "<= 100"), (99.9, "")):
        row = _percentile(f"compute p{share:g}", work[:, 0], share, goal)
        floor = float(np.percentile(rigid[:, 0], share))
        found.append(replace(row, baseline={"rigid-body terms alone": floor}))
    found.append(_percentile("CPU time p99", work[:, 1], 99.0, "<= 100"))
    idle = {"empty loop": empty[:, 2:]}
    if len(cycles):
        missed = cycles > 1e-3 * PERIOD_NS
        idle["cyclictest"] = np.column_stack((cycles, missed))
    late = {name: float(np.percentile(rows[:, 0], 99.0)) for name, rows in idle.items()}
    row = _percentile("wake-up lateness p99", work[:, 2], 99.0)
    found.append(replace(row, baseline=late))
    low, high = _interval(work[:, 3], lambda v: 1e6 * float(v.mean()))
    found.append(
        Metric(
            name="missed deadlines in 1e6 ticks",
            value=float(1e6 * work[:, 3].mean()),
            low=low,
            high=high,
            unit="",
            n=len(work),
            baseline={
                name: float(1e6 * rows[:, 1].mean()) for name, rows in idle.items()
            },
        )
    )
    for name, rows in idle.items():
        ratio = float((work[:, 3].sum() + 1.0) / (rows[:, 1].sum() + 1.0))
        found.append(
            Metric(
                name=f"(misses + 1) / (misses of {name} + 1)",
                value=ratio,
                low=ratio,
                high=ratio,
                unit="",
                n=len(work),
                goal="<= 2",
            )
        )
    for share in (50.0, 99.0):
        found.append(_percentile(f"warm CPU time p{share:g}", warm, share))
    return found


def _percentile(name: str, values: Array, share: float, goal: str = "") -> Metric:
    low, high = _interval(values, lambda v: float(np.percentile(v, share)))
    value = float(np.percentile(values, share))
    return Metric(
        name=name, value=value, low=low, high=high, unit="us", n=len(values), goal=goal
    )


def _interval(values: Array, number: Callable[[Array], float]) -> tuple[float, float]:
    """95 % interval of a number by resampling stretches of 500 ticks (200 times)."""
    size = min(500, len(values))
    stretches = values[: len(values) // size * size].reshape(-1, size)
    rng = np.random.default_rng(0)
    picks = rng.integers(0, len(stretches), (200, len(stretches)))
    numbers = [number(stretches[pick].ravel()) for pick in picks]
    low, high = np.percentile(numbers, [2.5, 97.5])
    return float(low), float(high)


def _nothing() -> tuple[int, int]:
    return 0, 0
