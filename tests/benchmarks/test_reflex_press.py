"""The benchmark of presses, on two things."""

import pytest

from neural_brain.benchmarks.reflex_press import Press, press, summarise
from neural_brain.models.motion import PressConfig


@pytest.mark.parametrize("variable", [False, True])
def test_a_thing_is_pressed_with_the_wanted_force(variable):
    config = PressConfig(variable_stiffness=variable)
    found = press(1001, config)
    assert found.success and not found.retreats
    assert 0.8 * config.press_n < found.peak_n < 1.5 * config.press_n


def test_the_variable_stiffness_stands_beside_the_fixed_one():
    slow = Press(success=True, peak_n=11.0, off_n=1.0, touch_s=3.0, retreats=False)
    quick = Press(success=False, peak_n=30.0, off_n=20.0, touch_s=2.0, retreats=True)
    found = {m.name: m for m in summarise([slow], [quick])}
    assert found["success"].met is True
    assert found["success"].baseline == {"variable": 0.0}
    assert found["peak force"].baseline == {"variable": 30.0}
