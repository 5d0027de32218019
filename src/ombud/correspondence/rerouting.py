"""Sends a message by the complainant's next way, where a platform does not let us answer through the first any more."""

from __future__ import annotations

from datetime import datetime

from ombud.cases.eventlog import rows_of
from ombud.cases.fold import folded_rows
from ombud.correspondence import accounts, reaching, wording
from ombud.correspondence.models import Message
from ombud.policy.vocabulary import COMPLAINANT
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault


def elsewhere(message: Message, *, now: datetime) -> bool:
    """Queue a message anew by the next way that is open, noting what was passed over; False where there is none."""
    case, key = message.case, key_of(message.keeper)
    if case is None or key is None or message.to != COMPLAINANT:
        return False
    state = folded_rows(case, rows_of(case), Vault(key, case.reference))
    for reach in reaching.complainant(case, state, now=now):
        account = accounts.speaking(case, reach.address)
        if account is None or account.pk == message.account_id:
            continue
        before = wording.part(message, wording.PASSED_OVER) or []
        passed = dict.fromkeys([*before, str(message.account), *reach.passed_over])
        wording.seal(message, key, {wording.ADDRESS: reach.address, wording.PASSED_OVER: list(passed)})
        message.sealed.pop(wording.TEMPLATE, None)
        Message.objects.filter(pk=message.pk).update(
            state=Message.State.QUEUED,
            external_id="",
            sent_at=None,
            account=account,
            way=accounts.way_of(account.kind),
            address=wording.blind_address(reach.address),
            sealed=message.sealed,
            send_at=now,
            lease_until=None,
            attempts=0,
        )
        message.state = Message.State.QUEUED
        return True
    return False
