"""The cognitive map as a picture: walls, rooms, places, landmarks, path and robot."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from neural_brain.models.geometry import Array
from neural_brain.models.signals import GridView, Landmark, MapState, RoomGrid
from neural_brain.view.area_picture import draw_areas, name_areas
from neural_brain.view.sheet import FONT, Sheet, write_words

Image = NDArray[np.uint8]
PAPER, FREE, WALL = (226, 228, 230), (255, 255, 255), (38, 42, 48)
EDGE, NODE, DOOR = (150, 170, 195), (95, 125, 165), (214, 90, 60)
PATH, TRAIL, ROBOT = (30, 150, 85), (120, 120, 205), (215, 45, 60)
TINTS = (
    (253, 226, 201), (209, 232, 214), (207, 224, 246), (245, 213, 226),
    (229, 217, 243), (246, 240, 196), (203, 236, 238), (233, 224, 214),
)  # fmt: skip
PAINT = {
    "red": (208, 48, 48), "orange": (232, 130, 30), "yellow": (214, 176, 20),
    "green": (50, 145, 70), "blue": (45, 95, 200), "purple": (130, 70, 170),
    "pink": (224, 110, 160), "brown": (130, 88, 55), "black": (30, 30, 30),
    "white": (245, 245, 245), "grey": (130, 130, 130),
}  # fmt: skip


def draw_map(
    state: MapState,
    *,
    pose_map_base: Array | None = None,
    path_map: Array | None = None,
    trail_map: Array | None = None,
    graph: bool = True,
    size_px: int = 900,
) -> Image:
    """Draw everything that a map state knows.

    Args:
        state: the map.
        pose_map_base: robot (3,), drawn as a triangle.
        path_map: planned way (n, 2) [m].
        trail_map: driven way (n, 2) [m].
        graph: also draw places and passages.
        size_px: longer side of the picture.

    Returns:
        RGB picture (h, w, 3) uint8, x to the right, y up.
    """
    sheet = fit_sheet(state.grid, size_px)
    image = _floor(state.grid, state.room_grid, sheet)
    draw_areas(image, state.areas, sheet)
    if graph:
        _draw_graph(image, state, sheet)
    for points, colour in ((trail_map, TRAIL), (path_map, PATH)):
        if points is not None and len(points) > 1:
            corners = np.array([sheet.at(xy) for xy in points], np.int32)
            cv2.polylines(image, [corners], False, colour, 2, cv2.LINE_AA)
    for landmark in state.landmarks:
        _draw_landmark(image, landmark, sheet)
    _name_rooms(image, state, sheet)
    name_areas(image, state.areas, sheet)
    if pose_map_base is not None:
        _draw_robot(image, pose_map_base, sheet)
    _scale_bar(image, sheet)
    return image


def fit_sheet(grid: GridView, size_px: int, margin_m: float = 0.4) -> Sheet:
    """The known part of the grid with a margin, scaled to a longer side [px]."""
    rows, columns = np.nonzero(grid.cells >= 0)
    if len(rows) == 0:
        low, span = np.array([-2.0, -2.0]), np.array([4.0, 4.0])
    else:
        corner = np.array([columns.min(), rows.min()])
        low = grid.origin + grid.resolution * corner - margin_m
        cells = np.array([np.ptp(columns) + 1, np.ptp(rows) + 1])
        span = grid.resolution * cells + 2.0 * margin_m
    scale = size_px / float(span.max())
    size = max(2, round(float(span[0]) * scale)), max(2, round(float(span[1]) * scale))
    return Sheet(low=low, pixels_per_m=scale, size=size)


def save_picture(path: str, image: Image) -> None:
    """Write an RGB picture as PNG.

    Raises:
        OSError: if it cannot be written.
    """
    if not cv2.imwrite(path, np.ascontiguousarray(image[:, :, ::-1])):
        raise OSError(f"cannot write {path}")


def _floor(grid: GridView, rooms: RoomGrid | None, sheet: Sheet) -> Image:
    """Unknown, free (tinted by room) and occupied cells."""
    cells = grid.cells
    shade = np.array([PAPER, FREE, WALL], dtype=np.float32)
    occupied = np.clip(cells, 0, 100)[..., None].astype(np.float32) / 100.0
    floor = np.broadcast_to(shade[1], (*cells.shape, 3)).copy()
    if rooms is not None:
        label = _resample(rooms, grid)
        tint = np.array([FREE, *TINTS], dtype=np.float32)
        index = np.where(label > 0, 1 + (label - 1) % len(TINTS), 0)
        floor = tint[index]
    weight = np.clip((occupied - 0.45) / 0.4, 0.0, 1.0)
    colour = floor * (1.0 - weight) + shade[2] * weight
    colour[cells < 0] = shade[0]
    scale = sheet.pixels_per_m * grid.resolution
    start = (grid.origin - sheet.low) * sheet.pixels_per_m
    # cell (row, column) -> pixel; rows grow upwards in the map, downwards on paper
    move = np.array(
        [
            [scale, 0.0, start[0] + 0.5 * scale],
            [0.0, -scale, sheet.size[1] - 1 - start[1] - 0.5 * scale],
        ]
    )
    return cv2.warpAffine(
        colour.astype(np.uint8),
        move,
        sheet.size,
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=PAPER,
    )


def _resample(rooms: RoomGrid, grid: GridView) -> NDArray[np.int32]:
    """Room label of every cell of the occupancy grid."""
    rows, columns = np.indices(grid.cells.shape)
    x = grid.origin[0] + grid.resolution * (columns + 0.5)
    y = grid.origin[1] + grid.resolution * (rows + 0.5)
    j = np.floor((x - rooms.origin[0]) / rooms.resolution).astype(int)
    i = np.floor((y - rooms.origin[1]) / rooms.resolution).astype(int)
    h, w = rooms.labels.shape
    inside = (i >= 0) & (i < h) & (j >= 0) & (j < w)
    found = rooms.labels[np.clip(i, 0, h - 1), np.clip(j, 0, w - 1)]
    return np.where(inside, found, 0).astype(np.int32)


def _draw_graph(image: Image, state: MapState, sheet: Sheet) -> None:
    xy = {place.id: place.xy for place in state.places}
    for passage in state.passages:
        if passage.start in xy and passage.end in xy and passage.start < passage.end:
            a, b = sheet.at(xy[passage.start]), sheet.at(xy[passage.end])
            colour = DOOR if passage.door else EDGE
            cv2.line(image, a, b, colour, 2 if passage.door else 1, cv2.LINE_AA)
    for point in xy.values():
        cv2.circle(image, sheet.at(point), 3, NODE, -1, cv2.LINE_AA)


def _draw_landmark(image: Image, landmark: Landmark, sheet: Sheet) -> None:
    x, y = sheet.at(landmark.center_map)
    colour = PAINT.get(landmark.colour, (120, 120, 120))
    half = 0.5 * float(np.max(landmark.size[:2])) * sheet.pixels_per_m
    radius = int(np.clip(half, 4, 40))
    if radius > 10:
        cv2.circle(image, (x, y), radius, colour, 1, cv2.LINE_AA)
        radius = 5
    cv2.circle(image, (x, y), radius, colour, -1, cv2.LINE_AA)
    cv2.circle(image, (x, y), radius, WALL, 1, cv2.LINE_AA)
    write_words(image, landmark.category, (x + radius + 3, y + 4), 0.38)


def _name_rooms(image: Image, state: MapState, sheet: Sheet) -> None:
    for room in state.rooms:
        x, y = sheet.at(room.center)
        words = room.name or f"room {room.id}"
        (width, _), _ = cv2.getTextSize(words, FONT, 0.55, 1)
        write_words(image, words, (x - width // 2, y), 0.55)
        area = f"{room.area_m2:.0f} m2"
        (width, _), _ = cv2.getTextSize(area, FONT, 0.38, 1)
        write_words(image, area, (x - width // 2, y + 16), 0.38)


def _draw_robot(image: Image, pose: Array, sheet: Sheet) -> None:
    if not np.all(np.isfinite(pose)):
        return
    shape = np.array([[0.35, 0.0], [-0.22, 0.2], [-0.12, 0.0], [-0.22, -0.2]])
    c, s = np.cos(pose[2]), np.sin(pose[2])
    points = shape @ np.array([[c, s], [-s, c]]) + pose[:2]
    corners = np.array([sheet.at(point) for point in points], np.int32)
    cv2.fillPoly(image, [corners], ROBOT, cv2.LINE_AA)
    cv2.polylines(image, [corners], True, FREE, 1, cv2.LINE_AA)


def _scale_bar(image: Image, sheet: Sheet) -> None:
    height = image.shape[0]
    end = (12 + round(sheet.pixels_per_m), height - 12)
    cv2.line(image, (12, height - 12), end, WALL, 2)
    write_words(image, "1 m", (14, height - 18), 0.4)
