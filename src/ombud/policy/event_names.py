"""The names under which rules, logs and pages speak of what happens to a case: HEAD, or HEAD.TAIL.

`answer` is an act and `answer.accepted` its outcome; `plan.approve` and `plan.reject` are the verdicts on the approval
`plan`, `plan.approved` and `plan.rejected` how it ended, and `plan.1` the duty of its first stage.
"""

from __future__ import annotations

from typing import NamedTuple

APPROVE, REJECT = "approve", "reject"  # what an approver does
APPROVED, REJECTED = "approved", "rejected"  # how the approval ends by it
VERDICTS, ENDS = (APPROVE, REJECT), (APPROVED, REJECTED)
# What the log itself writes beside the acts of a pack, which therefore cannot be called so (docs/reference/events.md).
RUNG, OPENED, MIGRATE, RECALENDAR = "rung", "open", "migrate", "recalendar"
REISSUE = "reissue"  # the complainant's tracking code was replaced: nothing of the case changes
SHOW_FILE = "show_file"  # whether the complainant sees a file was chosen anew: nothing of the case changes
LETTERS_TO = "letters_to"  # whom letters go to where somebody complains for another: nothing of the case changes
CLOCK_REPAIR = "clock_repair"  # what lay ahead of a clock that was set back counts as of now
CONFIDE = "confide"  # the case is confidential from now on: only whom its list names sees it
LET_IN, SHUT_OUT = "let_in", "shut_out"  # a person was put on that list, or taken off it
OPEN_UP = "open_up"  # the case is confidential no more
ALLOT = "allot"  # the case was given to somebody: as if they had taken it
CONFIDING = frozenset({CONFIDE, LET_IN, SHUT_OUT, OPEN_UP})
BESIDE = frozenset({REISSUE, SHOW_FILE, LETTERS_TO, ALLOT}) | CONFIDING
RESERVED_EVENTS = frozenset({RUNG, OPENED, MIGRATE, RECALENDAR, CLOCK_REPAIR}) | BESIDE


class EventName(NamedTuple):
    """The name of an act, an outcome, a verdict or a stage, in its two parts."""

    head: str  # the act or the approval
    tail: str = ""  # empty for an act; else the value that decided, the verdict, the end, or the stage's number

    @classmethod
    def of(cls, written: str) -> EventName:
        """Return the parts of a name as it is written in a rule or an event."""
        head, _, tail = written.partition(".")
        return cls(head, tail)

    @property
    def is_act(self) -> bool:
        return not self.tail

    @property
    def stage(self) -> int | None:
        """The number of the stage, the first being 1; None for what is no stage's name."""
        return int(self.tail) if self.tail.isdecimal() else None

    @property
    def is_of_approval(self) -> bool:
        """Whether its form is that of a verdict, an end or a stage; an act's outcome may look the same."""
        return self.tail in (*VERDICTS, *ENDS) or self.stage is not None


def event_name(head: str, tail: str | int) -> str:
    """Return the name of an outcome, a verdict, an approval's end, or a stage's duty."""
    return f"{head}.{tail}"
