"""Parameters of the cognitive map."""

from __future__ import annotations

from dataclasses import dataclass, field

from neural_brain.models.config import param, validate
from neural_brain.models.maps.consolidation import ConsolidationConfig
from neural_brain.models.maps.experience import ExperienceConfig
from neural_brain.models.maps.landmarks import LandmarkConfig
from neural_brain.models.maps.localiser import LocaliserConfig
from neural_brain.models.maps.loop_closer import ClosureConfig
from neural_brain.models.maps.matching import MatchConfig
from neural_brain.models.maps.occupancy import GridConfig
from neural_brain.models.maps.place_views import ViewConfig
from neural_brain.models.maps.places import PlaceConfig
from neural_brain.models.maps.rooms import RoomConfig


@dataclass(frozen=True, kw_only=True)
class MapsConfig:
    """One section per part, and when each is brought up to date."""

    grid: GridConfig = field(default_factory=GridConfig)
    match: MatchConfig = field(default_factory=MatchConfig)
    localiser: LocaliserConfig = field(default_factory=LocaliserConfig)
    rooms: RoomConfig = field(default_factory=RoomConfig)
    places: PlaceConfig = field(default_factory=PlaceConfig)
    landmarks: LandmarkConfig = field(default_factory=LandmarkConfig)
    experience: ExperienceConfig = field(default_factory=ExperienceConfig)
    consolidation: ConsolidationConfig = field(default_factory=ConsolidationConfig)
    closure: ClosureConfig = field(default_factory=ClosureConfig)
    views: ViewConfig = field(default_factory=ViewConfig)
    scan_every_s: float = param(0.18, "while moving, at most", low=0.0, high=10.0)
    still_every_s: float = param(0.5, "while standing, at most", low=0.0, high=60.0)
    topology_every_s: float = param(2.0, "places, passages", low=0.1, high=60.0)
    rooms_every_s: float = param(4.0, "segmentation of rooms", low=0.1, high=60.0)
    recognise_m: float = param(2.0, "way that proves a place", low=0.0, high=100.0)
    correct_recalled: bool = param(True, "whether a recalled map may change")
    room_event_m2: float = param(3.0, "a new room is told from", low=0.1, high=100.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
