"""Configuration: ranges, unknown keys, YAML round trip."""

from dataclasses import dataclass, field

import pytest
import yaml

from neural_brain.models.config import (
    commented_yaml,
    from_dict,
    load_yaml,
    param,
    to_dict,
    validate,
)
from neural_brain.models.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Inner:
    speed_mps: float = param(0.5, "speed", low=0.0, high=2.0)
    mode: str = param("a", "mode", choices=("a", "b"))
    gains: tuple[float, ...] = param((1.0, 2.0), "gains", low=0.0)

    def __post_init__(self):
        validate(self)


@dataclass(frozen=True, kw_only=True)
class Outer:
    inner: Inner = field(default_factory=Inner)
    name: str = param("x", "a name")


def test_yaml_round_trip(tmp_path):
    config = Outer(inner=Inner(speed_mps=1.5, gains=(3.0,)), name="robot: 1")
    path = tmp_path / "c.yaml"
    path.write_text(commented_yaml(config))
    assert load_yaml(Outer, path) == config
    assert from_dict(Outer, to_dict(config)) == config


def test_whole_numbers_are_taken_for_fractions():
    inner = from_dict(Inner, {"speed_mps": 1, "gains": [1, 2.5]})
    assert (inner.speed_mps, *inner.gains) == (1.0, 1.0, 2.5)
    assert {type(n) for n in (inner.speed_mps, *inner.gains)} == {float}


def test_comment_carries_meaning_and_range():
    line = next(x for x in commented_yaml(Outer()).splitlines() if "speed_mps" in x)
    assert line == "  speed_mps: 0.5  # speed [0.0, 2.0]"
    assert yaml.safe_load(commented_yaml(Outer()))["inner"]["gains"] == [1.0, 2.0]


def test_unknown_key_suggests_the_nearest():
    with pytest.raises(
        ConfigError, match=r"'inner.speed_mp'.*Did you mean 'speed_mps'"
    ):
        from_dict(Outer, {"inner": {"speed_mp": 1.0}})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"speed_mps": 3.0}, r"speed_mps = 3.0; allowed \[0.0, 2.0\]"),
        ({"speed_mps": float("nan")}, "speed_mps = nan"),
        ({"speed_mps": "fast"}, "expected a float"),
        ({"speed_mps": True}, "expected a float"),
        ({"mode": "c"}, "allowed: 'a', 'b'"),
        ({"gains": [1.0, -1.0]}, "gains"),
    ],
)
def test_bad_values_name_parameter_and_range(values, words):
    with pytest.raises(ConfigError, match=words):
        from_dict(Inner, values)


def test_missing_and_broken_files(tmp_path):
    with pytest.raises(ConfigError, match="Cannot read"):
        load_yaml(Outer, tmp_path / "none.yaml")
    broken = tmp_path / "b.yaml"
    broken.write_text("inner: [")
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_yaml(Outer, broken)
    tagged = tmp_path / "t.yaml"
    tagged.write_text("name: !!python/object/apply:os.system ['true']")
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_yaml(Outer, tagged)
    broken.write_text("- 1")
    with pytest.raises(ConfigError, match="expected a section"):
        load_yaml(Outer, broken)
