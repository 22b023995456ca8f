"""The messages between modules: frozen dataclasses with shapes, units and frames.

Frames follow REP 105: `map` (may jump) -> `odom` (continuous) -> `base_link`. Planar
poses are arrays (3,) x [m], y [m], yaw [rad]. Arrays are float64 unless said, and
are never changed after the message was made.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


# --- body ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class BodyState:
    """What the robot's own sensors say at one control tick.

    Attributes:
        stamp: time of measurement [s].
        q: joint positions of the arm (n,) [rad].
        dq: joint velocities (n,) [rad/s].
        effort: measured joint efforts (n,) [Nm].
        twist_base: measured forward and turning speed (2,) [m/s, rad/s], `base_link`.
        pose_odom_base: odometry (3,).
        wrench_ee: force and torque (6,) [N, Nm] that the world applies to the tool, at
            the end effector, expressed in `base_link`; tool weight removed.
        bumper: one flag per bumper sector (k,), true = pressed.
        gyro: angular velocity (3,) [rad/s], `base_link`.
        accel: specific force (3,) [m/s2], `base_link`.
        head: pan and tilt angle (2,) [rad].
        gripper_m: opening width [m].
        battery: charge left, 0..1.
    """

    stamp: float
    q: Array
    dq: Array
    effort: Array
    twist_base: Array
    pose_odom_base: Array
    wrench_ee: Array
    bumper: NDArray[np.bool_]
    gyro: Array
    accel: Array
    head: Array
    gripper_m: float
    battery: float


@dataclass(frozen=True, kw_only=True)
class BodyCommand:
    """What is sent to the robot: efforts (n,) [Nm], base twist (2,), head, gripper.

    `q` (n,) [rad] and `dq` (n,) [rad/s] are for an arm with position or velocity
    servos, see `robots.AdmittanceBody`; None where nobody worked them out.
    """

    stamp: float
    effort: Array
    twist_base: Array
    head: Array
    gripper_m: float
    q: Array | None = None
    dq: Array | None = None


@dataclass(frozen=True, kw_only=True)
class BodyLimits:
    """Hard limits of a robot; arrays are (n,) over the arm's joints.

    Attributes:
        q_min, q_max: [rad]. dq_max: [rad/s]. effort_max: [Nm].
        effort_rate_max: [Nm/s].
        twist_max: forward and turning speed (2,) [m/s, rad/s].
        accel_max: forward and turning acceleration (2,) [m/s2, rad/s2].
        radius_m: radius of a circle around the base's footprint [m].
        footprint: a rectangle around it (4,) [m] in `base_link`: least and greatest
            x, least and greatest y; none (0,) = that circle.
    """

    q_min: Array
    q_max: Array
    dq_max: Array
    effort_max: Array
    effort_rate_max: Array
    twist_max: Array
    accel_max: Array
    radius_m: float
    footprint: Array = field(default_factory=lambda: np.zeros(0))


class Body(Protocol):
    """A robot, simulated or real. Raises BodyError when it cannot be used."""

    @property
    def limits(self) -> BodyLimits:
        """Hard limits, fixed for the life of the body."""

    def read(self) -> BodyState:
        """The newest state. Never blocks longer than one control period."""

    def write(self, command: BodyCommand) -> None:
        """Apply a command until the next one (or the body's own watchdog)."""

    def close(self) -> None:
        """Release the robot; safe to call twice."""


class ArmDynamics(Protocol):
    """Rigid-body terms of a serial arm that stands on `base_link`.

    `update(q, dq)` refreshes: T_base_ee (4, 4); jacobian (6, n) at the end effector,
    linear rows first, in `base_link`; mass (n, n) [kg m2]; bias (n,) [Nm] = gravity +
    Coriolis. Arrays are reused between calls: copy what you keep.
    """

    n: int
    T_base_ee: Array
    jacobian: Array
    bias: Array

    @property
    def mass(self) -> Array:
        """Mass matrix (n, n) [kg m2] at the joint positions of the last `update`."""

    def update(self, q: Array, dq: Array) -> None:
        """Refresh all terms for joint positions [rad] and velocities [rad/s] (n,)."""


@dataclass(frozen=True, kw_only=True)
class RoundedBoxes:
    """Boxes with round edges that rest in `base_link`: the robot's own body.

    A point lies `radius` [m] (m,) around a box of half sizes `half` (m, 3) [m] at
    `center` (m, 3) [m], whose axes are the columns of `axes` (m, 3, 3). Where `turned`
    (m,) is true, the box is turned about its z axis: a cylinder of radius half[0].
    `bare` names parts of which it is not known where they are solid.
    """

    names: tuple[str, ...]
    center: Array
    axes: Array
    half: Array
    radius: Array
    turned: NDArray[np.bool_]
    bare: tuple[str, ...] = ()


class ArmShape(Protocol):
    """Where an arm and its robot are solid: balls that cover the links.

    Optional beside `ArmDynamics`. `update(q)` refreshes `center`, `screws` and `mass`;
    these arrays are reused between calls.

    Attributes:
        link: joints below each ball (k,), 1..n.
        name: link of each ball (k,).
        radius: of each ball (k,) [m].
        center: of each ball (k, 3) [m] in `base_link`.
        screws: velocity at the origin of `base_link` (n, 6) for one unit of speed of
            each joint: linear [m/s], angular [rad/s].
        mass: mass matrix (n, n) [kg m2].
        reach: farthest that a ball can be from each joint's axis (n,) [m].
        body: shapes of the rest of the robot.
        body_pairs: ball and shape (b, 2) that could meet.
        link_pairs: two balls (p, 2) of different links that could meet.
        left_out: pairs of parts that are not among these, as they nearly always meet.
    """

    link: NDArray[np.int64]
    name: tuple[str, ...]
    radius: Array
    center: Array
    screws: Array
    mass: Array
    reach: Array
    body: RoundedBoxes
    body_pairs: NDArray[np.int64]
    link_pairs: NDArray[np.int64]
    left_out: tuple[str, ...]

    def update(self, q: Array) -> None:
        """Refresh for joint positions (n,) [rad]."""


class ShapedArm(Protocol):
    """An `ArmDynamics` that also knows where its arm is solid."""

    def shape(self, tool_m: float = 0.0, tool_radius_m: float = 0.0) -> ArmShape:
        """A shape of its own, with a tool that long beyond the hand [m]."""


# --- sensors --------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class LaserScan:
    """One planar lidar scan (as sensor_msgs/LaserScan).

    `ranges` (n,) [m] follow REP 117: +inf = nothing in range, -inf = too close (an
    obstacle at `range_min`), NaN = no measurement. Beam i points at
    angle_min + i * angle_increment in the laser frame; `pose_base_laser` (3,) is the
    mount.
    """

    stamp: float
    angle_min: float
    angle_increment: float
    range_min: float
    range_max: float
    ranges: Array
    pose_base_laser: Array


@dataclass(frozen=True, kw_only=True)
class RgbdFrame:
    """A registered colour and depth image.

    `rgb` (h, w, 3) uint8; `depth` (h, w) float32 [m], 0 or NaN = unknown (REP 118);
    `K` (3, 3) pinhole matrix [px]; `T_base_camera` (4, 4) pose of the optical frame
    (x right, y down, z forward) in `base_link` at the time of exposure.
    """

    stamp: float
    rgb: NDArray[np.uint8]
    depth: NDArray[np.float32]
    K: Array
    T_base_camera: Array


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What arrived since the last slow step; a sensor that was silent is None."""

    body: BodyState
    scan: LaserScan | None = None
    frame: RgbdFrame | None = None


# --- sensing ----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ObjectPercept:
    """One object seen in one frame.

    `center_base` (3,) [m] in `base_link` at the frame's stamp; `size` (3,) [m] extent
    along x, y, z of `base_link`; `colour` one word ("red", ...) or ""; `touch` (k, 6)
    are flat spots of its surface within reach, point [m] and unit normal. `near`
    (2,) [m] is its part nearest to the base's centre over ground, None if unknown.
    """

    category: str
    colour: str
    confidence: float
    center_base: Array
    size: Array
    touch: Array = field(default_factory=lambda: np.zeros((0, 6)))
    near: Array | None = None


@dataclass(frozen=True, kw_only=True)
class SceneView:
    """What a picture looks like, to be compared with others of the same place.

    Attributes:
        embedding: name of what made the vector; others are never compared with it.
        vector: (d,) of unit length, or all zero.
        codes: binary descriptors (n, 32) of corners in the picture.
        rays: where the corners are, (n, 2) x / z and y / z in the optical frame.
        points: the same corners (n, 3) [m] in `base_link`; (0, 3) without depth.
        camera: where the camera was and looked, on the ground (3,) in `base_link`; zero
            for a picture whose camera is nobody's.
    """

    embedding: str
    vector: NDArray[np.float32]
    codes: NDArray[np.uint8]
    rays: NDArray[np.float32]
    points: NDArray[np.float32]
    camera: Array


@dataclass(frozen=True, kw_only=True)
class Percepts:
    """Everything seen at one time, in `base_link`.

    Attributes:
        obstacles: points (n, 2) [m] of depth obstacles between floor and robot height.
        free: points (m, 2) [m] of floor that the camera saw empty.
        objects: recognised objects.
        view_polygon: (k, 2) [m] outline of the floor that the camera could see, or
            (0, 2).
        view: what the picture looks like as a whole, now and then; else None.
    """

    stamp: float
    pose_odom_base: Array
    obstacles: Array
    free: Array
    objects: tuple[ObjectPercept, ...]
    view_polygon: Array
    view: SceneView | None = None


# --- maps -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GridView:
    """Occupancy as ROS sends it: `cells` (h, w) int8, -1 unknown, 0 free to 100 full.

    Cell (row i, column j) covers x = origin[0] + j * resolution, y = origin[1] + i *
    resolution (its lower corner), in `map`. `version` grows with every change.
    """

    cells: NDArray[np.int8]
    origin: Array
    resolution: float
    version: int


@dataclass(frozen=True, kw_only=True)
class Landmark:
    """A remembered object: pose in `map`, how sure, how often and when seen.

    `others` are names that some views gave it instead, with their shares of evidence;
    `other_colours` the same for colour words. `seen_from` (2,) [m] is where the robot
    was when it saw it last, None if that is not known.
    """

    id: int
    category: str
    colour: str
    center_map: Array
    covariance: Array
    size: Array
    confidence: float
    count: int
    first_seen: float
    last_seen: float
    others: tuple[tuple[str, float], ...] = ()
    other_colours: tuple[tuple[str, float], ...] = ()
    seen_from: Array | None = None


@dataclass(frozen=True, kw_only=True)
class Place:
    """A node of the topological map: position (2,) [m] in `map`, room it belongs to."""

    id: int
    xy: Array
    room: int


@dataclass(frozen=True, kw_only=True)
class Room:
    """A region of the map: centre (2,) [m], area [m2] and name, "" if unknown."""

    id: int
    center: Array
    area_m2: float
    name: str


@dataclass(frozen=True, kw_only=True)
class RoomGrid:
    """Which room every cell belongs to: `labels` (h, w) int32, 0 = none.

    Cells lie as in GridView, with their own `origin` (2,) [m] and `resolution` [m].
    """

    labels: NDArray[np.int32]
    origin: Array
    resolution: float


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A directed edge between two places with its cost [m]; doors join two rooms."""

    start: int
    end: int
    cost: float
    door: bool


CLOSED_M = 1e6


@dataclass(frozen=True, kw_only=True)
class Toll:
    """What it costs on top to drive across a short line in `map`, one way only.

    The line's middle is at (`x_m`, `y_m`); it reaches `half_width_m` to either side.
    Crossing it towards `heading_rad`, +-90 degrees, costs as much as `price_m` of free
    way, the other way nothing. From CLOSED_M on it is not crossed at all.
    """

    x_m: float
    y_m: float
    heading_rad: float
    half_width_m: float
    price_m: float


@dataclass(frozen=True, kw_only=True)
class Route:
    """A drive that arrived: points `way` (n, 2) [m] in `map`, time it took, uses."""

    way: Array
    took_s: float
    uses: int = 1


class AreaKind(str, enum.Enum):
    """What a named area is for."""

    ROOM = "room"  # a place that people call by a name
    KEEP_OUT = "keep-out"  # the base never enters it
    SLOW = "slow"  # the base drives no faster than `speed_m_s`
    DOCK = "dock"  # the robot parks at `pose_map`
    LIFT = "lift"  # leads to other floors
    ONE_WAY = "one-way"  # driven through only the way that `pose_map` faces


@dataclass(frozen=True, kw_only=True)
class Area:
    """A region of the map with a name that people gave it.

    Attributes:
        name: as people say it; there is one area of a kind and a name on a floor.
        kind: what it is for.
        outline: corners (n, 2) [m] in `map` of a polygon that does not cross itself.
        pose_map: where the robot stands in it (3,); docks have one, lifts may. Of a
            one-way passage, its middle and the way that is allowed.
        speed_m_s: greatest speed of the base in a slow area, else 0.
        floors: names of the floors that a lift leads to; empty = not known.
        changed: when a person last changed it [s].
    """

    name: str
    kind: AreaKind
    outline: Array
    pose_map: Array | None = None
    speed_m_s: float = 0.0
    floors: tuple[str, ...] = ()
    changed: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Floor:
    """What is remembered of another floor.

    `rooms` are names that one can go to; `things` are "colour category" or "category".
    """

    name: str
    rooms: tuple[str, ...] = ()
    things: tuple[str, ...] = ()


class MapOrder(str, enum.Enum):
    """What a person wants of the map."""

    ADD = "add"  # `area`; one of its kind and name is replaced
    REMOVE = "remove"  # `area`, of which kind and name count
    FLOOR = "floor"  # the robot is on `floor` now
    NAME_FLOOR = "name floor"  # the floor that is mapped now is called `floor`


@dataclass(frozen=True, kw_only=True)
class MapRequest:
    """A change of the map that a person asked for at `stamp`."""

    stamp: float
    order: MapOrder
    area: Area | None = None
    floor: str = ""


@dataclass(frozen=True, kw_only=True)
class MapMove:
    """A closed loop moved the map at `stamp`, every place with the nearest keyframe.

    `before` (n, 3) and `after` (n, 3) are poses of keyframes in `map`.
    """

    stamp: float
    before: Array
    after: Array


@dataclass(frozen=True, kw_only=True)
class LookedGrid:
    """Where the camera has looked: `cells` (h, w), 1 = looked at, 0 = not.

    Cell (row i, column j) covers x = origin[0] + j * cell_m, y = origin[1] + i * cell_m
    (its lower corner), in `map`.
    """

    cells: NDArray[np.uint8]
    origin: Array
    cell_m: float

    def at(self, points: Array) -> NDArray[np.bool_]:
        """Which points (..., 2) [m] were looked at."""
        cell = np.floor((points - self.origin) / self.cell_m).astype(np.int64)
        h, w = self.cells.shape
        inside = (cell >= 0).all(axis=-1) & (cell < [w, h]).all(axis=-1)
        row, column = np.clip(cell[..., 1], 0, h - 1), np.clip(cell[..., 0], 0, w - 1)
        return np.asarray(inside & (self.cells[row, column] > 0))


@dataclass(frozen=True, kw_only=True)
class MapState:
    """What the maps know at `stamp`.

    `pose_map_odom` (3,) is the correction (REP 105), `covariance` (3, 3) its spread;
    `localised` is false when the scans disagree with the map. `landmarks` never change
    once they are told. `tolls` is what drives have taught of dear ways; `routes` are
    drives that arrived, the newest last. `floor` is the name of this floor, "" if it
    has none, `map_id` the number of its map; `other_floors` are those that the memory
    holds besides. `moves` are the closed loops of the last ten seconds, the newest
    last. `former` are things that are gone, where they were seen last. `looked` is what
    the camera looked at before this run.
    """

    stamp: float
    pose_map_odom: Array
    covariance: Array
    localised: bool
    grid: GridView
    places: tuple[Place, ...]
    passages: tuple[Passage, ...]
    rooms: tuple[Room, ...]
    landmarks: Sequence[Landmark]
    room_grid: RoomGrid | None = None
    tolls: tuple[Toll, ...] = ()
    routes: tuple[Route, ...] = ()
    areas: tuple[Area, ...] = ()
    floor: str = ""
    map_id: int = 1
    other_floors: tuple[Floor, ...] = ()
    moves: tuple[MapMove, ...] = ()
    former: tuple[Landmark, ...] = ()
    looked: LookedGrid | None = None


# --- world model -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Surprise:
    """How unexpected the last observation was.

    `z` is the normalised negative log-likelihood (0 = as usual); `channel` names the
    quantity that surprised most; `text` says it in words.
    """

    stamp: float
    z: float
    channel: str
    text: str


# --- executive and motion ---------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class PicturePlace:
    """Where a picture may have been taken: pose (3,) in `map`.

    `spots` is how many places in space agree, 0 = it only looks alike; `lead` how many
    more than at any other place.
    """

    pose_map: Array
    spots: int
    lead: int


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture that was shown to the robot.

    `want` is "place" (go to where it was taken) or "thing" (find what is in its
    middle). `places` are where the map says that it may have been taken, the surest
    first; `category` and `colour` name the thing, "" if there is none.
    """

    view: SceneView
    want: str = "place"
    places: tuple[PicturePlace, ...] = ()
    category: str = ""
    colour: str = ""


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A goal understood from words, or shown by a picture.

    `action` is one of "find", "go", "back", "press", "push", "explore", "stop", "leave"
    (a keep-out area), "tell" (a question, which is answered and not pursued);
    `category`, `colour`, `room` (or another named area) and `floor`
    are "" when not said; `index` orders a list of goals. `which` chooses among things
    that fit: "nearest", "largest", "smallest", "last" for the place where one was seen
    last, whether it is still there or not, "yesterday" for where it was when the robot
    was started, or "". `ride` is the floor that the robot must be taken to
    afterwards. `side` says where the thing lies beside a thing `near` (of a colour
    `near_colour`, "" for any), as "left of";
    `toward` in which direction it lies, as "on the left", "3 o'clock", "in the north";
    both as seen from the pose `seen_from` (3,) in `map` at which the goal was said.
    With a `picture` the goal is the place where it was taken, with a `pose_map` (3,) to
    stand there; its heading may be NaN, for any, or its place, to turn where it is.
    """

    words: str
    action: str
    category: str = ""
    colour: str = ""
    room: str = ""
    near: str = ""
    near_colour: str = ""
    index: int = 0
    which: str = ""
    floor: str = ""
    ride: str = ""
    side: str = ""
    toward: str = ""
    seen_from: Array | None = field(default=None, compare=False)
    picture: Picture | None = field(default=None, compare=False)
    pose_map: Array | None = field(default=None, compare=False)


class SubGoalKind(str, enum.Enum):
    """What motion is asked to do."""

    WAIT = "wait"
    DRIVE = "drive"  # to pose_map
    LOOK = "look"  # turn the head (and base) to point_map
    PRESS = "press"  # press the object at point_map with the arm, then retract
    STOW = "stow"  # fold the arm for driving


@dataclass(frozen=True, kw_only=True)
class SubGoal:
    """One step of a plan: `pose_map` (3,) for DRIVE, `point_map` (3,) and `size` else.

    `tolerance_m` and `tolerance_rad` say when DRIVE is done; near its `point_map`, if
    it has one, the head looks there. LOOK without a point looks
    all around. `push` makes PRESS shove sideways. `touch` (k, 6), if given, are the
    spots to PRESS in turn: point [m] and unit normal. A new `id` is a new step.
    """

    id: int
    kind: SubGoalKind
    pose_map: Array | None = None
    point_map: Array | None = None
    size: Array | None = None
    tolerance_m: float = 0.15
    tolerance_rad: float = 0.2
    push: bool = False
    touch: Array | None = None


@dataclass(frozen=True, kw_only=True)
class MotionStatus:
    """How sub-goal `id` goes: `state` is "running", "done" or "failed" (why).

    `path_map` (n, 2) [m] is what is left of the way while driving. `stuck_at` (3,) is
    where the base last got stuck on it, None if it did not.
    """

    id: int
    state: str
    reason: str = ""
    path_map: Array = field(default_factory=lambda: np.zeros((0, 2)))
    peak_force_n: float = 0.0
    stuck_at: Array | None = None


class ArmMode(str, enum.Enum):
    """How the impedance layer reads a target."""

    JOINT = "joint"  # joint impedance towards q_target
    CARTESIAN = "cartesian"  # Cartesian impedance towards T_base_ee


@dataclass(frozen=True, kw_only=True)
class MotionTarget:
    """What the fast loop is asked to do until the next target (20-50 Hz).

    Attributes:
        twist_base: forward and turning speed (2,) [m/s, rad/s].
        mode: how the arm target is meant.
        q_target: joint target (n,) [rad] (posture in the null space when Cartesian).
        T_base_ee: end-effector target (4, 4) in `base_link`.
        stiffness: symmetric positive definite (6, 6) [N/m, Nm/rad], `base_link` axes.
        wrench_ff: feed-forward wrench (6,) [N, Nm] that the tool should exert.
        contact: true when touching is intended (the force reflex then uses the force
            limit instead of the collision threshold).
        head: pan and tilt (2,) [rad]. gripper_m: width [m].
    """

    stamp: float
    twist_base: Array
    mode: ArmMode
    q_target: Array
    T_base_ee: Array
    stiffness: Array
    wrench_ff: Array
    contact: bool
    head: Array
    gripper_m: float


# --- reflex -----------------------------------------------------------------------


class ReflexLevel(enum.IntEnum):
    """Severity ladder; the worst cause wins."""

    NOMINAL = 0
    SLOW = 1
    HOLD = 2  # compliant hold: base stops, arm holds softly where it is
    RETRACT = 3  # back off along the contact normal, then hold
    STOP = 4  # damped stop, latched until reset
    ESTOP = 5  # person asked; latched until reset


@dataclass(frozen=True, kw_only=True)
class ReflexEvent:
    """One change of the reflex: why, what was measured against what limit."""

    stamp: float
    tick: int
    level: ReflexLevel
    cause: str
    value: float
    limit: float


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the brain's diary: `source` module, `kind`, sentence, plain data."""

    stamp: float
    source: str
    kind: str
    text: str
    data: dict[str, Any] = field(default_factory=dict)
