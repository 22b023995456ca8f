"""A fast base stops before a wall: points are kept, and believed, far enough."""

import dataclasses

import numpy as np
import pytest

from neural_brain.models.reflex import Reflex, ReflexConfig

TICK, SCAN_TICKS, LATENCY = 1e-3, 50, 60
BEAMS = np.linspace(-np.pi, np.pi, 360, endpoint=False)


def gap_to_wall(make, speed, *, range_m, wall_m=14.0, ticks=16_000):
    """What is left [m] between base and wall after driving at it at full speed."""
    limits = dataclasses.replace(make.LIMITS, twist_max=np.array([speed, 1.5]))
    reflex, x, late = Reflex(ReflexConfig(), limits), 0.0, [0.0] * LATENCY
    for tick in range(ticks):
        t = tick * TICK
        if tick % SCAN_TICKS == 0:
            ahead = np.cos(BEAMS)
            ranges = np.full(360, np.inf)
            hits = ahead > 0.05
            ranges[hits] = (wall_m - x) / ahead[hits]
            ranges[ranges > range_m] = np.inf
            scan = dataclasses.replace(make.scan(t, ranges), range_max=range_m)
            reflex.set_scan(scan)
        pose, twist = np.array([x, 0.0, 0.0]), np.array([late[0], 0.0])
        body = make.body(t, pose_odom_base=pose, twist_base=twist)
        verdict = reflex.tick(body, make.command(t, twist=(speed, 0.0)))
        late = [*late[1:], float(verdict.command.twist_base[0])]
        x += TICK * late[0]
        if x > wall_m - limits.radius_m:
            break
    return wall_m - limits.radius_m - x


@pytest.mark.parametrize("speed", [0.7, 2.0, 3.0, 4.0])
def test_it_stops_before_a_wall_from_any_speed_that_it_may_have(make, speed):
    gap = gap_to_wall(make, speed, range_m=10.0, ticks=int(1.4e4 / speed) + 12_000)
    assert 0.0 < gap < 0.15


@pytest.mark.parametrize("range_m", [1.0, 3.0])
def test_it_is_no_faster_than_its_lidar_sees(make, range_m):
    gap = gap_to_wall(make, 3.0, range_m=range_m, wall_m=6.0)
    assert 0.0 < gap < 0.15
