"""Which seeds are for tuning and which are held out for tests (`seeds.yaml`)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import yaml

from neural_brain.models.errors import ConfigError

SEEDS_FILE = Path(__file__).with_name("seeds.yaml")


@lru_cache(maxsize=1)
def seed_ranges() -> dict[str, range]:
    """The seed range of every split ("tune", "test").

    Raises:
        ConfigError: if the file is damaged or its ranges overlap.
    """
    values = yaml.safe_load(SEEDS_FILE.read_text(encoding="utf-8"))
    try:
        ranges = {name: range(int(a), int(b)) for name, (a, b) in values.items()}
        tune, test = ranges["tune"], ranges["test"]
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"{SEEDS_FILE} is damaged ({error!r}); expected `tune: [first, end]` and "
            "`test: [first, end]`. Install the package again."
        ) from error
    if max(tune.start, test.start) < min(tune.stop, test.stop):
        raise ConfigError(
            f"The seed ranges {tune} and {test} of {SEEDS_FILE} overlap; they must be "
            "disjoint. Install the package again."
        )
    return ranges


def split_of(seed: int) -> str:
    """The split that a seed belongs to; seeds of neither count as "tune"."""
    return "test" if seed in seed_ranges()["test"] else "tune"
