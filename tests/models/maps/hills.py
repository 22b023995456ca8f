"""A ramp on paper: what base and IMU feel when they drive over it."""

from dataclasses import dataclass, field, replace

import numpy as np

from neural_brain.models.geometry import compose2
from neural_brain.models.maps.climbs import ClimbConfig, Climbs
from neural_brain.models.maps.tolls import TollBook, TollConfig, crossing_prices
from neural_brain.models.signals import BodyState, GridView

G, AXLES_M, DT_S = 9.81, 0.3, 0.05
NOTHING = np.zeros(0)
DEAR = ClimbConfig(price_m_per_m=20.0)
OPEN = GridView(
    cells=np.zeros((80, 300), np.int8),
    origin=np.array([-5.0, -4.0]),
    resolution=0.1,
    version=1,
)


def ramp(x, slope=0.1, begin=2.0, end=4.0):
    """Height [m] at x: level, up, level again."""
    return slope * np.clip(x - begin, 0.0, end - begin)


def ridge(x, slope=0.1, middle=3.0, half=1.0):
    """Height [m] at x: up and down again."""
    return slope * np.clip(half - abs(x - middle), 0.0, None)


def level(_x):
    return 0.0


@dataclass
class Rover:
    """Rolls along; `push` moves it without its wheels noticing."""

    height: object = ramp
    seed: int = 0
    gyro_noise: float = 0.003
    accel_noise: float = 0.03
    bias: float = 1.0
    config: ClimbConfig = field(default_factory=lambda: DEAR)
    grid: GridView = OPEN

    def __post_init__(self):
        self.rng = np.random.default_rng(self.seed)
        self.t, self.pose, self.v, self.w = 0.0, np.zeros(3), 0.0, 0.0
        self.up = self.true_up()
        spread = np.repeat([0.002, 0.02], 3)
        self.offset = self.bias * spread * self.rng.standard_normal(6)
        self.book = TollBook(TollConfig())
        self.climbs = Climbs(self.config)
        self.pitches = []

    def true_up(self):
        """The direction up (3,) as the base sees it."""
        ray = np.array([np.cos(self.pose[2]), np.sin(self.pose[2])])
        x = self.pose[0]
        along = (self.height(x + AXLES_M / 2) - self.height(x - AXLES_M / 2)) / AXLES_M
        up = np.array([along * ray[0], -along * ray[1], 1.0])
        return up / np.linalg.norm(up)

    def true_pitch(self):
        return float(np.arcsin(self.up[0]))

    def step(self, v, w=0.0, push=0.0):
        """One step at a speed and turn; `push` [m/s2] is felt but not in the wheels."""
        before, speeding = self.up, (v - self.v) / DT_S
        self.v, self.w, self.t = v, w, self.t + DT_S
        cos = np.cos(self.true_pitch())
        self.pose = compose2(self.pose, np.array([v * cos * DT_S, 0.0, w * DT_S]))
        self.up = self.true_up()
        change = (self.up - before) / DT_S
        spin = np.array([change[1], -change[0], w])
        # d up / dt = -gyro x up
        spin[:2] += w * np.array([self.up[0], self.up[1]])
        force = G * self.up + np.array([speeding + push, v * w, 0.0])
        gyro = spin + self.offset[:3] + self.rng.normal(0, self.gyro_noise, 3)
        accel = force + self.offset[3:] + self.rng.normal(0, self.accel_noise, 3)
        return self.body(gyro, accel)

    def body(self, gyro, accel):
        return BodyState(
            stamp=self.t,
            q=NOTHING,
            dq=NOTHING,
            effort=NOTHING,
            twist_base=np.array([self.v, self.w]),
            pose_odom_base=self.pose.copy(),
            wrench_ee=np.zeros(6),
            bumper=np.zeros(4, bool),
            gyro=gyro,
            accel=accel,
            head=np.zeros(2),
            gripper_m=0.0,
            battery=1.0,
        )

    def feel(self, body):
        """Learn from a state."""
        self.climbs.drive(self.pose, body, self.grid, self.book)
        self.pitches.append((self.climbs.tilt.pitch_rad, self.true_pitch()))

    def stand(self, seconds=2.0, **changes):
        for _ in range(round(seconds / DT_S)):
            self.feel(replace(self.step(0.0), **changes))

    def turn(self, angle, rate=1.0):
        for _ in range(round(abs(angle) / rate / DT_S)):
            self.feel(self.step(0.0, np.sign(angle) * rate))

    def drive(self, way, speed=0.5, hard=1.0, **changes):
        """A way [m], backwards if negative, speeding up and braking."""
        start, top = self.pose[:2].copy(), 0.0
        while True:
            rest = abs(way) - np.hypot(*(self.pose[:2] - start))
            if rest < 0.02:
                break
            top = min(speed, top + hard * DT_S, np.sqrt(2 * hard * rest))
            self.feel(replace(self.step(np.sign(way) * max(top, 0.03)), **changes))
        self.feel(replace(self.step(0.0), **changes))


def price(rover, start, end):
    """What a straight way pays."""
    tolls = rover.book.messages()
    ends = np.array([start], float), np.array([end], float)
    return float(crossing_prices(tolls, *ends)[0])
