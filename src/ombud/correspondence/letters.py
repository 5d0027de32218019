"""Letters: written once from the policy's templates, and one message for everybody that they go to."""

from __future__ import annotations

import logging
import traceback
from datetime import datetime, timedelta

from django.db import transaction

from ombud.cases import outbox
from ombud.cases.eventlog import rows_of
from ombud.cases.fold import folded_rows
from ombud.cases.models import Outbox
from ombud.correspondence import addressed, letter_drafts, reaching
from ombud.correspondence.addressed import Words
from ombud.notices import carrying, writing
from ombud.notices.alerts.asking import tell
from ombud.notices.carrying import Readers
from ombud.notices.models import Letter
from ombud.policy.vocabulary import COMPLAINANT
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault

log = logging.getLogger(__name__)

UNREACHED = timedelta(hours=1)  # how often it is looked whether somebody outside has an address by now
UNREACHABLE = "Nobody stands for the outside role that the letter goes to."


def write_waiting(*, now: datetime) -> int:
    """Write the letters that wait, queue their messages, and return how many; call again while it is a full batch."""
    done = 0
    for pk in list(carrying.waiting(now, outbox.LETTER).values_list("pk", flat=True)[: carrying.BATCH]):
        try:
            with transaction.atomic():
                if (row := _claimed(pk, now)) is None:
                    continue
                if _write(row, now):
                    Outbox.objects.filter(pk=pk).update(done_at=now, lease_until=None, error="")
                    done += 1
                else:
                    _wait_for_address(row, now)
        except Exception as error:  # one letter that cannot be written must not hold up the others
            # What is said may quote a letter's words, and a traceback ends in what is said.
            frames = "".join(traceback.format_tb(error.__traceback__))
            log.error("outbox row %s: %s\n%s", pk, type(error).__name__, frames)
            carrying.postpone(Outbox.objects.get(pk=pk), error, now)
    return done


def _claimed(pk: int, now: datetime) -> Outbox | None:
    rows = carrying.waiting(now, outbox.LETTER).select_related("case__complainant")
    row: Outbox | None = rows.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    return row


def _wait_for_address(row: Outbox, now: datetime) -> None:
    """Tell the service department once, and look again later: the letter goes out when somebody can be addressed."""
    tell(Readers([row]).undelivered(row), now=now)
    Outbox.objects.filter(pk=row.pk).update(available_at=now + UNREACHED, attempts=0, error=UNREACHABLE)


def _write(row: Outbox, now: datetime) -> bool:
    """Write the letter and a message to each whom it goes to; False while nobody outside can be addressed."""
    case = row.case
    assert case is not None, "a letter belongs to a case"
    key = key_of(case.complainant)
    if key is None:
        return True  # there is nobody left to write to
    vault = Vault(key, case.reference)
    rows = rows_of(case)
    events = [event for event in rows if event.seq <= row.payload["seq"]]
    state, seq = folded_rows(case, events, vault), events[-1].seq
    document = state.program.pack.documents[row.payload["document"]]
    to, act = _to(row), row.payload.get("act") or ""
    letter = Letter.objects.filter(dedupe=row.dedupe).first()
    if letter is None:
        words = Words(*writing.render_letter(document, case, state, now=now))
        if document.is_edited:
            letter_drafts.begin(case, document, words, key, to=to, act=act, seq=seq, dedupe=row.dedupe, now=now)
            return True
        letter = addressed.keep(case, document, words, vault, seq=seq, dedupe=row.dedupe, now=now)
    reaches = reaching.receivers(
        row.payload, case, state, lambda: folded_rows(case, rows, vault), lambda: Readers([row]).people(row), now=now
    )
    if not reaches and row.payload.get("outsider"):
        return False
    addressed.queue(case, document, letter, key, reaches, to=to, act=act, now=now)
    return True


def _to(row: Outbox) -> str:
    """Return the role that a letter goes to."""
    return (
        COMPLAINANT if row.payload.get("complainant") else row.payload.get("outsider") or row.payload.get("role") or ""
    )
