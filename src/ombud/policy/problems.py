"""What can be wrong with a pack: every problem with its place, all of them raised together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from ombud.policy.model.source import Place

SCHEMA, UNKNOWN_NAME = "schema", "unknown-name"
MOST = 200  # problems of one load that are told: nobody reads more, and a hostile pack has a hundred thousand
GUESSES = 20  # unknown names of one load for which a near one is looked for, which costs a look at every known name
LONGEST, COMPARED = 60, 2000  # letters of a name that is guessed at; known names that it is compared with


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a pack: where, what, why and what to do."""

    code: str
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class PolicyError(Exception):
    """The policy cannot be used."""


class PackError(PolicyError):
    """The pack has mistakes; `problems` holds all of them, in the order of the source."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(
            sorted(dict.fromkeys(problems), key=lambda p: (p.place.file, p.place.line, p.place.column))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


def near(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean ...?" or what there is to choose from, to end a message with."""
    names = sorted(set(known))
    likely = [each for each in names if len(each) <= LONGEST][:COMPARED] if len(name) <= LONGEST else []
    if close := get_close_matches(name, likely, n=1, cutoff=0.6):
        return f' Did you mean "{close[0]}"?'
    if not names:
        return " The pack has none."
    if len(names) <= 12:
        return f" Known: {', '.join(names)}."
    return ""


def shortened(written: str, most: int = 200) -> str:
    """Return what was written as a message can quote it."""
    return written if len(written) <= most else f"{written[:most]}..."


class Problems:
    """Collects the problems of one load."""

    def __init__(self) -> None:
        self.found: list[Problem] = []
        self._guesses = 0

    def add(self, place: Place, message: str) -> None:
        """Note a mistake of structure."""
        self._note(SCHEMA, place, message)

    def unknown(self, place: Place, kind: str, name: str, known: Iterable[str]) -> None:
        """Note a name that means nothing here; `kind` is what it should have been, such as `phase in act "close"`."""
        what, within, where = kind.partition(" in ")
        self._guesses += 1
        guess = near(name, known) if self._guesses <= GUESSES else ""
        self._note(UNKNOWN_NAME, place, f'Unknown {what} "{shortened(name)}"{within}{where}.{guess}')

    def _note(self, code: str, place: Place, message: str) -> None:
        if len(self.found) < MOST:
            self.found.append(Problem(code, place, message))
        elif len(self.found) == MOST:
            self.found.append(Problem(SCHEMA, place, f"There are more than {MOST} problems. Mend these first."))

    def settle(self) -> None:
        """Raise PackError if there was any problem."""
        if self.found:
            raise PackError(self.found)
