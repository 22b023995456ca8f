"""The executive: goals in words, exploration, plans, explanations."""

from neural_brain.models.executive.config import (
    ExecutiveConfig,
    SearchConfig,
    StandoffConfig,
)
from neural_brain.models.executive.executive import Executive
from neural_brain.models.executive.frontier import (
    ViewPoint,
    best_view,
    ignorance,
    view_gain,
)
from neural_brain.models.executive.grammar import Understanding, describe, understand
from neural_brain.models.executive.meaning import (
    Guess,
    MeaningConfig,
    Meanings,
    hint,
    load_meanings,
)
from neural_brain.models.executive.outcome import GoalOutcome
from neural_brain.models.executive.picture import PicturePursuit, picture_goal
from neural_brain.models.executive.pursuit import Pursuit
from neural_brain.models.executive.reply import Reply
from neural_brain.models.executive.search import Search
from neural_brain.models.executive.situation import FieldCache, Situation
from neural_brain.models.executive.standoff import standoff
from neural_brain.models.maps.seen import SeenGrid

__all__ = [
    "Executive",
    "ExecutiveConfig",
    "FieldCache",
    "GoalOutcome",
    "Guess",
    "MeaningConfig",
    "Meanings",
    "PicturePursuit",
    "Pursuit",
    "Reply",
    "Search",
    "SearchConfig",
    "SeenGrid",
    "Situation",
    "StandoffConfig",
    "Understanding",
    "ViewPoint",
    "best_view",
    "describe",
    "hint",
    "ignorance",
    "load_meanings",
    "picture_goal",
    "standoff",
    "understand",
    "view_gain",
]
