"""`ombud policy new`: a commented pack to start from, made of answers on the terminal or on the command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from ombud.policy.starter import QUESTIONS, AnswerError, Answers, Question, answered, starter_files
from ombud.project.policy_words import Unreadable, say

DEFAULT_FOLDER = "my-policy"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give the command a flag for every question."""
    parser.add_argument("folder", nargs="?", type=Path, default=Path(DEFAULT_FOLDER), metavar="FOLDER",
                        help=f"the folder to make; its name becomes the policy's id ({DEFAULT_FOLDER})")  # fmt: skip
    parser.add_argument("--defaults", action="store_true", help="take the usual answer to what no flag answers")
    for question in QUESTIONS:
        parser.add_argument(f"--{question.key.replace('_', '-')}", dest=question.key, help=question.text["en"])


def new_policy(asked: argparse.Namespace) -> int:
    """Write the starter pack and say what to do with it."""
    folder: Path = asked.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Unreadable(say("new_taken", asked.language, folder=folder))
    files = starter_files(_answers(asked, folder.resolve().name), asked.language)
    for name, text in files.items():
        path = folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        except OSError as error:
            raise Unreadable(say("new_unwritable", asked.language, path=path, why=error.strerror)) from error
        print(path)
    print(say("new_next", asked.language, folder=folder))
    return 0


def _answers(asked: argparse.Namespace, name: str) -> Answers:
    def ask(question: Question, default: str, take: Callable[[str], Any]) -> Any:
        given: str | None = getattr(asked, question.key)
        if given is None and not asked.defaults:
            return _from_terminal(question, default, take, asked.language)
        try:
            return take(default if given is None else given)
        except AnswerError as error:
            flag = f"--{question.key.replace('_', '-')}"
            raise Unreadable(f"{flag}: {error.text[asked.language]}") from error

    try:
        return answered(name, ask, today=date.today())  # noqa: DTZ011  # where the owner sits, whichever zone that is
    except AnswerError as error:  # of the folder's name
        raise Unreadable(error.text[asked.language]) from error


def _from_terminal(question: Question, default: str, take: Callable[[str], Any], language: str) -> Any:
    """Ask until the answer can be used; Enter takes the default."""
    while True:
        print(f"{question.text[language]} [{default}]: ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            print()
            raise Unreadable(say("new_ended", language))
        try:
            return take(line.strip() or default)
        except AnswerError as error:
            print(f"  {error.text[language]}")
