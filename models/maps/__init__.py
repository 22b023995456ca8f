"""Cognitive maps: occupancy, pose correction, places and rooms, landmarks."""

from neural_brain.models.maps.cognitive_map import CognitiveMap
from neural_brain.models.maps.config import MapsConfig
from neural_brain.models.maps.features import (
    FeatureConfig,
    FeatureMap,
    FeaturePlace,
)
from neural_brain.models.maps.landmarks import LandmarkConfig, LandmarkMap
from neural_brain.models.maps.localiser import Localiser, LocaliserConfig
from neural_brain.models.maps.matching import Match, MatchConfig, ScanMatcher
from neural_brain.models.maps.news import adopt
from neural_brain.models.maps.occupancy import GridConfig, OccupancyGrid
from neural_brain.models.maps.patches import Patches, frame_patches, word_feature
from neural_brain.models.maps.place_views import PlaceView, PlaceViews, ViewConfig
from neural_brain.models.maps.places import PlaceConfig, PlaceGraph
from neural_brain.models.maps.room_names import name_room
from neural_brain.models.maps.rooms import Door, RoomConfig, RoomMap
from neural_brain.models.maps.scan_points import ScanPoints, scan_points
from neural_brain.models.maps.sight import line_of_sight
from neural_brain.models.maps.snapshot import MapSnapshot
from neural_brain.models.maps.view_matching import ViewFit, fit_views
from neural_brain.models.maps.view_recall import (
    Glimpse,
    Recogniser,
    ViewMatch,
    ViewPrior,
    place_picture,
    recall_places,
    recognised,
)

__all__ = [
    "CognitiveMap",
    "Door",
    "FeatureConfig",
    "FeatureMap",
    "FeaturePlace",
    "Glimpse",
    "GridConfig",
    "LandmarkConfig",
    "LandmarkMap",
    "Localiser",
    "LocaliserConfig",
    "MapSnapshot",
    "MapsConfig",
    "Match",
    "MatchConfig",
    "OccupancyGrid",
    "Patches",
    "PlaceConfig",
    "PlaceGraph",
    "PlaceView",
    "PlaceViews",
    "Recogniser",
    "RoomConfig",
    "RoomMap",
    "ScanMatcher",
    "ScanPoints",
    "ViewConfig",
    "ViewFit",
    "ViewMatch",
    "ViewPrior",
    "adopt",
    "fit_views",
    "frame_patches",
    "line_of_sight",
    "name_room",
    "place_picture",
    "recall_places",
    "recognised",
    "scan_points",
    "word_feature",
]
