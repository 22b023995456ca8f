"""Sensing: RGB-D, lidar and odometry to obstacles, free floor and named objects."""

from neural_brain.models.sensing.box_detector import BoxDetector
from neural_brain.models.sensing.choice import (
    DETECTORS,
    make_detector,
    make_embedding,
)
from neural_brain.models.sensing.colour import colour_word
from neural_brain.models.sensing.config import SensingConfig
from neural_brain.models.sensing.detector import (
    Detector,
    NoDetector,
    SegmentationDetector,
)
from neural_brain.models.sensing.embedding import Embedding, OrbVlad
from neural_brain.models.sensing.eyes import Eyes, EyesProcess, EyesThread
from neural_brain.models.sensing.instances import InstanceConfig, describe_instances
from neural_brain.models.sensing.net_detector import NetDetector
from neural_brain.models.sensing.obstacles import (
    DepthProjector,
    DepthView,
    pixel_rays,
    points_in_base,
)
from neural_brain.models.sensing.pictures import (
    DEFAULT_CAMERA,
    Camera,
    look_at_picture,
    thing_in_middle,
)
from neural_brain.models.sensing.scene_views import (
    check_picture,
    frame_view,
    picture_view,
)
from neural_brain.models.sensing.sensing import Sensing
from neural_brain.models.sensing.sizes import LONGEST_EDGE_M
from neural_brain.models.sensing.union import UnionDetector

__all__ = [
    "DEFAULT_CAMERA",
    "DETECTORS",
    "LONGEST_EDGE_M",
    "BoxDetector",
    "Camera",
    "DepthProjector",
    "DepthView",
    "Detector",
    "Embedding",
    "Eyes",
    "EyesProcess",
    "EyesThread",
    "InstanceConfig",
    "NetDetector",
    "NoDetector",
    "OrbVlad",
    "SegmentationDetector",
    "Sensing",
    "SensingConfig",
    "UnionDetector",
    "check_picture",
    "colour_word",
    "describe_instances",
    "frame_view",
    "look_at_picture",
    "make_detector",
    "make_embedding",
    "picture_view",
    "pixel_rays",
    "points_in_base",
    "thing_in_middle",
]
