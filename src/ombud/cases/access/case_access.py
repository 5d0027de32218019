"""Loading is authorising: who may see a case, and what of it."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from ombud.cases import eventlog, outbox
from ombud.cases.access.kept_out import is_kept_out, is_recused
from ombud.cases.access.permissions import Permissions, may_see, permissions_of, scoped
from ombud.cases.access.stand_ins import StandIn, lending, lending_each
from ombud.cases.bulk_sql import rows_of_cases
from ombud.cases.errors import Forbidden, NoSuchCase, RecusedFrom, Throttled
from ombud.cases.fold import folded_rows
from ombud.cases.models import Case, Event
from ombud.cases.references import normal_reference, secret_digest
from ombud.engine import State
from ombud.engine.model import COMPLAINANT_ACTOR, Actor
from ombud.organisation.models import Person
from ombud.policy.model.procedures import MAIN
from ombud.privacy import log, throttle
from ombud.privacy.keys import digest, key_of
from ombud.privacy.sealing import Vault, is_sealed

READ, ACT, EVIDENCE = "read", "act", "evidence"  # what somebody wants to do with a case

_SALT, _AGE = "ombud.cases.grant", timedelta(days=400)
# Guessing 65 bits is hopeless at any pace; the limit keeps a guesser from being a burden. It is the guesser's alone:
# the right secret opens the case whatever others tried, and opening one's own forgives no tries at other people's.
_WRONG_TRIES, _WINDOW = 30, timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """What a complainant's cookie proves: that they gave the secret of this case."""

    reference: str
    token: str  # signed; put it in the cookie as it is


@dataclass(kw_only=True, eq=False)
class Accessed:
    """A case that the reader may see, and how they see it; what is read of it is read once a request."""

    case: Case
    actors: tuple[Actor, ...]  # the roles in which they may act, best first; empty = read only
    is_masked: bool  # personal data is shown masked
    is_public: bool  # the complainant's view: public events only
    reader: Person | None = None
    lent: tuple[StandIn, ...] = ()  # in whose place the reader stands on this case
    names: Mapping[str, str] | None = None  # behind the keys of people, departments and cases, once they were read

    @property
    def has_complainant(self) -> bool:
        """Whether somebody outside follows the case; a matter of the policy's own nobody does."""
        return self.case.procedure == MAIN

    @cached_property
    def vault(self) -> Vault:
        """What opens the case's personal values."""
        return Vault(key_of(self.case.complainant), self.case.reference)

    @cached_property
    def rows(self) -> list[Event]:
        """The case's events. Whoever reads several cases at once sets it."""
        return eventlog.rows_of(self.case)

    @cached_property
    def state(self) -> State:
        """The case's state with its values opened."""
        return folded_rows(self.case, self.rows, self.vault)

    @cached_property
    def permissions(self) -> Permissions:
        """What the reader is to the register; a complainant is nothing to it."""
        assert self.reader is not None, "complainants have no permissions in the register"
        return permissions_of(self.reader)

    @cached_property
    def sealed_fields(self) -> frozenset[str]:
        """The fields that were sealed in some event: personal they stay under a version that knows them no more."""
        return frozenset(name for row in self.rows for name, value in row.data.items() if is_sealed(value))


def access_case(reader: Person | Grant, reference: str, action: str = READ) -> Accessed:
    """Return the case for this reader.

    Raises NoSuchCase (answer 404) for a case that is not there or not theirs to see, Forbidden
    (answer 403) for one that they may only read where `action` is ACT, and for EVIDENCE where they
    see personal data masked.
    """
    found = _for_complainant(reader, reference) if isinstance(reader, Grant) else _for_staff(reader, reference)
    if action == ACT and not found.actors:
        raise Forbidden
    if action == EVIDENCE and found.is_masked:
        raise Forbidden
    return found


def access_whole(reference: str) -> Accessed:
    """Return the case for a command of the installation, whose keys open it anyway. Raises NoSuchCase."""
    return Accessed(case=_case(reference), actors=(), is_masked=False, is_public=False)


def _for_staff(reader: Person, reference: str) -> Accessed:
    case = _case(reference)
    permissions = permissions_of(reader)
    if not may_see(case, permissions):
        raise NoSuchCase
    if is_kept_out(case, reader):
        raise RecusedFrom if is_recused(case, reader) else NoSuchCase
    lent = lending(permissions.stand_ins, case)
    found = Accessed(
        case=case,
        actors=_actors(case, permissions, lent),
        lent=lent,
        is_masked=permissions.is_masked(case.policy) and all(each.held.is_masked for each in lent),
        is_public=False,
        reader=reader,
    )
    found.permissions = permissions
    return found


def access_cases(reader: Person, references: Iterable[str]) -> list[Accessed]:
    """Return those of the cases that somebody may see and act on, in the order asked for, read with a few queries.

    What is not there, or not theirs, is left out, as in a list.
    """
    wanted = list(dict.fromkeys(filter(None, map(normal_reference, references))))
    permissions = permissions_of(reader)
    rows = scoped(permissions, is_leading=False).filter(reference__in=wanted)
    found = {each.reference: each for each in rows.select_related("complainant", "department", "office", "handler")}
    events: dict[int, list[Event]] = defaultdict(list)
    for row in rows_of_cases(Event, [each.pk for each in found.values()], order="case_id, seq"):
        events[row.case_id].append(row)
    accessed, lending_to = [], lending_each(permissions.stand_ins, found.values())
    for case in (found[each] for each in wanted if each in found):
        lent = lending_to[case.pk]
        if not (actors := _actors(case, permissions, lent)):
            continue
        one = Accessed(
            case=case,
            actors=actors,
            lent=lent,
            is_masked=permissions.is_masked(case.policy) and all(each.held.is_masked for each in lent),
            is_public=False,
            reader=reader,
        )
        one.permissions, one.rows = permissions, events[case.pk]
        accessed.append(one)
    return accessed


def _for_complainant(grant: Grant, reference: str) -> Accessed:
    if normal_reference(reference) != grant.reference:
        raise NoSuchCase
    case = _case(reference)
    if grant_of(case).token.partition(":")[0] != grant.token.partition(":")[0]:
        raise NoSuchCase  # the secret was replaced since
    return Accessed(case=case, actors=(COMPLAINANT_ACTOR,), is_masked=False, is_public=True)


def _case(reference: str) -> Case:
    known = normal_reference(reference)
    case = None
    if known is not None:
        rows = Case.objects.select_related("complainant", "department", "office", "handler")
        case = rows.filter(reference=known).first()
    if case is None:
        raise NoSuchCase
    return case


def _actors(case: Case, permissions: Permissions, lent: Iterable[StandIn]) -> tuple[Actor, ...]:
    """Return the reader's roles under the case's policy: their own, then those lent; the case's department first."""
    mine = permissions.policies.get(case.policy)
    actors = [*(mine.actors if mine is not None else ()), *(actor for each in lent for actor in each.held.actors)]
    department = case.department.key if case.department else None
    return tuple(sorted(actors, key=lambda actor: (actor.behalf is not None, actor.department != department)))


def scope(reader: Person) -> QuerySet[Case]:
    """Return the cases that a member of staff may see, unordered."""
    return scoped(permissions_of(reader))


def exchange(reference: str, secret: str, *, client: str, now: datetime) -> Grant:
    """Return the grant for the right secret; `client` is the caller's address, for the throttle.

    Raises NoSuchCase for a wrong reference or secret alike, Throttled for more of them than an address has.
    """
    known = normal_reference(reference)
    case = Case.objects.filter(reference=known).first() if known else None
    given = secret_digest(secret)
    # Compared even where there is no such case, so that the time taken does not tell.
    if not hmac.compare_digest(case.secret if case else "", given) or case is None:
        by_client = "secret-from:" + digest("client", client)[:32]
        if not throttle.attempt(by_client, limit=_WRONG_TRIES, window=_WINDOW, now=now):
            raise Throttled(throttle.wait(by_client, window=_WINDOW, now=now))
        raise NoSuchCase
    return grant_of(case)


def grant_of(case: Case) -> Grant:
    """Return the grant for a case that was filed just now (its receipt needs no secret typed in)."""
    token = signing.dumps({"case": case.reference, "secret": case.secret[:16]}, salt=_SALT)
    return Grant(reference=case.reference, token=token)


def grant_from(token: str) -> Grant:
    """Return the grant that a cookie holds. Raises NoSuchCase where it is not ours or too old."""
    try:
        content = signing.loads(token, salt=_SALT, max_age=_AGE)
        return Grant(reference=content["case"], token=token)
    except (signing.BadSignature, KeyError, TypeError) as error:
        raise NoSuchCase from error


def unmask(reader: Person, reference: str, *, reason: str, now: datetime) -> Accessed:
    """Return the case unmasked for this once; the reason is kept in the access log, sealed.

    Managers and auditors are told when somebody has looked into as many cases as a day allows. Raises ReasonMissing
    and AllowanceUsed of privacy.log; then nothing is shown or written. Of an erased case nothing is left to see.
    """
    found = _for_staff(reader, reference)
    if not found.is_masked or found.vault.is_erased:
        return found
    case, allowance = found.case, settings.OMBUD_UNMASK_A_DAY
    with transaction.atomic():
        left = log.note(
            reader, case.reference, what="case", reason=reason, vault=found.vault, allowance=allowance, now=now
        )
        if left == 0:
            outbox.tell_of_looks(case, reader, now=now)
    return Accessed(case=found.case, actors=found.actors, is_masked=False, is_public=False, reader=reader)
