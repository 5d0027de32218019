"""Who sees what: a case is loaded only through access_case, and what is not yours does not exist."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from builders import START, after, make_case, make_history
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import ACT, EVIDENCE, access_case, exchange, grant_from, grant_of, scope, unmask
from ombud.cases.errors import Forbidden, NoSuchCase, Throttled
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Recusal
from ombud.cases.reading import access_log, queries
from ombud.notices.models import Notice
from ombud.privacy import log
from ombud.privacy.models import Access
from together import at_once

pytestmark = pytest.mark.django_db


def test_the_service_department_sees_every_case_of_the_policy(cast: Cast) -> None:
    case = make_case().case
    for name in ("lin", "wei"):
        assert access_case(getattr(cast, name), case.reference, ACT).case == case


def test_another_department_sees_a_case_only_once_it_has_it(cast: Cast) -> None:
    case = make_case().case
    with pytest.raises(NoSuchCase):
        access_case(cast.chen, case.reference)
    case = make_history(cast, "route")
    assert access_case(cast.chen, case.reference, ACT).actors[0].role == "contact"
    with pytest.raises(NoSuchCase):
        access_case(cast.deng, case.reference)
    assert list(scope(cast.chen)) == [case]
    assert list(scope(cast.deng)) == []


def test_whoever_holds_no_role_sees_nothing(cast: Cast) -> None:
    case = make_case().case
    with pytest.raises(NoSuchCase):
        access_case(cast.nobody, case.reference)
    cast.lin.is_active = False
    with pytest.raises(NoSuchCase):
        access_case(cast.lin, case.reference)


def test_a_manager_sees_all_and_an_auditor_reads_all_masked(cast: Cast) -> None:
    case = make_history(cast, "route")
    assert access_case(cast.mo, case.reference).actors == ()
    seen = access_case(cast.ai, case.reference)
    assert seen.is_masked
    with pytest.raises(Forbidden):
        access_case(cast.ai, case.reference, ACT)
    with pytest.raises(Forbidden):
        access_case(cast.ai, case.reference, EVIDENCE)
    shown = {fact.field: fact for fact in queries.facts(seen)}
    assert shown["name"].value == "王**"
    assert shown["phone"].value == "138****8000"
    assert shown["email"].value == "W***@Example.com"
    assert shown["subject"].value == "电水壶漏水"


def test_free_text_is_masked_where_it_repeats_names_and_numbers(cast: Cast) -> None:
    case = make_case(narrative="我是王小明，电话13912345678，邮箱a.b@c.cn，水壶漏水").case
    shown = {fact.field: fact.value for fact in queries.facts(access_case(cast.ai, case.reference))}
    assert shown["narrative"] == "我是***，电话***，邮箱***，水壶漏水"


def test_lists_name_nobody_to_a_masked_reader_either(cast: Cast) -> None:
    make_case(subject="李建国替王小明投诉导购赵敏", representative="李建国", staff_involved="赵敏")
    assert queries.register(cast.lin, now=START).rows[0].subject == "李建国替王小明投诉导购赵敏"
    assert queries.register(cast.ai, now=START).rows[0].subject == "***替***投诉导购***"


def test_unmasking_needs_a_reason_and_is_logged(cast: Cast) -> None:
    case = make_case().case
    for nothing in ("", " ", "\u200b\u3000", "\u202e", ".", "x", "aaaaaaaa", "- - - -", "查查查", "abc"):
        with pytest.raises(log.ReasonMissing):
            unmask(cast.ai, case.reference, reason=nothing, now=START)
    assert not Access.objects.exists()
    seen = unmask(cast.ai, case.reference, reason="抽查第三季度", now=START)
    assert {fact.field: fact.value for fact in queries.facts(seen)}["name"] == "王小明"
    assert access_case(cast.ai, case.reference).is_masked
    row = Access.objects.get()
    assert (row.person, row.reference) == (cast.ai, case.reference)
    assert "抽查" not in row.reason
    assert [look.reason for look in access_log.latest(cast.mo)] == ["抽查第三季度"]


def test_a_day_allows_so_many_cases_and_who_comes_to_the_number_is_told_of(cast: Cast, settings: Any) -> None:
    settings.OMBUD_UNMASK_A_DAY = 2
    first, second, third = (make_case().case for _ in range(3))
    for case in (first, second, first):
        assert not unmask(cast.gao, case.reference, reason="核实处理结果", now=START).is_masked
    carry(now=after(1))
    told = Notice.objects.filter(kind=Notice.Kind.UNMASKED)
    assert {row.person for row in told} == {cast.mo, cast.ai}
    assert {row.case for row in told} == {second}
    with pytest.raises(log.AllowanceUsed):
        unmask(cast.gao, third.reference, reason="核实处理结果", now=after(23 * 60))
    unmask(cast.ai, third.reference, reason="核实处理结果", now=START)
    assert not unmask(cast.gao, third.reference, reason="核实处理结果", now=after(24 * 60 + 1)).is_masked


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_two_looks_at_once_do_not_both_take_the_last_one(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OMBUD_UNMASK_A_DAY = 1
    cases, place = [make_case().case for _ in range(2)], log._place

    def slowly(person: int, at: datetime) -> str:
        time.sleep(0.3)  # between counting and writing
        return place(person, at)

    monkeypatch.setattr(log, "_place", slowly)
    looks = [partial(unmask, cast.gao, case.reference, reason="核实处理结果", now=START) for case in cases]
    assert sorted(type(each).__name__ for each in at_once(*looks)) == ["Accessed", "AllowanceUsed"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads small tables whole")
def test_looks_of_a_person_and_the_newest_are_found_by_their_indexes(cast: Cast) -> None:
    with CaptureQueriesContext(connection) as asked:
        unmask(cast.ai, make_case().case.reference, reason="抽查第三季度", now=START)
        access_log.latest(cast.mo)
    looks = [each["sql"] for each in asked if 'FROM "privacy_access"' in each["sql"]]
    with connection.cursor() as cursor:
        plans = [str(cursor.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()) for statement in looks]
    for plan, index in zip(plans, ("access_of_person", "access_newest"), strict=True):
        assert index in plan


def test_why_somebody_looked_is_masked_for_whom_the_case_is_and_goes_with_it(cast: Cast) -> None:
    case = make_case().case
    unmask(cast.ai, case.reference, reason="王小明来电询问", now=START)
    assert [look.reason for look in access_log.latest(cast.mo)] == ["***来电询问"]
    assert case.complainant is not None
    erase(case.complainant, now=after(5))
    assert [look.reason for look in access_log.latest(cast.mo)] == [""]
    assert unmask(cast.ai, case.reference, reason="", now=after(6)).is_masked  # nothing is left to see


def test_a_role_that_the_pack_does_not_name_sees_personal_data_masked(cast: Cast) -> None:
    case = make_case().case
    assert access_case(cast.gao, case.reference).is_masked
    assert not access_case(cast.lin, case.reference).is_masked


def test_a_recused_person_does_not_find_the_case(cast: Cast) -> None:
    case = make_case().case
    Recusal.objects.create(case=case, person=cast.lin, reason="亲属", at=START)
    with pytest.raises(NoSuchCase):
        access_case(cast.lin, case.reference)
    assert list(scope(cast.lin)) == []
    assert queries.register(cast.lin, now=START).rows == ()
    assert queries.register(cast.lin, now=START, text="水壶").rows == ()
    assert queries.my_duties(cast.lin, now=START).rows == ()
    assert queries.my_duty_count(cast.lin, now=START) == queries.DutyCount()
    assert access_case(cast.wei, case.reference).case == case


def test_a_complainant_sees_their_own_case_and_its_public_events(cast: Cast) -> None:
    received, other = make_case(), make_case()
    grant = exchange(received.case.reference.lower().replace("-", " "), received.secret.lower(), client="1", now=START)
    seen = access_case(grant_from(grant.token), received.case.reference)
    assert seen.is_public
    assert [entry.act for entry in queries.timeline(seen)][:1] == ["receive"]
    with pytest.raises(NoSuchCase):
        access_case(grant, other.case.reference)


def test_internal_notes_stay_internal(cast: Cast) -> None:
    from builders import do

    case = make_case().case
    do(case, "note", cast, "lin", minutes=5, data={"remark": "语气激动"})
    seen = access_case(grant_of(case), case.reference)
    assert "note" not in [entry.act for entry in queries.timeline(seen)]
    assert "remark" not in [fact.field for fact in queries.facts(seen)]


def test_a_wrong_secret_and_a_wrong_reference_look_the_same(cast: Cast) -> None:
    received = make_case()
    for reference, secret in ((received.case.reference, "0000-0000-00000"), ("KS-0000-0000-0", received.secret)):
        with pytest.raises(NoSuchCase):
            exchange(reference, secret, client="1", now=START)


def guess(reference: str, *, client: str, minutes: int = 0) -> None:
    exchange(reference, "0000", client=client, now=after(minutes))


def test_guessing_a_secret_is_throttled_for_an_hour_and_says_how_long(cast: Cast) -> None:
    case = make_case().case
    for _ in range(30):
        with pytest.raises(NoSuchCase):
            guess(case.reference, client="9.9.9.9")
    with pytest.raises(Throttled) as caught:
        guess(case.reference, client="9.9.9.9", minutes=20)
    assert caught.value.wait == timedelta(minutes=40)
    with pytest.raises(NoSuchCase):
        guess(case.reference, client="9.9.9.9", minutes=61)


def test_no_guessing_keeps_the_owner_out(cast: Cast) -> None:
    received = make_case()
    for number in range(400):
        with pytest.raises((NoSuchCase, Throttled)):
            guess(received.case.reference, client=f"9.9.9.{number // 40}")
    for client in ("8.8.8.8", "9.9.9.1"):
        assert exchange(received.case.reference, received.secret, client=client, now=START)


def test_opening_ones_own_case_forgives_no_guesses_at_others(cast: Cast) -> None:
    mine, other = make_case(), make_case()
    for _ in range(30):
        with pytest.raises(NoSuchCase):
            guess(other.case.reference, client="9.9.9.9")
        exchange(mine.case.reference, mine.secret, client="9.9.9.9", now=START)
    with pytest.raises(Throttled):
        guess(other.case.reference, client="9.9.9.9")


def test_a_cookie_that_is_not_ours_opens_nothing(cast: Cast) -> None:
    for token in ("", "abc", grant_of(make_case().case).token[:-2] + "xx"):
        with pytest.raises(NoSuchCase):
            grant_from(token)
