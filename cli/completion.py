"""Print a completion script for your shell.

bash:  neural-brain completion bash >> ~/.bashrc
zsh:   neural-brain completion zsh >> ~/.zshrc
"""

from __future__ import annotations

import argparse

HELP = "print the completion script for bash or zsh"

_BASH = """\
# Completion of neural-brain; made by `neural-brain completion bash`.
_neural_brain() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" path="" known i
  for ((i = 1; i < COMP_CWORD; i++)); do
    known="$path ${{COMP_WORDS[i]}}"
    [[ -n "${{_neural_brain_words[$known]+set}}" ]] && path="$known"
  done
  COMPREPLY=($(compgen -W "${{_neural_brain_words[${{path:- }}]}}" -- "$word"))
  if [[ ${{#COMPREPLY[@]}} -eq 0 && "$word" != -* ]]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
declare -gA _neural_brain_words=(
{table}
)
complete -F _neural_brain neural-brain
"""
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
    """The completion script: a table from command to the words that may follow it."""
    from neural_brain.cli.main import build_parser

    table = "\n".join(
        f'  ["{path or " "}"]="{" ".join(words)}"'
        for path, words in sorted(_words(build_parser(only="*"), "").items())
    )
    bash = _BASH.format(table=table)
    return _ZSH + bash if shell == "zsh" else bash


def _words(parser: argparse.ArgumentParser, path: str) -> dict[str, list[str]]:
    """Options and sub-commands of a parser and of all parsers below it."""
    words: list[str] = []
    table: dict[str, list[str]] = {}
    for action in parser._actions:
        words += [option for option in action.option_strings if option.startswith("--")]
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                table |= _words(sub, f"{path} {name}")
        if action.choices and not action.option_strings:
            words += [str(choice) for choice in action.choices]
    return {path: sorted(words)} | table
