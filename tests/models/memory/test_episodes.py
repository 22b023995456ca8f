"""Episodes hold the steps around what mattered, and only these."""

from dataclasses import replace

import numpy as np
import pytest

from neural_brain.models.memory import (
    EpisodeConfig,
    Episodes,
    MemoryConfig,
    MemoryStore,
    repair_file,
    steps_of,
)
from neural_brain.models.signals import Event, Surprise
from neural_brain.robots.recordings.body import recorded_body

DT = 0.05


def live(episodes, z, *, force=None, start=0):
    """Live through surprises z (n,) and forces (n,) [N]; what was kept."""
    kept = []
    for k, value in enumerate(z, start=start):
        t = k * DT
        body = recorded_body(t, np.zeros(3))
        wrench = np.zeros(6)
        wrench[0] = 0.0 if force is None else force[k - start]
        surprise = Surprise(stamp=t, z=value, channel="speed", text="it slowed down")
        pose = np.array([0.01 * k, 0.0, 0.0])
        done = episodes.step(replace(body, wrench_ee=wrench), pose, surprise)
        kept += [] if done is None else [done]
    return kept


def rows(episode):
    """Numbers of its steps."""
    return np.round(steps_of(episode)[:, 0] / DT).astype(int)


def test_a_surprise_keeps_64_steps_before_and_32_after():
    z = np.zeros(400)
    z[200] = 2.6
    (episode,) = live(Episodes(), z)
    assert list(rows(episode)) == list(range(200 - 64, 200 + 32 + 1))
    assert episode.stamp == pytest.approx(200 * DT)
    assert episode.text == "surprise: it slowed down"
    steps = steps_of(episode)
    assert steps[64, 7] == 2.6
    np.testing.assert_allclose(steps[:, 1], 0.01 * rows(episode), atol=1e-3)


def test_below_the_gate_nothing_is_kept():
    episodes = Episodes()
    assert live(episodes, np.full(400, 2.4)) == []
    assert episodes.end() is None
    assert (episodes.seen, episodes.kept) == (400, 0)


def test_a_touch_and_a_goal_open_one_too_and_what_goes_on_is_one_episode():
    force = np.zeros(300)
    force[100:180] = 12.0  # a long touch counts when it begins
    (touch,) = live(Episodes(), np.zeros(300), force=force)
    assert rows(touch)[[0, -1]].tolist() == [36, 132]
    assert "touched something with 12 N" in touch.text
    episodes = Episodes()
    live(episodes, np.zeros(50))
    for source, kind in (("person", "words"), ("executive", "goal"), ("maps", "room")):
        event = Event(stamp=2.5, source=source, kind=kind, text=f"{kind}!", data={})
        episodes.note_event(event)
    (talk,) = live(episodes, np.zeros(60), start=50)
    assert talk.data["why"] == ["a person: words!", "goal!"]
    assert rows(talk)[[0, -1]].tolist() == [0, 82]


def test_surprises_in_a_row_make_one_episode_of_bounded_length():
    config = EpisodeConfig(longest=150)
    z = np.zeros(700)
    z[100:400] = 9.0
    kept = live(Episodes(config), z)
    assert [len(rows(episode)) for episode in kept[:2]] == [150, 150]
    assert all(len(episode.data["why"]) <= 5 for episode in kept)
    everything = np.concatenate([rows(episode) for episode in kept])
    assert len(set(everything)) == len(everything)  # no step twice
    assert set(range(36, 400)) <= set(everything)


def test_odd_moments_of_ten_minutes_are_kept_in_a_small_share_of_the_steps():
    rng = np.random.default_rng(5)
    n = 12_000
    z = np.abs(rng.normal(0.3, 0.5, n)).clip(max=2.4)
    odd = np.sort(rng.choice(np.arange(100, n - 100, 150), 20, replace=False))
    z[odd] = rng.uniform(2.6, 8.0, 20)
    episodes = Episodes()
    kept = live(episodes, z)
    held = np.zeros(n, bool)
    for episode in kept:
        held[rows(episode)] = True
    recall = np.mean([held[k - 32 : k + 33].all() for k in odd])
    assert recall >= 0.9
    assert held.mean() == episodes.kept / episodes.seen <= 0.17
    random = np.zeros(n, bool)  # as many stretches of the same length, anywhere
    for k in rng.integers(64, n - 33, len(odd)):
        random[k - 64 : k + 33] = True
    assert np.mean([random[k - 32 : k + 33].all() for k in odd]) <= 0.2


def test_episodes_survive_the_file_and_only_so_many_are_kept(tmp_path):
    path = tmp_path / "home.db"
    z = np.zeros(400)
    z[200] = 5.0
    (episode,) = live(Episodes(), z)
    config = MemoryConfig(episodes=EpisodeConfig(kept=3))
    with MemoryStore(path, config) as store:
        for k in range(5):
            store.add_events([replace(episode, stamp=float(k))])
            store.add_events([replace(episode, stamp=float(k), kind="other")])
        assert [e.stamp for e in store.events(kind="episode")] == [2.0, 3.0, 4.0]
        assert len(store.events(kind="other")) == 5
        back = store.events(kind="episode")[-1]
    assert np.array_equal(steps_of(back), steps_of(episode))
    repair_file(path, tmp_path / "copy.db")
    with MemoryStore(tmp_path / "copy.db") as store:
        assert len(store.events(kind="episode")) == 3
    assert path.stat().st_size < 200_000


def test_switched_off_or_with_senseless_time_nothing_is_kept():
    off = Episodes(EpisodeConfig(active=False))
    assert live(off, np.full(100, 9.0)) == []
    assert off.end() is None
    on = Episodes()
    on.note(np.nan, "never")
    assert live(on, np.zeros(200)) == []
    live(on, np.full(10, 9.0), start=200)
    assert live(on, np.zeros(200)) == []  # the clock began again: nothing is mixed
    assert on.end() is None
    with pytest.raises(ValueError, match="expected 'episode'"):
        steps_of(Event(stamp=0.0, source="maps", kind="lost", text="", data={}))
