"""Choosing a case for the library: it is told without names, and a second person lets it be published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from ombud.cases import eventlog
from ombud.cases.access.case_access import Accessed
from ombud.cases.access.permissions import Permissions
from ombud.cases.models import Case
from ombud.cases.reading import queries, titles
from ombud.insight.model_cases.models import ModelCase
from ombud.interface.lists import told_of
from ombud.organisation import library
from ombud.organisation.models import Person, words
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.values import FieldType
from ombud.policy.plain_text import plain
from ombud.privacy.masking import mask_text

LONGEST = 20_000
_WORDS = (FieldType.TEXT, FieldType.LONG_TEXT)
Status = ModelCase.Status


class ModelCaseError(ValueError):
    """A case cannot be chosen or decided on; the code says why: open, twice, empty, own, reason, decided."""


class StillNames(ModelCaseError):
    """The words name somebody of the case; `without` has them struck out."""

    def __init__(self, without: Retold) -> None:
        super().__init__("names")
        self.without = without


@dataclass(frozen=True, kw_only=True, slots=True)
class Retold:
    """A case as it is told to others."""

    kind: str
    title: str
    story: str
    lesson: str


def may_choose(permissions: Permissions, policy: str) -> bool:
    """Return whether somebody proposes and approves model cases: managers, and who sees every case of the policy."""
    return permissions.is_manager or policy in permissions.full_policies


def may_propose(accessed: Accessed) -> bool:
    """Return whether the reader may propose the case: a complaint that is over and is not in the library."""
    case = accessed.case
    is_over = case.procedure == MAIN and case.closed_at is not None
    return is_over and may_choose(accessed.permissions, case.policy) and not _is_told(case)


def _is_told(case: Case) -> bool:
    return ModelCase.objects.filter(case=case, status__in=(Status.PROPOSED, Status.PUBLISHED)).exists()


def first_words(accessed: Accessed) -> Retold:
    """Return what a proposal begins with: the words of the case with names and numbers struck out."""
    masked = replace(accessed, is_masked=True, names=None)
    pack = library.pack(library.hash_of(accessed.case.policy_version_id))
    told = [
        told_of(words(dict(each.title)), str(each.value))
        for each in queries.facts(masked)
        if pack.fields.get(each.field) is not None
        and pack.fields[each.field].type in _WORDS
        and isinstance(each.value, str)
        and not _is_name(pack.fields[each.field].type, each.value)
    ]
    subject, _name = titles.summary(accessed.case, is_masked=True)
    return Retold(kind=ModelCase.Kind.GOOD, title=subject[:200], story="\n".join(told), lesson="")


def _is_name(type: FieldType, masked: str) -> bool:
    """Return whether a value says who it was and nothing else, as masked names and numbers do."""
    return not masked.strip("*") or (type is FieldType.TEXT and "**" in masked.replace("* ", "**"))


def propose(accessed: Accessed, told: Retold, *, by: Person, now: datetime) -> ModelCase:
    """Keep a case for approval. Raises ModelCaseError, StillNames where its words name somebody."""
    if not may_choose(accessed.permissions, accessed.case.policy) or accessed.case.closed_at is None:
        raise ModelCaseError("open")
    told = _clean(told)
    _check(told, accessed)
    causes = library.pack(library.hash_of(accessed.case.policy_version_id)).causes
    try:
        with transaction.atomic():
            return ModelCase.objects.create(
                policy=accessed.case.policy,
                case=accessed.case,
                kind=told.kind,
                title=told.title,
                story=told.story,
                lesson=told.lesson,
                cause=str(accessed.state.facts.get(causes.field or "", "")),
                written_by=by,
                written_at=now,
            )
    except IntegrityError as error:
        raise ModelCaseError("twice") from error


def revise(row: ModelCase, accessed: Accessed, told: Retold, *, by: Person, now: datetime) -> None:
    """Change the words of what waits for approval; who does cannot approve it. Raises ModelCaseError."""
    told = _clean(told)
    _check(told, accessed)
    changed = ModelCase.objects.filter(pk=row.pk, status=Status.PROPOSED).update(
        kind=told.kind, title=told.title, story=told.story, lesson=told.lesson, written_by=by, written_at=now
    )
    if not changed:
        raise ModelCaseError("decided")


def publish(row: ModelCase, *, by: Person, now: datetime) -> None:
    """Let a proposed case into the library: never by who wrote it. Raises ModelCaseError."""
    if row.written_by_id == by.pk:
        raise ModelCaseError("own")
    _decide(row, Status.PUBLISHED, {Status.PROPOSED}, by=by, now=now)


def decline(row: ModelCase, *, reason: str, by: Person, now: datetime) -> None:
    """Keep a proposed case out of the library, with the reason. Raises ModelCaseError."""
    _decide(row, Status.DECLINED, {Status.PROPOSED}, reason=_reason(reason), by=by, now=now)


def withdraw(row: ModelCase, *, reason: str, by: Person, now: datetime) -> None:
    """Take a published case out of the library, with the reason. Raises ModelCaseError."""
    _decide(row, Status.WITHDRAWN, {Status.PUBLISHED}, reason=_reason(reason), by=by, now=now)


def _decide(row: ModelCase, status: Status, since: set[Status], *, by: Person, now: datetime, reason: str = "") -> None:
    # The words that were read are those that are published: who changes them meanwhile makes it a new proposal.
    waiting = ModelCase.objects.filter(pk=row.pk, status__in=since, written_at=row.written_at)
    if not waiting.update(status=status, decided_by=by, decided_at=now, because=reason):
        raise ModelCaseError("decided")


def _reason(given: str) -> str:
    reason = plain(given, lines=True)[:500]
    if not reason:
        raise ModelCaseError("reason")
    return reason


def _clean(told: Retold) -> Retold:
    kept = Retold(
        kind=told.kind,
        title=plain(told.title)[:200],
        story=plain(told.story, lines=True)[:LONGEST],
        lesson=plain(told.lesson, lines=True)[:LONGEST],
    )
    if told.kind not in ModelCase.Kind.values or not (kept.title and kept.story and kept.lesson):
        raise ModelCaseError("empty")
    return kept


def _check(told: Retold, accessed: Accessed) -> None:
    known = eventlog.naming(accessed.state.facts)
    without = Retold(
        kind=told.kind,
        title=mask_text(told.title, known),
        story=mask_text(told.story, known),
        lesson=mask_text(told.lesson, known),
    )
    if without != told:
        raise StillNames(without)
