"""Networks that others trained: fetched on request, checked by sum, never shipped."""

from neural_brain.models.pretrained.boxes import Box, BoxFinder, suppress
from neural_brain.models.pretrained.coco import CocoNet
from neural_brain.models.pretrained.files import FILES, PretrainedFile, model_dir
from neural_brain.models.pretrained.open_images import OpenImagesNet
from neural_brain.models.pretrained.sentences import SentenceNet, missing
from neural_brain.models.pretrained.wordpiece import WordPieces

__all__ = [
    "FILES",
    "Box",
    "BoxFinder",
    "CocoNet",
    "OpenImagesNet",
    "PretrainedFile",
    "SentenceNet",
    "WordPieces",
    "missing",
    "model_dir",
    "suppress",
]
