"""What the policy pages share: who sees which version, its pack where it can be read, findings with their line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from ombud.checks import Finding
from ombud.organisation import drafting, library
from ombud.organisation.models import AUDITOR, MANAGER, POLICY_OWNER, Person, PolicyVersion
from ombud.policy.model.pack import Pack
from ombud.policy.problems import PackError
from ombud.workbench import packs

Status = PolicyVersion.Status


@dataclass(frozen=True, slots=True)
class Hand:
    """What somebody may do with policies."""

    writes: bool
    approves: bool
    sees_drafts: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A finding with the line of the source that it is about, cut where it begins."""

    finding: Finding
    before: str
    marked: str
    after: str


def hand_of(reader: Person) -> Hand:
    """Return what the reader may do with policies."""
    roles = packs.own_roles(reader)
    return Hand(
        writes=POLICY_OWNER in roles,
        approves=MANAGER in roles,
        sees_drafts=bool(roles & {POLICY_OWNER, MANAGER, AUDITOR}),
    )


def version_of(policy: str, version: str, hand: Hand) -> PolicyVersion:
    """Return a version that the reader may see, or raise Http404: drafts are for those who work on them."""
    rows = PolicyVersion.objects.filter(policy=policy, version=version)
    row = rows.exclude(status=Status.WITHDRAWN).first() or rows.order_by("-id").first()
    if row is None or (row.status != Status.PUBLISHED and not hand.sees_drafts):
        raise Http404
    return row


def written_by(policy: str, version: str, hand: Hand) -> PolicyVersion:
    """Return a draft for whoever may write in it, or raise Http404."""
    if not hand.writes:
        raise Http404
    return get_object_or_404(PolicyVersion, policy=policy, version=version, status=Status.DRAFT)


def pack_of(row: PolicyVersion) -> Pack:
    """Return the pack of a version. Raises PackError for a draft that cannot be read."""
    return library.pack(row.hash) if row.status == Status.PUBLISHED else drafting.pack_of(row)


def readable(row: PolicyVersion) -> tuple[Pack | None, PackError | None]:
    """Return the pack of a version, or why it cannot be read."""
    try:
        return pack_of(row), None
    except PackError as error:
        return None, error


def digest(sources: Mapping[str, str]) -> str:
    """Return what two versions of one text share, scenarios and comments included."""
    return hashlib.sha256(json.dumps(sorted(sources.items())).encode()).hexdigest()


def marked(findings: Iterable[Finding], sources: Mapping[str, str]) -> list[Marked]:
    """Return the findings with the lines that they are about."""
    found = []
    for each in findings:
        line, column = "", 0
        if each.place is not None:
            lines = sources.get(each.place.file, "").splitlines()
            if each.place.line <= len(lines):
                line, column = lines[each.place.line - 1], each.place.column - 1
        found.append(Marked(each, line[:column].lstrip(), line[column:], ""))
    return found


def per_file(findings: Iterable[Finding]) -> dict[str, int]:
    """Return how many findings, notes left out, stand in each file."""
    counts: dict[str, int] = {}
    for each in findings:
        if each.place is not None and each.severity != "note" and each.explained is None:
            counts[each.place.file] = counts.get(each.place.file, 0) + 1
    return counts


def others_of(row: PolicyVersion, hand: Hand) -> list[PolicyVersion]:
    """Return the versions of the same policy that a version can be compared with, latest first."""
    rows: Any = PolicyVersion.objects.defer("sources").filter(policy=row.policy).exclude(pk=row.pk)
    rows = rows.exclude(status=Status.WITHDRAWN) if hand.sees_drafts else rows.filter(status=Status.PUBLISHED)
    return list(rows.order_by("-effective_on", "-id"))
