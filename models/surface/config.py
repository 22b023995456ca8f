"""Parameters of surface fusion and of the alignment of frames with the model."""

from __future__ import annotations

from dataclasses import dataclass

from neural_brain.models.config import param, validate


@dataclass(frozen=True, kw_only=True)
class SurfaceConfig:
    """How frames become a surface."""

    voxel_m: float = param(0.03, "edge of a voxel", low=0.004, high=0.2)
    min_depth_m: float = param(0.3, "nearer depth is ignored", low=0.0, high=5.0)
    max_depth_m: float = param(3.5, "farther depth is ignored", low=0.3, high=20.0)
    truncation_ratio: float = param(
        3.0, "reach of a measurement along its ray, in voxels", low=2.0, high=16.0
    )
    min_views: int = param(2, "frames that must agree on a surface", low=1, high=100)
    min_part_m2: float = param(0.02, "smaller loose parts are left out", low=0.0)
    max_memory_mb: float = param(
        1500.0, "memory of the voxels; more is refused", low=10.0, high=1e6
    )
    align_reach_m: float = param(
        0.10, "farthest partner of a point in the model", low=0.01, high=1.0
    )
    align_min_overlap: float = param(
        0.5, "share of points that need a partner", low=0.0, high=1.0
    )
    align_min_gain: float = param(
        0.02, "relative drop of the distance that is needed", low=0.0, high=1.0
    )
    align_max_shift_m: float = param(0.08, "longest correction", low=0.0, high=1.0)
    align_max_turn_deg: float = param(1.5, "largest turn", low=0.0, high=45.0)

    def __post_init__(self) -> None:
        """Check all ranges."""
        validate(self)
