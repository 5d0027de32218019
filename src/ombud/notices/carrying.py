"""Carries the outbox: in-app notices in the same transaction, letters by mail under a lease."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q

from ombud.cases import outbox
from ombud.cases.access.permissions import may_see, permissions_of
from ombud.cases.bulk_sql import insert
from ombud.cases.eventlog import rows_of
from ombud.cases.fold import folded_rows, program_of
from ombud.cases.models import Case, Duty, Event, Outbox, Recusal
from ombud.cases.projections import OWED
from ombud.engine import State
from ombud.notices import writing
from ombud.notices.models import Letter, Notice
from ombud.organisation.models import Department, Office, Person
from ombud.organisation.staff import Holding, Roster, people
from ombud.policy.model.people import Role
from ombud.policy.vocabulary import EMAIL, OFFICE
from ombud.privacy import throttle
from ombud.privacy.keys import digest, key_of
from ombud.privacy.masking import mask_text
from ombud.privacy.sealing import Vault

log = logging.getLogger(__name__)

BATCH, LEASE = 200, timedelta(minutes=2)
UNREACHED = timedelta(hours=1)  # how often it is looked whether somebody outside has an address by now
ACKNOWLEDGED = timedelta(hours=1)  # within which an address is sent one acknowledgement
TOGETHER = 50  # tells of one transaction: an act waits for a few dozen milliseconds at most
KEPT = timedelta(days=30)


class Unreachable(Exception):
    """Nobody stands for the outside role that a letter goes to."""


class Held(Exception):
    """A letter that is to go out later."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__()
        self.wait = wait


def carry(*, now: datetime) -> int:
    """Carry what waits and return how many rows were done; call again while it returns a full batch."""
    told = 0
    while told < BATCH and (done := _tell_waiting(now)):
        told += done
    return told + _send_waiting(now)


def tidy(*, now: datetime) -> int:
    """Remove rows that were carried long ago and return how many."""
    return Outbox.objects.filter(done_at__lt=now - KEPT).delete()[0]


def _waiting(now: datetime, kind: str) -> Any:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = Outbox.objects.filter(free, done_at=None, available_at__lte=now, kind=kind, attempts__lt=outbox.ATTEMPTS)
    return rows.order_by("available_at", "id")


def _tell_waiting(now: datetime) -> int:
    """Turn waiting tells into notices: both in one transaction, so none is lost or told twice."""
    with transaction.atomic():
        rows = list(
            _waiting(now, outbox.TELL)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("case")[:TOGETHER]
        )
        if not rows:
            return 0
        readers = _Readers(rows)
        notices, done = [], []
        for row in rows:
            try:
                notices += [] if _is_moot(row) else readers.notices(row, now)
            except Exception as error:  # one unreadable row must not hold up the others
                log.exception("outbox row %s", row.pk)
                _postpone(row, error, now)
            else:
                done.append(row.pk)
        insert(notices, ignore_conflicts=True)
        Outbox.objects.filter(pk__in=done).update(done_at=now, lease_until=None)
        return len(done)


def _is_moot(row: Outbox) -> bool:
    """Return whether a warning that waited for somebody's quiet time to end warns of nothing any more."""
    told = row.payload
    if told["why"] != Notice.Kind.WARNING or told.get("not_before") is None:
        return False
    owed = Duty.objects.filter(case=row.case_id, duty=told["duty"], instance=told["instance"], status__in=OWED)
    return not owed.exists()


class _Readers:
    """Whom the rows of one batch reach, as the organisation is now."""

    def __init__(self, rows: Iterable[Outbox]) -> None:
        cases = {row.case_id for row in rows}
        self._rosters: dict[str, Roster] = {}
        self._known: dict[str, Person] = {}  # many rows of a batch reach the same people
        self._recused = set(Recusal.objects.filter(case__in=cases).values_list("case", "person"))
        self._departments = {row.pk: row.key for row in Department.objects.all()}
        self._offices = {row.pk: row.key for row in Office.objects.all()}

    def notices(self, row: Outbox, now: datetime) -> list[Notice]:
        """Return the notices, not saved, that a row asks for."""
        case, payload = row.case, row.payload
        assert case is not None, "whatever is told is told of a case"
        if payload.get("complainant"):
            return [_notice(case, None, row)]
        found = [_notice(case, person, row) for person in self.people(row)]
        return found or (self.undelivered(row) if self._is_missed(row) else [])

    def undelivered(self, row: Outbox) -> list[Notice]:
        """Return a word to the service department, not saved, that nobody outside was reached."""
        case = row.case
        assert case is not None, "whatever is told is told of a case"
        people = self._allowed(case, self._service(case))
        return [_notice(case, person, row, Notice.Kind.UNDELIVERED) for person in people]

    def _is_missed(self, row: Outbox) -> bool:
        """Return whether it matters that a row reached nobody outside: an act that speaks to them has done so."""
        outsider, case = row.payload.get("outsider"), row.case
        if not outsider or case is None:
            return False
        act = program_of(case).procedure.acts.get(row.payload.get("act") or "")
        return act is None or act.contacts != outsider

    def people(self, row: Outbox) -> list[Person]:
        """Return whom a row reaches, without who did it and who was taken out of the case."""
        case = row.case
        assert case is not None, "whatever is told is told of a case"
        found = self._allowed(case, self._people(case, row.payload) - {row.payload.get("actor")})
        if row.payload.get("why") != Notice.Kind.REFUSED:
            return found
        # No event lets anybody see the case for this: it goes to those who do already.
        seeing = [person for person in found if may_see(case, permissions_of(person))]
        return seeing or self._allowed(case, self._service(case))

    def _allowed(self, case: Case, keys: set[str]) -> list[Person]:
        self._known |= people(key for key in keys if key is not None and key not in self._known)
        known = (self._known[key] for key in sorted(keys & self._known.keys()))
        return [person for person in known if (case.pk, person.pk) not in self._recused]

    def _roster(self, case: Case) -> Roster:
        return self._rosters.setdefault(case.policy, Roster(case.policy))

    def _service(self, case: Case) -> set[str]:
        """Return the service department; where the policy has none, the handler, else who answers to nobody."""
        serving = {id for id, department in program_of(case).pack.departments.items() if department.is_service}
        own = self._own(case)
        found = {holding.person for holding, role in own if (holding.department or role.department) in serving}
        if not found and case.handler_id is not None:
            return {f"p{case.handler_id}"}
        return found or {holding.person for holding, role in own if role.boss is None}

    def _own(self, case: Case) -> list[tuple[Holding, Role]]:
        """Return the memberships of the organisation's own people."""
        roles, holdings = program_of(case).pack.roles, self._roster(case).holdings
        known = [(holding, roles[holding.role]) for holding in holdings if holding.role in roles]
        return [(holding, role) for holding, role in known if not role.is_external]

    def _people(self, case: Case, payload: dict[str, Any]) -> set[str]:
        if payload.get("person"):
            return {f"p{payload['person']}"}
        roster = self._roster(case)
        if payload.get("outsider"):
            return set(roster.outsiders(payload["outsider"], self._offices.get(payload.get("office") or 0)))
        department = self._departments.get(payload.get("department") or 0)
        if not payload.get("role"):
            # Those of an office see its cases, not those that their department has elsewhere.
            own = [held for held, role in self._own(case) if held.office_id is None or role.of != OFFICE]
            return {held.person for held in own if department and held.department == department}
        pack = program_of(case).pack
        office = self._offices.get(payload.get("office") or 0)
        return set(roster.effective(pack, payload["role"], department, office)[2])


def _notice(case: Case, person: Person | None, row: Outbox, kind: Notice.Kind | None = None) -> Notice:
    payload = row.payload
    known = Notice.Kind(payload["why"]) if payload["why"] in Notice.Kind.values else Notice.Kind.OTHER
    return Notice(
        person=person,
        case=case,
        kind=kind or known,
        act=payload.get("act") or "",
        duty=payload.get("duty") or "",
        instance=payload.get("instance"),
        clauses=payload.get("clauses") or [],
        due_at=_instant(payload.get("due_at")),
        at=datetime.fromtimestamp(payload["at"], UTC),
        dedupe="/".join([row.dedupe, str(person.pk) if person else "complainant", *([kind] if kind else [])]),
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def _send_waiting(now: datetime) -> int:
    """Write and mail waiting letters, each under its own lease: another process takes over where this one dies."""
    done = 0
    for pk in list(_waiting(now, outbox.LETTER).values_list("pk", flat=True)[:BATCH]):
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        claimed = Outbox.objects.filter(free, pk=pk, done_at=None).update(
            lease_until=now + LEASE, attempts=F("attempts") + 1
        )
        if not claimed:
            continue
        row = Outbox.objects.select_related("case__complainant").get(pk=pk)
        try:
            _send(row, now)
        except Unreachable:
            _wait_for_address(row, now)
        except Held as held:
            later = now + held.wait
            Outbox.objects.filter(pk=row.pk).update(available_at=later, lease_until=None, attempts=F("attempts") - 1)
        except Exception as error:  # whatever a mail server says: tried again later, the reason kept
            # Mail servers quote the address that they refuse, and a traceback ends in what they say.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("outbox row %s: %s\n%s", row.pk, mask_text(repr(error)), frames)
            _postpone(row, error, now)
        else:
            Outbox.objects.filter(pk=pk).update(done_at=now, lease_until=None, error="")
            done += 1
    return done


def _postpone(row: Outbox, error: Exception, now: datetime) -> None:
    wait = timedelta(seconds=30 * 2 ** min(row.attempts, 10))
    attempts = row.attempts if row.kind == outbox.LETTER else row.attempts + 1
    Outbox.objects.filter(pk=row.pk).update(
        available_at=now + wait, lease_until=None, attempts=attempts, error=mask_text(repr(error))[:1000]
    )


def _wait_for_address(row: Outbox, now: datetime) -> None:
    """Tell the service department once, and look again later: the letter goes out when somebody can be addressed."""
    with transaction.atomic():
        Notice.objects.bulk_create(_Readers([row]).undelivered(row), ignore_conflicts=True)
        Outbox.objects.filter(pk=row.pk).update(
            available_at=now + UNREACHED, lease_until=None, attempts=0, error=str(Unreachable.__doc__)
        )


def _send(row: Outbox, now: datetime) -> None:
    """Write the letter once, and mail it unless it was mailed already. Raises Unreachable."""
    case = row.case
    assert case is not None, "a letter belongs to a case"
    vault = Vault(key_of(case.complainant), case.reference)
    if vault.is_erased:
        return  # there is nobody left to write to
    events = [event for event in rows_of(case) if event.seq <= row.payload["seq"]]
    state = folded_rows(case, events, vault)
    letter = Letter.objects.filter(dedupe=row.dedupe).first() or _write(row, case, events, state, vault, now)
    if letter.sent_at is not None:
        return
    addresses = _addresses(row, case, state)
    if not addresses and row.payload.get("outsider"):
        raise Unreachable
    if not settings.OMBUD_SENDS_MAIL:
        log.info("letter %s of %s stays with its case: no mail is sent", letter.document, case.reference)
        return
    is_acknowledgement = letter.is_to_complainant and not _had_a_letter_before(letter)
    if addresses and is_acknowledgement:
        _hold_back(addresses[0], now)
    if addresses:
        subject = str(vault.open(letter.seq, f"letter:{letter.document}:subject", letter.sealed["subject"]))
        subject = " ".join(subject.split())  # a fact in it may hold what ends a header
        body = str(vault.open(letter.seq, f"letter:{letter.document}:body", letter.sealed["body"]))
        message_id = f"<{row.dedupe.replace('/', '.')}@ombud>"  # the same at every attempt, so that doubles are seen
        EmailMessage(f"[{case.reference}] {subject}", body, to=addresses, headers={"Message-ID": message_id}).send()
        Letter.objects.filter(pk=letter.pk).update(sent_at=now)
        if is_acknowledgement:
            throttle.attempt(_acknowledged(addresses[0]), limit=1, window=ACKNOWLEDGED, now=now)


def _hold_back(address: str, now: datetime) -> None:
    """Raise Held where the address had a case's first letter within the hour: anybody can type anybody's address."""
    if throttle.tried(_acknowledged(address), window=ACKNOWLEDGED, now=now):
        raise Held(throttle.wait(_acknowledged(address), window=ACKNOWLEDGED, now=now))


def _had_a_letter_before(letter: Letter) -> bool:
    return Letter.objects.filter(case=letter.case_id, is_to_complainant=True, pk__lt=letter.pk).exists()


def _acknowledged(address: str) -> str:
    return "acknowledged:" + digest("acknowledged", address.casefold())[:32]


def _write(row: Outbox, case: Case, events: list[Event], state: State, vault: Vault, now: datetime) -> Letter:
    document = state.program.pack.documents[row.payload["document"]]
    language, subject, body = writing.render_letter(document, case, state, now=now)
    seq = events[-1].seq
    where = f"letter:{document.id}"
    return Letter.objects.create(
        case=case,
        document=document.id,
        language=language,
        seq=seq,
        sealed={
            "subject": vault.seal(seq, f"{where}:subject", subject),
            "body": vault.seal(seq, f"{where}:body", body),
        },
        is_to_complainant=bool(row.payload.get("complainant")),
        written_at=now,
        dedupe=row.dedupe,
    )


def _addresses(row: Outbox, case: Case, state: State) -> list[str]:
    """Return whom the letter is mailed to: the complainant where they gave an address, or the role's holders."""
    if row.payload.get("complainant"):
        email = state.facts.get(EMAIL)
        return [email.strip()] if isinstance(email, str) and is_address(email.strip()) else []
    found = _Readers([row]).people(row)
    return list(dict.fromkeys(person.email for person in found if person.is_active and is_address(person.email)))


def is_address(text: object) -> bool:
    """Return whether a text is one mail address: what somebody typed may be several, or break a header."""
    try:
        validate_email(text if isinstance(text, str) else None)
    except ValidationError:
        return False
    return True
