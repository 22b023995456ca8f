"""Contacts of the moving arm, as the safety critic of the fast loop sees them.

The task has five parameters: how stiff and how rough what is hit is, how many things
stand in the way, how late the force is felt, how fast the hand is. The rest is random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from neural_brain.benchmarks.impact_rig import (
    SETTLE_TICKS,
    Guarded,
    Impact,
    build_body,
    strike,
)
from neural_brain.models.geometry import Array
from neural_brain.models.learning import RiskData
from neural_brain.models.reflex import (
    CLEAR,
    FEATURES,
    Cause,
    Critic,
    ForceConfig,
    Intent,
)
from neural_brain.models.signals import BodyLimits, BodyState, MotionTarget, ReflexLevel
from neural_brain.sim.physics import TICK_S

LOW = np.array([3.0, 0.0, 2.0, 0.0, 0.05])
HIGH = np.array([5.0, 1.0, 15.0, 20.0, 0.22])
"""log10 stiffness [N/m], friction, things a metre, latency [ms], speed [m/s]."""
LIMIT_N = ForceConfig().limit_n
STRIDE = 5
DISCOUNT = 0.97
"""Of the risk, a tick: it looks some 30 ms ahead."""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """One recorded motion.

    Attributes:
        task: its parameters (5,).
        executed: features of state and executed action, every tick (t, 11).
        proposed: the same with the action that was proposed (t, 11).
        violated: tick at which the force limit was passed, None if it was not.
        peak_n: largest force [N].
        ticks: length of the motion.
        lowered: share of its ticks in which the critic lowered the level.
    """

    task: Array
    executed: Array
    proposed: Array
    violated: int | None
    peak_n: float
    ticks: int
    lowered: float


class Listener:
    """Passes everything on to a critic, if there is one, and remembers the question.

    Attributes:
        asked: features of the last look (11,).
    """

    def __init__(self, inner: Critic | None) -> None:
        self.asked: Array = np.zeros(len(FEATURES))
        self._inner = inner

    @property
    def level(self) -> ReflexLevel:
        """That of the critic; NOMINAL without one."""
        return ReflexLevel.NOMINAL if self._inner is None else self._inner.level

    @property
    def cause(self) -> Cause:
        """That of the critic."""
        return CLEAR if self._inner is None else self._inner.cause

    def look(self, features: Array | None) -> None:
        """See `Critic`."""
        if features is not None:
            self.asked[:] = features
        if self._inner is not None:
            self._inner.look(features)

    def skip(self) -> None:
        """See `Critic`."""
        if self._inner is not None:
            self._inner.skip()

    def close(self) -> None:
        """See `Critic`."""
        if self._inner is not None:
            self._inner.close()


class Recorded(Guarded):
    """The fast loop with all its rules, and a record of what the critic could know."""

    def __init__(
        self, limits: BodyLimits, payload_kg: float, critic: Critic | None
    ) -> None:
        super().__init__(limits, payload_kg, ForceConfig().collision_n)
        self._listener = Listener(critic)
        self._fast.reflex.critic = self._listener
        self._intent = Intent(TICK_S)
        self.executed: list[Array] = []
        self.proposed: list[Array] = []
        self.lowered: list[bool] = []

    def tick(self, body: BodyState, target: MotionTarget) -> Array:
        """Efforts (n,) [Nm] of this tick."""
        effort = super().tick(body, target)
        arm = self._fast.impedance
        if arm is not None:
            law, hand = arm.cartesian, arm.dynamics.T_base_ee[:3, 3]
            done = self._intent.read(
                body.wrench_ee,
                arm.dynamics.jacobian[:3].dot(body.dq),
                law.reference.position - hand,
                law.schedule.K[:3, :3],
                law.reference.velocity[:3],
                contact=target.contact,
            )
            self.executed.append(done.copy())
            self.proposed.append(self._listener.asked.copy())
            self.lowered.append(self._listener.level > ReflexLevel.NOMINAL)
        return effort


def impact_of(task: Array, number: int, rng: np.random.Generator) -> Impact:
    """A contact with these parameters (5,); what is not among them is drawn."""
    direction = rng.standard_normal(3)
    return Impact(
        direction=direction / np.linalg.norm(direction),
        speed_m_s=float(task[4]),
        gap_m=float(0.02 + rng.exponential(1.0 / task[2])),
        stiffness_n_m=float(10.0 ** task[0]),
        payload_kg=float(rng.uniform(0.0, 3.0)),
        latency_s=TICK_S * round(float(task[3])),
        seed=number,
        friction=float(task[1]),
        contact=bool(rng.random() < 0.5),
    )


def record(
    task: Array,
    number: int,
    rng: np.random.Generator,
    critic: Critic | None = None,
    *,
    free: bool = False,
) -> Contact:
    """Run one contact.

    Args:
        task: its parameters (5,).
        number: seed of the sensor noise.
        rng: source of the rest.
        critic: acts in the loop; None: only the rules do.
        free: nothing stands in the way.
    """
    impact = impact_of(task, number, rng)
    if free:
        impact = replace(impact, gap_m=np.inf)
    body = build_body(impact)
    loop = Recorded(body.limits, impact.payload_kg, critic)
    outcome = strike(body, loop, impact)
    body.close()
    force = outcome.force_n
    over = np.flatnonzero(force > LIMIT_N)
    return Contact(
        task=task,
        executed=np.array(loop.executed),
        proposed=np.array(loop.proposed),
        violated=int(over[0]) if over.size else None,
        peak_n=float(force.max()),
        ticks=len(force),
        lowered=float(np.mean(loop.lowered[SETTLE_TICKS:])),
    )


def steps_of(contacts: Sequence[Contact]) -> RiskData:
    """Transitions over five ticks of all contacts, as one run."""
    rows: list[tuple[Array, float, float, Array]] = []
    for contact in contacts:
        end = contact.ticks if contact.violated is None else contact.violated + 1
        for start in range(SETTLE_TICKS, end, STRIDE):
            after = start + STRIDE
            if contact.violated is not None and contact.violated < after:
                cost, left = DISCOUNT ** (contact.violated - start), 0.0
                after = start
            elif after < end:
                cost, left = 0.0, DISCOUNT**STRIDE
            else:
                continue
            rows.append((contact.executed[start], cost, left, contact.proposed[after]))
    x, cost, left, after = (np.array(part) for part in zip(*rows, strict=True))
    return RiskData(
        inputs=x[None], costs=cost[None], discounts=left[None], next_inputs=after[None]
    )


def before_damage(contact: Contact, lead_ticks: int) -> Array:
    """Proposed features (t, 11) while there is time to act; all if nothing happened."""
    end = contact.ticks if contact.violated is None else contact.violated - lead_ticks
    return contact.proposed[SETTLE_TICKS : max(end, SETTLE_TICKS + 1)]
