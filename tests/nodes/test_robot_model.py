"""The footprint of a base as its node's parameters give it."""

import numpy as np
import pytest

from neural_brain.models.errors import ConfigError
from neural_brain.nodes.link_body import limits_from, limits_to_plain
from neural_brain.nodes.robot_model import BaseConfig, make_limits


def test_a_rectangle_passes_through_the_header():
    limits = make_limits(BaseConfig(length_m=0.8, width_m=0.6, centre_m=-0.1))
    np.testing.assert_allclose(limits.footprint, [-0.5, 0.3, -0.3, 0.3])
    assert limits.radius_m == pytest.approx(np.hypot(0.5, 0.3))
    back = limits_from(limits_to_plain(limits))
    np.testing.assert_array_equal(back.footprint, limits.footprint)


def test_a_round_base_has_no_other_footprint():
    limits = make_limits(BaseConfig(radius_m=0.31))
    assert limits.footprint.size == 0 and limits.radius_m == 0.31
    assert limits_from(limits_to_plain(limits)).footprint.size == 0


@pytest.mark.parametrize(
    "sides",
    [
        {"length_m": 0.8},
        {"width_m": 0.8},
        {"centre_m": 0.2},
        {"length_m": 0.8, "width_m": 0.02},
    ],
)
def test_half_a_rectangle_is_refused(sides):
    with pytest.raises(ConfigError, match="both sides"):
        BaseConfig(**sides)
