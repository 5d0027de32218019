"""Training records: what somebody passed, for how long it holds, and the gate that it opens."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from builders import assert_refolds
from ombud.cases import attachments
from ombud.cases.errors import Forbidden, Refused
from ombud.cases.models import Attachment
from ombud.cases.reading import training as reading_training
from ombud.organisation import training
from ombud.organisation.models import TrainingRecord
from ombud.organisation.staff import Roster
from ombud.organisation.training import TrainingError
from regional import POLICY, START, Regional, after, do, file

pytestmark = pytest.mark.django_db


def passed(regional: Regional, who: str, on: date, **more: Any) -> TrainingRecord:
    return training.record(
        regional.people[who], POLICY, "handling", passed_on=on, by=regional.mo, now=after(days=30), **more
    )


def qualified(regional: Regional, who: str, at: datetime) -> bool:
    return Roster(POLICY).is_qualified(regional.people[who].key, "handling", int(at.timestamp()))


def test_who_has_not_passed_is_refused_the_case_and_then_gets_it(regional: Regional) -> None:
    case = file()
    with pytest.raises(Refused) as refused:
        do(case, "accept", "ben", regional, now=after(hours=1))
    assert [each.code for each in refused.value.refusals] == ["qualified"]
    training.record(regional.ben, POLICY, "handling", passed_on=date(2026, 3, 2), by=regional.mo, now=after(hours=2))
    done = do(case, "accept", "ben", regional, now=after(hours=3)).case
    assert done.handler == regional.ben
    assert_refolds(done)


def test_an_exam_holds_from_its_day_to_its_last(regional: Regional) -> None:
    passed(regional, "ben", date(2026, 3, 3), valid_until=date(2026, 3, 10))
    # Days in Shanghai, where the installation is: 3 March begins there at 16:00 UTC of the 2nd.
    assert not qualified(regional, "ben", datetime(2026, 3, 2, 15, 59, tzinfo=UTC))
    assert qualified(regional, "ben", datetime(2026, 3, 2, 16, 0, tzinfo=UTC))
    assert qualified(regional, "ben", datetime(2026, 3, 10, 15, 59, tzinfo=UTC))
    assert not qualified(regional, "ben", datetime(2026, 3, 10, 16, 0, tzinfo=UTC))


def test_a_record_taken_back_opens_nothing_from_then_on(regional: Regional) -> None:
    row = passed(regional, "ben", date(2026, 3, 2))
    training.revoke(row, reason="The paper was another's", by=regional.mo, now=after(days=1))
    assert qualified(regional, "ben", after(hours=1))
    assert not qualified(regional, "ben", after(days=2))
    with pytest.raises(TrainingError, match=r"^revoked$"):
        training.revoke(row, reason="Again", by=regional.mo, now=after(days=2))
    passed(regional, "ben", date(2026, 3, 2))  # and may be recorded anew


@pytest.mark.parametrize(
    ("who", "change", "wrong"),
    [
        ("ben", {"exam": "cooking"}, "exam"),
        ("mo", {}, "self"),
        ("ben", {"passed_on": date(2027, 1, 1)}, "date"),
        ("ben", {"valid_until": date(2026, 3, 1)}, "valid"),
        ("anna", {"passed_on": date(2026, 2, 2)}, "twice"),
    ],
)
def test_what_cannot_be_recorded_says_why(regional: Regional, who: str, change: dict[str, Any], wrong: str) -> None:
    given: dict[str, Any] = {"exam": "handling", "passed_on": date(2026, 3, 2), **change}
    with pytest.raises(TrainingError, match=f"^{wrong}$"):
        training.record(regional.people[who], POLICY, given.pop("exam"), by=regional.mo, now=after(hours=1), **given)


def test_evidence_of_an_exam_is_kept(regional: Regional, media: Path) -> None:
    kept, lost = (
        attachments.store(io.BytesIO(b"passed"), name="paper.txt", uploaded_by="staff", now=START) for _ in range(2)
    )
    passed(regional, "ben", date(2026, 3, 2), evidence=kept.pk)
    assert attachments.remove_unlinked(now=after(days=2)) == 1
    assert list(Attachment.objects.values_list("pk", flat=True)) == [kept.pk]
    assert kept.pk != lost.pk


def test_the_records_are_listed_to_who_keeps_them_and_to_others_their_own(
    regional: Regional, django_assert_num_queries: Any
) -> None:
    passed(regional, "ben", date(2026, 3, 2), valid_until=date(2026, 3, 5))
    for name, expected in (("dora", 4), ("mo", 4), ("ai", 4), ("gao", 4), ("ben", 1), ("deng", 0)):
        page = reading_training.records(regional.people[name], policy=POLICY, now=after(days=1))
        assert len(page.rows) == expected, name
    first = reading_training.records(regional.dora, policy=POLICY, now=after(days=10), limit=1)
    assert [(line.record.person, line.status) for line in first.rows] == [(regional.ben, "expired")]
    second = reading_training.records(regional.dora, policy=POLICY, now=after(days=10), limit=3, cursor=first.after)
    assert [line.status for line in second.rows] == ["valid"] * 3
    assert second.after is None
    with django_assert_num_queries(5):
        reading_training.records(regional.dora, policy=POLICY, now=after(days=10), exam="handling")


def test_the_roll_says_who_may_not_take_cases(regional: Regional, django_assert_num_queries: Any) -> None:
    passed(regional, "ben", date(2026, 3, 2), valid_until=date(2026, 3, 5))
    lines = reading_training.roll(regional.dora, policy=POLICY, now=after(days=10))
    assert {line.person.username: line.status for line in lines} == {
        "anna": "valid",
        "ben": "expired",
        "dora": "valid",
        "nora": "valid",
    }
    with pytest.raises(Forbidden):
        reading_training.roll(regional.anna, policy=POLICY, now=START)
    with django_assert_num_queries(6):
        reading_training.roll(regional.dora, policy=POLICY, now=after(days=10))
