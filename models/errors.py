"""The errors that this package raises: each says what, got, allowed, remedy."""

from __future__ import annotations


class NeuralBrainError(Exception):
    """Base of all errors that a user can act on; the CLI prints it and exits with 2."""


class ConfigError(NeuralBrainError):
    """A parameter, key or file of the configuration is wrong."""


class BodyError(NeuralBrainError):
    """A robot (real or simulated) cannot be read, written or started."""


class MapFileError(NeuralBrainError):
    """A map or memory file cannot be read or written."""


class ModelFileError(NeuralBrainError):
    """A file of learned weights is missing, damaged or of another version."""


class GoalError(NeuralBrainError):
    """A goal was not understood."""


class SimulationError(NeuralBrainError):
    """The physics diverged or a world cannot be built."""


class RenderError(NeuralBrainError):
    """No OpenGL back end can draw off screen on this machine."""
