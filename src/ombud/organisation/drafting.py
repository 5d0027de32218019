"""The way of a policy version: draft, checked, approved by a second person, published; each step with who and when."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from ombud.checks import Report, apart, packed, unpacked
from ombud.organisation import publishing
from ombud.organisation.models import MANAGER, POLICY_OWNER, Membership, Person, PolicyReport, PolicyStep, PolicyVersion
from ombud.policy import load_sources
from ombud.policy.files import ALLOWED, MAIN_FILE, MAX_FILE, MAX_FILES
from ombud.policy.model.pack import Pack
from ombud.policy.plain_text import plain
from ombud.policy.problems import Problems
from ombud.policy.source import Entries, read
from ombud.policy.symbol_table import BASE_FILE

Status, Kind = PolicyVersion.Status, PolicyStep.Kind
OPEN = (Status.DRAFT, Status.CHECKED, Status.APPROVED)


class DraftingError(Exception):
    """A version cannot take this step; the message says why, and what to do."""


class Changed(DraftingError):
    """Somebody else changed the draft in the meantime; nothing was written."""


def can_write(person: Person) -> bool:
    """Return whether the person writes policies: the policy owner."""
    return _holds(person, POLICY_OWNER)


def can_approve(person: Person) -> bool:
    """Return whether the person approves versions, provided that they wrote nothing of them: the manager."""
    return _holds(person, MANAGER)


def _holds(person: Person, role: str) -> bool:
    return Membership.objects.filter(person=person, policy="", role=role).exists()


def begin(sources: Mapping[str, str], *, by: Person, now: datetime, origin: str = "") -> PolicyVersion:
    """Return a new draft with these files, which must be a readable pack. Raises PackError, DraftingError."""
    _need(can_write(by), _("Only the policy owner writes policies."))
    pack = load_sources(own_files(sources))  # before the transaction: reading takes a while, in which others write
    with transaction.atomic():
        _need_free(pack.id, pack.version, None)
        version = PolicyVersion.objects.create(
            policy=pack.id,
            version=pack.version,
            title=dict(pack.title),
            hash=_made_up(),
            sources=own_files(sources),
            effective_on=date.fromisoformat(pack.effective),
            drafted_by=by,
        )
        _note(version, Kind.DRAFTED, by=by, now=now, data={"origin": origin} if origin else {})
    return version


def edit(version_id: int, sources: Mapping[str, str], *, seen: int, by: Person, now: datetime) -> PolicyVersion:
    """Store other files in a draft, readable or not; `seen` is the revision that the person looked at.

    Raises Changed where somebody else saved since, DraftingError, also for files that take too long to read.
    """
    _need(can_write(by), _("Only the policy owner writes policies."))
    for name, text in sources.items():
        check_file(name, text)
    files = own_files(sources)
    _need(MAIN_FILE in files, _("A policy has a file pack.yaml."))
    _need(len(files) <= MAX_FILES, _("A policy has at most {n} files.").format(n=MAX_FILES))
    # Read apart and before the transaction: nobody waits for it, however long it takes.
    read = apart.read_head(files, policy="", owner=by.key)
    _need(not read.is_ended, _("This takes too long to read, so it is not kept. Say it more simply, then save again."))
    with transaction.atomic():
        return _store(_locked(version_id), files, read.head, seen=seen, by=by, now=now)


def _store(
    version: PolicyVersion,
    files: dict[str, str],
    head: Mapping[str, Any] | None,
    *,
    seen: int,
    by: Person,
    now: datetime,
) -> PolicyVersion:
    _need(version.status == Status.DRAFT, _("Only a draft can be edited. Take the version back to be edited first."))
    if version.revision != seen:
        raise Changed(_("Somebody else saved this draft in the meantime. Look at their text first."))
    before = version.sources
    touched = sorted(name for name in {*before, *files} if before.get(name) != files.get(name))
    if not touched:
        return version
    version.sources, version.revision = files, version.revision + 1
    if head is not None:
        _follow_head(version, head)
    version.save(update_fields=["sources", "revision", "policy", "version", "title", "effective_on"])
    PolicyReport.objects.filter(version=version).delete()
    _note(version, Kind.EDITED, by=by, now=now, data={"files": touched})
    return version


def _follow_head(version: PolicyVersion, head: Mapping[str, Any]) -> None:
    """Take number, title and date from the draft's text, where it can be read; its policy never changes."""
    _need(head["id"] == version.policy, _("A draft stays with its policy {id}.").format(id=version.policy))
    _need_free(head["id"], head["version"], version)
    version.version, version.title = head["version"], head["title"]
    version.effective_on = date.fromisoformat(head["effective"])


def submit(version_id: int, *, by: Person, now: datetime) -> Report:
    """Check a draft and return the report; without errors it is checked from then on.

    Raises PackError for a draft that cannot be read, Changed, DraftingError.
    """
    version = PolicyVersion.objects.get(pk=version_id)
    _need(can_write(by), _("Only the policy owner hands a draft in."))
    _need(version.status == Status.DRAFT, _("Only a draft is handed in."))
    files = own_files(version.sources)
    try:
        checked = apart.check_whole(files, policy=version.policy, owner=by.key)  # takes seconds, in which others write
    except apart.Failed as error:
        raise DraftingError(
            _("The checks failed on this text. That is a fault of Ombud; its log says where.")
        ) from error
    report = checked.report
    pack = None if checked.is_ended else load_sources(files)
    with transaction.atomic():
        now_there = _locked(version_id)
        if (now_there.status, now_there.revision) != (version.status, version.revision):
            raise Changed(_("Somebody else changed this draft in the meantime. Look at their text first."))
        if pack is not None:
            _need_free(pack.id, pack.version, version)
        if pack is not None and not report.errors:
            taken = PolicyVersion.objects.filter(hash=pack.hash).exclude(pk=version.pk).first()
            _need(taken is None, _("These rules are version {version} already.").format(version=taken))
            version.status, version.hash = Status.CHECKED, pack.hash
            version.sources = dict(pack.sources)  # with the base that it was checked with
            version.save(update_fields=["status", "hash", "sources"])
        found = {"content": packed(report), "is_final": not checked.is_ended, "made_at": now}
        PolicyReport.objects.update_or_create(version=version, defaults=found)
        counts = {"errors": report.errors, "warnings": report.warnings, "notes": report.notes}
        _note(version, Kind.CHECKED, by=by, now=now, data=counts)
    return report


@transaction.atomic
def acknowledge(version_id: int, *, because: str, by: Person, now: datetime) -> None:
    """Take responsibility for the warnings that the pack does not answer."""
    version = _locked(version_id)
    _need(can_write(by), _("Only the policy owner acknowledges warnings."))
    _need(version.status == Status.CHECKED, _("Warnings are acknowledged once the version is checked."))
    _need(bool(plain(because)), _("Say why the warnings may stay."))
    _note(version, Kind.ACKNOWLEDGED, by=by, now=now, note=because, data={"hash": version.hash})


@transaction.atomic
def reopen(version_id: int, *, because: str, by: Person, now: datetime) -> None:
    """Take a checked or approved version back to be edited; what was checked and approved counts no longer."""
    version = _locked(version_id)
    _need(can_write(by) or can_approve(by), _("Only the policy owner or a manager takes a version back."))
    _need(version.status in (Status.CHECKED, Status.APPROVED), _("Only a checked or approved version is taken back."))
    version.status, version.hash, version.approved_by = Status.DRAFT, _made_up(), None
    version.sources, version.revision = own_files(version.sources), version.revision + 1
    version.save(update_fields=["status", "hash", "approved_by", "sources", "revision"])
    _note(version, Kind.REOPENED, by=by, now=now, note=because)


@transaction.atomic
def approve(version_id: int, *, by: Person, now: datetime, note: str = "") -> None:
    """Approve a checked version: a second person, who wrote nothing of it. Raises DraftingError."""
    version = _locked(version_id)
    _need(can_approve(by), _("Only a manager approves a version."))
    _need(version.status == Status.CHECKED, _("Only a checked version can be approved."))
    _need(
        by.pk not in authors(version),
        _("You wrote this version or part of it. Two pairs of eyes: somebody else must approve it."),
    )
    _need(not pending_warnings(version), _("Warnings stand unanswered: the policy owner acknowledges them first."))
    version.status, version.approved_by = Status.APPROVED, by
    version.save(update_fields=["status", "approved_by"])
    _note(version, Kind.APPROVED, by=by, now=now, note=note, data={"hash": version.hash})


def publish(version_id: int, *, effective: date, by: Person, now: datetime) -> PolicyVersion:
    """Put an approved version in force from a day on, today at the earliest. Raises DraftingError."""
    version = PolicyVersion.objects.get(pk=version_id)
    if version.status == Status.APPROVED:
        pack_of(version)  # read before anybody waits for the lock
    with transaction.atomic():
        return _publish(_locked(version_id), effective=effective, by=by, now=now)


def _publish(version: PolicyVersion, *, effective: date, by: Person, now: datetime) -> PolicyVersion:
    _need(can_write(by) or can_approve(by), _("Only the policy owner or a manager publishes a version."))
    _need(version.status == Status.APPROVED, _("Only an approved version can be published."))
    _need(
        effective >= publishing.today(now),
        _("The day has passed. A version is in force from today or a later day on."),
    )
    pack = pack_of(version)
    _need(pack.hash == version.hash, _("The stored text is not the one that was checked."))
    version.status, version.published_at, version.effective_on = Status.PUBLISHED, now, effective
    version.save(update_fields=["status", "published_at", "effective_on"])
    publishing.settle(pack, now=now)
    data = {"hash": version.hash, "effective_on": effective.isoformat()}
    _note(version, Kind.PUBLISHED, by=by, now=now, data=data)
    return version


@transaction.atomic
def withdraw(version_id: int, *, because: str, by: Person, now: datetime) -> None:
    """Give a version up that was never published; its number is free again."""
    version = _locked(version_id)
    _need(can_write(by), _("Only the policy owner withdraws a draft."))
    _need(version.status in OPEN, _("Only what was never published can be withdrawn."))
    version.status, version.hash = Status.WITHDRAWN, _made_up()
    version.save(update_fields=["status", "hash"])
    _note(version, Kind.WITHDRAWN, by=by, now=now, note=because)


def authors(version: PolicyVersion) -> set[int]:
    """Return the Person.pk of everybody who wrote something of a version."""
    steps = PolicyStep.objects.filter(version=version, kind__in=(Kind.DRAFTED, Kind.EDITED))
    return {pk for pk in steps.values_list("person", flat=True) if pk is not None}


def pending_warnings(version: PolicyVersion) -> int:
    """Return how many warnings neither the pack answers nor its owner has acknowledged for this very text."""
    report = PolicyReport.objects.filter(version=version).first()
    warnings = unpacked(report.content).warnings if report and report.content else 0
    acknowledged = PolicyStep.objects.filter(version=version, kind=Kind.ACKNOWLEDGED, data__hash=version.hash)
    return 0 if not warnings or acknowledged.exists() else warnings


def steps_of(version: PolicyVersion) -> list[PolicyStep]:
    """Return what was done with a version, oldest first."""
    return list(PolicyStep.objects.filter(version=version).select_related("person"))


def pack_of(version: PolicyVersion) -> Pack:
    """Return the pack of a version in any state. Raises PackError for a draft that cannot be read."""
    return _loaded(tuple(sorted(version.sources.items())))


@lru_cache(maxsize=16)
def _loaded(files: tuple[tuple[str, str], ...]) -> Pack:
    return load_sources(dict(files))


def renumbered(sources: Mapping[str, str], *, version: str, effective: date) -> dict[str, str]:
    """Return the files with another number and date in their head, every other letter as it was."""
    text = sources[MAIN_FILE]
    root = read(text, MAIN_FILE, Problems())
    head = root.entries["pack"].value if isinstance(root, Entries) and "pack" in root.entries else None
    wanted = {"version": version, "effective": effective.isoformat()}
    lines = text.splitlines(keepends=True)
    places = {key: head.entries[key].value.place for key in wanted if isinstance(head, Entries) and key in head.entries}
    # From the end on, so that places before stay where they are.
    for key in sorted(places, key=lambda each: (places[each].line, places[each].column), reverse=True):
        line, column = places[key].line - 1, places[key].column - 1
        lines[line] = lines[line][:column] + _WRITTEN.sub(wanted[key], lines[line][column:], count=1)
    return {**sources, MAIN_FILE: "".join(lines)}


_WRITTEN = re.compile(r"\A(\"[^\"]*\"|'[^']*'|[^\s,}#]+)")  # one value, in quotes or without


def next_number(version: str) -> str:
    """Return the number that usually comes next: 1.2.0 after 1.1.5."""
    parts = version.split(".")
    if len(parts) >= 2 and parts[1].isdecimal():
        return ".".join([parts[0], str(int(parts[1]) + 1), *("0" for _rest in parts[2:])])
    return f"{version}.1"


def own_files(sources: Mapping[str, str]) -> dict[str, str]:
    """Return the pack's own files: those of the base come from the program until it is published."""
    return {name: text.replace("\r\n", "\n") for name, text in sources.items() if name != BASE_FILE}


def check_file(name: str, text: str) -> None:
    """Raise DraftingError for a file that a pack cannot have."""
    if name == BASE_FILE:
        return
    _need(
        bool(ALLOWED.match(name)),
        _(
            "{name} is no file of a policy: pack.yaml, scenarios/NAME.yaml, letters/NAME.LANG.md, source/NAME.md."
        ).format(name=name),
    )
    _need(len(text.encode()) <= MAX_FILE, _("{name} is too large.").format(name=name))


def _locked(version_id: int) -> PolicyVersion:
    return PolicyVersion.objects.select_for_update().get(pk=version_id)


def _need(holds: bool, otherwise: str) -> None:
    if not holds:
        raise DraftingError(otherwise)


def _need_free(policy: str, number: str, version: PolicyVersion | None) -> None:
    """Raise DraftingError where the number belongs to another version."""
    others = PolicyVersion.objects.filter(policy=policy, version=number).exclude(status=Status.WITHDRAWN)
    if version is not None:
        others = others.exclude(pk=version.pk)
    taken = others.exists()
    _need(not taken, _("There is a version {version} already. Give this one another number.").format(version=number))


def _made_up() -> str:
    """Return what stands for the hash of a text that still changes."""
    return f"draft-{secrets.token_hex(24)}"


def _note(
    version: PolicyVersion, kind: str, *, by: Person | None, now: datetime, note: str = "", data: Any = None
) -> None:
    note = plain(note, lines=True)
    PolicyStep.objects.create(version=version, kind=kind, person=by, at=now, note=note, data=data or {})
