"""Rules about where the arm is: workspace planes and its distance from the robot.

Each gap h between a ball of the arm and what it shall not touch bounds its own change,

    dh/dt >= -v(h),   v(h) = alpha h near, sqrt(2 a (h - h0 / 2)) from h0 = a / alpha^2,

so that the arm slows down and comes to rest at h = 0, and is led out slowly where
h < 0 (a velocity damper: Faverjon and Tournassoud, ICRA 1987; a control barrier
function: Ames et al., IEEE TAC 62(8), 2017). As efforts act on accelerations, the bound
is kept like this:

    d2h/dt2 >= -kappa (dh/dt + v(h)) - v'(h) dh/dt.

For alpha <= kappa, plain braking of all joints, ddq = -kappa dq, obeys every bound at
once from wherever they hold, so they never contradict each other there. From elsewhere,
squeezed between two planes for example, the lesser evil of the projection and that
braking is taken. Curvature of the way (Coriolis terms of h) is left out: it is small at
the speeds of an arm beside people, and it costs millimetres, not the rule.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import lapack

from neural_brain.models.errors import ConfigError
from neural_brain.models.geometry import Array
from neural_brain.models.reflex.cause import CLEAR, Cause
from neural_brain.models.reflex.config import WorkspaceConfig
from neural_brain.models.reflex.effort_interval import EffortInterval
from neural_brain.models.reflex.gaps import Gaps
from neural_brain.models.reflex.project import Projection
from neural_brain.models.signals import ArmDynamics, ArmShape, BodyState, ReflexLevel

_ROWS, _PASSES = 128, 40
_DRIFT, _DRIFT_RAD = 1.25, 0.1  # of the mass matrix, over this motion of the joints
_SPARE_M = 0.02
_FELT_N = 1.0
_ESCAPE_RAD_S = 0.2
_MISSED_M_S2 = 0.1


class StateRules:
    """Bends efforts so that the arm keeps its distances.

    Args:
        config: planes, margins, speeds.
        shape: where the arm is solid; owned by this object from now on.
        joints: their own bounds, which hold at the same time.

    Attributes:
        cause: what changed the last effort, CLEAR if nothing did.
        bent: last change of the effort (n,) [Nm]; zero if there was none.
        looks: ticks in which gaps were computed anew.
        unwatched: pairs of parts that self-distance leaves out.

    Raises:
        ConfigError: if the planes concern no link.
    """

    def __init__(
        self, config: WorkspaceConfig, shape: ArmShape, joints: EffortInterval
    ) -> None:
        self.cause, self.looks = CLEAR, 0
        self._config, self._shape, self._joints = config, shape, joints
        self.unwatched = shape.left_out if config.self_distance else ()
        n = shape.mass.shape[0]
        self.bent: Array = np.zeros(n)
        self._gaps = Gaps(config, shape, _ROWS)
        self._project = Projection(_ROWS, n, _PASSES)
        self._knee_m = config.brake_m_s2 / config.approach_per_s**2
        self._last: Array | None = None
        self._lever, self._size = np.zeros(n), np.zeros(n)
        self._lever_q: Array = np.full(n, math.inf)
        self._eye: Array = np.eye(n)

    def limit(
        self, effort: Array, body: BodyState, bias: Array, *, drive: bool
    ) -> Array:
        """The effort (n,) [Nm] that keeps the distances; the same one if it does.

        Args:
            effort: proposed, finite.
            body: a valid state.
            bias: gravity and Coriolis effort (n,) [Nm].
            drive: whether the arm may be led out of what it has entered.
        """
        self.cause = CLEAR
        self.bent[:] = 0.0
        net = effort - bias
        need_m = self._need(body.dq, net)
        if self._is_calm(body.q, need_m):
            return effort
        try:
            known = self._gaps.follows(body.q, need_m)
            if not known and not self._look(body, net):
                return self._fail("arm geometry not finite", body.dq, bias)
            out = self._bend(net, body, bias, drive)
        except Exception as error:  # a shape that fails must not stop the loop
            name = f"arm geometry fault: {type(error).__name__}"
            return self._fail(name, body.dq, bias)
        if out is None:
            return effort
        np.subtract(out, net, out=self.bent)
        return out + bias

    def note(self, effort: Array) -> None:
        """Tell the effort (n,) [Nm] that was really sent."""
        if self._last is None:
            self._last = effort.copy()
        else:
            self._last[:] = effort

    def _bend(
        self, net: Array, body: BodyState, bias: Array, drive: bool
    ) -> Array | None:
        """The effort without gravity that obeys all bounds; None if `net` does."""
        gaps, project = self._gaps, self._project
        if not gaps.count:
            return None
        values = gaps.values(body.q)
        b = self._bounds(values, body.dq, drive)
        joints = self._joints
        joints.set(body.q, body.dq, bias)
        low, high = joints.low - bias, joints.high - bias
        wish = np.minimum(np.maximum(net, low), high)
        if not project.shortfall(wish, b).max() > 0.0:
            return None
        out = project.solve(wish, b, low, high)
        self._tell(values)
        if drive and float(project.shortfall(out, b).max()) > _MISSED_M_S2:
            b = self._bounds(values, body.dq, drive=False)  # they contradict each other
            out = project.solve(wish, b, low, high)
        return self._steer(out, b, body.dq, bias)

    def _steer(self, out: Array, b: Array, dq: Array, bias: Array) -> Array:
        """Go towards `out` (n,) as fast as efforts may change.

        On a straight way bounds that hold at both ends hold between. If they do not
        hold yet, the best reachable effort counts, or braking, if that is better.
        """
        joints, project = self._joints, self._project
        if self._last is not None:
            out += bias
            joints.approach(out, self._last)
            joints.reach(self._last)
            out -= bias
        low, high = joints.low - bias, joints.high - bias
        missed = float(project.shortfall(out, b).max())
        if missed < _MISSED_M_S2:
            return out
        brake = self._shape.mass.dot(dq)
        brake *= -self._config.gain_per_s
        np.maximum(brake, low, out=brake)
        np.minimum(brake, high, out=brake)
        for other in (project.solve(out, b, low, high), brake):
            worse = float(project.shortfall(other, b).max())
            if worse < missed:
                out, missed = other, worse
        return out

    def _is_calm(self, q: Array, need_m: float) -> bool:
        """Whether all gaps are surely so wide that no effort would be changed."""
        np.subtract(q, self._lever_q, out=self._size)
        np.abs(self._size, out=self._size)
        if not float(self._size.sum()) < _DRIFT_RAD:
            return False
        return self._gaps.least(q) > need_m

    def _need(self, dq: Array, net: Array) -> float:
        """The gap [m] from which on nothing would be changed.

        No ball is faster than reach . |dq|, nor accelerates more than lever . |net|.
        """
        config, size = self._config, self._size
        np.abs(dq, out=size)
        speed = float(size.dot(self._shape.reach))
        np.abs(net, out=size)
        pace = speed * (1.0 + config.approach_per_s / config.gain_per_s)
        pace += _DRIFT * float(size.dot(self._lever)) / config.gain_per_s
        if pace * config.approach_per_s <= config.brake_m_s2:
            return pace / config.approach_per_s
        return 0.5 * self._knee_m + 0.5 * pace * pace / config.brake_m_s2

    def _look(self, body: BodyState, net: Array) -> bool:
        """Compute the gaps that could matter; False if something is not a number."""
        gaps, shape = self._gaps, self._shape
        self.looks += 1
        if not gaps.place(body.q):
            return False
        _, mobility, info = lapack.dposv(shape.mass, self._eye)
        if info != 0:
            return False
        self._lever = np.abs(mobility).dot(shape.reach)
        self._lever_q[:] = body.q
        within_m = 1.5 * self._need(body.dq, net) + _SPARE_M
        if not gaps.look(body.q, within_m):
            return False
        self._project.load(gaps.gradients, mobility, shape.mass)
        return True

    def _bounds(self, gaps: Array, dq: Array, drive: bool) -> Array:
        """Least second derivative of each gap (r,) [m/s2]."""
        config, A = self._config, self._gaps.gradients
        rates = A.dot(dq)
        alpha, brake = config.approach_per_s, config.brake_m_s2
        speed = alpha * gaps
        room = np.maximum(2.0 * brake * (gaps - 0.5 * self._knee_m), 0.0)
        np.minimum(speed, np.sqrt(room), out=speed, where=gaps > self._knee_m)
        slope = np.where(gaps > self._knee_m, brake / np.maximum(speed, 1e-3), alpha)
        least = np.zeros(gaps.size)
        if drive:  # slower where the joints would have to be fast for it
            arms = np.sqrt(np.einsum("rj,rj->r", A, A))
            least = -np.minimum(config.escape_m_s, _ESCAPE_RAD_S * arms)
        slope[speed < least] = 0.0
        np.maximum(speed, least, out=speed)
        return np.asarray(-config.gain_per_s * (rates + speed) - slope * rates)

    def _tell(self, values: Array) -> None:
        weights = self._project.weights
        worst = int(weights.argmax())
        if weights[worst] > _FELT_N:
            name, margin = self._gaps.about(worst)
            value = float(values[worst]) + margin
            self.cause = Cause(ReflexLevel.SLOW, name, value, margin)

    def _fail(self, name: str, dq: Array, bias: Array) -> Array:
        """Brake all joints, and STOP from the next tick on."""
        self._gaps.forget()
        self.cause = Cause(ReflexLevel.STOP, name)
        return np.asarray(bias - self._joints.gain * dq)


def make_rules(
    config: WorkspaceConfig, shape: ArmShape | None, joints: EffortInterval
) -> StateRules | None:
    """The rules, None if nothing is watched.

    Raises:
        ConfigError: if something is watched, but it is not known where the arm is.
    """
    if not config.watches:
        return None
    if shape is None:
        raise ConfigError(_NO_SHAPE)
    return StateRules(config, shape, joints)


def shape_of(config: WorkspaceConfig, dynamics: ArmDynamics | None) -> ArmShape | None:
    """The shape that the rules need, if the arm has one; None if they need none."""
    make = getattr(dynamics, "shape", None)
    if make is None or not config.watches:
        return None
    shape: ArmShape = make(config.tool_m, config.tool_radius_m)
    return shape


_NO_SHAPE = (
    "WorkspaceConfig has planes or self_distance for a robot of which it is not known "
    "where its arm is solid, or that has no arm; expected dynamics with a shape "
    "(`ShapedArm`), as those of arm_dynamics() and arm_from_file(); admittance.mass_kg "
    "hides it. Set that to 0, or leave planes and self_distance out."
)
