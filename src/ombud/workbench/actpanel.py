"""The panel of a case page in which acts are chosen and performed; its forms come from the pack."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse

from ombud.cases import attachments, promises
from ombud.cases.access.case_access import Accessed
from ombud.cases.fold import seconds
from ombud.cases.models import Attachment
from ombud.cases.reading import queries
from ombud.cases.reading import ways_out as why
from ombud.correspondence import attempts
from ombud.engine.addresses import address_of
from ombud.engine.asked_now import asked_now
from ombud.engine.model import Actor, AvailableAct, Refusal
from ombud.interface.act_form import ActForm, Sees, Store, fields_form
from ombud.interface.lists import listed
from ombud.interface.progress import progress
from ombud.organisation import staff
from ombud.organisation.models import Person, words
from ombud.policy.event_names import REJECT, EventName
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.outsiders import addressed
from ombud.policy.procedure import STAY, act_of, chain_of, destinations
from ombud.policy.vocabulary import ATTACH, COMPLAINANT, CORRECT, RECEIVE, REGISTER, REGRADE, TELL_OTHERWISE
from ombud.texts import Text, spoken
from ombud.workbench import actmenu, codes, look_up_buttons, outsiders, packs
from ombud.workbench.verdicts import is_one_approval
from ombud.workbench.when_form import WhenForm

RECORD = (RECEIVE, REGISTER, CORRECT, REGRADE)  # acts whose fields are the record: shown as they stand


@dataclass(frozen=True, slots=True)
class Chosen:
    """The act whose form is open."""

    act: str
    title: Text
    help: Text
    script: tuple[str, ...]  # what is said on the telephone, line by line, in the language of the case
    clauses: tuple[str, ...]
    discharges: tuple[str, ...]
    is_grave: bool  # ends the case before its time or says no
    offer: AvailableAct
    actor: Actor


def panel(
    accessed: Accessed,
    act: str,
    *,
    now: datetime,
    form: ActForm | None = None,
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the context of the panel: the acts on offer, and the form of the chosen one."""
    pack = packs.pack_of(accessed.case)
    offers = queries.offers(accessed, now=now) if accessed.actors else ()
    acts = pack.procedures[accessed.case.procedure].acts
    doable = [offer for offer, _actor in offers if not offer.blocked]
    moving = [offer for offer in doable if is_main(offer, acts.get(offer.act), pack, accessed.case.procedure)]
    main = sorted(moving, key=lambda offer: not offer.discharges)  # what is owed comes first, the rest stays in order
    other = [offer for offer in doable if offer not in moving]
    chosen = (find(accessed, offers, act) or elsewhere(accessed, act, now=now)) if act else None
    if chosen and form is None:
        form = build(accessed, chosen, now=now)
    look_ups = look_up_buttons.offer(form, pack.id, chosen.act, accessed.case.reference) if chosen and form else []
    shown = (*offers, (chosen.offer, chosen.actor)) if chosen else offers
    reasons = why.blocked(accessed, shown, now=now)
    return {
        "accessed": accessed,
        "case": accessed.case,
        "pack": pack,
        "policy_href": reverse("desk_policy", args=[pack.id, pack.version]),
        "seen": accessed.case.seq,
        "main_acts": main,
        "is_one_approval": is_one_approval(offer.act for offer in main),
        "other_acts": other,
        "other_groups": actmenu.groups(other, acts, pack, accessed.case.procedure),
        "blocked_acts": [(offer, reasons[offer.act]) for offer, _actor in offers if offer.blocked],
        "chosen_blocked": reasons.get(chosen.act, ()) if chosen else (),
        "can_issue_code": codes.can_issue(accessed),
        "can_attach": any(offer.act == ATTACH for offer in doable),
        "can_tell_otherwise": any(offer.act == TELL_OTHERWISE for offer in doable),
        "chosen": chosen,
        "about": about(accessed, chosen.act) if chosen else None,
        "form": form,
        "promise": _promise(accessed, chosen, now=now) if chosen else None,
        "hands_in": (known := acts.get(act)) is not None and known.hands_in,
        "look_ups": look_ups,
        "attempts": attempts.of(accessed) if chosen and _contacts(accessed, chosen.act) else None,
        "books": outsiders.offer_book(form, pack) if form else (),
        "when": WhenForm(pack, now=now) if chosen else None,
        **(more or {}),
    }


def _promise(accessed: Accessed, chosen: Chosen, *, now: datetime) -> dict[str, Any] | None:
    """Return what whoever acts may promise or grant by this act, and whose consent more than that needs."""
    found = promises.bound(accessed.state, chosen.act, actor=chosen.actor, at=now)
    if found is None:
        return None
    roles = packs.pack_of(accessed.case).roles
    bounds = [each for each in found.entries if each is None or each.amount is not None] or found.entries
    return {
        "limit": promises.limit_text(bounds[-1]),
        "consenting": listed([words(dict(roles[each].title)) for each in found.consenting if each in roles]),
        "value": found.value,
        "is_within": found.is_within,
    }


def about(accessed: Accessed, act: str) -> queries.TimelineEntry | None:
    """Return the newest event that an act decides on: what started the approval, or what another person asked for."""
    procedure = packs.pack_of(accessed.case).procedures[accessed.case.procedure]
    known, chain = act_of(procedure, act), chain_of(procedure, act)
    asked = (chain.starts,) if chain else known.distinct_from if known else ()
    return next((each for each in reversed(queries.timeline(accessed)) if each.act in asked and each.facts), None)


def is_main(offer: AvailableAct, act: Act | None, pack: Pack, procedure: str) -> bool:
    """Return whether an act moves the case on: it meets a duty, approves, leads to another phase that is no end, or
    belongs to this phase alone."""
    if offer.discharges or act is None:
        return True
    phases = pack.procedures[procedure].phases
    targets = set(destinations(act)) - {STAY}
    if act.choice or targets:
        return any(target not in phases or not phases[target].is_end for target in targets)
    in_between = [phase for phase in phases.values() if not phase.is_start and not phase.is_end]
    return len(act.from_phases) == 1 < len(in_between)


def _contacts(accessed: Accessed, act: str) -> bool:
    """Return whether an act speaks with the complainant: attempts to reach them by telephone belong to it."""
    known = packs.pack_of(accessed.case).procedures[accessed.case.procedure].acts.get(act)
    return known is not None and known.contacts == COMPLAINANT


def find(accessed: Accessed, offers: tuple[tuple[AvailableAct, Actor], ...], act: str) -> Chosen | None:
    """Return the act, where the reader's roles have it in this phase."""
    for offer, actor in offers:
        if offer.act == act:
            return _chosen(accessed, offer, actor)
    return None


def elsewhere(accessed: Accessed, act: str, *, now: datetime) -> Chosen | None:
    """Return an act of the reader's roles that this phase does not have, with why."""
    found = queries.other_offer(accessed, act, now=now)
    return _chosen(accessed, *found) if found else None


def _chosen(accessed: Accessed, offer: AvailableAct, actor: Actor) -> Chosen:
    procedure = packs.pack_of(accessed.case).procedures[accessed.case.procedure]
    known = procedure.acts.get(offer.act)
    to = procedure.phases.get(known.to) if known and known.to else None
    road_ahead = progress(procedure, procedure.phases[accessed.case.phase])
    grave = EventName.of(offer.act).tail == REJECT or (to is not None and to.is_end and to not in road_ahead)
    help_words = known.help if known else {}
    said = spoken(known.script, accessed.case.language) if known and known.script else None
    script = tuple(line.strip() for line in (said or "").splitlines() if line.strip())
    return Chosen(offer.act, offer.title, help_words, script, offer.clauses, offer.discharges, grave, offer, actor)


def build(accessed: Accessed, chosen: Chosen, data: Any = None, files: Any = None, *, now: datetime) -> ActForm:
    """Return the form of an act, the record as it stands already in it; what the case asks for now is required."""
    case, pack = accessed.case, packs.pack_of(accessed.case)
    acts = pack.procedures[case.procedure].acts
    record = {name for act in RECORD if act in acts for name in (*acts[act].needs, *acts[act].may)} - actmenu.FRESH
    if (act := acts.get(chosen.act)) is not None:
        record |= {power.to for power in act.affects if power.to}  # what was asked for may be granted as it is
    record |= {
        fields[part] for role, fields in addressed(pack).items() for part in address_of(accessed.state, role)
    }  # to correct an address, not to type it again
    facts = [each for each in queries.facts(accessed) if each.field in record]
    names = (*chosen.offer.needs, *chosen.offer.may)
    has_person = any(FieldType.PERSON in (pack.fields[name].type, pack.fields[name].item) for name in names)
    asked = required(accessed, chosen, now=now)
    form = fields_form(
        pack,
        (*chosen.offer.needs, *chosen.offer.may),
        data,
        files,
        required=(*chosen.offer.needs, *asked),
        known={each.field: each.value for each in facts if not each.is_masked and not each.is_erased},
        hidden={each.field for each in facts if each.is_masked},
        people=people_of(pack.id) if has_person else None,
    )
    if accessed.has_complainant:
        form.ask_who_sees()
    form.explain({name: refusal for name, refusal in asked.items() if name not in chosen.offer.needs})
    return form


def required(
    accessed: Accessed, chosen: Chosen, *, now: datetime, data: Mapping[str, Any] | None = None
) -> dict[str, Refusal]:
    """Return the fields without which the act would be refused now, given what was filled in, each with why."""
    roster = staff.Roster(accessed.case.policy)
    return asked_now(accessed.state, chosen.act, chosen.actor, seconds(now), roster, data)


def people_of(policy: str) -> dict[str, str]:
    """Return the people who work under a policy, by key, in the order of their names."""
    found = staff.people({each.person for each in staff.Roster(policy).holdings})
    return {key: str(each) for key, each in sorted(found.items(), key=lambda pair: str(pair[1]))}


def keeper(reader: Person, now: datetime) -> Store:
    """Return what stores an upload of the reader's."""

    def keep(file: UploadedFile[Any]) -> Attachment:
        return attachments.store(file, name=file.name or "", uploaded_by=reader.key, now=now)

    return keep


def chooser(reader: Person) -> Sees:
    """Return what keeps whether the complainant will see files that the reader uploaded."""

    def choose(keys: Collection[str], is_open: bool) -> None:
        attachments.choose(keys, reader.key, is_open=is_open)

    return choose


def changed_data(accessed: Accessed, chosen: Chosen, form: ActForm) -> dict[str, Any]:
    """Return what was typed, without optional fields that only repeat what is on record."""
    known = {each.field: each.value for each in queries.facts(accessed)}
    data = form.act_data()
    return {key: value for key, value in data.items() if key in chosen.offer.needs or known.get(key) != value}


def at_fields(
    accessed: Accessed, chosen: Chosen, refusals: Iterable[Refusal], data: Mapping[str, Any], now: datetime
) -> list[Refusal]:
    """Return the refusals, those that a field alone would put right as that field's."""
    asked = required(accessed, chosen, now=now, data=data)
    found = []
    for each in refusals:
        field = next((name for name, refusal in asked.items() if refusal == each), None)
        found.append(replace(each, field=field) if each.field is None and field else each)
    return found


def unshown(refusals: Iterable[Refusal], *forms: ActForm) -> tuple[Refusal, ...]:
    """Return the refusals that no field of the forms can show."""
    return tuple(each for each in refusals if not any(each.field in form.fields for form in forms))
