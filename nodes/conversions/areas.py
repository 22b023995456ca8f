"""Named areas as ROS markers."""

from __future__ import annotations

import numpy as np
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

from neural_brain.models.maps.outlines import middle
from neural_brain.models.signals import Area, AreaKind
from neural_brain.nodes.conversions.parts import (
    point,
    pose_from_planar,
    time_msg,
    vector3,
)

COLOURS = {
    AreaKind.ROOM: (0.2, 0.6, 0.3),
    AreaKind.KEEP_OUT: (0.9, 0.1, 0.1),
    AreaKind.SLOW: (0.9, 0.6, 0.0),
    AreaKind.DOCK: (0.1, 0.4, 0.9),
    AreaKind.LIFT: (0.5, 0.2, 0.7),
    AreaKind.ONE_WAY: (0.4, 0.4, 0.4),
}
WIDTH_M, TEXT_M, HEIGHT_M = 0.04, 0.25, 0.02


def area_markers(areas: tuple[Area, ...], t: float) -> MarkerArray:
    """An outline and a name for every area, an arrow for a pose; old ones go first."""
    clear = Marker(action=Marker.DELETEALL)
    clear.header.frame_id = "map"
    markers = [clear]
    for number, area in enumerate(areas):
        line = _marker(area, number, t, Marker.LINE_STRIP, "outlines")
        corners = [*area.outline, area.outline[0]]
        line.points = [point(np.append(xy, HEIGHT_M)) for xy in corners]
        line.scale.x = WIDTH_M
        words = _marker(area, number, t, Marker.TEXT_VIEW_FACING, "names")
        words.pose.position = point(np.append(middle(area.outline), HEIGHT_M))
        words.scale = vector3(np.full(3, TEXT_M))
        words.text = area.name
        markers += [line, words]
        if area.pose_map is not None:
            arrow = _marker(area, number, t, Marker.ARROW, "poses")
            arrow.pose = pose_from_planar(area.pose_map)
            arrow.scale = vector3(np.array([0.4, WIDTH_M, WIDTH_M]))
            markers.append(arrow)
    return MarkerArray(markers=markers)


def _marker(area: Area, number: int, t: float, kind: int, space: str) -> Marker:
    marker = Marker(type=kind, ns=space, id=number)
    marker.header.frame_id = "map"
    marker.header.stamp = time_msg(t)
    marker.pose.orientation.w = 1.0
    red, green, blue = COLOURS[area.kind]
    marker.color = ColorRGBA(r=red, g=green, b=blue, a=0.9)
    return marker
