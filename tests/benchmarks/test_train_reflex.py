"""What the critic of the arm learns from, and a small training from end to end."""

import numpy as np
import pytest

from neural_brain.benchmarks import push_data
from neural_brain.benchmarks.critics import DECISION_TICKS, FORCE_N, Forced, PerDecision
from neural_brain.benchmarks.forecast import auroc, forecast, precision
from neural_brain.benchmarks.impact_rig import SETTLE_TICKS
from neural_brain.benchmarks.push_data import HARD, HIGH, LOW, Push, maze_of, record
from neural_brain.benchmarks.push_parts import kept
from neural_brain.benchmarks.push_steps import (
    DANGER_N,
    DISCOUNT,
    STRIDE,
    steps_of,
    ticks_to_danger,
)
from neural_brain.benchmarks.reflex_critic import RECOVERY, SUBJECT, arms, summarise
from neural_brain.models.learning import AlpGmm
from neural_brain.models.reflex import (
    CLEAR,
    FEATURES,
    FIRST_ACTION,
    CriticConfig,
    LadderConfig,
    load_critic,
)
from neural_brain.models.reflex.recovery import BACK_N, SOFT_SHARE
from neural_brain.models.signals import ReflexLevel
from neural_brain.sim.contact_maze import draw_maze

TASK = np.array([3.0, 0.04, 0.07, 0.0, 0.0])


def made_up(force, ended="time", share=1.0, back=0.0):
    """An episode whose features count the ticks; all of it in contact."""
    ticks = len(force)
    wished = np.tile(np.arange(float(ticks))[:, None], (1, len(FEATURES)))
    return Push(
        task=LOW,
        wished=wished,
        share=np.full(ticks, share),
        back=np.full(ticks, back),
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
    np.testing.assert_allclose(now[FIRST_ACTION:], 0.5 * SETTLE_TICKS)
    assert (after[:FIRST_ACTION] == SETTLE_TICKS + STRIDE).all()
    np.testing.assert_allclose(after[FIRST_ACTION:], 0.5 * (SETTLE_TICKS + STRIDE))


def test_a_retreat_is_learned_from_as_it_was_executed():
    data = steps_of([made_up(np.zeros(SETTLE_TICKS + 10), share=0.5, back=1.0)])
    tension, into, anchor, led = data.inputs[0, 0, FIRST_ACTION:]
    assert into == -BACK_N and tension == pytest.approx(BACK_N)
    assert anchor == 0.5 * SETTLE_TICKS and led == 0.0
    assert data.next_inputs[0, 0, FIRST_ACTION + 1] == -BACK_N


@pytest.mark.parametrize(("friction", "blocks"), [(0.05, 0.4), (0.11, 1.0), (0.3, 3.7)])
def test_friction_and_blocks_of_a_task_reach_the_maze(monkeypatch, friction, blocks):
    built = []

    def caught(maze, *rest):
        built.append(maze)
        raise InterruptedError

    monkeypatch.setattr(push_data, "maze_body", caught)
    for task in (np.array([*TASK, friction, blocks]), TASK):
        with pytest.raises(InterruptedError):
            record(task, [4000, 0])
    given, drawn = built
    assert given.wall_friction == friction and len(given.blocks) == int(blocks)
    plain = draw_maze(np.random.default_rng([4000, 0]))
    assert drawn.wall_friction == plain.wall_friction
    np.testing.assert_array_equal(drawn.blocks, plain.blocks)


def test_the_box_of_the_curriculum_holds_friction_and_blocks():
    tasks = AlpGmm(LOW, HIGH, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    mazes = [maze_of(tasks.draw(), rng) for _ in range(60)]
    assert {len(maze.blocks) for maze in mazes} == {0, 1, 2, 3}
    assert len(maze_of(HIGH, rng).blocks) == 3
    frictions = [maze.wall_friction for maze in mazes]
    assert min(frictions) < 0.08 and max(frictions) > 0.27


def test_on_line_the_curriculum_draws_whole_tasks(monkeypatch):
    pytest.importorskip("torch")
    from neural_brain.benchmarks import train_reflex

    seen = []

    def fake(task, seed, critic, *, rules, dither):
        seen.append((task, rules, critic.recovery is not None))
        return made_up(danger_at(SETTLE_TICKS + 60, SETTLE_TICKS + 50))

    monkeypatch.setattr(train_reflex, "record", fake)
    recipe = train_reflex.Recipe(
        offline=1, online=8, calibration=1, updates=2, online_updates=1
    )
    first = [made_up(danger_at(SETTLE_TICKS + 60, SETTLE_TICKS + 50))]
    train_reflex.learn(first, recipe, 0, curriculum=True)
    assert all(task.shape == LOW.shape == (7,) for task, *_ in seen)
    kinds = {(rules, recovers) for _, rules, recovers in seen}
    assert kinds == {(False, False), (False, True), (True, False), (True, True)}


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
        level, cause, share, back = ReflexLevel.NOMINAL, CLEAR, 1.0, 0.0
        looks = 0

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
    assert (push.back == 0.0).all()


def test_dither_changes_the_action_now_and_then():
    push = record(TASK, [4000, 1], rules=False, dither=True, horizon_s=4.0)
    assert push.share.min() < 1.0 <= push.share.max()
    assert push.back.max() > 0.0 == push.back.min()


def test_a_finished_push_is_read_from_its_file(tmp_path):
    push, made = made_up(danger_at(20, 3), "goal"), []

    def make():
        made.append(1)
        return push

    for folder, times in ((None, 1), (tmp_path / "x", 2), (tmp_path / "x", 2)):
        again = kept(folder, "rules-1-0", make)
        assert len(made) == times and again.ended == "goal"
        for name, value in vars(push).items():
            np.testing.assert_array_equal(getattr(again, name), value)


def test_the_table_compares_with_the_rules():
    good, bad = made_up(np.zeros(500), "goal"), made_up(np.zeros(500), "violation")
    runs = {name: [good, bad] for name in arms(CriticConfig(enabled=True))}
    runs[SUBJECT] = [good, good]
    found = {m.name: m for m in summarise(runs)}
    ratio = found[f"(successes + 1) / (violations + 1) ({SUBJECT})"]
    assert ratio.value == 3.0 and ratio.baseline["rules"] == 1.0 and ratio.met
    assert found[f"violations less those of rules + critic ({RECOVERY})"].value == 0.5
    assert found[f"success ({RECOVERY})"].value == 0.5
    fewer = found[f"violations less those of the rules ({SUBJECT})"]
    assert fewer.value == -0.5 and fewer.baseline["no reflex"] == 0.0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_small_training_gives_a_critic_that_loads(tmp_path):
    pytest.importorskip("torch")
    from neural_brain.benchmarks import train_reflex

    path = tmp_path / "reflex.safetensors"
    metrics = train_reflex.train(path, size="quick", seed=1, device="cpu", card={})
    config = CriticConfig(enabled=True, weights=str(path), recovers=True)
    critic = load_critic(config, LadderConfig())
    critic.look(np.zeros(len(FEATURES)))
    share, back = critic.recovery.choose(np.zeros(len(FEATURES), np.float32))
    assert SOFT_SHARE <= share <= 1.0 and 0.0 <= back <= 1.0
    assert np.isfinite(list(metrics.values())).all()
    assert 0.0 <= metrics["risk_max"] <= 1.0 and metrics["strange_max"] > 0.0
    assert (HIGH > LOW).all() and (HARD >= LOW).all()
