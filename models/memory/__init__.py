"""Memory: a file that survives crashes, working memory, and questions to both."""

from neural_brain.models.memory.check import (
    FileReport,
    check_file,
    load_newest,
    read_newest_map,
)
from neural_brain.models.memory.merge import MergeReport, merge_files
from neural_brain.models.memory.recall import Sighting, where_last_seen
from neural_brain.models.memory.repair import RepairReport, repair_file
from neural_brain.models.memory.store import MemoryConfig, MemoryStore
from neural_brain.models.memory.working import WorkingMemory

__all__ = [
    "FileReport",
    "MemoryConfig",
    "MemoryStore",
    "MergeReport",
    "RepairReport",
    "Sighting",
    "WorkingMemory",
    "check_file",
    "load_newest",
    "merge_files",
    "read_newest_map",
    "repair_file",
    "where_last_seen",
]
