"""What a complainant has typed so far: kept sealed in the session, so that no step is ever lost."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, QueryDict

from ombud.interface.fields import StoredFile
from ombud.privacy.sealing import HouseVault

SLOT = "draft"
MOST = 5  # of one policy in one browser: one for each tab, and the oldest goes first


@dataclass(kw_only=True)
class FilingDraft:
    """One complaint in the making, under one policy; its id stands in the address, so that every tab has its own."""

    policy: str
    channel: str
    begun: int  # epoch seconds
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    office: str = ""
    through: int = 0  # the number of the partner's link that was followed
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16))  # filing twice files once
    typed: dict[str, list[str]] = field(default_factory=dict)  # as browsers send it, right or wrong
    files: dict[str, list[list[str]]] = field(default_factory=dict)  # field -> [id, name] of what is stored already
    done: list[int] = field(default_factory=list)  # steps that were in order when left
    tried: list[int] = field(default_factory=list)  # steps that were sent to go on: only these say what is wrong
    sent: str = ""  # the reference, once filed
    held: bool = False  # it was sent, and waits until there is room

    @property
    def owner(self) -> str:
        """Whose uploads these are."""
        return f"draft:{self.key}"

    @property
    def is_begun(self) -> bool:
        """Return whether something was typed, and nothing sent yet."""
        return not (self.sent or self.held) and (any(map(any, self.typed.values())) or any(self.files.values()))

    @property
    def digest(self) -> str:
        """Return what tells two states of the draft apart: a page that shows one of them sends no other."""
        return hashlib.sha256(json.dumps([self.key, self.typed, self.files], sort_keys=True).encode()).hexdigest()

    def finish(self, reference: str) -> None:
        """Forget what was typed, which is in the register now, and remember under which reference."""
        self.sent, self.typed, self.files = reference, {}, {}

    def take(self, names: tuple[str, ...], data: Mapping[str, Any]) -> None:
        """Keep what was typed into these fields, whether or not it is in order."""
        assert isinstance(data, QueryDict), "the form as the browser sent it"
        for name in names:
            self.typed[name] = data.getlist(name)

    def keep(self, name: str, files: list[StoredFile]) -> None:
        """Keep which files are stored for a field."""
        self.files[name] = [[file.id, file.name] for file in files]

    def as_data(self) -> QueryDict:
        """Return everything as if the browser had sent it at once."""
        data = QueryDict(mutable=True)
        for name, values in self.typed.items():
            data.setlist(name, values)
        for name, files in self.files.items():
            data.setlist(f"{name}-stored", [StoredFile(*file).token for file in files])
        return data


def is_id(text: str) -> bool:
    """Return whether a draft may be called so."""
    return re.fullmatch(r"[0-9a-f]{8}", text) is not None


def load(request: HttpRequest, policy: str, id: str) -> FilingDraft | None:
    """Return this browser's draft of that id, if there is one."""
    token = request.session.get(_slot(policy, id))
    return FilingDraft(**_vault(policy).open(0, SLOT, token)) if token else None


def all_of(request: HttpRequest, policy: str) -> list[FilingDraft]:
    """Return this browser's drafts under a policy, the newest first."""
    ids = [name.rpartition(":")[2] for name in list(request.session.keys()) if name.startswith(_slot(policy, ""))]
    found = [draft for id in ids if (draft := load(request, policy, id)) is not None]
    return sorted(found, key=lambda draft: -draft.begun)


def save(request: HttpRequest, draft: FilingDraft) -> None:
    """Keep the draft; nobody reads it in the database without the master key."""
    request.session[_slot(draft.policy, draft.id)] = _vault(draft.policy).seal(0, SLOT, vars(draft))


def begin(request: HttpRequest, draft: FilingDraft) -> None:
    """Keep a new draft beside the others; those that hold nothing go before those that do, and older ones first."""
    others = all_of(request, draft.policy)
    spare = sorted(others, key=lambda each: (not each.is_begun, -each.begun))[MOST - 1 :]
    for each in spare:
        drop(request, each.policy, each.id)
    save(request, draft)


def drop(request: HttpRequest, policy: str, id: str) -> None:
    """Forget the draft."""
    request.session.pop(_slot(policy, id), None)


def _slot(policy: str, id: str) -> str:
    return f"{SLOT}:{policy}:{id}"


def _vault(policy: str) -> HouseVault:
    return HouseVault("drafts", f"draft {policy}")
