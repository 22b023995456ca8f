import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from neural_brain.models.reflex.shrink import TwistShrink

DT = 1e-3


@given(st.integers(0, 2**32 - 1))
def test_it_stays_between_zero_and_the_rules_and_keeps_their_acceleration(seed):
    rng = np.random.default_rng(seed)
    limits = type("Limits", (), {"accel_max": np.array([1.0, 3.0])})()
    shrink, allowed, last = TwistShrink(limits, DT), np.zeros(2), np.zeros(2)
    way = np.zeros(2)
    for _ in range(300):
        if rng.random() < 0.05:
            way = rng.uniform(-1.0, 1.0, 2)
        if rng.random() < 0.1:
            share = rng.choice([0.0, 0.4, 1.0])
        elif "share" not in locals():
            share = 1.0
        allowed = allowed + way * limits.accel_max * DT
        out = np.array(shrink.limit(*allowed, share))
        assert (out * allowed >= 0.0).all()
        assert (np.abs(out) <= np.abs(allowed) + 1e-12).all()
        assert (np.abs(out - last) <= limits.accel_max * DT + 1e-12).all()
        last = out


def test_it_comes_down_to_its_share_and_up_again():
    limits = type("Limits", (), {"accel_max": np.array([1.0, 3.0])})()
    shrink = TwistShrink(limits, DT)
    for k in range(500):
        shrink.limit(min(k * DT, 0.5), 0.0, 1.0)
    for _ in range(600):
        out = shrink.limit(0.5, 0.0, 0.4)
    assert out[0] == 0.2
    for _ in range(600):
        out = shrink.limit(0.5, 0.0, 1.0)
    assert out[0] == 0.5
