"""The benchmark of the critic in free motion, where nothing is there to judge."""

from neural_brain.benchmarks.reflex_critic import free_motion
from neural_brain.models.reflex.config import CriticConfig


def test_free_motion_is_left_alone() -> None:
    assert free_motion(CriticConfig(enabled=True), 1).value == 0.0
