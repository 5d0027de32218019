"""Reply templates: what a team or a person says again and again, filled from the case that is written about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

from django.db.models import Q, QuerySet

from ombud.cases.access.case_access import Accessed
from ombud.correspondence.models import ReplyTemplate
from ombud.notices.writing import fill_in
from ombud.organisation.models import Person
from ombud.policy.documents import CASE_NAMES, unknown_placeholders
from ombud.policy.model.pack import Pack
from ombud.policy.plain_text import plain
from ombud.policy.vocabulary import SUBJECT
from ombud.texts import nearest

TEXT = "text"  # of a template, beside its subject
LONGEST: Final = {SUBJECT: 200, TEXT: 20_000}  # characters
MOST = 500  # of one policy that a message offers


class ReplyError(ValueError):
    """A template cannot be kept; `field` is the one at fault, `written` the placeholder that stands for nothing."""

    def __init__(self, field: str, *, language: str = "", written: str = "", meant: str = "") -> None:
        super().__init__(field)
        self.field, self.language, self.written, self.meant = field, language, written, meant


def own_or_team(reader: Person, policies: Collection[str]) -> QuerySet[ReplyTemplate]:
    """Return the reader's own templates, and the teams' under the policies that they work under; by title."""
    rows = ReplyTemplate.objects.filter(Q(owner=reader) | Q(owner=None, policy__in=policies))
    return rows.select_related("changed_by").order_by("title", "pk")


def offered(accessed: Accessed, pack: Pack) -> list[ReplyTemplate]:
    """Return the templates that may begin a message on a case: one's own, and those of the teams that one is in."""
    known = [pack.roles.get(each.role) for each in accessed.actors]
    departments = {each.department for each in accessed.actors} | {role.department for role in known if role}
    mine = Q(department="") | Q(department__in=[each for each in departments if each])
    rows = ReplyTemplate.objects.filter(policy=accessed.case.policy)
    rows = rows.filter(Q(owner=accessed.reader) | Q(owner=None) & mine)
    return list(rows.order_by("owner", "title", "pk")[:MOST])


def filled(row: ReplyTemplate, accessed: Accessed, *, to: str, language: str, now: datetime) -> tuple[str, str, str]:
    """Return (language, subject, text) of a template, filled from a case: in this language, else in the nearest."""
    tag = nearest(row.texts, language)
    assert tag is not None, "a template has a language"
    said = {
        name: fill_in(row.texts[tag].get(name, ""), accessed.case, accessed.state, to=to, language=tag, now=now)
        for name in (SUBJECT, TEXT)
    }
    return tag, said[SUBJECT], said[TEXT]


def keep(row: ReplyTemplate, pack: Pack, texts: Mapping[str, Mapping[str, str]], *, by: Person, now: datetime) -> None:
    """Save a template whose title, policy, department and owner are set. Raises ReplyError."""
    row.title = " ".join(plain(row.title).split())
    row.texts = {tag: said for tag, given in texts.items() if (said := _said(given))}
    if not row.title:
        raise ReplyError("title")
    if row.department and row.department not in pack.departments:
        raise ReplyError("department")
    if not row.texts:
        raise ReplyError(TEXT)
    for tag, said in row.texts.items():
        _check(pack, tag, said)
    row.changed_by, row.changed_at = by, now
    row.save()


def names_of(pack: Pack) -> list[str]:
    """Return what a placeholder may name of a case under a policy."""
    return [*CASE_NAMES, *pack.kinds]


def _said(given: Mapping[str, str]) -> dict[str, str]:
    said = {
        SUBJECT: " ".join(plain(given.get(SUBJECT, "")).split()),
        TEXT: plain(given.get(TEXT, ""), lines=True).strip(),
    }
    return {name: words for name, words in said.items() if words}


def _check(pack: Pack, tag: str, said: Mapping[str, Any]) -> None:
    if TEXT not in said:
        raise ReplyError(TEXT, language=tag)
    names = names_of(pack)
    duties = {id for procedure in pack.procedures.values() for id in procedure.duties}
    for name, words in said.items():
        wrong = unknown_placeholders(
            words, names=names, duties=duties, clauses=pack.clauses.keys() | pack.base_clauses, channels=pack.channels
        )
        if wrong:
            close = get_close_matches(wrong[0].strip("{} "), names, 1)
            raise ReplyError(name, language=tag, written=wrong[0], meant=close[0] if close else "")
