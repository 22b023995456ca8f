"""What is seen is noted, notes on what is no more are dropped."""

import numpy as np

from neural_brain.models.executive.sightings import SPARE, Sightings
from neural_brain.models.signals import ObjectPercept, Percepts


def frame(t, *xy):
    return Percepts(
        stamp=t,
        pose_odom_base=np.zeros(3),
        obstacles=np.zeros((0, 2)),
        free=np.zeros((0, 2)),
        objects=tuple(
            ObjectPercept(
                category="mug",
                colour="",
                confidence=0.9,
                center_base=np.array([*at, 0.5]),
                size=np.full(3, 0.1),
            )
            for at in xy
        ),
        view_polygon=np.zeros((0, 2)),
    )


def test_only_things_of_the_same_name_are_noted(make_landmark):
    noted = Sightings()
    known = (
        make_landmark(1, "mug", "", (1.0, 0.0, 0.5)),
        make_landmark(2, "book", "", (1.0, 0.0, 0.5)),
        make_landmark(3, "mug", "", (3.0, 0.0, 0.5)),
    )
    noted.note(frame(7.0, (1.1, 0.0)), np.zeros(3), known)
    assert set(noted.seen_from) == {1}


def test_notes_on_what_is_no_more_do_not_pile_up(make_landmark):
    noted = Sightings()
    for k in range(1, 3 * SPARE):  # the mug is another one every time
        known = (make_landmark(k, "mug", "", (1.0, 0.0, 0.5)),)
        noted.note(frame(float(k), (1.0, 0.0)), np.zeros(3), known)
        assert len(noted.seen_from) <= SPARE + 3
    assert 3 * SPARE - 1 in noted.seen_from
