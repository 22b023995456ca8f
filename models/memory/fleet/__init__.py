"""One memory for several robots: the tables of the memory file on PostgreSQL."""

from neural_brain.models.memory.fleet.address import is_shared
from neural_brain.models.memory.fleet.store import FleetStore

__all__ = ["FleetStore", "is_shared"]
