"""Named areas in pictures of the map."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.maps.outlines import inside, middle
from neural_brain.models.signals import Area, AreaKind
from neural_brain.view.sheet import Sheet, write_words

COLOURS = {
    AreaKind.ROOM: (45, 135, 75),
    AreaKind.KEEP_OUT: (205, 35, 45),
    AreaKind.SLOW: (225, 140, 10),
    AreaKind.DOCK: (35, 90, 205),
    AreaKind.LIFT: (125, 60, 170),
    AreaKind.ONE_WAY: (95, 95, 95),
}
FILLED = (AreaKind.KEEP_OUT, AreaKind.SLOW)
STRIPE_PX = 14


def draw_areas(image: NDArray[np.uint8], areas: tuple[Area, ...], sheet: Sheet) -> None:
    """Outlines with names; where the robot must not go, or only slowly, striped."""
    for area in areas:
        if len(area.outline) < 3:
            continue
        colour = COLOURS[area.kind]
        corners = np.array([sheet.at(xy) for xy in area.outline], np.int32)
        if area.kind in FILLED:
            _stripe(image, corners, colour)
        cv2.polylines(image, [corners], True, colour, 2, cv2.LINE_AA)
        if area.pose_map is not None:
            _arrow(image, area.pose_map, sheet, colour)


def name_areas(image: NDArray[np.uint8], areas: tuple[Area, ...], sheet: Sheet) -> None:
    """Their names, on top of everything else."""
    for area in areas:
        if len(area.outline) < 3:
            continue
        x, y = sheet.at(_label_spot(area))
        words = _words(area)
        (width, _), _ = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
        low = {AreaKind.KEEP_OUT: 22, AreaKind.SLOW: 40}.get(area.kind, -20)
        write_words(image, words, (x - width // 2, y + low), 0.5, COLOURS[area.kind])


def _words(area: Area) -> str:
    if area.kind is AreaKind.KEEP_OUT:
        return f"keep out: {area.name}"
    if area.kind is AreaKind.SLOW:
        return f"{area.name}: {area.speed_m_s:g} m/s"
    return area.name


def _label_spot(area: Area) -> Array:
    """The middle, or a corner of an outline that bends around it."""
    center = middle(area.outline)
    return center if inside(area.outline, center[None])[0] else area.outline[0]


def _stripe(
    image: NDArray[np.uint8], corners: NDArray[np.int32], colour: tuple[int, int, int]
) -> None:
    h, w = image.shape[:2]
    mask = np.zeros((h, w), np.uint8)
    cv2.fillPoly(mask, [corners], 1)
    rows, columns = np.mgrid[0:h, 0:w]
    striped = (mask > 0) & ((rows + columns) % STRIPE_PX < STRIPE_PX // 3)
    tinted = (mask > 0) & ~striped
    for cells, share in ((striped, 0.45), (tinted, 0.15)):
        mixed = (1.0 - share) * image[cells] + share * np.array(colour)
        image[cells] = mixed.astype(np.uint8)


def _arrow(
    image: NDArray[np.uint8], pose: Array, sheet: Sheet, colour: tuple[int, int, int]
) -> None:
    ahead = 0.45 * np.array([np.cos(pose[2]), np.sin(pose[2])])
    start, end = sheet.at(pose[:2]), sheet.at(pose[:2] + ahead)
    cv2.arrowedLine(image, start, end, colour, 2, cv2.LINE_AA, tipLength=0.35)
    cv2.circle(image, start, 4, colour, -1, cv2.LINE_AA)
