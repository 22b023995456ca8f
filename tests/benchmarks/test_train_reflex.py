"""What the critic of the arm learns from, and a small training from end to end."""

import numpy as np
import pytest

from neural_brain.benchmarks.contact_data import (
    DISCOUNT,
    HIGH,
    LOW,
    STRIDE,
    Contact,
    before_damage,
    record,
    steps_of,
)
from neural_brain.benchmarks.impact_rig import SETTLE_TICKS
from neural_brain.benchmarks.reflex_critic import compare
from neural_brain.models.reflex import (
    FEATURES,
    CriticConfig,
    LadderConfig,
    load_critic,
)


def made_up(ticks, violated):
    """A contact whose features count the ticks."""
    executed = np.tile(np.arange(float(ticks))[:, None], (1, len(FEATURES)))
    return Contact(
        task=LOW,
        executed=executed,
        proposed=-executed,
        violated=violated,
        peak_n=80.0 if violated else 10.0,
        ticks=ticks,
        lowered=0.0,
    )


def test_a_violation_is_a_discounted_cost_and_nothing_comes_after_it():
    at = SETTLE_TICKS + 2 * STRIDE + 3
    data = steps_of([made_up(SETTLE_TICKS + 100, at)])
    np.testing.assert_allclose(data.costs, [[0.0, 0.0, DISCOUNT**3]])
    np.testing.assert_allclose(data.discounts, [[DISCOUNT**STRIDE] * 2 + [0.0]])
    assert data.inputs[0, :, 0].tolist() == [
        SETTLE_TICKS + k * STRIDE for k in range(3)
    ]
    assert data.next_inputs[0, 0, 0] == -(SETTLE_TICKS + STRIDE)  # what was proposed


def test_the_end_of_a_harmless_contact_is_no_end_of_the_risk():
    data = steps_of([made_up(SETTLE_TICKS + 3 * STRIDE, None)])
    assert not data.costs.any() and (data.discounts > 0.0).all()
    assert data.costs.shape == (1, 2)


def test_what_comes_too_late_to_act_is_not_judged():
    at = SETTLE_TICKS + 50
    assert before_damage(made_up(1000, at), 3)[-1, 0] == -(at - 4)
    assert len(before_damage(made_up(1000, None), 3)) == 1000 - SETTLE_TICKS


def test_a_recorded_contact_holds_what_the_critic_was_asked():
    """A stiff thing in the way of a fast hand, beside free motion of the same task."""
    task = np.array([5.0, 0.5, 15.0, 0.0, 0.22])
    hit, free = (
        record(task, 0, np.random.default_rng(5), free=free) for free in (False, True)
    )
    assert hit.executed.shape == hit.proposed.shape == (hit.ticks, len(FEATURES))
    moving = slice(SETTLE_TICKS + 100, None)
    speed = FEATURES.index("hand speed [m/s]")
    assert 0.05 < free.executed[moving, speed].max() < 0.3
    np.testing.assert_allclose(
        hit.executed[SETTLE_TICKS : SETTLE_TICKS + 50],
        hit.proposed[SETTLE_TICKS : SETTLE_TICKS + 50],
        atol=1e-9,
    )
    assert hit.peak_n > 20.0 > free.peak_n == 0.0
    assert hit.executed[:, 0].max() > 5.0 and hit.lowered == 0.0


def test_the_table_compares_with_the_rules_alone():
    safe, hurt = made_up(500, None), made_up(500, 300)
    found = {
        m.name: m for m in compare([safe, safe], [safe, hurt], [safe] * 2, [safe] * 2)
    }
    below = found["contacts below 65 N"]
    assert below.value == 1.0 and below.baseline == {"rules alone": 0.5}
    assert below.met is True
    assert found["ticks lowered in free motion"].met is True


@pytest.mark.slow
def test_a_small_training_gives_a_critic_that_loads(tmp_path):
    pytest.importorskip("torch")
    from neural_brain.benchmarks import train_reflex

    path = tmp_path / "reflex.safetensors"
    metrics = train_reflex.train(path, size="quick", seed=1, device="cpu", card={})
    critic = load_critic(CriticConfig(enabled=True, weights=str(path)), LadderConfig())
    critic.look(np.zeros(len(FEATURES)))
    assert np.isfinite(list(metrics.values())).all()
    assert 0.0 <= metrics["risk_max"] <= 1.0 and metrics["strange_max"] > 0.0
    assert (HIGH > LOW).all()
