"""Personal data: unreadable in the database, gone when its key is, and still provable."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection

from builders import COMPLAINT, START, after, assert_refolds, do, make_case, make_history
from carried import carry
from cast import Cast
from computing import computed_within
from ombud.cases import attachments
from ombud.cases.access.case_access import access_case
from ombud.cases.errors import Refused
from ombud.cases.keeping.erasure import erase
from ombud.cases.keeping.verify import rebuild, verify_all
from ombud.cases.models import Attachment, Case, Event
from ombud.cases.reading import queries
from ombud.privacy.keys import WrongMasterKey, key_of
from ombud.privacy.masking import mask, mask_text
from ombud.privacy.master_keys import Keys
from ombud.privacy.models import Access, BlindIndex
from ombud.privacy.throttle import attempt, tidy
from samples import PNG


def everything_stored() -> str:
    """Return every value of every table, the parts of the search index too, as one text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("organisation_", "sqlite_", "django_")):
                continue
            cursor.execute(f"SELECT * FROM {table}")
            found += [_readable(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found)


def _readable(value: object) -> str:
    return bytes(value).decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


@pytest.mark.django_db
def test_nothing_that_a_complainant_wrote_stands_in_clear_nor_does_a_word_of_it(cast: Cast, media: Path) -> None:
    row = attachments.store(BytesIO(PNG), name="我的发票.png", uploaded_by="complainant", now=START)
    make_case(evidence=[str(row.pk)])
    carry(now=after(1))
    stored = everything_stored()
    for words in (*COMPLAINT.values(), "13800138000", "我的发票", "wang@example.com"):
        assert words not in stored
    for word in ("水壶", "漏水", "王小", "小明", "退款", "kettle", "kettl", "leaks", "13800", "发票"):
        assert word not in stored, word


@pytest.mark.django_db
def test_an_erased_complainant_is_gone_and_chain_proofs_and_grades_stay(
    cast: Cast, media: Path, django_capture_on_commit_callbacks: object
) -> None:
    row = attachments.store(BytesIO(PNG), name="我的发票.png", uploaded_by="complainant", now=START)
    case = make_history(cast, "investigate", evidence=[str(row.pk)])
    carry(now=after(91))
    mail.outbox.clear()
    other = make_case(minutes=91).case
    heads = list(Event.objects.filter(case=case).values_list("hash", flat=True))
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert erase(case.complainant, now=after(95)) == 1
    case = Case.objects.get(pk=case.pk)
    assert key_of(case.complainant) is None
    assert list(Event.objects.filter(case=case).values_list("hash", flat=True)) == heads
    assert verify_all()["problems"] == []
    assert case.grades["severity"] == "general"
    shown = {fact.field: fact for fact in queries.facts(access_case(cast.lin, case.reference))}
    assert (shown["name"].value, shown["name"].is_erased) == (None, True)
    assert shown["finding"].value == "substantiated"
    line = next(line for line in queries.register(cast.lin, now=START).rows if line.case == case)
    assert (line.subject, line.complainant) == ("", "")
    found = queries.register(cast.lin, now=START, text="水壶")
    assert [line.case for line in found.rows] == [other]
    assert [line.case for line in queries.register(cast.lin, now=START, text=case.reference).rows] == [case]
    assert BlindIndex.objects.exclude(complainant=other.complainant).count() == 0
    assert not [path for path in media.rglob("*") if path.is_file()]
    kept = Attachment.objects.get()
    assert (kept.content, kept.sha256) == (None, row.sha256)
    rebuild(case.pk)
    assert_refolds(case)
    assert [line.case for line in queries.register(cast.lin, now=START, text="水壶").rows] == [other]


@pytest.mark.django_db
def test_an_erased_case_goes_on_but_takes_in_nothing_personal(cast: Cast) -> None:
    case = make_case().case
    assert case.complainant is not None
    erase(case.complainant, now=after(5))
    with pytest.raises(Refused) as caught:
        do(case, "note", cast, "lin", minutes=6, data={"remark": "王小明来电"})
    assert [refusal.code for refusal in caught.value.refusals] == ["erased"]
    assert caught.value.refusals[0].field == "remark"
    do(case, "take", cast, "lin", minutes=7)
    carry(now=after(8))
    assert mail.outbox == []
    assert_refolds(case)


@pytest.mark.django_db
def test_another_master_key_opens_nothing(cast: Cast, settings: object) -> None:
    case = make_case().case
    settings.OMBUD_MASTER_KEY = Keys.fixed("78" * 32)  # type: ignore[attr-defined]
    with pytest.raises(WrongMasterKey):
        key_of(case.complainant)
    assert any("master key" in problem for problem in verify_all()["problems"])


@pytest.mark.django_db
def test_the_access_log_is_only_ever_added_to(cast: Cast) -> None:
    row = Access.objects.create(person=cast.ai, reference="KS-0000-0000-0", what="case", reason="抽查", at=START)
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        row.delete()


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("name", "王小明", "王**"),
        ("name", "Ann Lee", "A** L**"),
        ("phone", "13800138000", "138****8000"),
        ("phone", "12345", "***"),
        ("email", "wang@example.com", "w***@example.com"),
        ("address", "深圳市南山区", "***"),
        ("complainants", ["王小明", "李雷"], ["王**", "李*"]),
        ("age", 41, "***"),
    ],
)
def test_what_a_masked_reader_sees(name: str, value: object, masked: object) -> None:
    assert mask(name, value) == masked


def test_free_text_keeps_its_sense_without_its_names() -> None:
    text = "订单号 6222 0212 3456 7890，王小明，投诉两次，赔 200 元"
    assert mask_text(text, ("王小明",)) == "订单号 ***，***，投诉两次，赔 200 元"


@pytest.mark.django_db
def test_attempts_are_counted_in_windows() -> None:
    from datetime import timedelta

    hour = timedelta(hours=1)
    assert [attempt("k", limit=2, window=hour, now=START) for _ in range(3)] == [True, True, False]
    assert attempt("k", limit=2, window=hour, now=after(61))
    assert attempt("other", limit=2, window=hour, now=START)
    assert tidy(now=START + timedelta(days=3)) == 2


@pytest.mark.parametrize(
    "text", ["a" * 20_000, "a@" + "b-" * 10_000, "1-" * 5 + "x" + "1" * 20_000, "a@" + "b." * 10_000]
)
def test_masking_takes_no_longer_for_a_text_that_was_made_for_it(text: str) -> None:
    with computed_within(0.5):
        mask_text(text)


@pytest.mark.parametrize("text", ["联系wang.x+1@mail.example.com，谢谢", "<wang@example.com>", "a@@wang@example.com."])
def test_an_address_is_masked_wherever_it_stands(text: str) -> None:
    assert "wang" not in mask_text(text)


@pytest.mark.parametrize("known", [("王小", "王小明"), ("王小明", "王小")])
def test_of_names_that_hold_each_other_the_longer_is_masked_first(known: tuple[str, ...]) -> None:
    assert mask_text("王小明与王小同来", known) == "***与***同来"
