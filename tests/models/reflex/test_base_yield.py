"""The base gives way, slides along, and the rules after it hold as before."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.reflex import BaseConfig, BaseYield, BaseYieldConfig
from neural_brain.models.reflex.base_guard import BaseGuard

CONFIG = BaseYieldConfig(enabled=True)
FREE, QUIET = np.zeros((0, 2)), np.zeros(8, bool)
FOLDED = np.array([0.2, 0.0])
DT = 1e-3


def settled(make, points, v, w=0.0, bumper=QUIET, config=CONFIG):
    """The twist after a second in front of points that stay where they are."""
    shaper = BaseYield(config, make.LIMITS, DT)
    for _ in range(1000):
        if shaper.needs_look():
            shaper.look(np.array(points, float).reshape(-1, 2), bumper)
        twist = shaper.shape(v, w)
    return twist


@pytest.mark.parametrize("twist", [(0.0, 0.0), (0.4, 0.3), (-0.2, 0.0)])
def test_without_anything_close_the_twist_is_what_was_asked(make, twist):
    assert settled(make, [], *twist) == twist
    assert settled(make, [[1.0, 0.0], [0.0, -0.9]], *twist) == twist


@pytest.mark.parametrize(("x", "sign"), [(0.35, -1.0), (-0.35, 1.0)])
def test_a_standing_base_goes_away_from_what_comes_close(make, x, sign):
    v, w = settled(make, [[1.3 * x, 0.0]], 0.0)
    assert v * sign > 0.05 and abs(w) < 1e-9
    closer, _ = settled(make, [[x, 0.0]], 0.0)
    assert abs(closer) > abs(v)


def test_it_gives_way_no_faster_than_allowed(make):
    stiff = BaseYieldConfig(enabled=True, yield_per_s=10.0, speed_m_s=0.2)
    v, _ = settled(make, [[0.28, 0.0]], 0.0, config=stiff)
    assert v == pytest.approx(-0.2, abs=1e-3)


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_it_turns_along_an_obstacle_ahead_to_the_free_side(make, side):
    v, w = settled(make, [[0.33, 0.1 * side]], 0.4)
    assert v < 0.4 and w * side < -0.05


def test_sliding_alone_turns_what_goes_into_an_obstacle_along_it(make):
    config = BaseYieldConfig(enabled=True, yield_per_s=0.0)
    v, w = settled(make, [[0.33, -0.1]], 0.4, config=config)
    assert 0.0 < v < 0.3 and w > 0.1
    assert settled(make, [[-0.33, -0.1]], 0.4, config=config) == (0.4, 0.0)


def test_walls_on_both_sides_keep_it_in_the_middle(make):
    v, w = settled(make, [[0.0, 0.4], [0.0, -0.4]], 0.4)
    assert w == pytest.approx(0.0, abs=1e-9) and v == pytest.approx(0.4)
    _, w = settled(make, [[0.0, 0.35], [0.0, -0.45]], 0.4)
    assert w < -0.1


@pytest.mark.parametrize(("sector", "sign"), [(0, -1.0), (4, 1.0)])
def test_a_touch_is_remembered_as_an_obstacle_and_forgotten(make, sector, sign):
    shaper, bumper = BaseYield(CONFIG, make.LIMITS, DT), QUIET.copy()
    bumper[sector] = True
    shaper.look(FREE, bumper)
    for tick in range(4000):
        if shaper.needs_look():
            shaper.look(FREE, QUIET)
        v, _ = shaper.shape(0.0, 0.0)
        if tick == 1000:
            assert v * sign > 0.1
    assert abs(v) < 1e-3


def test_pressed_from_all_sides_it_stays(make):
    assert settled(make, [], 0.0, bumper=np.ones(8, bool)) == (0.0, 0.0)


NUMBERS = st.floats(allow_nan=True, allow_infinity=True, allow_subnormal=True)
POINTS = st.lists(
    st.tuples(*[st.floats(-2.0, 2.0, allow_subnormal=True)] * 2), max_size=20
)


@given(points=POINTS, twists=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=20))
def test_any_twist_gives_a_finite_one_or_itself(make_module, points, twists):
    shaper = BaseYield(CONFIG, make_module.LIMITS, DT)
    shaper.look(np.array(points).reshape(-1, 2), QUIET)
    for v, w in twists:
        out = shaper.shape(v, w)
        if math.isfinite(v + w):
            assert np.isfinite(out).all()
        else:  # the rules refuse that
            assert np.array_equal(out, (v, w), equal_nan=True)


@given(
    angle=st.floats(-math.pi, math.pi), gap=st.floats(0.0, 0.24),
    v=st.floats(-0.7, 0.7), w=st.floats(-1.5, 1.5),
)  # fmt: skip
def test_it_never_approaches_an_obstacle_faster_than_was_asked(
    make_module, angle, gap, v, w
):
    point = (0.27 + gap) * np.array([math.cos(angle), math.sin(angle)])
    shaper = BaseYield(CONFIG, make_module.LIMITS, DT)
    shaper.look(point[None], QUIET)
    for _ in range(500):
        forward, _ = shaper.shape(v, w)
    assert forward * math.cos(angle) <= v * math.cos(angle) + 1e-9


@pytest.mark.parametrize("seed", range(8))
def test_with_the_rules_after_it_nothing_is_touched(make, seed):
    """Random posts all around; 4 s with a stubborn command and a late drive."""
    rng, limits = np.random.default_rng(seed), make.LIMITS
    v, w = rng.uniform(-0.7, 0.7), rng.uniform(-1.5, 1.5)
    guard = BaseGuard(BaseConfig(), limits, DT)
    shaper = BaseYield(CONFIG, limits, DT)
    angles = rng.uniform(-math.pi, math.pi, 12)
    world = rng.uniform(0.4, 1.5, 12)[:, None] * np.stack(
        [np.cos(angles), np.sin(angles)], axis=1
    )
    x = y = yaw = 0.0
    queue, least = [(0.0, 0.0)] * 50, np.inf
    for tick in range(4000):
        c, s = math.cos(yaw), math.sin(yaw)
        if tick % 10 == 0:
            points = (world - (x, y)) @ np.array([[c, -s], [s, c]])
            least = min(least, float(np.hypot(*points.T).min()))
        if shaper.needs_look():
            shaper.look(points, QUIET)
        asked = shaper.shape(v, w)
        if guard.needs_look(*asked):
            guard.look(*asked, points, FOLDED)
        queue.append(guard.limit(*asked, 1.0))
        speed, turn = queue.pop(0)
        x, y, yaw = x + DT * speed * c, y + DT * speed * s, yaw + DT * turn
    assert least > limits.radius_m
