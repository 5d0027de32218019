"""Filing a complaint through the portal, as a browser without script does."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.models import Attachment, Case, Event
from ombud.cases.reading import queries
from ombud.channels import intake_limits
from ombud.interface.resumable import TOKEN
from ombud.organisation.models import PolicyVersion
from samples import PNG
from uploading import PORTAL, uploaded

pytestmark = pytest.mark.django_db
HERE = "/file/customer-complaints/"
STEPS = (
    {
        "subject": "空气净化器三天就坏了",
        "narrative": "十八日开始异响",
        "occurred_on": "2026-02-18T19:30",
        "place": "南京路门店",
    },
    {"object": "AP-300", "loss": "1299", "demand": "退货退款"},
    {"name": "王小梅", "phone": "138 0013 8000"},
)


def fact_of(case: Case, field: str) -> str:
    found = {fact.field: fact.value for fact in queries.facts(access_case(grant_of(case), case.reference))}
    return str(found.get(field, ""))


def begin(client: Client, **more) -> str:
    """Begin a complaint and return the address of its draft."""
    return client.post(HERE, **more)["Location"].removesuffix("1/")


def fill(client: Client, *steps: dict) -> str:
    """Fill in the steps of a new draft and return its address."""
    here = begin(client)
    for number, step in enumerate(steps, 1):
        answer = client.post(f"{here}{number}/", step)
        assert answer.status_code == 302, answer.content.decode()
    return here


def send(client: Client, here: str, **more):
    """Send what the check page shows."""
    page = client.get(f"{here}check/")
    digest = page.context["draft"].digest if "draft" in (page.context or ()) else ""
    return client.post(f"{here}send/", {"digest": digest}, **more)


def test_whoever_complains_for_somebody_else_says_so_with_their_authority(client, policy, media):
    """The case knows who speaks for whom, and keeps the paper; base clause 1."""
    paper = SimpleUploadedFile("mandate.png", PNG)
    behalf = {**STEPS[2], "representative": "李律师，受王小梅委托", "mandate": paper}
    answer = send(client, fill(client, *STEPS[:2], behalf))
    assert answer.status_code == 302, answer.content.decode()
    case = Case.objects.get()
    assert fact_of(case, "representative") == "李律师，受王小梅委托"
    assert fact_of(case, "name") == "王小梅"
    assert Attachment.objects.get().case == case
    assert case.channel == "web"


def test_the_front_page_says_what_is_promised_and_where_to_turn(client, policy):
    page = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert "Hotline" in page
    assert "Working days 09:00\u201318:00" in page
    assert "within 6 hours to 12 hours" in page
    assert "data-ref" not in page  # clauses are for staff


def test_without_a_policy_in_force_the_front_page_says_so(client, db):
    page = client.get("/", headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "No complaint policy is in force yet" in page.content.decode()
    assert client.get(HERE).status_code == 404


def test_three_steps_and_a_look_over_all_of_it_file_a_complaint(client, policy):
    here = fill(client, *STEPS)
    page = client.get(f"{here}check/").content.decode()
    for words in ("空气净化器三天就坏了", "¥1,299.00", "2026年2月18日", "138 0013 8000"):
        assert words in page
    sent = send(client, here)
    case = Case.objects.get()
    assert sent.status_code == 302
    assert sent["Location"] == f"/track/{case.reference}/receipt/"
    assert case.channel == "web"
    assert case.language == "zh"


def test_the_receipt_shows_reference_secret_link_and_what_happens_next(client, policy, settings):
    settings.OMBUD_BASE_URL = "https://complaints.example.com"
    here = fill(client, *STEPS)
    page = send(client, here, follow=True).content.decode()
    case = Case.objects.get()
    assert case.reference in page
    assert f"https://complaints.example.com/track/{case.reference}/" in page
    assert "<svg" in page
    assert "登记受理您的投诉" in page
    assert "1小时内登记" not in page


def test_sending_twice_files_once(client, policy):
    here = fill(client, *STEPS)
    first, second = send(client, here), send(client, here)
    assert first["Location"] == second["Location"]
    assert Case.objects.count() == 1


def test_a_lost_answer_does_not_file_a_second_complaint(client, policy):
    here = fill(client, *STEPS)
    before = dict(client.session.items())
    first = send(client, here)
    session = client.session
    session.update(before)  # the browser never saw the answer, and neither did its session
    session.save()
    assert send(client, here)["Location"] == first["Location"]
    assert Case.objects.count() == 1


def test_a_step_that_is_not_in_order_keeps_what_was_typed(client, policy):
    here = begin(client)
    answer = client.post(f"{here}1/", {"subject": "", "narrative": "写了很久的经过", "occurred_on": "not a day"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "写了很久的经过" in page
    assert page.count("field-error") == 2
    assert "写了很久的经过" in client.get(f"{here}1/").content.decode()


def test_going_back_keeps_even_what_is_not_in_order(client, policy):
    here = begin(client)
    client.post(f"{here}1/", STEPS[0])
    back = client.post(f"{here}2/", {"loss": "a lot", "demand": "退款", "back": "1"})
    assert back["Location"] == f"{here}1/"
    assert "退款" in client.get(f"{here}2/").content.decode()


def test_a_file_sent_with_a_faulty_step_is_kept_and_filed_later(client, policy, media):
    here = begin(client)
    picture = SimpleUploadedFile("噪音.png", PNG, content_type="image/png")
    answer = client.post(f"{here}1/", {"subject": "", "evidence": picture})
    assert answer.status_code == 422
    assert "噪音.png" in answer.content.decode()
    token = answer.context["form"].fields["evidence"].input.stored[0].token
    client.post(f"{here}1/", {"subject": "有噪音", "evidence-stored": token})
    for number, step in enumerate(STEPS[1:], 2):
        client.post(f"{here}{number}/", step)
    send(client, here)
    row = Attachment.objects.get()
    assert row.case == Case.objects.get()
    assert Event.objects.filter(act="receive").get().data["evidence"]


def test_a_file_of_a_kind_that_is_not_taken_in_is_refused_with_its_name(client, policy, media):
    here = begin(client)
    answer = client.post(
        f"{here}1/",
        {"subject": "有噪音", "evidence": SimpleUploadedFile("run.exe", b"MZ" + b"\0" * 200)},
        headers={"accept-language": "en"},
    )
    assert answer.status_code == 422
    assert "“run.exe” is of a kind that is not taken in." in answer.content.decode()
    assert Attachment.objects.count() == 0


def test_a_forged_token_names_no_file(client, policy):
    here = begin(client)
    client.post(f"{here}1/", {"subject": "有噪音", "evidence-stored": "WyJhIiwiYiJd:x:y"})
    assert "WyJhIiwiYiJd" not in client.get(f"{here}1/").content.decode()


def test_files_go_up_one_by_one_ahead_of_the_form(client, policy, media):
    answer = uploaded(client, PNG, "a.png", at=PORTAL)
    assert answer.status_code == 204
    here = fill(client, {"subject": "有噪音", "evidence-stored": answer[TOKEN]}, *STEPS[1:])
    send(client, here)
    assert Attachment.objects.get().case == Case.objects.get()


def test_an_empty_upload_is_refused_in_words(client, policy, media):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = uploaded(client, b"", "a.png", at=PORTAL)
    assert answer.status_code == 422
    assert answer.json() == {"error": "“a.png” is empty. Choose it again."}


def test_what_is_typed_lies_sealed_in_the_database(client, policy):
    from ombud.signin.models import Session

    here = begin(client)
    client.post(f"{here}1/", {"subject": "a secret sorrow", "narrative": "nobody may read this"})
    for session in Session.objects.all():
        assert "secret sorrow" not in str(session.get_decoded())


def test_once_filed_the_session_keeps_only_what_the_receipt_shows(client, policy):
    from ombud.portal import draft as drafts

    here = fill(client, *STEPS)
    send(client, here)

    class Request:
        session = client.session

    (kept,) = drafts.all_of(Request(), "customer-complaints")
    assert kept.typed == {}
    assert kept.sent == Case.objects.get().reference


def test_a_new_complaint_begins_empty_after_the_last_was_filed(client, policy):
    here = fill(client, *STEPS)
    send(client, here)
    fresh = client.get(HERE, follow=True)
    assert fresh.redirect_chain[-1][0].endswith("/1/")
    assert "空气净化器" not in fresh.content.decode()


def test_back_from_the_receipt_destroys_nothing(client, policy):
    here = fill(client, *STEPS)
    receipt = send(client, here)["Location"]
    secret = client.get(receipt).context["secret"]
    for part in ("1/", "3/", "check/"):
        page = client.get(f"{here}{part}", headers={"accept-language": "en"})
        assert page.status_code == 200
        assert "This complaint was sent" in page.content.decode()
        assert f'href="{receipt}"' in page.content.decode()
    late = client.post(f"{here}1/", {**STEPS[0], "subject": "更多"}, headers={"accept-language": "en"})
    assert late.status_code == 409
    assert "was not added" in late.content.decode()
    for _ in range(7):  # further complaints, under whatever policy
        client.post(f"{begin(client)}1/", STEPS[0])
    assert client.get(receipt).context["secret"] == secret != ""


def test_a_browser_keeps_the_codes_of_the_newest_only(client, policy, monkeypatch):
    monkeypatch.setattr("ombud.channels.receipts.MOST", 2)
    filed = [send(client, fill(client, *STEPS))["Location"] for _ in range(3)]
    assert [bool(client.get(receipt).context["secret"]) for receipt in filed] == [False, True, True]


def test_what_is_sent_is_what_was_shown(client, policy):
    here = fill(client, *STEPS)
    shown = client.get(f"{here}check/").context["draft"].digest
    client.post(f"{here}1/", {**STEPS[0], "subject": "第二件"})  # in another window
    for sent in ({"digest": shown}, {}):
        answer = client.post(f"{here}send/", sent, headers={"accept-language": "en"})
        assert answer.status_code == 409
        assert "changed in another window" in answer.content.decode()
        assert "第二件" in answer.content.decode()
        assert Case.objects.count() == 0
    assert send(client, here).status_code == 302
    assert fact_of(Case.objects.get(), "subject") == "第二件"


def test_a_step_written_while_the_session_ended_is_kept(client, policy):
    here = fill(client, STEPS[0])
    del client.cookies["ombud_session"]
    assert client.post(f"{here}2/", STEPS[1])["Location"] == f"{here}3/"
    assert "退货退款" in client.get(f"{here}2/").content.decode()
    assert client.post(f"{HERE}no-draft-of-ours/1/", STEPS[0])["Location"] == HERE


def test_who_comes_next_is_asked_and_shown_nothing_of_what_was_typed(client, policy):
    """A shared computer: a shop's counter, a library."""
    here = fill(client, *STEPS[:1])
    page = client.get(HERE, headers={"accept-language": "en"})
    assert page.status_code == 200
    words = page.content.decode()
    assert "Go on, or begin anew?" in words
    assert not any(typed in words for typed in STEPS[0].values())
    assert f'href="{here}2/"' in words  # where it was left
    for path in (f"{HERE}1/", f"{HERE}check/"):
        assert client.get(path).status_code == 404
    anew = client.post(HERE, {"drop": here.rstrip("/").rpartition("/")[2]})
    assert "空气净化器" not in client.get(anew["Location"]).content.decode()
    assert client.get(f"{here}1/")["Location"] == HERE
    assert client.get(HERE).status_code == 302  # nothing left to ask about


def test_whoever_leaves_can_throw_away_what_they_typed(client, policy):
    here = fill(client, *STEPS[:1])
    id = here.rstrip("/").rpartition("/")[2]
    assert f'name="drop" value="{id}"' in client.get(f"{here}2/").content.decode()
    left = client.post(HERE, {"drop": id, "leave": "1"})
    assert left["Location"] == "/to/customer-complaints/"
    assert client.get(f"{here}2/")["Location"] == HERE


def test_two_tabs_have_two_drafts(client, policy):
    one, other = begin(client), begin(client)
    for number, step in enumerate(STEPS, 1):
        client.post(f"{one}{number}/", step)
        client.post(f"{other}{number}/", {**step, **({"subject": "另一件事"} if number == 1 else {"demand": "道歉"})})
    send(client, one)
    send(client, other)
    told = [fact_of(case, "subject") + fact_of(case, "demand") for case in Case.objects.order_by("pk")]
    assert told == ["空气净化器三天就坏了退货退款", "另一件事道歉"]


def test_a_browser_keeps_only_so_many_drafts_and_empty_ones_go_first(client, policy):
    here = fill(client, *STEPS[:1])
    for _ in range(9):
        begin(client)
    assert client.get(f"{here}1/").status_code == 200
    assert sum(name.startswith("draft:") for name in dict(client.session)) == 5


def test_sending_with_something_missing_names_the_step(client, policy):
    here = begin(client)
    client.post(f"{here}2/", STEPS[1])
    answer = send(client, here, headers={"accept-language": "en"})
    assert answer.status_code == 422
    assert "Something is missing" in answer.content.decode()
    assert Case.objects.count() == 0


def test_an_english_reader_files_in_english(client, policy):
    here = begin(client, headers={"accept-language": "en"})
    client.post(f"{here}1/", STEPS[0], headers={"accept-language": "en"})
    page = client.get(f"{here}2/", headers={"accept-language": "en"}).content.decode()
    assert "What it is about and what you ask for" in page
    assert "Step 2 of 4" in page
    send(client, here, headers={"accept-language": "en"})
    assert Case.objects.get().language == "en"


def test_pages_with_what_somebody_told_are_kept_by_no_cache(client, policy):
    here = begin(client)
    assert "no-store" in client.get(f"{here}1/")["Cache-Control"]


def test_a_withdrawn_policy_version_takes_no_more_complaints(client, policy):
    here = fill(client, *STEPS)
    PolicyVersion.objects.update(status="draft")
    assert send(client, here).status_code == 404
    assert Case.objects.count() == 0


def test_files_sent_with_a_step_count_like_those_sent_ahead_and_keep_no_address(client, policy, media, monkeypatch):
    monkeypatch.setattr(intake_limits, "FILES_EACH", 2)
    here = begin(client)
    sent = [SimpleUploadedFile(f"{number}.png", PNG) for number in range(3)]
    answer = client.post(f"{here}1/", {**STEPS[0], "evidence": sent}, headers={"accept-language": "en"})
    assert answer.status_code == 422
    assert "Too many files" in answer.content.decode()
    assert Attachment.objects.count() == 2
    assert uploaded(client, PNG, "a.png", at=PORTAL).status_code == 429
    assert not Attachment.objects.filter(uploaded_by__contains="127.0.0.1").exists()


def test_bytes_are_counted_for_each_address_and_for_all(client, policy, media, monkeypatch):
    def send(address: str) -> int:
        return uploaded(Client(REMOTE_ADDR=address), PNG + b"\0" * 300_000, "a.png", at=PORTAL).status_code

    monkeypatch.setattr(intake_limits, "MB_EACH", 1)
    assert [send("203.0.113.1") for _ in range(4)] == [204, 204, 204, 429]
    assert send("203.0.113.2") == 204
    monkeypatch.setattr(intake_limits, "MB_IN_ALL", 1)
    assert send("203.0.113.3") == 429


def test_below_the_floor_of_free_disk_nothing_is_taken_in_and_readiness_says_so(policy, media, settings):
    settings.OMBUD_DISK_FLOOR_MB = 10**9
    browser = Client(raise_request_exception=False)
    here = fill(browser, *STEPS)
    answer = send(browser, here)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert Case.objects.count() == 0
    ready = browser.get("/readyz")
    assert (ready.status_code, ready.json()["ready"]) == (503, False)
    assert ready.json()["disk_free_mb"] > 0
    settings.OMBUD_DISK_FLOOR_MB = 0
    assert send(browser, here).status_code == 302
