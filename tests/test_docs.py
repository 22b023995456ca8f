"""The documentation is true: made files are fresh, snippets run, commands exist."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from neural_brain.cli.main import build_parser
from neural_brain.models.brain import BrainConfig
from neural_brain.models.cache import cache_dir
from neural_brain.models.config import from_dict, load_yaml
from neural_brain.models.config_file import config_file, parameter_table
from neural_brain.models.fast import FastConfig

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md"])
REMEDY = "run: python -m neural_brain.models.config_file"


def blocks(page, language):
    """Fenced blocks of a language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_parameter_file_is_up_to_date():
    here = (ROOT / "config" / "brain.yaml").read_text(encoding="utf-8")
    assert here == config_file(), f"{REMEDY} > config/brain.yaml"


def test_the_parameter_file_loads_back_equal():
    assert load_yaml(BrainConfig, ROOT / "config" / "brain.yaml") == BrainConfig()


def test_the_parameter_table_is_up_to_date():
    here = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert here == parameter_table(), f"{REMEDY} --table > docs/parameters.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", text)
    local = [target for target in targets if "://" not in target]
    missing = [target for target in local if not (page.parent / target).exists()]
    assert not missing


def test_promises_name_tests_that_exist():
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| P\d+ \|.*$", page, re.MULTILINE)
    assert len(rows) == 10
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for file, name in named:
            source = (ROOT / file).read_text(encoding="utf-8")
            assert f"\ndef {name}(" in source, f"{file}: no {name}"


def commands():
    """Every `neural-brain ...` line of the pages, as (page, words)."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        inline = re.findall(r"`neural-brain ([^`\n]+)`", text)
        lines = re.findall(r"^(?:\$ |    )?neural-brain (.+)$", text, re.MULTILINE)
        for line in [*inline, *lines]:
            words = shlex.split(re.split(r"\s[<&]|>>|\s{2,}", line)[0], comments=True)
            yield page.name, words


def test_commands_in_the_pages_exist():
    """Argparse accepts each of them; capitals stand for what the reader fills in."""
    parser = build_parser(only="*")
    wrong = []
    for page, words in commands():
        if words[0].isupper() or words[-1] in ("--help", "NAME"):
            continue
        try:
            parser.parse_args(words)
        except SystemExit as end:
            if end.code:
                wrong.append(f"{page}: {' '.join(words)}")
    assert not wrong


@pytest.mark.parametrize("number", range(len(blocks("docs/extending.md", "python"))))
def test_python_in_the_pages_runs(number, tmp_path):
    code = blocks("docs/extending.md", "python")[number]
    env = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    env["NEURAL_BRAIN_CACHE"] = str(cache_dir())  # what is compiled already
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_parameters_in_the_pages_are_accepted():
    (guide,) = blocks("docs/user_guide.md", "yaml")
    assert from_dict(BrainConfig, yaml.safe_load(guide)) != BrainConfig()
    gentle = [
        text for text in blocks("docs/real_robot.md", "yaml") if "/**" not in text
    ]
    for text in gentle:
        assert from_dict(FastConfig, yaml.safe_load(text)) != FastConfig()
    assert len(gentle) == 3


def test_node_parameters_in_the_pages_are_accepted():
    pytest.importorskip("rclpy")
    pytest.importorskip("tf2_msgs")
    from neural_brain.nodes.parameter_file import NODES

    checked = 0
    for text in blocks("docs/real_robot.md", "yaml"):
        for name, section in yaml.safe_load(text).items():
            if name.startswith("/**/"):
                from_dict(NODES[name[4:]], section["ros__parameters"])
                checked += 1
    assert checked == 6
