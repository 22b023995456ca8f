"""What the critic of the arm learns from, and a small training from end to end."""

import numpy as np
import pytest

from neural_brain.benchmarks.critics import DECISION_TICKS, FORCE_N, Forced, PerDecision
from neural_brain.benchmarks.forecast import auroc, forecast, precision
from neural_brain.benchmarks.impact_rig import SETTLE_TICKS
from neural_brain.benchmarks.push_data import HARD, HIGH, LOW, Push, record
from neural_brain.benchmarks.push_steps import (
    DANGER_N,
    DISCOUNT,
    STRIDE,
    steps_of,
    ticks_to_danger,
)
from neural_brain.benchmarks.reflex_critic import SUBJECT, arms, summarise
from neural_brain.models.reflex import (
    CLEAR,
    FEATURES,
    FIRST_ACTION,
    CriticConfig,
    LadderConfig,
    load_critic,
)
from neural_brain.models.signals import ReflexLevel

TASK = np.array([3.0, 0.04, 0.07, 0.0, 0.0])


def made_up(force, ended="time", share=1.0):
    """An episode whose features count the ticks; all of it in contact."""
    ticks = len(force)
    wished = np.tile(np.arange(float(ticks))[:, None], (1, len(FEATURES)))
    return Push(
        task=LOW,
        wished=wished,
        share=np.full(ticks, share),
        acting=np.ones(ticks, bool),
        force_n=np.asarray(force, float),
        ended=ended,
        lowered=np.zeros(ticks, bool),
    )


def danger_at(ticks, *dangers):
    force = np.zeros(ticks)
    force[list(dangers)] = DANGER_N + 1.0
    return force


def test_danger_is_counted_down_and_ends_when_the_force_falls():
    left = ticks_to_danger(danger_at(8, 3, 4))
    assert left.tolist() == [3.0, 2.0, 1.0, 0.0, 0.0, np.inf, np.inf, np.inf]


def test_danger_is_a_discounted_cost_and_nothing_comes_after_it():
    at = SETTLE_TICKS + 8
    data = steps_of([made_up(danger_at(at + 1, at))])
    hit = np.arange(8) + STRIDE > 8
    costs = np.where(hit, DISCOUNT ** (8.0 - np.arange(8)), 0.0)
    np.testing.assert_allclose(data.costs[0], costs)
    np.testing.assert_allclose(data.discounts[0], np.where(hit, 0.0, DISCOUNT**STRIDE))
    assert data.inputs[0, :, 0].tolist() == list(range(SETTLE_TICKS, at))


def test_the_end_of_a_harmless_push_is_no_end_of_the_risk():
    data = steps_of([made_up(np.zeros(SETTLE_TICKS + 3 * STRIDE))])
    assert not data.costs.any() and (data.discounts > 0.0).all()
    assert data.costs.shape == (1, 2 * STRIDE)


def test_the_next_action_is_the_wish_with_the_share_that_was_executed():
    data = steps_of([made_up(np.zeros(SETTLE_TICKS + 10), share=0.5)])
    now, after = data.inputs[0, 0], data.next_inputs[0, 0]
    assert (now[:FIRST_ACTION] == SETTLE_TICKS).all()
    assert (now[FIRST_ACTION:] == 0.5 * SETTLE_TICKS).all()
    assert (after[:FIRST_ACTION] == SETTLE_TICKS + STRIDE).all()
    assert (after[FIRST_ACTION:] == 0.5 * (SETTLE_TICKS + STRIDE)).all()


def test_a_forecast_is_judged_while_there_is_time():
    push = made_up(danger_at(901, 900))
    told = forecast([push], lambda rows: rows[:, 0], 50)
    assert told.follows.sum() == 50 - 3 and not told.follows[:800].any()
    assert len(told.scores) == 900 - 3
    assert auroc(told) == 1.0 and precision(told) == 1.0
    wrong = forecast([push], lambda rows: -rows[:, 0], 50)
    assert auroc(wrong) == 0.0 and precision(wrong) < 0.1


def test_a_critic_of_decisions_is_asked_at_decisions_only():
    class Counts:
        level, cause, share, looks = ReflexLevel.NOMINAL, CLEAR, 1.0, 0

        def look(self, features):
            self.looks += 1

        def skip(self):
            pass

        def close(self):
            pass

    inner = Counts()
    it = PerDecision(inner)
    for _ in range(5 * DECISION_TICKS):
        it.look(np.zeros(len(FEATURES)))
        it.close()
    assert inner.looks == 5


def test_the_threshold_acts_on_force_and_trend():
    it = Forced(CriticConfig(enabled=True), LadderConfig())
    calm, high = np.zeros(len(FEATURES)), np.zeros(len(FEATURES))
    high[0], high[1] = FORCE_N - 1.0, 0.2
    it.look(calm)
    assert it.level is ReflexLevel.NOMINAL and it.share == 1.0
    it.look(high)
    assert it.level is ReflexLevel.SLOW and it.share == CriticConfig().soft_share


def test_a_recorded_push_holds_what_the_critic_was_asked():
    push = record(TASK, [4000, 0], rules=False, horizon_s=2.5)
    assert push.wished.shape == (len(push.force_n), len(FEATURES))
    touched = push.acting
    assert 0 < touched.sum() < len(touched) and push.force_n.max() > 5.0
    speed = FEATURES.index("hand speed [m/s]")
    assert 0.02 < push.wished[touched, speed].max() < 0.5
    assert (push.share == 1.0).all() and not push.lowered.any()


def test_dither_leaves_less_of_the_spring_now_and_then():
    push = record(TASK, [4000, 1], rules=False, dither=True, horizon_s=2.5)
    assert push.share.min() < 1.0 <= push.share.max()


def test_the_table_compares_with_the_rules():
    good, bad = made_up(np.zeros(500), "goal"), made_up(np.zeros(500), "violation")
    runs = {name: [good, bad] for name in arms(CriticConfig(enabled=True))}
    runs[SUBJECT] = [good, good]
    found = {m.name: m for m in summarise(runs)}
    ratio = found[f"(successes + 1) / (violations + 1) ({SUBJECT})"]
    assert ratio.value == 3.0 and ratio.baseline["rules"] == 1.0 and ratio.met
    fewer = found[f"violations less those of the rules ({SUBJECT})"]
    assert fewer.value == -0.5 and fewer.baseline["no reflex"] == 0.0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_small_training_gives_a_critic_that_loads(tmp_path):
    pytest.importorskip("torch")
    from neural_brain.benchmarks import train_reflex

    path = tmp_path / "reflex.safetensors"
    metrics = train_reflex.train(path, size="quick", seed=1, device="cpu", card={})
    critic = load_critic(CriticConfig(enabled=True, weights=str(path)), LadderConfig())
    critic.look(np.zeros(len(FEATURES)))
    assert np.isfinite(list(metrics.values())).all()
    assert 0.0 <= metrics["risk_max"] <= 1.0 and metrics["strange_max"] > 0.0
    assert (HIGH > LOW).all() and (HARD >= LOW).all()
