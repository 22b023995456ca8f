"""Memory: a file or a map that robots share, episodes, and questions to all."""

from neural_brain.models.memory.anywhere import (
    Place,
    check_memory,
    load_newest,
    open_memory,
    read_diary,
    read_map,
    shown,
)
from neural_brain.models.memory.check import FileReport, check_file, read_newest_map
from neural_brain.models.memory.clock import (
    newest_stamp,
    next_stamp,
    next_stamp_at,
)
from neural_brain.models.memory.contract import Memory
from neural_brain.models.memory.editing import (
    edit_floor,
    load_floor,
    pick_floor,
    read_floors,
    rename_floor,
)
from neural_brain.models.memory.episodes import EpisodeConfig, Episodes, steps_of
from neural_brain.models.memory.fleet import FleetStore, is_shared
from neural_brain.models.memory.floor_search import FloorSearch
from neural_brain.models.memory.floors import change_floor, note_floors, saved_floors
from neural_brain.models.memory.merge import MergeReport, merge_files
from neural_brain.models.memory.recall import Sighting, found_gone, where_last_seen
from neural_brain.models.memory.repair import RepairReport, repair_file
from neural_brain.models.memory.store import MemoryConfig, MemoryStore
from neural_brain.models.memory.working import WorkingMemory

__all__ = [
    "EpisodeConfig",
    "Episodes",
    "FileReport",
    "FleetStore",
    "FloorSearch",
    "Memory",
    "MemoryConfig",
    "MemoryStore",
    "MergeReport",
    "Place",
    "RepairReport",
    "Sighting",
    "WorkingMemory",
    "change_floor",
    "check_file",
    "check_memory",
    "edit_floor",
    "found_gone",
    "is_shared",
    "load_floor",
    "load_newest",
    "merge_files",
    "newest_stamp",
    "next_stamp",
    "next_stamp_at",
    "note_floors",
    "open_memory",
    "pick_floor",
    "read_diary",
    "read_floors",
    "read_map",
    "read_newest_map",
    "rename_floor",
    "repair_file",
    "saved_floors",
    "shown",
    "steps_of",
    "where_last_seen",
]
