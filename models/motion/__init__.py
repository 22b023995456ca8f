"""Motion: planning on the map, following, looking, and pressing with the arm."""

from neural_brain.models.motion.costmap import Costmap, CostmapConfig, make_costmap
from neural_brain.models.motion.drive import Drive, DriveConfig
from neural_brain.models.motion.follower import Follower, FollowerConfig
from neural_brain.models.motion.head import Head, HeadConfig
from neural_brain.models.motion.inverse_kinematics import InverseKinematics, ToolGoal
from neural_brain.models.motion.motion import Motion, MotionConfig
from neural_brain.models.motion.planner import TravelField, path_length, travel_field
from neural_brain.models.motion.press import Phase, PressConfig, PressSkill
from neural_brain.models.motion.reach import Reach, ReachConfig, ReachPlanner
from neural_brain.models.motion.scan_guard import ScanGuard

__all__ = [
    "Costmap",
    "CostmapConfig",
    "Drive",
    "DriveConfig",
    "Follower",
    "FollowerConfig",
    "Head",
    "HeadConfig",
    "InverseKinematics",
    "Motion",
    "MotionConfig",
    "Phase",
    "PressConfig",
    "PressSkill",
    "Reach",
    "ReachConfig",
    "ReachPlanner",
    "ScanGuard",
    "ToolGoal",
    "TravelField",
    "make_costmap",
    "path_length",
    "travel_field",
]
