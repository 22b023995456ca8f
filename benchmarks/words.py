"""Do goals mean what people say? Names outside the lexicon, and names of other things.

The list of names was written before the matcher, and thresholds were chosen on another
one (`benchmarks/names`). Each name is said as "find the ...". Of a known thing the
answer is right, asked back (with the right thing among those named, or not) or wrong;
of an unknown thing everything but asking back is wrong. Beside it stand the lexicon
alone, the nearest known name by letters (difflib), and the nearest one by meaning
without any margin.
"""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from neural_brain.benchmarks.result import Metric, mean_metric, table, write_result
from neural_brain.models.categories import CATEGORIES
from neural_brain.models.executive import (
    MeaningConfig,
    Meanings,
    Understanding,
    load_meanings,
    understand,
)
from neural_brain.models.executive.lexicon import CATEGORY, PHRASES

HELP = "goals in free words: right, asked back, wrong"
NAMES = Path(__file__).with_name("names")
CARRIER = "find the {}"

Matcher = Callable[[str], tuple[str, tuple[str, ...]]]
"""From a name to the category that is taken ("" = asked back), and those named."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of a name; `truth` "" means that the robot does not know it."""

    words: str
    truth: str
    taken: str
    named: tuple[str, ...]

    @property
    def right(self) -> bool:
        """Taken for what it is; of an unknown thing: asked back."""
        return self.taken == self.truth

    @property
    def wrong(self) -> bool:
        """Taken for something else."""
        return bool(self.taken) and self.taken != self.truth


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which list."""
    parser.add_argument(
        "--names",
        default="held_out",
        choices=("held_out", "tuning"),
        help="list of names (default: the one that nothing was chosen on)",
    )


def run(args: argparse.Namespace) -> dict[str, object]:
    """Judge all matchers on the same names, print and write the result."""
    meanings = load_meanings(MeaningConfig(use="always"))
    if meanings is None:
        raise AssertionError("use = 'always' gives meanings or an error")
    names = read_names(NAMES / f"{args.names}.yaml")
    matchers: dict[str, Matcher] = {
        "meaning": lambda words: understood(words, meanings),
        "lexicon": lambda words: understood(words, None),
        "difflib": by_letters,
        "no margin": lambda words: by_meaning(words, meanings),
    }
    answers = {key: judge(names, matcher) for key, matcher in matchers.items()}
    metrics = summarise(answers)
    print(table(metrics))
    wrong = {a.words: a.taken for a in answers["meaning"] if a.wrong}
    print("\nWrong: " + (", ".join(f"{w} -> {t}" for w, t in wrong.items()) or "none"))
    path = write_result(
        "words" if args.names == "held_out" else f"words-{args.names}",
        metrics,
        seeds=[],
        out=args.out,
        notes={"wrong": wrong, "names": args.names},
    )
    print(f"Written to {path}")
    return {"metrics": metrics, "path": path}


def read_names(path: Path) -> list[tuple[str, str]]:
    """Names and what they mean, "" = nothing that the robot knows."""
    values = yaml.safe_load(path.read_text(encoding="utf-8"))
    known = [(n, category) for category, ns in values["known"].items() for n in ns]
    return known + [(name, "") for name in values["unknown"]]


def judge(names: list[tuple[str, str]], matcher: Matcher) -> list[Answer]:
    """What a matcher makes of each name."""
    answers = []
    for words, truth in names:
        taken, named = matcher(words)
        answers.append(Answer(words=words, truth=truth, taken=taken, named=named))
    return answers


def understood(words: str, meanings: Meanings | None) -> tuple[str, tuple[str, ...]]:
    """The whole path that a goal takes."""
    meant: Understanding = understand(CARRIER.format(words), meanings)
    if meant.goals:
        return meant.goals[0].category, ()
    return "", meant.doubt.candidates if meant.doubt else ()


def by_letters(words: str) -> tuple[str, tuple[str, ...]]:
    """The known name with the most alike letters, if they are alike at all (0.6)."""
    known = {
        " ".join(p): name for p, (kind, name) in PHRASES.items() if kind == CATEGORY
    }
    near = difflib.get_close_matches(words, known, n=1)
    return (known[near[0]], ()) if near else ("", ())


def by_meaning(words: str, meanings: Meanings) -> tuple[str, tuple[str, ...]]:
    """The nearest thing by meaning, always."""
    return CATEGORIES[1 + int(np.argmax(meanings.scores(words)))], ()


def summarise(answers: dict[str, list[Answer]]) -> list[Metric]:
    """Metrics of the matcher by meaning, the others as baselines."""

    def row(name: str, goal: str, count: Callable[[Answer], float | None]) -> Metric:
        values = {
            key: [v for v in map(count, found) if v is not None]
            for key, found in answers.items()
        }
        others = {k: float(np.mean(v)) for k, v in values.items() if k != "meaning"}
        return mean_metric(name, values["meaning"], "", goal=goal, baseline=others)

    return [
        row("known things taken rightly at once", ">= 0.5",
            lambda a: float(a.right) if a.truth else None),
        row("known things, at once or among those asked about", ">= 0.8",
            lambda a: float(a.right or a.truth in a.named) if a.truth else None),
        row("known things taken wrongly", "<= 0.05",
            lambda a: float(a.wrong) if a.truth else None),
        row("unknown things taken for known ones", "<= 0.05",
            lambda a: None if a.truth else float(a.wrong)),
        row("wrong in all", "<= 0.05", lambda a: float(a.wrong)),
    ]  # fmt: skip
