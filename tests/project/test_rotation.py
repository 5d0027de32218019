"""A new master key takes an old one's place under acts and searches; wherever it is cut off, nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

import ombud
from builders import START, do, make_case
from cast import Cast
from ombud.cases import attachments, contents
from ombud.cases.access.case_access import access_case
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import verify_all
from ombud.cases.models import Attachment, Case, Content
from ombud.cases.reading import queries
from ombud.cases.repeats import repeats_of
from ombud.correspondence import accounts
from ombud.correspondence.models import Account
from ombud.privacy import blind, keys, rotations
from ombud.privacy.keys import MissingMasterKey
from ombud.privacy.master_keys import Keys
from ombud.privacy.models import BlindIndex, Complainant, InheritedKey, KeyRotation
from ombud.project import rotation
from samples import PNG

OLD, NEW = "5e" * 32, "2:" + "6f" * 32


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture(autouse=True)
def _old_key(settings: Any) -> None:
    settings.OMBUD_MASTER_KEY = Keys.fixed(OLD)


def both(settings: Any) -> None:
    """Give every process both keys, the new one first."""
    settings.OMBUD_MASTER_KEY = Keys.fixed(f"{NEW}\n{OLD}")


def turns(now: datetime) -> Iterator[int]:
    """Let the clock work until nothing is left to do; yield after each of its turns."""
    for turn in range(500):
        row = KeyRotation.objects.first()
        if row is not None and row.finished_at is not None:
            return
        blind.forget()
        rotation.advance(now=now + timedelta(seconds=30 * turn))
        yield turn
    pytest.fail("it never ends")


def found(cast: Cast, text: str) -> set[str]:
    return {line.case.reference for line in queries.register(cast.lin, now=timezone.now(), text=text).rows}


def test_everything_comes_under_the_new_key_and_the_old_one_may_go(
    cast: Cast, media: Path, settings: Any, now: datetime
) -> None:
    file = attachments.store(BytesIO(PNG), name="a.png", uploaded_by="complainant", now=START)
    waiting = attachments.store(BytesIO(PNG + b"more"), name="b.png", uploaded_by="x", now=START)
    first, second = make_case(evidence=[str(file.pk)]).case, make_case(minutes=3).case
    code = keys.digest("secret", "abc")
    box = Account(key="box", kind="mail", title="Mail", address="c@example.com")
    accounts.keep_secrets(box, {"password": "hush"})
    box.save()
    both(settings)
    for turn in turns(now):
        # People go on: they find, read and act on cases, whichever key these are under, and the same person is known.
        assert found(cast, "水壶") >= {first.reference, second.reference}, turn
        assert found(cast, "13800138000") >= {first.reference, second.reference}, turn
        accessed = access_case(cast.lin, first.reference)
        assert [row.line.case for row in repeats_of(accessed, now=now).rows][-1:] == [second], turn
        if turn == 1:
            made = make_case(minutes=4).case
        if turn >= 1:
            assert made.reference in found(cast, "13800138000"), turn
            assert made in [row.line.case for row in repeats_of(accessed, now=now).rows], turn
    assert rotation.left() == {}
    settings.OMBUD_MASTER_KEY = Keys.fixed(NEW)
    assert rotation.advance(now=now) == 1  # the old one's hashes go
    assert set(BlindIndex.objects.values_list("generation", flat=True)) == {2}
    assert verify_all()["problems"] == []
    assert found(cast, "水壶") == found(cast, "13800138000") == {each.reference for each in Case.objects.all()}
    with attachments.content(Attachment.objects.get(pk=file.pk)) as content:
        assert content.read() == PNG
    assert attachments.waiting_names([Attachment.objects.get(pk=waiting.pk)]) == ["b.png"]
    assert keys.digest("secret", "abc") == code  # what people hold stays good
    box.refresh_from_db()
    assert accounts.secrets_of(box) == {"password": "hush"}
    do(first, "take", cast, "lin", minutes=60)
    attachments.store(BytesIO(PNG), name="again.png", uploaded_by="x", now=START)
    assert Content.objects.count() == 2  # equal bytes are still known for equal


@pytest.mark.parametrize("killed_at", range(8))
def test_whoever_is_killed_loses_nothing_and_the_next_goes_on(
    cast: Cast, media: Path, settings: Any, now: datetime, monkeypatch: pytest.MonkeyPatch, killed_at: int
) -> None:
    make_case()
    gone = make_case(minutes=1).case
    assert gone.complainant is not None
    both(settings)
    saved, number = KeyRotation.save, iter(range(100))

    def save(self: KeyRotation, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("update_fields") and next(number) == killed_at:
            raise KeyboardInterrupt  # behind what was moved, before it is committed
        saved(self, *args, **kwargs)

    monkeypatch.setattr(KeyRotation, "save", save)
    with pytest.raises(KeyboardInterrupt):
        list(turns(now))
    before = KeyRotation.objects.get()
    erase(gone.complainant, now=now)  # meanwhile
    list(turns(now))
    assert KeyRotation.objects.get().done.get("complainants") == 2 - (before.done.get("complainants", 0) == 0)
    assert rotation.left() == {}
    settings.OMBUD_MASTER_KEY = Keys.fixed(NEW)
    rotation.advance(now=now)
    assert verify_all()["problems"] == []
    assert Complainant.objects.get(pk=gone.complainant.pk).wrapped_key is None


def test_a_process_that_knows_only_the_old_key_is_noticed_before_that_goes(
    cast: Cast, settings: Any, now: datetime
) -> None:
    make_case()
    both(settings)
    list(turns(now))
    settings.OMBUD_MASTER_KEY = Keys.fixed(OLD)  # one that nobody restarted
    make_case(minutes=1)
    both(settings)
    assert rotation.left() == {"complainants": 1}
    rotations.begin_again(KeyRotation.objects.get())
    list(turns(now))
    assert rotation.left() == {}


def test_without_the_new_key_what_it_seals_says_which_key_is_missing(cast: Cast, settings: Any, now: datetime) -> None:
    both(settings)
    case = make_case().case
    settings.OMBUD_MASTER_KEY = Keys.fixed(OLD)
    with pytest.raises(MissingMasterKey, match="master key 2"):
        keys.key_of(case.complainant)


def test_what_stays_is_handed_on_from_key_to_key(cast: Cast, settings: Any, now: datetime) -> None:
    kept = {purpose: keys.derived(purpose) for purpose in keys.INHERITED}
    both(settings)
    list(turns(now))
    settings.OMBUD_MASTER_KEY = Keys.fixed(NEW)
    rotation.advance(now=now)
    assert {purpose: keys.derived(purpose) for purpose in keys.INHERITED} == kept
    third = "3:" + "70" * 32
    settings.OMBUD_MASTER_KEY = Keys.fixed(f"{third} {NEW}")
    rotation.advance(now=now)
    settings.OMBUD_MASTER_KEY = Keys.fixed(third)
    assert {purpose: keys.derived(purpose) for purpose in keys.INHERITED} == kept
    assert set(InheritedKey.objects.values_list("under", flat=True)) == {3}


def test_every_purpose_is_either_handed_on_or_moved() -> None:
    source = "\n".join(path.read_text() for path in Path(ombud.__file__).parent.rglob("*.py"))
    asked = set(re.findall(r"\b(?:derived|digest)\(\"([^\"]+)\"", source)) | {"leave-way"}
    assert asked == set(keys.INHERITED)
    assert contents  # the module that wraps evidence
