"""Parameters of the executive: patience, what counts as found, how to search."""

from __future__ import annotations

from dataclasses import dataclass, field

from neural_brain.models.config import param, validate
from neural_brain.models.executive.meaning import MeaningConfig
from neural_brain.models.motion import CostmapConfig

ORDERS = ("value", "nearest", "random")


@dataclass(frozen=True, kw_only=True)
class SearchConfig:
    """Where to look next."""

    view_m: float = param(2.8, "objects are seen up to", low=0.5, high=10.0)
    close_view_m: float = param(1.6, "the same, in a second search", low=0.3, high=10.0)
    seen_views: int = param(3, "frames until a spot counts as seen", low=1, high=50)
    min_gain_m2: float = param(0.6, "worth going for", low=0.05, high=20.0)
    discount_per_m: float = param(0.22, "gain fades with the way", low=0.0, high=2.0)
    candidates: int = param(40, "view points compared at a time", low=4, high=1000)
    glance_rad: float = param(0.5, "unseen within this of one way: just glance",
                              low=0.0, high=3.2)  # fmt: skip
    settle_for: float = param(0.35, "share of gain left to keep going", low=0.0,
                              high=1.0)  # fmt: skip
    blacklist_m: float = param(0.4, "around unreachable spots", low=0.05, high=2.0)
    order: str = param("value", "which view point is next", choices=ORDERS)
    looked_factor: float = param(0.4, "worth of a look where one looked before",
                                 low=0.01, high=1.0)  # fmt: skip
    room_bonus: float = param(1.0, "weight of where it is usual", low=0.0, high=10.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class StandoffConfig:
    """Where to stand for touching a thing, measured from the base's centre."""

    nearest_m: float = param(0.47, "to a thing", low=0.2, high=2.0)
    best_m: float = param(0.56, "to a thing", low=0.2, high=2.0)
    farthest_m: float = param(0.74, "to a thing", low=0.2, high=2.0)
    tall_m: float = param(1.15, "things with higher tops are tall", low=0.3, high=3.0)
    high_m: float = param(1.0, "things with higher tops are high", low=0.3, high=3.0)
    tall_gap_m: float = param(0.60, "to the front of a tall thing", low=0.3, high=2.0)
    large_m: float = param(0.30, "half extent beyond which the near side counts",
                           low=0.05, high=2.0)  # fmt: skip
    clearance_m: float = param(0.32, "wanted all around", low=0.0, high=1.0)
    level_m: float = param(0.58, "to a spot pressed from above", low=0.3, high=2.0)
    front_m: float = param(0.73, "to a spot pressed from in front", low=0.3, high=2.0)
    level_z_m: tuple[float, ...] = param((0.12, 1.02), "heights of the former",
                                         low=0.0, high=3.0)  # fmt: skip
    front_z_m: tuple[float, ...] = param((0.62, 1.4), "heights of the latter",
                                         low=0.0, high=3.0)  # fmt: skip
    visit_best_m: float = param(0.6, "to the near side, for just going there",
                                low=0.3, high=3.0)  # fmt: skip
    visit_m: tuple[float, ...] = param((0.55, 1.3), "range for just going there",
                                       low=0.3, high=5.0)  # fmt: skip
    found_m: float = param(0.9, "to the nearest part seen, to have found it",
                           low=0.3, high=3.0)  # fmt: skip

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)


@dataclass(frozen=True, kw_only=True)
class ExecutiveConfig:
    """Decisions."""

    ask: bool = param(True, "ask back when two things fit; else take the nearest")
    min_confidence: float = param(0.6, "of a landmark to go for", low=0.0, high=1.0)
    min_views: int = param(2, "of a landmark to go for", low=1, high=50)
    max_goal_s: float = param(600.0, "patience with one goal", low=5.0, high=1e5)
    max_explore_s: float = param(1800.0, "patience with exploring", low=5.0, high=1e5)
    lost_wait_s: float = param(20.0, "standing still when lost", low=0.0, high=600.0)
    standoffs: int = param(3, "places to stand tried per thing", low=1, high=20)
    near_m: float = param(1.8, "what counts as near", low=0.2, high=10.0)
    drive_tolerance_m: float = param(0.05, "standing place", low=0.01, high=0.5)
    drive_tolerance_rad: float = param(0.06, "heading", low=0.01, high=1.0)
    radius_m: float = param(0.27, "of the base", low=0.05, high=1.0)
    costmap: CostmapConfig = field(default_factory=CostmapConfig)
    meaning: MeaningConfig = field(default_factory=MeaningConfig)
    search: SearchConfig = field(default_factory=SearchConfig)
    standoff: StandoffConfig = field(default_factory=StandoffConfig)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
