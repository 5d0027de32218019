"""Requests about one's own data: the person's cases are found, packed as they may read them, and erased."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from builders import after, do, make_case, make_history, publish_policy
from carried import carry
from cast import STAFF, Cast
from ombud.cases.access.case_access import Accessed, access_case
from ombud.cases.commands import perform
from ombud.cases.errors import Forbidden, NoSuchCase
from ombud.cases.keeping import erasure_requests, holds, persons
from ombud.cases.models import Case, ErasureRequest, Recusal
from ombud.channels.intake import receive
from ombud.engine.model import COMPLAINANT_ACTOR
from ombud.organisation.models import Department, Membership
from ombud.papers import case_files
from ombud.papers.models import CaseFile
from ombud.privacy.keys import key_of
from ombud.privacy.models import Access, BlindIndex
from papers.pdfs import words_of

pytestmark = pytest.mark.django_db
POLICY = "data-protection"


@pytest.fixture
def request_of(cast: Cast) -> Accessed:
    """Return a request of the person of `builders.COMPLAINT`, as Deng reads it, who keeps the privacy desk."""
    publish_policy(POLICY)
    desk = Department.objects.get(policy=POLICY, key="privacy")
    Membership.objects.create(person=cast.deng, policy=POLICY, role="agent", department=desk)
    Membership.objects.create(person=cast.sun, policy=POLICY, role="management")
    asked = {"subject": "查阅我的信息", "right": "access", "name": "王小明", "email": "wang@example.com"}
    at = after(200)
    case = receive(POLICY, channel="web", language="zh", data=asked, actor=COMPLAINANT_ACTOR, at=at, now=at).case
    return access_case(cast.deng, case.reference)


def confirm(cast: Cast, asked: Accessed) -> Accessed:
    """Register the request and confirm who asks, as the privacy desk does; return it as it is then."""
    for minutes, act, data in (
        (201, "register", {"right": "access", "law": "gdpr", "name": "王小明"}),
        (202, "identify", {"identity_check": "account"}),
    ):
        actor = access_case(cast.deng, asked.case.reference).actors[0]
        perform(asked.case, act, actor=actor, at=after(minutes), now=after(minutes), data=data)
    return access_case(cast.deng, asked.case.reference)


def test_cases_with_the_same_address_or_number_are_found_under_other_policies(cast: Cast, request_of: Accessed) -> None:
    theirs, other = make_history(cast, "investigate"), make_case(email="li@example.com", phone="13911112222").case
    (row,) = persons.found(request_of, now=after(201))
    assert (row.case, row.same, row.is_held) == (theirs, ("email",), False)
    holds.hold(theirs, reason="诉讼", by=cast.mo, now=after(201))
    (row,) = persons.found(request_of, now=after(202))
    assert row.is_held
    request_of = confirm(cast, request_of)
    with pytest.raises(NoSuchCase):
        persons.chosen(request_of, [theirs.reference, other.reference])
    Recusal.objects.create(case=theirs, person=cast.deng, reason="亲属", at=after(203))
    assert persons.found(request_of, now=after(204)) == []


def test_only_the_roles_that_the_pack_names_find_them(cast: Cast, request_of: Accessed) -> None:
    case = make_history(cast, "route")
    for who, reference in (
        ("sun", request_of.case.reference),
        ("mo", request_of.case.reference),
        ("lin", case.reference),
    ):
        accessed = access_case(cast.people[who], reference)
        assert not persons.may_find(accessed), who
        with pytest.raises(Forbidden):
            persons.found(accessed, now=after(201))


def test_the_package_holds_what_the_person_may_read_and_no_word_of_ours(
    cast: Cast, request_of: Accessed, media: Any
) -> None:
    theirs, request_of = make_history(cast, "investigate"), confirm(cast, request_of)
    do(theirs, "note", cast, "lin", minutes=120, data={"remark": "内部备注：疑似重复索赔"})
    carry(now=after(121))
    file = case_files.ask_package(request_of, [theirs.reference], now=after(210))
    assert case_files.ask(request_of, now=after(210)) != file  # the file of the case itself is another one
    alone = case_files.ask_package(request_of, [], now=after(210))
    assert alone != file  # other cases are ticked: the package asked for before is made no more
    file = case_files.ask_package(request_of, [theirs.reference], now=after(210))
    assert case_files.make_waiting(now=after(211)) == 2
    with case_files.open_file(request_of, file.pk, case_files.ZIP, now=after(212)) as opened:
        packed = zipfile.ZipFile(io.BytesIO(opened.read()))
    names = packed.namelist()
    assert {"index.html", "data.json", f"{theirs.reference}/{theirs.reference}.pdf"} <= set(names)
    told = json.loads(packed.read("data.json"))
    assert [case["reference"] for case in told["cases"]] == [request_of.case.reference, theirs.reference]
    papers = [words_of(packed.read(name)) for name in names if name.endswith(".pdf")]
    assert len(papers) >= 3  # of each case its own, and letters
    for paper in papers:
        for ours in STAFF:
            assert cast.people[ours].name not in paper, ours
        assert "疑似重复索赔" not in paper
    for text in (packed.read("index.html").decode(), packed.read("data.json").decode()):
        assert "王小明" in text
        assert "内部备注" not in text
        for ours in ("Lin", "Chen", "Wei"):
            assert ours not in text, ours
    taken = set(Access.objects.filter(person=cast.deng).values_list("reference", flat=True))
    assert taken == {request_of.case.reference, theirs.reference}


def test_the_erasure_is_asked_for_by_one_and_decided_by_another(cast: Cast, request_of: Accessed) -> None:
    theirs, request_of = make_history(cast, "route"), confirm(cast, request_of)
    file = case_files.ask_package(request_of, [theirs.reference], now=after(210))
    row = erasure_requests.ask_of_person(request_of, theirs.reference, now=after(211))
    assert (row.reference, row.filed, row.asked_by) == (theirs.reference, request_of.case.reference, cast.deng)
    with pytest.raises(erasure_requests.AskedBefore):
        erasure_requests.ask_of_person(request_of, theirs.reference, now=after(212))
    assert case_files.make_waiting(now=after(212)) == 1
    erasure_requests.approve(row, by=cast.mo, now=after(213))
    with pytest.raises(NoSuchCase):
        case_files.open_file(request_of, file.pk, case_files.ZIP, now=after(213))
    assert key_of(Case.objects.select_related("complainant").get(pk=theirs.pk).complainant) is None
    assert persons.found(request_of, now=after(214)) == []
    assert ErasureRequest.objects.get().is_approved
    case_files.tidy(now=after(214))
    assert not CaseFile.objects.filter(pk=file.pk).exists()  # it held what was erased


def test_nothing_is_handed_out_or_erased_before_it_is_recorded_who_asks(
    cast: Cast, request_of: Accessed, media: Any
) -> None:
    theirs = make_history(cast, "route")
    for attempt in (
        lambda: case_files.ask_package(request_of, [theirs.reference], now=after(201)),
        lambda: case_files.ask_package(request_of, [], now=after(201)),
        lambda: erasure_requests.ask_of_person(request_of, theirs.reference, now=after(201)),
    ):
        with pytest.raises(persons.Unidentified):
            attempt()
    assert not CaseFile.objects.exists()
    assert not ErasureRequest.objects.exists()
    known = confirm(cast, request_of)
    assert persons.identified(known) == "account"
    assert case_files.ask_package(known, [theirs.reference], now=after(203))


def test_the_package_is_judged_anew_when_it_is_taken(cast: Cast, request_of: Accessed, media: Any) -> None:
    theirs, known = make_history(cast, "route"), confirm(cast, request_of)
    file = case_files.ask_package(known, [theirs.reference], now=after(210))
    assert case_files.make_waiting(now=after(211)) == 1
    case_files.open_file(known, file.pk, case_files.ZIP, now=after(212)).close()
    Recusal.objects.create(case=theirs, person=cast.deng, reason="亲属", at=after(213))
    with pytest.raises(NoSuchCase):
        case_files.open_file(known, file.pk, case_files.ZIP, now=after(214))
    Recusal.objects.all().delete()
    BlindIndex.objects.filter(complainant=theirs.complainant).delete()  # it was another person's number after all
    with pytest.raises(NoSuchCase):
        case_files.open_file(known, file.pk, case_files.ZIP, now=after(215))


def test_a_request_runs_to_its_answer(cast: Cast, request_of: Accessed) -> None:
    case = request_of.case
    for minutes, act, data in (
        (210, "register", {"right": "access", "law": "gdpr", "name": "王小明"}),
        (211, "identify", {"identity_check": "account"}),
        (212, "search", {"cases_found": 0, "held": "无"}),
    ):
        actor = access_case(cast.deng, case.reference).actors[0]
        perform(case, act, actor=actor, at=after(minutes), now=after(minutes), data=data)
    case.refresh_from_db()
    assert case.phase == "deciding"
