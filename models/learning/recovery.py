"""The recovery policy's choice as torch sees it while it is trained."""

from __future__ import annotations

from typing import Any

from neural_brain.models.learning.torch_extra import import_torch
from neural_brain.models.reflex.intent import FIRST_ACTION
from neural_brain.models.reflex.recovery import choice, executed, seen


def recovered(inputs: Any, chosen: Any) -> Any:
    """Inputs (.., 14) whose action is changed by what the policy chose (.., 2)."""
    torch = import_torch()
    share, back = choice(chosen[..., 0], chosen[..., 1])
    action = torch.stack(executed(seen(inputs), share, back, torch), dim=-1)
    return torch.cat((inputs[..., :FIRST_ACTION], action), dim=-1)
