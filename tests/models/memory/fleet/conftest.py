"""Maps that are quickly drawn, and robots that share one."""

import numpy as np
import pytest

from neural_brain.models.maps import CognitiveMap, MapsConfig, ScanPoints
from neural_brain.models.maps.track import Track


class Drawn:
    """A map in which rooms are drawn and things are put by hand."""

    def __init__(self, cognitive=None):
        self.map = cognitive or CognitiveMap(MapsConfig())

    def look(self, x, y, radius=1.5):
        """See a round room around a point."""
        angle = np.linspace(-np.pi, np.pi, 180, endpoint=False)
        ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        origin = np.array([x, y])
        self.map.grid.add_scan(
            ScanPoints(
                origin=origin,
                hits=origin + radius * ring,
                outline=origin + (radius - 0.06) * ring,
            )
        )
        return self

    def put(self, category, x, y, *, colour="red", t=1.0, count=6):
        """See a thing for the first time; returns its number."""
        marks = self.map.landmarks
        track = Track(
            id=marks.new_id(),
            center=np.array([x, y, 0.5]),
            covariance=np.eye(3) * 0.01,
            size=np.full(3, 0.1),
            categories={category: 4.0},
            colours={colour: 3.0},
            log_odds=2.0,
            count=count,
            first_seen=t,
            last_seen=t,
            near=1.0,
            far=3.0,
            told=True,
        )
        marks.tracks[track.id] = track
        return track.id

    def see(self, key, t, views=1):
        """See a known thing again."""
        track = self.map.landmarks.tracks[key]
        track.count += views
        track.last_seen = t
        track.log_odds = min(4.0, track.log_odds + 0.5 * views)

    def things(self):
        """Words and places of what is believed."""
        return sorted(
            (mark.category, *np.round(mark.center_map[:2], 2).tolist())
            for mark in self.map.landmarks.landmarks()
        )

    def snapshot(self):
        self.map.refresh()
        return self.map.snapshot()


@pytest.fixture
def drawn():
    return Drawn


class Robot:
    """A robot that continues the shared map."""

    def __init__(self, store):
        snapshot = store.load_map()
        self.store = store
        self.drawn = Drawn(
            None if snapshot is None else CognitiveMap.restore(MapsConfig(), snapshot)
        )

    def save(self, t, *, adopt_it=True):
        from neural_brain.models.maps import adopt

        joined = self.store.save_map(self.drawn.snapshot(), t)
        if joined is not None and adopt_it:
            adopt(self.drawn.map, joined)
        return joined


@pytest.fixture
def robot(url):
    """Makes robots; their stores are closed in the end."""
    from neural_brain.models.memory import FleetStore

    stores = []

    def make(name="", address=None):
        text = address or url
        text += f"&application_name={name}" if name else ""
        stores.append(FleetStore(text))
        return Robot(stores[-1])

    yield make
    for store in stores:
        store.close()
