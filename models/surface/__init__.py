"""The surface of a place as a coloured mesh, from RGB-D frames and their poses."""

from neural_brain.models.surface.config import SurfaceConfig
from neural_brain.models.surface.fusion import Fusion, Mesh
from neural_brain.models.surface.open3d_extra import import_open3d
from neural_brain.models.surface.registration import Alignment, Registration

__all__ = [
    "Alignment",
    "Fusion",
    "Mesh",
    "Registration",
    "SurfaceConfig",
    "import_open3d",
]
