"""Who is told of new alarms: the policy's matter opens, with its duties; where it names none, managers are told."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import translation

from ombud.cases import commands
from ombud.cases.access.permissions import permissions_of, scoped
from ombud.cases.commands import Received
from ombud.cases.errors import Refused
from ombud.cases.models import Case
from ombud.engine.model import CLOCK_ACTOR
from ombud.insight.alarms.models import Alarm
from ombud.insight.alarms.wording import sentence
from ombud.notices.alerts import asking
from ombud.notices.models import Notice
from ombud.organisation.models import Person, PolicyVersion
from ombud.organisation.staff import managers
from ombud.policy.model.pack import Pack
from ombud.policy.model.procedures import MAIN
from ombud.policy.procedure import first_act

log = logging.getLogger(__name__)


def tell(version: PolicyVersion, pack: Pack, alarms: Sequence[Alarm], *, now: datetime) -> None:
    """Open one matter for all that one look found, or tell the managers; belongs in one transaction."""
    if pack.watch.procedure is None:
        _tell_managers(alarms, now=now)
        return
    try:
        with transaction.atomic():
            _open(version, pack, alarms, now=now)
    except Refused as refused:  # somebody has to know all the same
        log.error("%s: no matter could be opened for a warning: %s", version, refused)
        _tell_managers(alarms, now=now)


def _open(version: PolicyVersion, pack: Pack, alarms: Sequence[Alarm], *, now: datetime) -> None:
    watch = pack.watch
    assert watch.procedure is not None, "the caller looked"
    assert watch.signs is not None, "the loader asks for both"
    act = first_act(pack.procedures[watch.procedure])
    assert act is not None, "the loader asks for it"

    def name(received: Received) -> None:
        Alarm.objects.filter(pk__in=[each.pk for each in alarms]).update(matter=received.case)

    with translation.override(settings.LANGUAGE_CODE):
        signs = "\n".join(sentence(each, pack) for each in alarms)
    commands.receive(
        version,
        channel="",
        language="zh",
        data={watch.signs: signs},
        actor=CLOCK_ACTOR,
        at=now,
        now=now,
        act=act,
        procedure=watch.procedure,
        along=name,
    )


def _tell_managers(alarms: Sequence[Alarm], *, now: datetime) -> None:
    """Tell every manager once, at the newest complaint of theirs that an alarm is about, or of the policy."""
    told = [(person, case) for person in managers() if (case := _told_at(alarms, person)) is not None]
    asking.tell(
        [
            Notice(
                person=person,
                case=case,
                kind=Notice.Kind.ALARM,
                clauses=alarms[0].clauses,
                at=now,
                dedupe=f"alarm/{alarms[0].pk}/{person.pk}",
            )
            for person, case in told
        ],
        now=now,
    )


def _told_at(alarms: Sequence[Alarm], person: Person) -> Case | None:
    """Return the case at which somebody is told: an example that they may see, else the newest that they may see."""
    mine = scoped(permissions_of(person), is_leading=False).filter(policy=alarms[0].policy, procedure=MAIN)
    examples = list(dict.fromkeys(pk for each in alarms for pk in each.examples))
    seen = mine.in_bulk(examples)
    example = next((seen[pk] for pk in examples if pk in seen), None)
    return example or mine.order_by("-received_at", "-pk").first()
