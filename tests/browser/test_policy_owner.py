"""The policy owner in a browser: an editor that answers while one types, by keyboard, on a phone, without script."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from browser.windows import Windows, assert_accessible
from cast import POLICY, Cast
from ombud.organisation import drafting
from ombud.organisation.models import POLICY_OWNER, Membership, PolicyVersion
from ombud.policy.starter import answered, starter_files

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "/desk/policies/shop/1.0.0/"


@pytest.fixture
def draft(cast: Cast, windows: Windows) -> PolicyVersion:
    """Gao owns the policies too, and has begun one."""
    Membership.objects.create(person=cast.gao, role=POLICY_OWNER)
    today = date(2026, 3, 3)
    files = starter_files(answered("shop", lambda _question, default, take: take(default), today=today), "en")
    return drafting.begin(files, by=cast.gao, now=timezone.now())


def caret_line(page: Page) -> int:
    return int(
        page.evaluate(
            "(e => e.value.slice(0, e.selectionStart).split('\\n').length)(document.querySelector('#editor'))"
        )
    )


def stored(draft: PolicyVersion) -> str:
    return str(PolicyVersion.objects.get(pk=draft.pk).sources["pack.yaml"])


def test_a_mistake_is_marked_while_typing_and_mended_by_keyboard(
    windows: Windows, cast: Cast, draft: PolicyVersion
) -> None:
    page = windows.open(cast.gao, language="en-US")
    page.goto(f"{HERE}edit/")
    editor = page.locator("#editor")
    text = editor.input_value()
    line = next(n for n, each in enumerate(text.splitlines(), 1) if each == "    do: register")
    editor.fill(text.replace("    do: register\n", "    do: registre\n", 1))
    link = page.locator("#findings a[data-line]").first
    expect(link).to_have_text(f"pack.yaml:{line}")
    expect(page.locator(".editor-gutter .is-wrong").first).to_have_text(str(line))
    link.press("Enter")
    expect(editor).to_be_focused()
    assert caret_line(page) == line
    page.keyboard.type("    do: register")
    expect(page.locator("#findings")).to_contain_text("find nothing")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.keyboard.type("# kept")
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert "    do: register\n    # kept\n" in stored(draft)


def test_tab_indents_and_escape_lets_go_of_the_text(windows: Windows, cast: Cast, draft: PolicyVersion) -> None:
    page = windows.open(cast.gao, language="en-US")
    page.goto(f"{HERE}edit/")
    editor = page.locator("#editor")
    editor.fill("one\ntwo")
    editor.press("Control+a")
    page.keyboard.press("Tab")
    expect(editor).to_have_value("  one\n  two")
    page.keyboard.press("Shift+Tab")
    expect(editor).to_have_value("one\ntwo")
    page.keyboard.press("Control+z")
    expect(editor).to_have_value("  one\n  two")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_focused()


def test_a_scenario_is_previewed_before_it_is_saved(windows: Windows, cast: Cast, draft: PolicyVersion) -> None:
    page = windows.open(cast.gao, language="en-US")
    page.goto(f"{HERE}edit/?file=scenarios/first.yaml")
    editor = page.locator("#editor")
    editor.fill(editor.input_value().replace("phase: closed", "phase: answering", 1))
    page.get_by_role("button", name="Tell it").click()
    expect(page.locator("#preview")).to_contain_text("Carry out and close")
    expect(page.locator("#preview tr.is-wrong")).to_contain_text("Waiting for the answer")
    page.locator("#preview-story").select_option("Silence counts as accepted")
    expect(page.locator("#preview")).to_contain_text("Taken as accepted")


def test_without_script_a_draft_is_edited_handed_in_approved_and_published(
    windows: Windows, cast: Cast, draft: PolicyVersion
) -> None:
    page = windows.open(cast.gao, language="en-US", has_script=False, is_phone=True)
    page.goto(HERE)
    page.get_by_role("link", name="Edit", exact=True).click()
    editor = page.locator("#editor")
    editor.fill(editor.input_value().replace("within: 2 h", "within: 3 h", 1))
    page.get_by_role("button", name="Save and look at the policy").click()
    expect(page).to_have_url(re.compile(f"{HERE}$"))
    page.get_by_role("button", name="Check and hand in").click()
    expect(page.locator("main")).to_contain_text("You wrote part of this version")
    manager = windows.open(cast.mo, language="en-US", has_script=False)
    manager.goto(HERE)
    manager.get_by_role("button", name="Approve").click()
    manager.get_by_role("button", name="Publish").click()
    expect(manager.locator("main")).not_to_contain_text("On its way")
    assert PolicyVersion.objects.get(pk=draft.pk).status == "published"
    assert "within: 3 h" in stored(draft)


@pytest.mark.parametrize(("language", "is_phone"), [("zh-CN", True), ("en-US", False)])
def test_axe_finds_nothing_on_the_owners_pages(
    windows: Windows, cast: Cast, draft: PolicyVersion, language: str, is_phone: bool
) -> None:
    page = windows.open(cast.gao, language=language, is_phone=is_phone)
    shipped = f"/desk/policies/{POLICY}/1.0.0/"
    tabs = [f"{HERE}?tab={tab}" for tab in ("clauses", "checks", "scenarios", "compare", "history")]
    for path in (
        "/desk/policies/", "/desk/policies/new/", *tabs, f"{HERE}edit/", f"{HERE}stories/3/", f"{shipped}cases/",
        f"{shipped}?tab=diagram", f"{shipped}?tab=scenarios",
    ):  # fmt: skip
        page.goto(path)
        assert_accessible(page, path)
    page.goto(f"{HERE}edit/")
    page.locator("#editor").fill("pack: {id: shop}")
    expect(page.locator("#findings a[data-line]").first).to_be_visible()
    assert_accessible(page, "findings")
    drafting.submit(draft.pk, by=cast.gao, now=timezone.now())
    manager = windows.open(cast.mo, language=language, is_phone=is_phone)
    manager.goto(HERE)
    assert_accessible(manager, "approval")
