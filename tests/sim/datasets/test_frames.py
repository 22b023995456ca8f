"""Labelled frames of a home, with its things in place or where others should be."""

import numpy as np
import pytest

from neural_brain.models.categories import SMALL_OBJECTS
from neural_brain.sim.datasets import labelled_frames
from neural_brain.sim.homes import generate_home

SEED = 9310


def heights(moved):
    """How much higher the small things in view are than in the home as it was [m]."""
    home = generate_home(SEED)
    frames = labelled_frames(SEED, 6, close_ups=1.0, moved=moved)
    return np.array(
        [
            thing.center_base[2] - home.objects[number - 1].center[2]
            for frame in frames
            for number, thing in frame.things.items()
            if thing.category in SMALL_OBJECTS
        ]
    )


@pytest.mark.gl
def test_small_things_are_where_they_belong_or_where_others_should_be():
    usual, mixed = heights(0.0), heights(1.0)
    base = np.median(usual)
    np.testing.assert_allclose(usual, base, atol=0.02)
    assert (np.abs(mixed - base) > 0.05).mean() > 0.3
