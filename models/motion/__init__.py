"""Motion: planning on the map, following, looking, and pressing with the arm."""

from neural_brain.models.motion.area_guard import AreaGuard, areas_key, closed
from neural_brain.models.motion.contact_step import (
    ContactStep,
    Felt,
    FixedStiffness,
    StepChoice,
    StepConfig,
    StiffnessRule,
    contact_target,
)
from neural_brain.models.motion.costmap import Costmap, CostmapConfig, make_costmap
from neural_brain.models.motion.drive import Drive, DriveConfig
from neural_brain.models.motion.follower import Follower, FollowerConfig
from neural_brain.models.motion.head import Head, HeadConfig
from neural_brain.models.motion.inverse_kinematics import InverseKinematics, ToolGoal
from neural_brain.models.motion.leaving import WayOut, way_out
from neural_brain.models.motion.motion import Motion, MotionConfig
from neural_brain.models.motion.planner import TravelField, path_length, travel_field
from neural_brain.models.motion.press import Phase, PressConfig, PressSkill
from neural_brain.models.motion.reach import Reach, ReachConfig, ReachPlanner
from neural_brain.models.motion.scan_guard import ScanGuard
from neural_brain.models.motion.step_policy import StepPolicy, load_policy

__all__ = [
    "AreaGuard",
    "ContactStep",
    "Costmap",
    "CostmapConfig",
    "Drive",
    "DriveConfig",
    "Felt",
    "FixedStiffness",
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
    "StepChoice",
    "StepConfig",
    "StepPolicy",
    "StiffnessRule",
    "ToolGoal",
    "TravelField",
    "WayOut",
    "areas_key",
    "closed",
    "contact_target",
    "load_policy",
    "make_costmap",
    "path_length",
    "travel_field",
    "way_out",
]
