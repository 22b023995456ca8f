import numpy as np
import pytest

from neural_brain.models.maps.routes import POINTS, RouteBook, equal_routes


def line(start, end, count=60):
    share = np.linspace(0.0, 1.0, count)[:, None]
    return np.array(start, float) * (1.0 - share) + np.array(end, float) * share


def test_the_faster_drive_of_one_way_is_kept():
    book = RouteBook(4)
    book.add(line((0, 0), (5, 0)), 20.0)
    book.add(line((0, 0.2), (5, 0.2)), 12.0)
    book.add(line((0, 0.1), (5, 0.1)), 30.0)
    (route,) = book.routes
    assert (route.took_s, route.uses) == (12.0, 3)
    assert np.allclose(route.way[:, 1], 0.2)


def test_the_way_back_is_another_route():
    book = RouteBook(4)
    book.add(line((0, 0), (5, 0)), 20.0)
    book.add(line((5, 0), (0, 0)), 20.0)
    assert len(book.routes) == 2


def test_number_and_points_are_bounded_and_the_least_used_goes():
    book = RouteBook(4)
    for k in range(8):
        book.add(line((0, 3.0 * k), (40.0, 3.0 * k), 1000), 60.0)
        if k == 0:
            book.add(line((0, 0), (40.0, 0), 1000), 60.0)
    assert len(book.routes) == 4
    assert all(len(route.way) <= POINTS for route in book.routes)
    assert book.routes[0].uses == 2  # old, but used
    assert book.routes[-1].way[0, 1] == 21.0


@pytest.mark.parametrize(
    ("way", "took_s"),
    [
        (np.zeros((1, 2)), 1.0),
        (line((0, 0), (1, 0)), 5.0),  # short
        (np.full((5, 2), np.nan), 5.0),
        (line((0, 0), (5, 0)), float("nan")),
    ],
)
def test_what_is_no_route_is_not_remembered(way, took_s):
    book = RouteBook(4)
    book.add(way, took_s)
    assert not book.routes


def test_routes_are_equal_by_what_they_say():
    book, copy = RouteBook(4), RouteBook(4)
    for one in (book, copy):
        one.add(line((0, 0), (5, 0)), 20.0)
    assert equal_routes(book.routes, copy.routes)
    copy.add(line((0, 0), (5, 0)), 20.0)
    assert not equal_routes(book.routes, copy.routes)
    assert not equal_routes(book.routes, ())
