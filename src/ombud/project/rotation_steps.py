"""What lies under a master key, kind by kind, and how a few of each come under the one that seals now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet

from ombud.cases import attachments, contents, eventlog, indexing, projections, search
from ombud.cases.fold import folded_rows
from ombud.cases.models import Attachment, Case, Content
from ombud.channels import holding
from ombud.channels.models import HeldComplaint
from ombud.correspondence import accounts, wording
from ombud.correspondence.models import Account, Message
from ombud.directory import keeping as directories
from ombud.directory.models import Directory
from ombud.insight.opinion import mentions
from ombud.insight.opinion.models import Mention
from ombud.notices.alerts import addresses
from ombud.notices.alerts.models import Way
from ombud.privacy import keys
from ombud.privacy.models import Complainant
from ombud.privacy.sealing import HouseVault, Vault, is_current
from ombud.signin import factors, single_sign_on
from ombud.signin.models import CodeGenerator, Provider


class Batch(NamedTuple):
    """What was looked at: how many, how many of them were moved, the key of the last; none looked at is the end."""

    looked: int
    moved: int
    last: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One kind of what lies under a master key."""

    rows: Callable[[], QuerySet[Any]]
    move: Callable[[list[Any]], int]  # of rows that are locked
    left: Callable[[Any], bool]  # whether a row is under another master key; asked before the old one goes
    at_once: int
    warm: Callable[[list[Any]], object] = len  # what takes long the first time, before anybody has to wait for it

    def _next(self, after: str) -> QuerySet[Any]:
        rows = self.rows().order_by("pk")
        return rows.filter(pk__gt=after) if after else rows

    def get_ready(self, after: str) -> None:
        """Do ahead of the transaction what can be done there."""
        self.warm(list(self._next(after)[: self.at_once]))

    def do(self, after: str) -> Batch:
        """Move the next few; belongs in the transaction that writes down how far it came."""
        found = list(self._next(after).select_for_update(of=("self",))[: self.at_once])
        return Batch(len(found), self.move(found), str(found[-1].pk) if found else "")

    def count_left(self) -> int:
        """Return how many rows still lie under another master key."""
        return sum(self.left(row) for row in self.rows().iterator(chunk_size=2000))


def _is_old(wrapped: bytes | memoryview) -> bool:
    return keys.generation_of(wrapped) != keys.ring()[0].generation


def _move_contents(rows: list[Content]) -> int:
    files = Attachment.objects.filter(content__in=[row.pk for row in rows])
    return contents.seal_anew(rows, dict(files.values_list("content", "sha256")))


def _read(rows: list[Case]) -> None:
    """Read and compile what folding these cases asks for: policies above all."""
    for case in rows:
        events = eventlog.rows_of(case)
        vault = Vault(keys.key_of(case.complainant), case.reference)
        search.ready(projections.document(case, events, vault))
        folded_rows(case, events, vault)


def _index(rows: list[Case]) -> int:
    for case in rows:
        events = eventlog.rows_of(case)
        vault = Vault(keys.key_of(case.complainant), case.reference)
        indexing.index(case, events, vault, folded_rows(case, events, vault))
    return len(rows)


def _move_messages(rows: list[Message]) -> int:
    moved = 0
    for row in rows:
        if wording.blind_anew(row):
            moved += Message.objects.filter(pk=row.pk).update(address=row.address)
    return moved


class Sealed(NamedTuple):
    """Rows with values that are sealed under the installation's own key."""

    model: type[Model]
    field: str
    vault: Callable[[Any], HouseVault]
    name: str = ""  # of the one value; empty where the field holds several by name
    rows: Mapping[str, Any] = {}

    def tokens(self, row: Model) -> dict[str, dict[str, str]]:
        """Return the sealed values of a row by name."""
        held = getattr(row, self.field) or {}
        return dict(held) if not self.name else {self.name: held} if held else {}

    def move(self, rows: Iterable[Model]) -> int:
        """Seal anew what another master key sealed."""
        moved = 0
        for row in rows:
            if self.is_left(row):
                vault = self.vault(row)
                fresh = {
                    name: token if is_current(token) else vault.seal(0, name, vault.open(0, name, token))
                    for name, token in self.tokens(row).items()
                }
                value = fresh[self.name] if self.name else fresh
                moved += self.model._default_manager.filter(pk=row.pk).update(**{self.field: value})
        return moved

    def is_left(self, row: Model) -> bool:
        """Return whether one of its values is under another master key."""
        return any(not is_current(token) for token in self.tokens(row).values())

    def step(self) -> Step:
        """Return how they are moved."""
        return Step(
            rows=lambda: self.model._default_manager.filter(**self.rows), move=self.move, left=self.is_left, at_once=50
        )


SEALED: Mapping[str, Sealed] = {
    "accounts": Sealed(Account, "secrets", accounts.vault_of),
    "second factors": Sealed(CodeGenerator, "secret", factors.vault_of_generator, "secret"),
    "single sign-on": Sealed(Provider, "secret", single_sign_on.vault_of, "secret"),
    "directories": Sealed(Directory, "secret", directories.vault_of, "secret"),
    "addresses of staff": Sealed(Way, "sealed", addresses.vault_of, "address"),
    "mentions": Sealed(Mention, "sealed", mentions.vault_of, mentions.WORDS),
    "held complaints": Sealed(HeldComplaint, "sealed", holding.vault_of, "sent"),
    "waiting files": Sealed(Attachment, "name", attachments.vault_of_waiting, "name", {"case": None}),
}

INDEX, MESSAGES = "index", "messages"

#: In this order: what finds people is written under both keys first, and only then is what has room for one changed.
STEPS: Mapping[str, Step] = {
    "complainants": Step(
        rows=lambda: Complainant.objects.filter(wrapped_key__isnull=False),
        move=keys.seal_anew,
        left=lambda row: _is_old(row.wrapped_key),
        at_once=100,
    ),
    "evidence": Step(
        rows=lambda: Content.objects.exclude(key=b""),
        move=_move_contents,
        left=lambda row: _is_old(row.key),
        at_once=50,
    ),
    **{name: each.step() for name, each in SEALED.items()},
    INDEX: Step(
        rows=lambda: Case.objects.select_related("complainant"),
        move=_index,
        left=lambda row: False,
        at_once=2,
        warm=_read,
    ),
    MESSAGES: Step(
        rows=lambda: Message.objects.exclude(address="").select_related("keeper"),
        move=_move_messages,
        left=wording.blind_anew,
        at_once=50,
    ),
}
