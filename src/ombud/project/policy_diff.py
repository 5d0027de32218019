"""`ombud policy diff A B`: two versions beside each other by clause, and which cases would differ."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ombud.checks.version_impact import Difference, StoryDifference, differing_stories
from ombud.policy.compare import Change, ClauseChange, Comparison, Detail, compare
from ombud.policy.compare import say as word
from ombud.policy.model.pack import Pack
from ombud.policy.model.source import Place
from ombud.project.policy_words import Unreadable, say
from ombud.texts import Text, spoken


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseDifference:
    """A running case that would stand differently."""

    reference: str
    can_go_over: bool
    differences: tuple[Difference, ...]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give the command its two versions."""
    for name, about in (("before", "the earlier version"), ("after", "the later one")):
        parser.add_argument(
            name, metavar=name[0].upper(), help=f"{about}: a shipped id, a folder, or POLICY@VERSION from the database"
        )
    about = "name the open cases that would stand differently (needs the database)"
    parser.add_argument("--cases", action="store_true", help=about)


def diff(asked: argparse.Namespace, before: Pack, after: Pack) -> int:
    """Print what differs between two packs."""
    found = compare(before, after)
    stories = differing_stories(before, after)
    cases = _cases(before, after) if asked.cases else None
    if asked.json:
        print(json.dumps(_as_json(found, stories, cases, asked.language), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(found, stories, cases, asked.language)))
    return 0


def published(name: str) -> Pack:
    """Return the version POLICY@VERSION of the database."""
    _need_the_database()
    from ombud.organisation.library import pack
    from ombud.organisation.models import PolicyVersion

    policy, _, version = name.partition("@")
    kept = (PolicyVersion.Status.CHECKED, PolicyVersion.Status.APPROVED, PolicyVersion.Status.PUBLISHED)
    rows = PolicyVersion.objects.filter(policy=policy, status__in=kept)  # the text of a draft changes all the time
    known = dict(rows.values_list("version", "hash"))
    if version not in known:
        raise Unreadable(f"the database has no version {version!r} of {policy!r}, only {', '.join(known) or 'none'}")
    return pack(known[version])


def _need_the_database() -> None:
    """Set Django up, which other commands on policies do without. Raises Unreadable where there is nothing to read."""
    from ombud.project.command import set_up_django
    from ombud.project.env import SettingError

    try:
        set_up_django()
    except SettingError as error:
        raise Unreadable(str(error)) from error
    from django.db import connection

    if "organisation_policyversion" not in connection.introspection.table_names():
        raise Unreadable("the database is empty; bring it up to date with: ombud migrate")


def _cases(before: Pack, after: Pack) -> list[CaseDifference]:
    """Return the open cases of the policy that would stand differently under the later version."""
    _need_the_database()
    from django.utils import timezone

    from ombud.cases.reading.migration_preview import open_cases, preview
    from ombud.cases.references import shown

    now = timezone.now()
    previews = (preview(case, after, now=now) for case in open_cases(after, policy=before.id))
    return [
        CaseDifference(reference=shown(each.case.reference), can_go_over=each.can_go_over, differences=each.differences)
        for each in previews
        if each.differences
    ]


def _lines(
    found: Comparison, stories: Iterable[StoryDifference], cases: list[CaseDifference] | None, language: str
) -> Iterator[str]:
    yield f"{found.before.id} {found.before.version} -> {found.after.id} {found.after.version}"
    for clause in found.clauses:
        yield from _clause(clause, language)
    if found.elsewhere:
        yield f"\n{say('diff_elsewhere', language)}"
        for change in found.elsewhere:
            yield from _change(change, language)
    if found.is_same:
        yield say("diff_same", language)
    told = list(stories)
    yield f"\n{say('diff_stories', language, count=len(told))}"
    for story in told:
        yield f"  {story.name} ({_at(story.place)})"
        yield from (f"    {_difference(each, language)}" for each in story.differences)
    if cases is not None:
        yield f"\n{say('diff_cases', language, count=len(cases))}"
        for case in cases:
            stays = "" if case.can_go_over else f" ({say('diff_stays', language)})"
            yield f"  {case.reference}{stays}"
            yield from (f"    {_difference(each, language)}" for each in case.differences)


def _clause(clause: ClauseChange, language: str) -> Iterator[str]:
    verb = f": {word('verbs', clause.verb)[language]}" if clause.verb else ""
    yield f"\n§ {clause.ref}{verb}"
    if clause.verb:
        before, after = Detail(attribute="text", before=clause.before, after=clause.after).spoken(language)
        if before != after:
            yield from (f"  {sign} {text}" for sign, text in (("-", before), ("+", after)) if text)
    else:
        yield f"  {_spoken(clause.after, language)}"
    yield from (f"    {_detail(each, language)}" for each in clause.details)
    for change in clause.changes:
        yield from _change(change, language)


def _change(change: Change, language: str) -> Iterator[str]:
    place = change.after or change.before
    head = f"{word('kinds', change.kind)[language]} {word('verbs', change.verb)[language]}"
    yield f"  {head}: {_spoken(change.title, language)}{f' ({_at(place)})' if place else ''}"
    yield from (f"    {_detail(each, language)}" for each in change.details)


def _detail(detail: Detail, language: str) -> str:
    name = word("attributes", detail.attribute)[language]
    before, after = detail.spoken(language)
    if not before or not after:
        return f"{name}: {before or after}"
    return f"{name}: {before} -> {after}"


def _difference(each: Difference, language: str) -> str:
    sides = [_spoken(side, language) for side in (each.before, each.after) if side]
    return f"{_spoken(each.what, language)}: {' -> '.join(sides)}" if sides else _spoken(each.what, language)


def _spoken(text: Text | None, language: str) -> str:
    return spoken(text, language) if text else ""


def _at(place: Place) -> str:
    return f"{place.file}:{place.line}"


def _as_json(
    found: Comparison, stories: Iterable[StoryDifference], cases: list[CaseDifference] | None, language: str
) -> dict[str, Any]:
    document: dict[str, Any] = {
        side: {"id": each.id, "version": each.version, "hash": each.hash}
        for side, each in (("before", found.before), ("after", found.after))
    }
    document["clauses"] = [
        {
            "ref": clause.ref,
            "change": clause.verb,
            "before": _spoken(clause.before, language) or None,
            "after": _spoken(clause.after, language) or None,
            "details": [_detail_json(each, language) for each in clause.details],
            "rules": [_change_json(each, language) for each in clause.changes],
        }
        for clause in found.clauses
    ]
    document["elsewhere"] = [_change_json(each, language) for each in found.elsewhere]
    document["scenarios"] = [
        {
            "name": story.name,
            "file": story.place.file,
            "line": story.place.line,
            "differences": [_difference_json(each, language) for each in story.differences],
        }
        for story in stories
    ]
    if cases is not None:
        document["cases"] = [
            {
                "reference": case.reference,
                "can_go_over": case.can_go_over,
                "differences": [_difference_json(each, language) for each in case.differences],
            }
            for case in cases
        ]
    return document


def _change_json(change: Change, language: str) -> Mapping[str, Any]:
    place = change.after or change.before
    return {
        "change": change.verb,
        "kind": change.kind,
        "id": change.id,
        "procedure": change.procedure,
        "title": _spoken(change.title, language),
        "clauses": list(change.clauses),
        "file": place.file if place else None,
        "line": place.line if place else None,
        "details": [_detail_json(each, language) for each in change.details],
    }


def _detail_json(detail: Detail, language: str) -> Mapping[str, str | None]:
    before, after = detail.spoken(language)
    return {"attribute": detail.attribute, "before": before or None, "after": after or None}


def _difference_json(each: Difference, language: str) -> Mapping[str, str | None]:
    return {
        "what": _spoken(each.what, language),
        "before": _spoken(each.before, language) or None,
        "after": _spoken(each.after, language) or None,
    }
