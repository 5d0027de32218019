"""`ombud completion SHELL`: what makes a shell complete the words of the command."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ombud.project.command import COMMANDS

SHELLS = ("bash", "zsh", "fish")
#: What comes after a command that has several sides to it; after all others come files.
SECOND = {
    "policy": ("list", "new", "diff", "check", "trace", "mutate", "replay", "diagram"),
    "export": ("cases", "duties", "events", "figures", "roots"),
    "rebuild": ("cases", "insight"),
    "repair": ("clock",),
    "keys": ("status", "new", "rotate", "retire"),
    "completion": SHELLS,
}

_BASH = """_ombud() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "{commands}" -- "$word")); return; fi
  if [ "$COMP_CWORD" -eq 2 ]; then
    case "${{COMP_WORDS[1]}}" in
{cases}
    esac
  fi
  COMPREPLY=($(compgen -f -- "$word"))
}}
complete -o filenames -F _ombud ombud
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def run(arguments: Sequence[str]) -> int:
    """Print the script of a shell: source it where the shell starts."""
    parser = argparse.ArgumentParser(prog="ombud completion", description="Print what completes `ombud` in a shell.")
    parser.add_argument("shell", choices=SHELLS)
    print({"bash": _bash, "zsh": _zsh, "fish": _fish}[parser.parse_args(arguments).shell](), end="")
    return 0


def _bash() -> str:
    cases = "\n".join(
        f'      {name}) COMPREPLY=($(compgen -W "{" ".join(words)}" -- "$word")); return ;;'
        for name, words in SECOND.items()
    )
    return _BASH.format(commands=" ".join(COMMANDS), cases=cases)


def _zsh() -> str:
    return _ZSH + _bash()  # zsh runs what was made for bash


def _fish() -> str:
    lines = [
        f"complete -c ombud -f -n __fish_use_subcommand -a {name} -d {_quoted(about)}"
        for name, (_, _, about) in COMMANDS.items()
    ]
    for name, words in SECOND.items():
        lines.append(f"complete -c ombud -n '__fish_seen_subcommand_from {name}' -a {_quoted(' '.join(words))}")
    return "\n".join([*lines, ""])


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "\\'") + "'"
