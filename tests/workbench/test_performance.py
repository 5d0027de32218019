"""The performance record: figures as a plain count gives them, own ones and those of one's people, few ones marked."""

from __future__ import annotations

import csv
import io
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from builders import after, make_history
from cast import POLICY, Cast
from ombud.cases.access.permissions import permissions_of
from ombud.cases.models import Case, Confidant, Duty, Recusal
from ombud.insight import keeping, spans
from ombud.insight.exports.models import Export
from ombud.insight.performance import counting, objections
from ombud.insight.performance.models import Objection
from ombud.insight.performance.objections import ObjectionError
from ombud.insight.performance.people import people_of
from ombud.insight.scopes import Scope
from ombud.notices import reading
from ombud.notices.models import Notice
from ombud.organisation.models import Person
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db
PAGE = "/desk/performance/record/"
ASKED = {"policy": POLICY, "span": "last-12-months"}


@pytest.fixture
def cases(cast: Cast, sign_in: Any, later: Any) -> list[Case]:
    made = [make_history(cast, "follow_up", minutes=n) for n in range(2)] + [make_history(cast, "propose", minutes=4)]
    later(500)
    keeping.rebuild()
    return made


def names(cast: Cast, who: str) -> list[str]:
    return [each.username for each in people_of(permissions_of(cast.people[who]), pack_of(POLICY))]


def test_a_person_sees_their_own_and_whoever_leads_them_sees_it_too(cast: Cast) -> None:
    assert names(cast, "lin") == ["lin"]
    assert names(cast, "chen") == ["chen"]
    assert names(cast, "zhou") == ["chen", "zhou"]  # the head of quality, not logistics' Deng
    assert "lin" in names(cast, "wei")
    assert names(cast, "nobody") == []
    assert set(names(cast, "mo")) == set(names(cast, "ai")) == {
        "lin", "wei", "chen", "zhou", "deng", "sun", "gao",
    }  # fmt: skip


def test_people_of_whom_nothing_is_counted_are_named_in_one_line(cast: Cast, sign_in: Any, cases: list[Case]) -> None:
    page = sign_in("mo").get(PAGE, ASKED).content.decode()
    table, rest = page[: page.index("Nothing is counted in this span of")], page.split("</table>")[1]
    assert '<th scope="row"><bdi>Chen</bdi></th>' in table
    assert '<th scope="row"><bdi>Deng</bdi></th>' not in table
    assert "Deng" in rest
    assert '<th scope="row"><bdi>Deng</bdi></th>' in sign_in("deng").get(PAGE, ASKED).content.decode()  # one's own


def record_of(cast: Cast, who: str) -> counting.Record:
    now = after(500)
    scope = Scope(reader=None, policy=POLICY, span=spans.span_of(spans.YEAR, now=now, zone=UTC))
    return counting.records(pack_of(POLICY), [cast.people[who]], scope, now)[0]


def test_figures_are_what_a_plain_count_gives(cast: Cast, cases: list[Case]) -> None:
    found = record_of(cast, "chen")
    mine = [each for each in Case.objects.filter(procedure="complaint") if each.handler == cast.chen]
    assert len(mine) == 3
    assert found.figures["closed"].value == sum(each.closed_at is not None for each in mine) == 2
    assert float(found.figures["satisfied"].value or 0) == 1
    owed = [
        each
        for each in Duty.objects.filter(policy=POLICY, is_outsiders=False).select_related("case")
        if each.person == cast.chen
        or (each.person is None and each.case.handler == cast.chen and each.role == "contact")
    ]
    told = [each for each in owed if each.status in ("met", "late") or (each.due_at and each.due_at < after(500))]
    met = [each for each in told if each.status == "met"]
    assert (found.figures["on_time"].of, len(met) > 0) == (len(told), True)
    assert float(found.figures["on_time"].value or 0) == pytest.approx(len(met) / len(told))
    assert [found.is_from_few(each) for each in ("satisfied", "rounds", "closed")] == [True, True, False]
    assert record_of(cast, "deng").figures["closed"].value == 0


def test_a_case_that_is_kept_from_the_person_or_the_reader_is_in_no_figure(
    cast: Cast, sign_in: Any, cases: list[Case]
) -> None:
    def closed(reader: Person | None = None) -> tuple[Any, int]:
        scope = Scope(reader=None, policy=POLICY, span=spans.span_of(spans.YEAR, now=after(500), zone=UTC))
        found = counting.records(pack_of(POLICY), [cast.chen, cast.lin], scope, after(500), reader=reader)
        return found[0].figures["closed"].value, found[0].figures["on_time"].of

    whole = closed()
    assert whole[0] == 2
    # Confidential, and about the one who handled it: their own record must not tell of it, whoever reads it.
    Confidant.objects.create(case=cases[0], person=cast.mo)
    assert closed()[0] == closed(cast.mo)[0] == closed(cast.chen)[0] == 1
    assert closed()[1] < whole[1]
    Confidant.objects.create(case=cases[0], person=cast.chen)
    assert closed() == closed(cast.chen) == whole
    # Who reads the record of others is told nothing of a case that they are kept out of themselves.
    assert closed(cast.zhou)[0] == 1
    Recusal.objects.create(case=cases[1], person=cast.zhou, reason="r", at=after(500))
    assert closed(cast.zhou)[0] == 0
    Recusal.objects.create(case=cases[1], person=cast.chen, reason="r", at=after(500))
    assert closed()[0] == 1


def test_the_page_marks_figures_from_fewer_than_ten(cast: Cast, sign_in: Any, cases: list[Case]) -> None:
    page = sign_in("chen").get(PAGE, ASKED).content.decode()
    assert "from 2 only" in page
    assert "Zhou" not in page
    assert "Chen" in sign_in("zhou").get(PAGE, ASKED).content.decode()
    assert sign_in("mo").get(PAGE, {"policy": "none"}).status_code == 404


def test_many_people_take_as_many_queries_as_one(cast: Cast, cases: list[Case]) -> None:
    now = after(500)
    scope = Scope(reader=None, policy=POLICY, span=spans.span_of(spans.YEAR, now=now, zone=UTC))
    counts = []
    for people in ([cast.chen], [cast.chen, cast.lin, cast.wei, cast.zhou, cast.deng]):
        with CaptureQueriesContext(connection) as queries:
            assert len(counting.records(pack_of(POLICY), people, scope, now)) == len(people)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_table_goes_out_without_formulas_and_is_on_record(
    cast: Cast, sign_in: Any, cases: list[Case], media: Path
) -> None:
    Person.objects.filter(username="chen").update(name='=HYPERLINK("x")')
    asked = {"list": "performance", "format": "csv", "query": urlencode(ASKED)}
    answer = sign_in("zhou").post("/desk/exports/new/", asked)
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert Export.objects.get().what == "performance"  # that it was taken is on record
    assert [row[0] for row in rows] == ["Person", '\'=HYPERLINK("x")', "Zhou"]
    closed = rows[0].index("Complaints closed")
    assert rows[1][closed : closed + 3] == ["2", "2", ""]
    first = rows[0].index("Satisfied")
    assert rows[1][first : first + 3] == ["1.0", "2", "yes"]


def test_an_objection_stands_with_the_record_and_is_answered_by_who_leads(cast: Cast, sign_in: Any, cases: Any) -> None:
    sent = {"words": "三月我请了病假"}
    address = f"{PAGE}objections/?policy={POLICY}&span=last-12-months"
    assert sign_in("chen").post(address, {"words": " "}).status_code == 302
    assert not Objection.objects.exists()
    assert sign_in("nobody").post(address, sent).status_code in (403, 404)
    sign_in("chen").post(address, sent)
    row = Objection.objects.get()
    assert (row.person, row.first.isoformat(), row.last.isoformat()) == (cast.chen, "2025-04-01", "2026-03-31")
    answer = f"{PAGE}objections/{row.pk}/"
    assert sign_in("deng").post(answer, {"words": "x"}).status_code == 404
    sign_in("chen").post(answer, {"words": "x"})
    sign_in("ai").post(answer, {"words": "x"})  # an auditor only looks
    assert Objection.objects.get().answered_at is None
    sign_in("zhou").post(answer, {"words": "已扣除"})
    with pytest.raises(ObjectionError, match="answered"):
        objections.answer(row, pack_of(POLICY), "再答", by=permissions_of(cast.zhou), now=after(500))
    page = sign_in("chen").get(PAGE, ASKED).content.decode()
    assert [words in page for words in ("三月我请了病假", "已扣除")] == [True, True]


def told(cast: Cast, who: str) -> list[str]:
    rows = Notice.objects.filter(person=cast.people[who], kind=Notice.Kind.OBJECTION).order_by("pk")
    return [reading.sentence(row) for row in rows]


def test_who_leads_is_told_of_an_objection_and_who_objected_of_the_answer(cast: Cast, sign_in: Any, cases: Any) -> None:
    address = f"{PAGE}objections/?policy={POLICY}&span=last-12-months"
    sign_in("chen").post(address, {"words": "I was ill in March"})
    assert told(cast, "chen") == told(cast, "gao") == []  # Chen's head is nearer than management
    with translation.override("en"):
        [waits] = told(cast, "zhou")
    assert "Chen objects to their performance record of 1 Apr 2025 to 31 Mar 2026" in waits
    assert waits.endswith("I was ill in March")
    row = Objection.objects.get()
    sign_in("zhou").post(f"{PAGE}objections/{row.pk}/", {"words": "March is left out."})
    with translation.override("en"):
        [answered] = told(cast, "chen")
    assert "Zhou answered your objection" in answered
    assert answered.endswith("March is left out.")
    page = sign_in("chen").get("/desk/notices/").content.decode()
    assert f'href="{PAGE}?policy={POLICY}#objection-{row.pk}"' in page
    assert f'id="objection-{row.pk}"' in sign_in("chen").get(PAGE, ASKED).content.decode()


def test_outside_the_desk_an_objection_is_told_without_names_and_words(cast: Cast, sign_in: Any, cases: Any) -> None:
    sign_in("chen").post(f"{PAGE}objections/?policy={POLICY}&span=last-12-months", {"words": "I was ill in March"})
    row = Notice.objects.get(kind=Notice.Kind.OBJECTION)
    said = reading.sentence(row, is_named=False)
    assert "Chen" not in said
    assert "ill in March" not in said
