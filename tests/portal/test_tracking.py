"""Following a complaint: by reference and secret, by the link of the receipt, by the cookie that they become."""

import re

import pytest

from builders import do, make_case, make_history
from ombud.cases import attachments
from ombud.cases.models import Attachment
from ombud.portal.pages import COOKIE, KEPT
from shipped_packs import pack_of
from uploading import PORTAL, uploaded

pytestmark = pytest.mark.django_db
EN = {"accept-language": "en"}


def test_reference_and_code_open_the_case_however_they_are_typed(client, cast, at_start):
    received = make_case()
    typed = {"reference": received.case.reference.lower().replace("-", " "), "secret": received.secret.lower()}
    page = client.post("/track/", typed, follow=True)
    assert page.redirect_chain == [(f"/track/{received.case.reference}/", 302)]
    assert received.case.reference in page.content.decode()


def test_the_secret_link_opens_the_case_and_leaves_the_address_bar(client, cast, at_start):
    received = make_case()
    answer = client.get(f"/track/{received.case.reference}/{received.secret}/")
    assert answer["Location"] == f"/track/{received.case.reference}/"
    cookie = answer.cookies[f"ombud_case_{received.case.reference}"]
    assert cookie["httponly"]
    assert cookie["path"] == "/track/"
    assert received.secret not in cookie.value


def test_a_wrong_code_says_nothing_about_the_reference(client, cast, at_start):
    received = make_case()
    wrong_code = client.post("/track/", {"reference": received.case.reference, "secret": "0000-0000-00000"})
    no_case = client.post("/track/", {"reference": "KS-0000-0000-0", "secret": "0000-0000-00000"})
    for answer in (wrong_code, no_case):
        assert answer.status_code == 422
        assert answer.context["form"].non_field_errors() == ["编号与查询码不匹配，请核对后重试。"]


def test_guessing_is_throttled_and_the_owner_comes_in_all_the_same(client, cast, at_start):
    received = make_case()
    for _attempt in range(60):
        answer = client.post(
            "/track/",
            {"reference": received.case.reference, "secret": "0000-0000-00000"},
            headers={"accept-language": "en"},
        )
    assert "Try again in 60 minutes." in answer.content.decode()
    assert client.get(f"/track/{received.case.reference}/{received.secret}/")["Location"].startswith("/track/KS-")


def test_a_case_is_opened_until_the_browser_is_closed_unless_it_is_to_be_remembered(client, cast, at_start):
    received = make_case()
    given = {"reference": received.case.reference, "secret": received.secret}
    cookie = COOKIE + received.case.reference
    assert client.post("/track/", given).cookies[cookie]["max-age"] == ""
    assert client.post("/track/", {**given, "remember": "on"}).cookies[cookie]["max-age"] == KEPT


def test_a_device_can_be_left(client, cast, at_start):
    received = make_case()
    client.get(f"/track/{received.case.reference}/{received.secret}/")
    here = f"/track/{received.case.reference}/"
    assert f"{here}leave/" in client.get(here).content.decode()
    assert client.get(f"{here}leave/").status_code == 405
    left = client.post(f"{here}leave/", follow=True, headers={"accept-language": "en"})
    assert "no longer opens" in left.content.decode()
    assert client.get(here).status_code == 302


def test_without_the_cookie_the_status_page_asks_for_the_code(client, cast, at_start):
    received = make_case()
    answer = client.get(f"/track/{received.case.reference}/")
    assert answer["Location"] == f"/track/?reference={received.case.reference}"
    assert received.case.reference in client.get(answer["Location"]).content.decode()


def test_the_cookie_of_one_case_opens_no_other(client, cast, at_start, complainant):
    mine, other = make_case().case, make_case(subject="别人的事").case
    complainant(mine)
    client.cookies[f"ombud_case_{other.reference}"] = client.cookies[f"ombud_case_{mine.reference}"].value
    assert client.get(f"/track/{other.reference}/").status_code == 302
    assert client.get(f"/track/{other.reference}/do/withdraw/").status_code == 302


def test_the_status_page_shows_phase_duties_and_what_was_told(cast, at_start, complainant):
    case = make_history(cast, "route")
    page = complainant(case).get(f"/track/{case.reference}/", headers=EN).content.decode()
    assert "What happens next" in page
    assert "We tell you our proposal" in page
    assert "电水壶漏水" in page  # what they told us
    assert "Passed to the department in charge" in page


@pytest.mark.parametrize("until", ["register", "route", "communicate"])
def test_no_page_of_the_complainant_has_the_words_of_staff_or_numbers_of_clauses(cast, at_start, complainant, until):
    case = make_history(cast, until)
    main = pack_of("customer-complaints").main
    own = {act.title["en"] for act in main.acts.values() if "complainant" in act.by}
    staffs = [*main.phases.values(), *main.duties.values(), *(act for act in main.acts.values() if act.is_public)]
    titles = {each.title["en"] for each in staffs} - {each.told_as.get("en") for each in staffs} - own
    page = complainant(case).get(f"/track/{case.reference}/", headers=EN).content.decode()
    said = re.sub(r"<[^>]+>", "\n", page).splitlines()
    assert {line.strip() for line in said} & titles == set()
    assert "data-ref" not in page


def test_how_a_case_is_graded_is_not_shown_to_the_complainant(cast, at_start, complainant):
    case = make_history(cast, "register")
    page = complainant(case).get(f"/track/{case.reference}/").content.decode()
    assert "已受理您的投诉" in page
    assert "法律或监管动向" not in page


def test_internal_notes_are_not_shown(cast, at_start, complainant):
    case = make_history(cast, "register")
    do(case, "note", cast, "lin", minutes=35, data={"remark": "客户语气激动"})
    assert "客户语气激动" not in complainant(case).get(f"/track/{case.reference}/").content.decode()


def test_times_are_in_the_readers_zone(cast, at_start, complainant):
    case = make_case().case
    client = complainant(case)
    assert "2026年3月3日 09:00" in client.get(f"/track/{case.reference}/").content.decode()
    client.cookies["ombud_tz"] = "Europe/Berlin"
    assert "2026年3月3日 02:00" in client.get(f"/track/{case.reference}/").content.decode()
    client.cookies["ombud_tz"] = "../etc/passwd"
    assert "2026年3月3日 09:00" in client.get(f"/track/{case.reference}/").content.decode()


def test_evidence_is_handed_out_to_its_complainant_alone_and_never_run(client, cast, at_start, complainant, media):
    answer = uploaded(client, b"<script>alert(1)</script>", "note.txt", at=PORTAL)
    row = Attachment.objects.get()
    attachments.claim([str(row.id)], "complainant")
    case = make_case(evidence=[str(row.id)]).case
    assert answer.status_code == 204
    assert client.get(f"/track/{case.reference}/files/{row.id}/").status_code == 404
    file = complainant(case).get(f"/track/{case.reference}/files/{row.id}/")
    assert file.status_code == 200
    assert file["Content-Disposition"].startswith("attachment")
    assert "sandbox" in file["Content-Security-Policy"]
    assert file["X-Content-Type-Options"] == "nosniff"
    assert b"".join(file.streaming_content) == b"<script>alert(1)</script>"
    file.close()


def test_a_receipt_seen_again_no_longer_shows_the_secret(cast, at_start, complainant):
    received = make_case()
    page = complainant(received.case).get(f"/track/{received.case.reference}/receipt/", headers=EN)
    assert received.secret not in page.content.decode()
    assert "shown once" in page.content.decode()
