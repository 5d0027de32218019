"""What stands in the cases that a search came upon, as the reader may read it: for its phrases, and for an excerpt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop

from ombud.cases import analyser, attachments, eventlog
from ombud.cases.access.permissions import Permissions
from ombud.cases.messages import text as words
from ombud.cases.models import Attachment, Case, Event
from ombud.cases.reading.titles import names_in
from ombud.organisation import library
from ombud.privacy.keys import key_of
from ombud.privacy.masking import mask_text
from ombud.privacy.sealing import Tampered, Vault
from ombud.texts import Text

_FILE = gettext_noop("File")
Said = tuple[Text, str]  # what it is, and the words
_Texts = Iterator[tuple[int, list[Said]]]  # of cases, by id


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A few words around what a search found, in pieces, each with whether it was found."""

    title: Text  # of the field
    pieces: Sequence[tuple[str, bool]]


def holding(cases: Sequence[Case], phrases: Iterable[str], permissions: Permissions) -> list[Case]:
    """Return those of the cases that hold every phrase somewhere; three queries at most."""
    missing = {case.pk: set(phrases) for case in cases}

    def is_done(case: Case) -> bool:
        return not missing[case.pk]

    for pk, texts in _texts(cases, permissions, is_done):
        for _, text in texts:
            missing[pk] -= analyser.holds(text, missing[pk])
    return [case for case in cases if not missing[case.pk]]


def excerpts(cases: Sequence[Case], query: Sequence[analyser.Group], permissions: Permissions) -> Mapping[int, Excerpt]:
    """Return where the query was found in each case, by its id, if in one place; three queries at most."""
    found: dict[int, Excerpt] = {}
    for pk, texts in _texts(cases, permissions, lambda case: case.pk in found):
        for title, text in texts:
            if pk not in found and (pieces := analyser.excerpt(text, query)):
                found[pk] = Excerpt(title, pieces)
    return found


def _texts(cases: Sequence[Case], permissions: Permissions, is_done: Callable[[Case], bool]) -> _Texts:
    """Yield the texts of the cases: what came in first, since most is found there, then the rest, then files."""
    for is_later in (False, True):
        wanted = {case.pk: case for case in cases if not is_done(case)}
        if not wanted:
            return
        place = {"seq__gt": 1} if is_later else {"seq": 1}
        for row in Event.objects.filter(case__in=wanted, **place).order_by("case_id", "seq"):
            if not is_done(wanted[row.case_id]):
                yield row.case_id, _said(wanted[row.case_id], row, permissions)
    open_ones = {case.pk: case for case in cases if not is_done(case) and not permissions.is_masked(case.policy)}
    for file in Attachment.objects.filter(case__in=open_ones) if open_ones else ():
        assert file.case_id is not None, "asked for by their cases"
        case = open_ones[file.case_id]
        yield case.pk, [(words(_FILE), attachments.name_of(file, _vault(case)))]


def _said(case: Case, row: Event, permissions: Permissions) -> list[Said]:
    """Return what an event says that the index knows, as the reader may read it."""
    pack, vault = library.pack(library.hash_of(case.policy_version_id)), _vault(case)
    is_masked = permissions.is_masked(case.policy)
    personal = eventlog.personal_fields(pack.hash)
    try:
        said = eventlog.decode(row, vault)
    except Tampered:
        return []  # `ombud verify` reports it; one bad row must not take everybody's search away
    found: list[Said] = []
    for field, text in eventlog.texts_in(pack, said):
        if not is_masked or field.id not in personal:
            found.append((field.title, text))
        elif eventlog.is_story(field):
            found.append((field.title, mask_text(text, names_in(case, vault))))
    return found


def _vault(case: Case) -> Vault:
    return Vault(key_of(case.complainant), case.reference)
