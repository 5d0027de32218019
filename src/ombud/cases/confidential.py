"""Confidential cases: who makes one so, and who is named on its list. Each change is an event of the case."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db import transaction

from ombud.cases import outbox
from ombud.cases.access import assignees
from ombud.cases.access.case_access import Accessed
from ombud.cases.access.confidants import write_confidants
from ombud.cases.access.kept_out import closed_to
from ombud.cases.commands import beside
from ombud.cases.errors import CaseError, Forbidden, NoSuchCase, ReasonMissing
from ombud.cases.models import Case, Confidant
from ombud.cases.references import normal_reference
from ombud.engine.confidence import PEOPLE
from ombud.engine.model import Actor
from ombud.organisation.models import ADMINISTRATOR, AUDITOR, MANAGER, Membership, Person
from ombud.policy.event_names import CONFIDE, LET_IN, OPEN_UP, SHUT_OUT
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import REASON
from ombud.privacy import log
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault

LISTED = 200  # cases of which overseers are told that they exist, the newest
_OVERSEERS = (MANAGER, AUDITOR, ADMINISTRATOR)  # who knows that there are confidential cases, and nothing more


class HandlerUnnamed(CaseError):
    """Whoever handles the case is not on its list: name them, or hand the case to somebody else first."""


class NobodyLeft(CaseError):
    """The list would name nobody."""


class ChangedBefore(CaseError):
    """Somebody changed it meanwhile: the case is confidential already, or no more."""


def may_confide(accessed: Accessed) -> bool:
    """Return whether the reader may make the case confidential and keep its list: a manager, or a role of the policy.

    That is the role that answers to nobody, and whatever the policy's `access: confidential` names.
    """
    if accessed.vault.is_erased:
        return False
    mine = accessed.permissions.policies.get(accessed.case.policy)
    return accessed.permissions.is_manager or (mine is not None and mine.may_confide)


def named(case: Case) -> list[Person]:
    """Return whom the list of a case names; nobody: it is not confidential."""
    return list(Person.objects.filter(pk__in=Confidant.objects.filter(case=case).values("person")).order_by("username"))


def confide(accessed: Accessed, people: Collection[Person], *, reason: str, now: datetime) -> None:
    """Make the case, and the matters opened from it, confidential: whoever does so and these people alone see it.

    Raises Forbidden, ReasonMissing, HandlerUnnamed, ChangedBefore.
    """
    by = _by(accessed)
    whole = {by.pk, *(each.pk for each in people)}
    with transaction.atomic():
        _change(accessed.case, CONFIDE, whole, actor=_actor(accessed), reason=reason, now=now)
        for matter in _matters(accessed.case):
            handlers = {matter.handler_id} if matter.handler_id is not None else set()
            with suppress(ChangedBefore):  # confidential already, with a list of its own
                _change(matter, CONFIDE, whole | handlers, actor=_actor(accessed), reason=reason, now=now)


def let_in(accessed: Accessed, person: Person, *, reason: str, now: datetime) -> None:
    """Name one more person on the list. Raises Forbidden, ReasonMissing, ChangedBefore."""
    _change_all(accessed, LET_IN, {person.pk}, reason=reason, now=now)


def shut_out(accessed: Accessed, person: Person, *, reason: str, now: datetime) -> None:
    """Take a person off the list. Raises Forbidden, ReasonMissing, HandlerUnnamed, NobodyLeft, ChangedBefore."""
    _change_all(accessed, SHUT_OUT, {person.pk}, reason=reason, now=now)


def open_up(accessed: Accessed, *, reason: str, now: datetime) -> None:
    """Let the case be seen again by whoever the policy lets see it. Raises Forbidden, ReasonMissing, ChangedBefore."""
    _change_all(accessed, OPEN_UP, set(), reason=reason, now=now)


def look_in(reader: Person, reference: str, *, reason: str, now: datetime) -> Case:
    """Name an overseer on the list by their own act, which everybody on it is told of; return the case.

    It counts among the looks at masked personal data, which a day bounds. Raises NoSuchCase for who oversees nothing,
    was taken out of the case, or is named already; ReasonMissing and AllowanceUsed of privacy.log.
    """
    roles = own_overseer_roles(reader)
    case = Case.objects.filter(reference=normal_reference(reference) or "").select_related("complainant").first()
    if not roles or case is None or not closed_to(reader).filter(pk=case.pk).exists():
        raise NoSuchCase
    vault = Vault(key_of(case.complainant), case.reference)
    allowance = settings.OMBUD_UNMASK_A_DAY
    with transaction.atomic():
        log.note(reader, case.reference, what=CONFIDE, reason=reason, vault=vault, allowance=allowance, now=now)
        _change(case, LET_IN, {reader.pk}, actor=Actor(person=reader.key, role=roles[0]), reason=reason, now=now)
    return case


def own_overseer_roles(reader: Person) -> list[str]:
    """Return in which roles of the organisation somebody may know that confidential cases exist."""
    held = set(Membership.objects.filter(person=reader, policy="").values_list("role", flat=True))
    return [role for role in _OVERSEERS if role in held]


def _by(accessed: Accessed) -> Person:
    if accessed.reader is None or not may_confide(accessed):
        raise Forbidden
    return accessed.reader


def _actor(accessed: Accessed) -> Actor:
    """Return in which role the reader does it: one of theirs under the policy, else as a manager."""
    reader = accessed.reader
    assert reader is not None, "asked before"
    return accessed.actors[0] if accessed.actors else Actor(person=reader.key, role=MANAGER)


def _matters(case: Case) -> list[Case]:
    """Return the matters opened from the case, and from these: they hold what it holds."""
    found: list[Case] = []
    new = [case]
    while new:
        new = list(Case.objects.filter(parent__in=new))
        found += new
    return found


def _change_all(accessed: Accessed, act: str, people: set[int], *, reason: str, now: datetime) -> None:
    """Change the list of the case, and those of its matters as far as theirs can be changed so."""
    _by(accessed)
    with transaction.atomic():
        _change(accessed.case, act, people, actor=_actor(accessed), reason=reason, now=now)
        for matter in _matters(accessed.case):
            with suppress(ChangedBefore, HandlerUnnamed, NobodyLeft):
                _change(matter, act, people, actor=_actor(accessed), reason=reason, now=now)


def _change(case: Case, act: str, people: set[int], *, actor: Actor, reason: str, now: datetime) -> None:
    reason = plain(reason, lines=True)
    if not reason:
        raise ReasonMissing

    def said(fresh: Case) -> dict[str, object]:
        before = set(Confidant.objects.filter(case=fresh).values_list("person", flat=True))
        _check(fresh, act, people, before)
        return {PEOPLE: sorted(f"p{each}" for each in people), REASON: reason}

    told = set(Confidant.objects.filter(case=case).values_list("person", flat=True))
    state = beside(case, act, actor=actor, said=said, now=now)
    now_named = assignees.known_people(state.confidants)
    write_confidants(case, now_named)
    outbox.tell_of_list(case, (now_named or told), actor=actor, seq=state.seq, now=now)


def _check(case: Case, act: str, people: set[int], before: set[int]) -> None:
    """Raise where a change of the list does not fit what it is now, or leaves the handler or everybody out."""
    if (act == CONFIDE and before) or (act != CONFIDE and not before):
        raise ChangedBefore
    if (act == LET_IN and people <= before) or (act == SHUT_OUT and not people & before):
        raise ChangedBefore
    after = {CONFIDE: people, LET_IN: before | people, SHUT_OUT: before - people, OPEN_UP: before}[act]
    if not after:
        raise NobodyLeft
    if case.handler_id is not None and case.handler_id not in after:
        raise HandlerUnnamed
