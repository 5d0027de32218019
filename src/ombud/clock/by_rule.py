"""Gives out what a rule of the policy says goes to somebody, before rotas and the house's own settings are asked.

The first rule that holds decides, whoever it leaves the case to: where nobody can have it, it stays everybody's who
holds the role, `Ungiven` says why, and it is tried again after every event of the case, and now and then.
"""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from ombud.cases.errors import Stale
from ombud.cases.fold import folded
from ombud.cases.models import Case
from ombud.clock.distribution import AGAIN, BATCH, note_turn, offer, present, shared, turns
from ombud.clock.fitting import fit_to
from ombud.clock.models import Ungiven, Unruled
from ombud.clock.ruled import unlooked, versions_with_rules
from ombud.engine.distribution import BY_RULE, CLAUSES, RULE, asked_by, in_turn, is_fit, rule_for
from ombud.organisation.models import PolicyVersion
from ombud.organisation.shift_plan import on_now
from ombud.policy.model.distribution import IN_TURN, DistributionRule

log = logging.getLogger(__name__)

UNFIT = "unfit"  # why somebody was passed over: they lack what the rule asks for


def give_by_rule(*, now: datetime) -> int:
    """Give out what rules of policies say, and return how many cases found somebody."""
    versions = versions_with_rules()
    if not versions:
        return 0
    tried = Ungiven.objects.filter(case=OuterRef("pk"), seq=OuterRef("seq"), tried_at__gt=now - AGAIN).exclude(rule="")
    given = 0
    for case in list(unlooked(versions).filter(~Exists(tried)).order_by("received_at", "pk")[:BATCH]):
        try:
            given += _give(case, now)
        except Exception:  # one case that cannot be given must not hold up the others
            log.exception("case %s could not be given to anybody by rule", case.pk)
    return given


def _give(case: Case, now: datetime) -> int:
    """Give a case to the first who can have it by the rule that holds, and return whether anybody could."""
    state = folded(case)
    with transaction.atomic():
        # Clocks wait for each other here: two of them never take the same person for the next.
        PolicyVersion.objects.select_for_update(no_key=True).only("pk").get(pk=case.policy_version_id)
        owing = set(shared().filter(case=case).values_list("role", flat=True))
        rule = rule_for(state, owing)
        if rule is None:
            Ungiven.objects.filter(case=case).exclude(rule="").delete()
            Unruled.objects.update_or_create(case=case, defaults={"seq": case.seq})
            return 0
        asked = asked_by(rule, state, case.language)
        passed_over: list[tuple[int, str]] = []
        try:
            given = any(_offer(case, rule, role, asked, passed_over, now) for role in rule.roles)
        except Stale:  # somebody has it meanwhile
            return 0
        if given:
            Ungiven.objects.filter(case=case).delete()
            return 1
        known = {"role": rule.role, "rule": rule.id, "seq": case.seq, "passed_over": passed_over, "tried_at": now}
        Ungiven.objects.update_or_create(case=case, defaults=known)
        return 0


def _offer(
    case: Case,
    rule: DistributionRule,
    role: str,
    asked: tuple[str, ...],
    passed_over: list[tuple[int, str]],
    now: datetime,
) -> bool:
    """Offer a case to the people of one of the rule's roles in turn, and return whether anybody could have it."""
    there = present(case, role, now, passed_over)
    fit = fit_to(asked, there, case.policy)
    unfit = [pk for pk in there if not is_fit(rule, role, asked, fit.had.get(pk, ()))]
    passed_over += [(pk, UNFIT) for pk in unfit]
    on = {each.pk for slot in on_now(case.policy, case.office_id, case.channel, now=now) for each in slot.there}
    order = in_turn(turns(set(there) - {*unfit}, case.policy, role, fit, on=on, is_by_load=rule.way != IN_TURN))
    said = {RULE: rule.id, CLAUSES: list(rule.cite)}
    taker = offer(
        case,
        role,
        [there[pk] for pk in order],
        because=BY_RULE,
        more={pk: {**said, **fit.said_of(pk)} for pk in order},
        passed_over=passed_over,
        now=now,
    )
    if taker is not None:
        note_turn(case.policy, role, taker)
    return taker is not None
