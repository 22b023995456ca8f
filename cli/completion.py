"""Print a completion script for your shell.

bash:  neural-brain completion bash >> ~/.bashrc
zsh:   neural-brain completion zsh >> ~/.zshrc
"""

from __future__ import annotations

import argparse

HELP = "print the completion script for bash or zsh"

_BASH = """\
# Completion of neural-brain; made by `neural-brain completion`.
_neural_brain() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" place="" known i
  for ((i = 1; i < COMP_CWORD; i++)); do
    known="$place/${{COMP_WORDS[i]}}"
    [[ -n "${{_neural_brain_options[$known]+set}}" ]] && place="$known"
  done
  place="${{place:-/}}"
  if [[ "$word" == -* ]]; then
    COMPREPLY=($(compgen -W "${{_neural_brain_options[$place]}}" -- "$word"))
  elif [[ -n "${{_neural_brain_words[$place]}}" ]]; then
    COMPREPLY=($(compgen -W "${{_neural_brain_words[$place]}}" -- "$word"))
  else
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
typeset -gA _neural_brain_options _neural_brain_words
{table}
complete -F _neural_brain neural-brain
"""
_Words = dict[str, list[str]]
_ZSH = """\
#compdef neural-brain
autoload -U +X bashcompinit && bashcompinit
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The shell to write for."""
    parser.add_argument("shell", choices=("bash", "zsh"), help="your shell")


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    print(script(args.shell), end="")
    return 0


def script(shell: str) -> str:
    """The completion script: tables from a command to the words that may follow."""
    from neural_brain.cli.main import build_parser

    table = "\n".join(
        f'_neural_brain_{kind}[{path or "/"}]="{" ".join(sorted(words))}"'
        for path, kinds in sorted(_words(build_parser(only="*"), "").items())
        for kind, words in kinds.items()
    )
    bash = _BASH.format(table=table)
    return _ZSH + bash if shell == "zsh" else bash


def _words(parser: argparse.ArgumentParser, path: str) -> dict[str, _Words]:
    """Options and sub-commands of a parser and of all parsers below it."""
    found: _Words = {"options": [], "words": []}
    table = {path: found}
    for action in parser._actions:
        found["options"] += [item for item in action.option_strings if item[1] == "-"]
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                table |= _words(sub, f"{path}/{name}")
        if action.choices and not action.option_strings:
            found["words"] += [str(choice) for choice in action.choices]
    return table
