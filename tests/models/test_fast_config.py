"""What the parameters of the fast loop must have in common."""

import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.models.fast import FastConfig
from neural_brain.models.impedance import ImpedanceConfig
from neural_brain.models.reflex import JointConfig, ReflexConfig


def config(impedance_s, joints_s):
    joints = JointConfig(tick_s=joints_s)
    return FastConfig(
        impedance=ImpedanceConfig(tick_s=impedance_s),
        reflex=ReflexConfig(joints=joints),
    )


@pytest.mark.parametrize("periods", [(0.002, 0.001), (0.001, 0.002), (0.001, 1e-4)])
def test_two_control_periods_are_refused(periods):
    with pytest.raises(ConfigError, match=r"impedance\.tick_s = .* reflex\.joints"):
        config(*periods)


def test_any_period_will_do_if_it_is_the_same_in_both():
    assert config(0.002, 0.002).reflex.joints.tick_s == 0.002
