"""What of a policy a complainant gets to see, and in which words: phases, public acts, and what they are promised."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.policy.model.acts import Act
from ombud.policy.model.duties import Duty
from ombud.policy.model.pack import Pack
from ombud.policy.model.people import Channel
from ombud.policy.model.procedures import Phase, Procedure
from ombud.policy.procedure import act_of, transits
from ombud.policy.vocabulary import ACTOR, COMPLAINANT
from ombud.texts import Text


def told(rule: Phase | Act | Duty | Channel) -> Text:
    """Return a rule in the complainant's words; where the policy has none, its title, which is written for staff."""
    return rule.told_as or rule.title


def offered(act: Act) -> Text:
    """Return an act in the words in which the complainant may choose it; where the policy has none, its title."""
    return act.offered_as or act.title


def tells_complainant(act: Act) -> bool:
    """Return whether the policy lets the complainant know of an act when it is done."""
    return COMPLAINANT in (*act.tells, act.contacts)


def concerns_complainant(pack: Pack, procedure: Procedure, duty: Duty) -> bool:
    """Return whether the complainant is to know of a duty: their own, and ours that an act discharges which they see.

    What is owed by or to somebody else outside, and what we owe each other, is no business of theirs.
    """
    bearer = duty.bearer
    owing: tuple[str, ...] = (bearer.name,) if bearer.kind == "role" else ()
    if bearer.kind == ACTOR:
        owing = procedure.acts[bearer.name].by
    if COMPLAINANT in owing:
        return True
    if owing and all(role in pack.roles and pack.roles[role].is_external for role in owing):
        return False
    acts = [act_of(procedure, name) for name in duty.do]
    return any(act is not None and act.is_public for act in acts)


def shown(pack: Pack) -> Iterator[Phase | Act | Duty]:
    """Yield what complainants see by name on their pages: phases in which a case is met, public acts, their duties."""
    main = pack.main
    passed = transits(main)
    yield from (phase for phase in main.phases.values() if not phase.is_start and phase.id not in passed)
    yield from (act for act in main.acts.values() if act.is_public)
    yield from (duty for duty in main.duties.values() if concerns_complainant(pack, main, duty))
