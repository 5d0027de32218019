"""The policy owner's pages: a draft begun, edited with live checks, handed in, approved by another, published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from builders import START, after, make_case
from cast import POLICY, Cast
from ombud.cases.access.recusal import recuse
from ombud.cases.models import Case
from ombud.checks import apart
from ombud.checks.findings import Report
from ombud.clock import tasks
from ombud.organisation import drafting, publishing
from ombud.organisation.models import POLICY_OWNER, Membership, Person, PolicyVersion
from ombud.policy import load_sources
from ombud.policy.starter import answered, starter_files
from ombud.workbench import policy_parts, stories

Browser = Callable[[str], Client]
HERE = "/desk/policies/shop/1.0.0/"
EDIT = f"{HERE}edit/"


@pytest.fixture
def sign_in(cast: Cast, sign_in: Browser) -> Browser:
    """Pan owns the policies; everybody else is the cast."""
    pan = Person.objects.create(username="pan", name="Pan")
    Membership.objects.create(person=pan, role=POLICY_OWNER)
    cast.people["pan"] = pan
    return sign_in


@pytest.fixture
def draft(sign_in: Browser, cast: Cast) -> PolicyVersion:
    files = starter_files(answered("shop", lambda _q, default, take: take(default), today=date(2026, 3, 3)), "en")
    return drafting.begin(files, by=cast.pan, now=START)


def text_of(row: PolicyVersion, file: str = "pack.yaml") -> str:
    return str(PolicyVersion.objects.get(pk=row.pk).sources[file])


def save(browser: Client, text: str, *, seen: int = 1, file: str = "pack.yaml", do: str = "save"):
    return browser.post(EDIT, {"file": file, "text": text, "seen": seen, "do": do})


def test_a_policy_is_begun_from_answers_in_the_workbench(sign_in: Browser) -> None:
    pan = sign_in("pan")
    form = pan.get("/desk/policies/new/").content.decode()
    assert 'name="hours" value="09:00-18:00"' in form
    begun = pan.post(
        "/desk/policies/new/", {"id": "kiosk", "title_en": "Complaints of our kiosk", "hours": "08:00-20:00"}
    )
    assert begun.status_code == 302
    assert begun.url == "/desk/policies/kiosk/1.0.0/edit/"
    assert "08:00-20:00" in PolicyVersion.objects.get(policy="kiosk").sources["pack.yaml"]


def test_wrong_answers_are_all_told_and_what_was_typed_stays(sign_in: Browser) -> None:
    page = sign_in("pan").post("/desk/policies/new/", {"id": "kiosk", "hours": "9-5", "register": "2 days"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "is not a window of a day" in text
    assert "could mean several things" in text
    assert 'value="9-5"' in text
    assert not PolicyVersion.objects.filter(policy="kiosk").exists()


def test_a_new_version_begins_with_the_text_of_the_one_in_force(sign_in: Browser) -> None:
    begun = sign_in("pan").post(f"/desk/policies/{POLICY}/1.0.0/draft/")
    assert begun.url == f"/desk/policies/{POLICY}/1.1.0/edit/"
    row = PolicyVersion.objects.get(policy=POLICY, version="1.1.0")
    published = PolicyVersion.objects.get(policy=POLICY, version="1.0.0")
    old, new = published.sources["pack.yaml"].splitlines(), row.sources["pack.yaml"].splitlines()
    assert [b for a, b in zip(old, new, strict=True) if a != b] == ["  version: 1.1.0", "  effective: 2026-03-03"]


def test_drafts_are_for_those_who_work_on_them(sign_in: Browser, draft: PolicyVersion) -> None:
    seen = {who: sign_in(who).get(HERE).status_code for who in ("pan", "mo", "ai", "lin", "gao")}
    assert seen == {"pan": 200, "mo": 200, "ai": 200, "lin": 404, "gao": 404}
    listed = {who: "shop" in sign_in(who).get("/desk/policies/").content.decode() for who in ("pan", "mo", "lin")}
    assert listed == {"pan": True, "mo": True, "lin": False}
    edited = {who: sign_in(who).get(EDIT).status_code for who in ("pan", "mo", "ai", "lin")}
    assert edited == {"pan": 200, "mo": 404, "ai": 404, "lin": 404}
    for who, code in {"mo": 403, "lin": 403}.items():
        assert sign_in(who).get("/desk/policies/new/").status_code == code
        assert sign_in(who).post(f"/desk/policies/{POLICY}/1.0.0/draft/").status_code == code
        assert sign_in(who).post(f"{EDIT}check/", {"text": "x"}).status_code == 404


def test_a_mistake_is_told_with_its_file_and_line_while_it_is_typed(sign_in: Browser, draft: PolicyVersion) -> None:
    text = text_of(draft).replace("    do: register\n", "    do: registre\n", 1)
    line = next(n for n, each in enumerate(text.splitlines(), 1) if "registre" in each)
    page = sign_in("pan").post(f"{EDIT}check/", {"file": "pack.yaml", "text": text}).content.decode()
    assert f'data-line="{line}">pack.yaml:{line}</a>' in page
    assert "do: <mark>registre</mark>" in page
    assert "Did you mean" in page
    assert f'data-lines="{line}"' in page
    assert text_of(draft) != text  # nothing is stored


def test_a_text_without_mistakes_has_no_findings(sign_in: Browser, draft: PolicyVersion) -> None:
    asked = {"file": "pack.yaml", "text": text_of(draft), "whole": "1"}
    page = sign_in("pan").post(f"{EDIT}check/", asked).content.decode()
    assert "The checks find nothing" in page


def test_whoever_writes_can_go_on_where_the_checks_themselves_fail(
    sign_in: Browser, draft: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise apart.Failed

    for name in ("check_saved", "check_typed", "check_whole"):
        monkeypatch.setattr(apart, name, fail)
    pan, text = sign_in("pan"), text_of(draft)
    told = "The checks failed on this text. That is a fault of Ombud"
    assert told in pan.get(EDIT).content.decode()
    assert told in pan.post(f"{EDIT}check/", {"file": "pack.yaml", "text": text}).content.decode()
    assert save(pan, f"{text}# more\n").status_code == 302
    assert told in pan.post(f"{HERE}steps/submit/", follow=True).content.decode()
    assert PolicyVersion.objects.get(pk=draft.pk).status == "draft"


def test_the_ways_of_a_case_are_walked_after_the_quick_answer_and_remembered(
    sign_in: Browser, draft: PolicyVersion
) -> None:
    pan, text = sign_in("pan"), text_of(draft)
    awaited = "    from: answering\n    to: "
    assert awaited in text
    never = awaited.replace("    to: ", '    when: "count(receive) > 7"\n    to: ')
    edit = {"file": "pack.yaml", "text": text.replace(awaited, never)}
    first = pan.post(f"{EDIT}check/", edit).content.decode()
    assert "Still to come" in first
    assert "can never be done" not in first
    whole = pan.post(f"{EDIT}check/", {**edit, "whole": "1"}).content.decode()
    assert "Still to come" not in whole
    assert "can never be done" in whole
    moved = {**edit, "text": f"# a line more\n{edit['text']}"}  # nothing that a check looks at
    assert "can never be done" in pan.post(f"{EDIT}check/", moved).content.decode()


def test_a_scenario_that_ends_otherwise_is_told_while_it_is_typed(sign_in: Browser, draft: PolicyVersion) -> None:
    file = "scenarios/first.yaml"
    text = text_of(draft, file).replace("phase: closed", "phase: received", 1)
    page = sign_in("pan").post(f"{EDIT}check/", {"file": file, "text": text}).content.decode()
    assert "phase is closed, expected received" in page


def test_a_scenario_is_previewed_as_it_is_typed(sign_in: Browser, draft: PolicyVersion) -> None:
    file = "scenarios/first.yaml"
    text = text_of(draft, file).replace("Handled in time", "Handled quickly")
    page = sign_in("pan").post(f"{EDIT}preview/", {"file": file, "text": text}).content.decode()
    assert "<option selected>Handled quickly</option>" in page
    assert "<strong>Propose a solution</strong>" in page
    again = sign_in("pan").post(
        f"{EDIT}preview/", {"file": file, "text": text, "story": "Nobody approves their own proposal"}
    )
    assert "<s>Approval of the proposal: approve</s>" in again.content.decode()


def test_a_drafts_scenarios_and_quick_checks_run_under_limits_elsewhere(
    sign_in: Browser, draft: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here(*args: object, **more: object) -> None:
        raise AssertionError("not in the process that answers requests")

    monkeypatch.setattr(stories, "tell", here)
    monkeypatch.setattr(stories, "differences", here)
    nothing = Report(policy="shop", version="", findings=())
    ended = apart.Checked(report=nothing, is_all=True, head=None, is_ended=True)
    monkeypatch.setattr(apart, "_ask", lambda *args, **more: ended)
    monkeypatch.setattr(policy_parts, "_KEPT", {})
    pan, file = sign_in("pan"), "scenarios/first.yaml"
    for page in (
        pan.post(f"{EDIT}preview/", {"file": file, "text": text_of(draft, file)}),
        pan.get(f"{HERE}?tab=scenarios"),
        pan.get(f"{HERE}stories/1/"),
        pan.get(f"{HERE}?tab=checks"),
    ):
        assert "longer than it may" in page.content.decode()


def test_where_the_checks_fail_a_drafts_page_says_so(
    sign_in: Browser, draft: PolicyVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failed(*args: object, **more: object) -> None:
        raise apart.Failed

    monkeypatch.setattr(apart, "_ask", failed)
    monkeypatch.setattr(policy_parts, "_KEPT", {})
    for page in ("?tab=checks", "stories/1/"):
        assert "a fault of Ombud" in sign_in("pan").get(f"{HERE}{page}").content.decode()


def test_a_draft_is_saved_without_script_and_shows_its_findings(sign_in: Browser, draft: PolicyVersion) -> None:
    pan = sign_in("pan")
    broken = text_of(draft).replace("extends: base", "extends: nothing", 1)
    assert save(pan, broken.replace("\n", "\r\n")).status_code == 302
    assert text_of(draft) == broken
    assert "pack to extend" in pan.get(EDIT).content.decode()
    page = pan.get(HERE).content.decode()
    assert "This draft cannot be read yet" in page
    assert f'href="{EDIT}?file=pack.yaml&amp;line=' in page


def test_whoever_saves_after_somebody_else_sees_both_texts(sign_in: Browser, draft: PolicyVersion) -> None:
    pan = sign_in("pan")
    save(pan, text_of(draft) + "# mine\n")
    late = save(pan, text_of(draft) + "# late\n", seen=1)
    assert late.status_code == 409
    page = late.content.decode()
    assert "# late" in page
    assert "Somebody else saved this draft" in page
    assert "Their text" in page
    assert text_of(draft).endswith("# mine\n")


def test_files_are_added_and_removed_and_strange_ones_refused(sign_in: Browser, draft: PolicyVersion) -> None:
    pan = sign_in("pan")
    added = save(pan, "", file="scenarios/more.yaml", do="add")
    assert added.url == f"{EDIT}?file=scenarios/more.yaml"
    assert save(pan, "", file="scenarios/more.yaml", do="add", seen=2).status_code == 422
    assert save(pan, "", file="../secrets.txt", do="add", seen=2).status_code == 422
    save(pan, "", file="scenarios/more.yaml", do="remove", seen=2)
    assert "scenarios/more.yaml" not in PolicyVersion.objects.get(pk=draft.pk).sources


def test_two_people_publish_a_version(sign_in: Browser, draft: PolicyVersion) -> None:
    pan, mo = sign_in("pan"), sign_in("mo")
    assert "Check and hand in" in pan.get(HERE).content.decode()
    pan.post(f"{HERE}steps/submit/")
    assert "You wrote part of this version" in pan.get(HERE).content.decode()
    assert "Checked without errors" in mo.get(HERE).content.decode()
    assert 'steps/approve/"' not in pan.get(HERE).content.decode()
    assert 'steps/approve/"' in mo.get(HERE).content.decode()
    mo.post(f"{HERE}steps/approve/", {"reason": "Read with the shop"})
    pan.post(f"{HERE}steps/publish/", {"effective": "2026-03-04"})
    row = PolicyVersion.objects.get(pk=draft.pk)
    assert (row.status, row.effective_on) == ("published", date(2026, 3, 4))
    history = pan.get(f"{HERE}?tab=history").content.decode()
    for words in ("drafted", "checked", "approved", "published", "Read with the shop", "Pan", "Mo"):
        assert words in history
    assert pan.get(EDIT).status_code == 404
    assert sign_in("lin").get(HERE).status_code == 200


def test_what_stands_in_the_way_of_a_step_is_said(sign_in: Browser, draft: PolicyVersion) -> None:
    pan = sign_in("pan")
    page = pan.post(f"{HERE}steps/publish/", {"effective": "2026-03-04"}, follow=True).content.decode()
    assert "Only an approved version can be published." in page
    page = sign_in("mo").post(f"{HERE}steps/submit/", follow=True).content.decode()
    assert "Only the policy owner hands a draft in." in page
    assert pan.post(f"{HERE}steps/crown/").status_code == 404
    pan.post(f"{HERE}steps/submit/")
    sign_in("mo").post(f"{HERE}steps/approve/")
    page = pan.post(f"{HERE}steps/publish/", {"effective": "soon"}, follow=True).content.decode()
    assert "is no date" in page


def test_a_withdrawn_draft_leaves_its_number(sign_in: Browser, draft: PolicyVersion) -> None:
    pan = sign_in("pan")
    gone = pan.post(f"{HERE}steps/withdraw/", {"reason": "Another way"})
    assert gone.url == "/desk/policies/"
    assert "withdrawn" in pan.get(HERE).content.decode()


TABS = ("clauses", "checks", "scenarios", "assumptions", "diagram", "calendars", "compare", "history")


@pytest.mark.parametrize("tab", TABS)
def test_every_part_of_a_draft_can_be_looked_at(sign_in: Browser, draft: PolicyVersion, tab: str) -> None:
    assert sign_in("pan").get(f"{HERE}?tab={tab}").status_code == 200


def test_a_scenario_is_a_story_with_expected_and_actual_result(sign_in: Browser) -> None:
    lin = sign_in("lin")
    listed = lin.get(f"/desk/policies/{POLICY}/1.0.0/?tab=scenarios").content.decode()
    assert "registered exactly at the end of the hour" in listed
    story = lin.get(f"/desk/policies/{POLICY}/1.0.0/stories/1/").content.decode()
    assert "3 Mar 2026" in story
    assert "02:10" in story
    assert "<strong>Register</strong>" in story
    assert "Category: Product quality" in story
    assert "Register within 1 hour" in story
    assert "as expected" in story
    assert lin.get(f"/desk/policies/{POLICY}/1.0.0/stories/0/").status_code == 404
    assert lin.get(f"/desk/policies/{POLICY}/1.0.0/stories/9999/").status_code == 404


@pytest.fixture
def longer(cast: Cast) -> str:
    return publish_longer()


def publish_longer() -> str:
    """Publish version 1.1.0 of the cast's policy, in which complaints are registered within 9 hours."""
    sources = dict(PolicyVersion.objects.get(policy=POLICY).sources)
    text = drafting.renumbered(sources, version="1.1.0", effective=date(2026, 3, 3))["pack.yaml"]
    old = "    do: register\n    within: 1 h"
    assert old in text
    changed = text.replace(old, "    do: register\n    within: 9 h")
    publishing.publish(load_sources({**drafting.own_files(sources), "pack.yaml": changed}), now=START)
    return f"/desk/policies/{POLICY}/1.1.0/"


def test_a_version_is_compared_with_the_one_before(sign_in: Browser, longer: str) -> None:
    lin = sign_in("lin")
    page = lin.get(f"{longer}?tab=compare&with=1.0.0").content.decode()
    assert "<del>1 hour</del>" in page
    assert "<ins>9 hours</ins>" in page
    stories = lin.get(f"{longer}?tab=compare&with=1.0.0&part=stories", headers={"hx-request": "true"}).content.decode()
    assert "registered exactly at the end of the hour" in stories
    assert "<html" not in stories


@pytest.mark.parametrize(("outcome", "said"), [("ended", "took longer than it may"), ("failed", "The checks failed")])
def test_stories_that_never_end_under_another_version_are_ended_and_that_is_said(
    sign_in: Browser, longer: str, monkeypatch: pytest.MonkeyPatch, outcome: str, said: str
) -> None:
    asked: list[str] = []

    def ask(_helper: Any, job: Any, **_how: Any) -> dict[str, Any]:
        asked.append(job["what"])
        return {outcome: True}

    monkeypatch.setattr("ombud.workbench.policy_parts._KEPT", {})
    monkeypatch.setattr("ombud.checks.apart._Helper.ask", ask)
    page = sign_in("lin").get(f"{longer}?tab=compare&with=1.0.0&part=stories").content.decode()
    assert said in page
    assert asked == ["compared"]


def test_only_the_version_in_force_takes_cases_over(sign_in: Browser, longer: str) -> None:
    make_case(minutes=200)  # under version 1.1.0, which is in force
    pan, old = sign_in("pan"), f"/desk/policies/{POLICY}/1.0.0/cases/"
    page = pan.get(old).content.decode()
    assert "Register within 1 hour: due" in page
    assert "Cases can be taken over once this version is in force." in page
    refused = pan.post(old, {"reason": "Back"}, follow=True).content.decode()
    assert "Only the version in force takes open cases over" in refused
    assert sign_in("lin").get(f"{longer}cases/").status_code == 403


def test_the_owner_takes_open_cases_over(sign_in: Browser, cast: Cast) -> None:
    case = make_case(minutes=200).case
    publish_longer()
    pan, here = sign_in("pan"), f"/desk/policies/{POLICY}/1.1.0/cases/"
    assert "Register within 1 hour: due" in pan.get(here).content.decode()
    refused = pan.post(here, {"reason": " "}, follow=True).content.decode()
    assert "a reason is needed" in refused
    assert "One case goes over in a moment." in pan.post(here, {"reason": "Longer"}, follow=True).content.decode()
    assert tasks.run(now=timezone.now()) == 1
    case = Case.objects.get(pk=case.pk)
    assert case.policy_version.version == "1.1.0"
    event = case.events.get(act="migrate")
    assert (event.actor, event.data["reason"]) == (cast.pan.key, "Longer")
    page = pan.get(here).content.decode()
    assert "No open case runs under another version" in page
    assert "Longer" in page


def test_a_case_that_does_not_exist_for_the_reader_is_not_among_those_that_would_differ(
    sign_in: Browser, cast: Cast, longer: str
) -> None:
    case = make_case(minutes=200).case
    old = f"/desk/policies/{POLICY}/1.0.0/cases/"
    assert case.reference in sign_in("pan").get(old).content.decode()
    recuse(case, cast.pan, reason="A relative", now=after(300))
    assert case.reference not in sign_in("pan").get(old).content.decode()


@pytest.mark.parametrize("number", ["1.3/2026", "..", "a?b", "<b>", "1" * 60])
def test_a_number_that_no_address_holds_is_refused_and_leaves_the_pages_as_they_were(
    sign_in: Browser, draft: PolicyVersion, number: str
) -> None:
    browser = sign_in("pan")
    before = PolicyVersion.objects.count()
    sent = browser.post(f"/desk/policies/{draft.policy}/{draft.version}/draft/", {"number": number}, follow=True)
    assert sent.status_code == 200
    assert "it stands in addresses" in sent.content.decode()
    assert PolicyVersion.objects.count() == before
    assert browser.get("/desk/policies/").status_code == 200


def test_a_revision_of_thousands_of_digits_is_somebody_elses(sign_in: Browser, draft: PolicyVersion) -> None:
    sent = {"file": "pack.yaml", "text": "x", "seen": "9" * 5000}
    assert sign_in("pan").post(f"/desk/policies/{draft.policy}/{draft.version}/edit/", sent).status_code == 409
