"""Importing what Zendesk and Zammad export: tickets with what was said, files, and nothing twice."""

from __future__ import annotations

import json
import tracemalloc
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from builders import assert_refolds
from cast import Cast
from ombud.cases.access.case_access import access_case
from ombud.cases.models import Attachment, Case
from ombud.cases.reading import queries
from ombud.channels.importer.mapping import load_mapping
from ombud.channels.importer.tables import TableError
from ombud.channels.importer.tickets import read_export
from ombud.channels.importer.writing import Report, import_table
from samples import PNG

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
EXAMPLES = Path(__file__).parents[2] / "docs" / "how-to" / "import"
PICTURE = b64encode(PNG).decode()
COMMENTS = [
    {"author_id": 7, "public": True, "created_at": "2026-03-03T09:00:00Z", "plain_body": "It leaks.", "attachments": [
        {"file_name": "kettle.png", "content_url": "https://x.zendesk.com/a", "data": PICTURE},
        {"file_name": "lost.png", "content_url": "https://x.zendesk.com/b"},
    ]},
    {"author_id": 8, "public": False, "created_at": "2026-03-03T10:00:00Z", "body": "Ask the depot."},
    {"author_id": 8, "public": True, "created_at": "2026-03-03T11:00:00Z", "html_body": "<p>We <b>replace</b> it.</p>"},
]  # fmt: skip
TICKET: dict[str, Any] = {
    "id": 35436, "subject": "Kettle leaks", "description": "It leaks.", "status": "solved", "priority": "high",
    "created_at": "2026-03-03T09:00:00Z", "updated_at": "2026-03-03T12:00:00Z", "requester_id": 7, "tags": ["a", "b"],
    "via": {"channel": "web"}, "custom_fields": [{"id": 360001, "value": "SO-77"}], "comments": COMMENTS,
}  # fmt: skip
USERS = [{"id": 7, "name": "Ann Lee", "email": "ann@example.com", "phone": "13800138000"}, {"id": 8, "name": "Bo"}]
ZAMMAD: dict[str, Any] = {
    "id": 1, "number": "22001", "title": "Kettle leaks", "state": "closed", "priority": "3 high",
    "create_article_type": "phone", "created_at": "2026-03-03T09:00:00.000Z", "close_at": "2026-03-03T12:00:00.000Z",
    "customer": "ann@example.com",
    "articles": [{
        "from": "Ann Lee <ann@example.com>", "internal": False, "content_type": "text/html", "body": "It <i>leaks</i>.",
        "created_at": "2026-03-03T09:00:00.000Z", "attachments": [{"filename": "kettle.png", "content": PICTURE}],
    }],
}  # fmt: skip


def take_in(file: Path, mapping: str, *, is_dry: bool = False) -> Report:
    return import_table(file, load_mapping(EXAMPLES / f"{mapping}.yaml"), now=NOW, is_dry=is_dry)


def written(tmp_path: Path, *parts: Any) -> Path:
    file = tmp_path / "export.json"
    file.write_text("\n".join(json.dumps(part) for part in parts), "utf-8")
    return file


def rows(file: Path) -> list[dict[str, str]]:
    table = read_export(file)
    return [dict(zip(table.heading, record.cells, strict=True)) for record in table.records]


@pytest.mark.parametrize(
    "parts",
    [
        ({"tickets": [TICKET], "users": USERS, "count": 1, "next_page": None},),
        ({"users": USERS}, TICKET),
        ({"users": USERS}, [TICKET]),
        (
            {"count": 1, "users": USERS, "tickets": [{**TICKET, "comments": None}]},
            {"comments": [{**each, "ticket_id": 35436} for each in COMMENTS]},
        ),
    ],
    ids=["one document", "lines", "a list", "comments apart"],
)
def test_an_export_of_zendesk_is_read_however_it_is_written(tmp_path: Path, parts: tuple[Any, ...]) -> None:
    (row,) = rows(written(tmp_path, *parts))
    assert (row["id"], row["via.channel"], row["custom_fields.360001"], row["tags"]) == (
        "35436",
        "web",
        "SO-77",
        "a, b",
    )
    assert (row["requester.name"], row["requester.email"]) == ("Ann Lee", "ann@example.com")
    assert row["first"] == "It leaks."
    assert row["thread"] == (
        "2026-03-03T09:00:00Z Ann Lee\nIt leaks.\n\n2026-03-03T11:00:00Z Bo\nWe replace it."
    )  # fmt: skip
    assert row["notes"] == "2026-03-03T10:00:00Z Bo\nAsk the depot."
    assert row["files"] == "kettle.png · lost.png"


def test_a_ticket_becomes_a_closed_case_with_its_files_and_a_second_run_adds_nothing(
    cast: Cast, media: Path, tmp_path: Path
) -> None:
    file = written(tmp_path, {"tickets": [TICKET], "users": USERS})
    report = take_in(file, "zendesk")
    assert (report.imported, report.skipped) == (1, [])
    assert [each.reason.split(":")[0] for each in report.doubtful] == ["taken in, but not its file 'lost.png'"]
    case = Case.objects.get(source="zendesk:35436")
    assert case.received_at == datetime(2026, 3, 3, 9, tzinfo=UTC)
    facts = {each.field: each.value for each in queries.facts(access_case(cast.people["lin"], case.reference))}
    assert (facts["name"], facts["narrative"], facts["urgency"]) == ("Ann Lee", "It leaks.", "urgent")
    assert [each.media_type for each in Attachment.objects.filter(case=case)] == ["image/png"]
    assert_refolds(case)
    again = take_in(file, "zendesk")
    assert (again.imported, again.present) == (0, 1)
    assert Attachment.objects.count() == 1


def test_a_dry_run_reports_the_same_and_keeps_nothing(cast: Cast, media: Path, tmp_path: Path) -> None:
    report = take_in(written(tmp_path, {"tickets": [TICKET], "users": USERS}), "zendesk", is_dry=True)
    assert (report.imported, len(report.doubtful)) == (1, 1)
    assert not Case.objects.exists()
    assert not Attachment.objects.exists()


def test_an_export_of_zammad_becomes_a_case(cast: Cast, media: Path, tmp_path: Path) -> None:
    report = take_in(written(tmp_path, [ZAMMAD]), "zammad")
    assert (report.imported, report.skipped) == (1, [])
    case = Case.objects.get(source="zammad:22001")
    facts = {each.field: each.value for each in queries.facts(access_case(cast.people["lin"], case.reference))}
    assert (case.channel, facts["email"], facts["narrative"]) == ("hotline", "ann@example.com", "It leaks.")
    assert Attachment.objects.filter(case=case).count() == 1


def test_a_ticket_that_cannot_be_used_is_told_by_its_number_and_the_others_come_in(
    cast: Cast, media: Path, tmp_path: Path
) -> None:
    bad = {**TICKET, "id": 2, "created_at": "yesterday"}
    report = take_in(written(tmp_path, {"users": USERS}, TICKET, bad, {**TICKET, "id": 3}), "zendesk")
    assert report.imported == 2
    (problem,) = report.skipped
    assert (problem.line, problem.key) == (2, "2")
    assert "yesterday" in problem.reason


@pytest.mark.parametrize(
    "content",
    [
        b'{"tickets": [{"id": 1}', b"[1, 2]", b"[", b"{}x", b'{"tickets": {}}', b"[" * 5000, b'{"tickets": [\xff]}',
        b'{"tickets" [}', b'{"users": [7]}', b"[]",
    ],
)  # fmt: skip
def test_a_broken_export_writes_nothing_and_says_where(cast: Cast, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "export.json"
    file.write_bytes(content)
    with pytest.raises(TableError, match=r"export\.json"):
        take_in(file, "zendesk")
    assert not Case.objects.exists()


def test_a_large_export_is_read_piece_by_piece(tmp_path: Path) -> None:
    file, long = tmp_path / "export.json", "x" * 20_000
    with file.open("w") as out:
        out.write('{"tickets": [')
        out.writelines(
            json.dumps({"id": number, "description": long}) + ("," if number < 1999 else "") for number in range(2000)
        )
        out.write("]}")
    assert file.stat().st_size > 40_000_000
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_export(file).records) == 2000
        assert tracemalloc.get_traced_memory()[1] < 15_000_000
    finally:
        tracemalloc.stop()
