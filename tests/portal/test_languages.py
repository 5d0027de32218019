"""A complainant's pages in every language: all they say is in its catalogue; a policy's words say what they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from builders import after, make_history
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.models import Case
from ombud.notices.writing import language_of
from ombud.project.catalogues import catalogues, name_of
from portal.test_filing import STEPS, begin, fill, send

pytestmark = pytest.mark.django_db
Follow = Callable[[Case], Client]
LOCALE: Path = settings.LOCALE_PATHS[0]
ALL = [code for code, _name in settings.LANGUAGES]


def held(name: str) -> set[tuple[str | None, str]]:
    return {(each.msgctxt, each.msgid) for each in polib.pofile(str(LOCALE / name / "LC_MESSAGES/django.po"))}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str | None, str]]:
    """Whatever is looked up in a catalogue from now on."""
    found: set[tuple[str | None, str]] = set()
    real = translation._trans
    gettext, ngettext, pgettext = real.gettext, real.ngettext, real.pgettext

    def single(message: str) -> str:
        found.add((None, message))
        return gettext(message)

    def plural(message: str, many: str, number: int) -> str:
        found.add((None, message))
        return ngettext(message, many, number)

    def within(context: str, message: str) -> str:
        found.add((context, message))
        return pgettext(context, message)

    monkeypatch.setattr(real, "gettext", single)
    monkeypatch.setattr(real, "ngettext", plural)
    monkeypatch.setattr(real, "pgettext", within)
    return found


def walk(client: Client, language: str) -> str:
    """File a complaint in a language, in order and not, look at every page on the way, and return the last of them."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for address in ("/", "/track/", "/to/customer-complaints/", "/nowhere/"):
        client.get(address)
    client.post(f"{begin(client)}1/", {"occurred_on": "yesterday"})
    client.post("/track/", {"reference": "KS-1", "secret": "x"})
    client.get("/file/customer-complaints/")
    here = fill(client, *STEPS)
    client.post(f"{here}send/", {"digest": "old"})
    send(client, here, follow=True)
    client.get(f"{here}check/")
    case = Case.objects.latest("pk")
    carry(now=case.received_at)
    for act in ("", "do/withdraw/", "do/attach/"):
        client.get(f"/track/{case.reference}/{act}")
    client.post(f"/track/{case.reference}/do/withdraw/", {"seen": 1})
    return client.get(f"/track/{case.reference}/").content.decode()


def test_all_that_the_pages_of_complainants_look_up_is_in_every_catalogue(
    client: Client, policy: None, asked: set[tuple[str | None, str]]
) -> None:
    walk(client, "de")
    ours = asked & held("zh_Hans")  # Django's own words are in its own catalogues
    assert len(ours) > 100
    for file in catalogues(LOCALE):
        assert ours - held(name_of(file)) == set(), file


def test_all_that_an_answered_case_looks_up_is_in_every_catalogue(
    cast: Cast, at_start, complainant: Follow, asked: set[tuple[str | None, str]]
) -> None:
    case = make_history(cast, "communicate", language="fr")
    at_start.move_to(after(200))
    carry(now=after(200))
    client = complainant(case)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    here = f"/track/{case.reference}/"
    for page in (here, f"{here}do/answer/", f"{here}receipt/"):
        assert client.get(page).status_code == 200
    client.post(f"{here}do/answer/", {"answer": "rejected", "seen": case.seq})
    client.post(f"{here}do/answer/", {"answer": "rejected", "opinion": "Non.", "seen": case.seq}, follow=True)
    assert (asked & held("zh_Hans")) - held("fr") == set()


@pytest.mark.parametrize("language", ALL)
def test_a_complaint_is_filed_and_followed_in_every_language(client: Client, policy: None, language: str) -> None:
    page = walk(client, language)
    assert f'lang="{language}"' in page
    assert ('dir="rtl" data-now' in page) == (language == "ar")


def test_the_words_of_a_policy_are_marked_where_they_are_not_the_readers(client: Client, policy: None) -> None:
    german = client.get("/", headers={"accept-language": "de"}).content.decode()
    assert "Die Texte der Richtlinie liegen nur auf Englisch vor." in german
    assert '<span lang="en" dir="ltr">Hotline</span>' in german
    for language in ("en", "zh-hans", "zh-hant"):
        own = client.get("/", headers={"accept-language": language}).content.decode()
        assert 'class="help policy-note"' not in own
        assert '<span lang="en" dir="ltr">' not in own


def test_the_labels_of_a_form_are_the_policys_words_and_its_remarks_are_ours(client: Client, policy: None) -> None:
    page = client.get(f"{begin(client)}1/", headers={"accept-language": "ar"}).content.decode()
    assert '<span lang="en" dir="ltr">Subject</span>' in page
    assert '<span class="optional">اختياري</span>' in page


def test_a_policy_is_read_in_traditional_characters(client: Client, policy: None) -> None:
    page = client.get("/", headers={"accept-language": "zh-TW"}).content.decode()
    assert 'lang="zh-hant"' in page
    assert "客戶投訴" in page


def test_a_letter_says_in_which_language_it_is(cast: Cast, at_start, complainant: Follow) -> None:
    case = make_history(cast, "communicate", language="en")
    at_start.move_to(after(200))
    carry(now=after(200))
    client = complainant(case)
    there = f"/track/{case.reference}/"
    assert "Ce courrier est en anglais." in client.get(there, headers={"accept-language": "fr"}).content.decode()
    assert "This letter is in" not in client.get(there, headers={"accept-language": "en"}).content.decode()


def test_the_desk_comes_in_the_nearest_of_its_own_languages(client: Client, db: None) -> None:
    for asked, got in (("de", "en"), ("ar", "en"), ("zh-TW", "zh-hans"), ("zh-CN", "zh-hans"), ("en", "en")):
        page = client.get("/desk/sign-in/", headers={"accept-language": asked})
        assert f'lang="{got}"' in page.content.decode()
        assert page["Content-Language"] == got
        assert 'value="ja"' not in page.content.decode()
    assert 'value="ja"' in client.get("/").content.decode()


def test_the_language_of_letters_is_chosen_on_the_last_page_and_begins_as_that_of_the_pages(
    client: Client, policy: None
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    here = fill(client, *STEPS)
    page = client.get(f"{here}check/")
    assert '<option value="de" lang="de" selected>Deutsch</option>' in page.content.decode()
    digest = page.context["draft"].digest
    client.post(f"{here}send/", {"digest": digest, "letters": "en", "zone": "Europe/Berlin"})
    case = Case.objects.get()
    assert (case.language, case.time_zone) == ("en", "Europe/Berlin")


def test_what_no_page_of_ours_sends_is_no_language_and_no_zone(client: Client, policy: None) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "ja"
    here = fill(client, *STEPS)
    digest = client.get(f"{here}check/").context["draft"].digest
    client.post(f"{here}send/", {"digest": digest, "letters": "../etc", "zone": "../../etc/passwd"})
    case = Case.objects.get()
    assert (case.language, case.time_zone) == ("ja", "")


def test_pages_tell_the_time_by_the_browsers_clock_else_that_of_the_complaint_else_the_offices(
    cast: Cast, at_start, complainant: Follow
) -> None:
    case = make_history(cast, "register", language="en")  # received at 09:00 in Shanghai
    client, there = complainant(case), f"/track/{case.reference}/"
    assert " 09:00</time>" in client.get(there, headers={"accept-language": "en"}).content.decode()
    Case.objects.filter(pk=case.pk).update(time_zone="Asia/Dubai")
    assert " 05:00</time>" in client.get(there, headers={"accept-language": "en"}).content.decode()
    client.cookies["ombud_tz"] = "Asia/Tokyo"
    assert " 10:00</time>" in client.get(there, headers={"accept-language": "en"}).content.decode()


def test_the_complainant_asks_for_letters_in_another_language_later(cast: Cast, at_start, complainant: Follow) -> None:
    case = make_history(cast, "register", language="zh")
    client, there = complainant(case), f"/track/{case.reference}/do/agree_language/"
    assert '<option value="fr">' in client.get(there).content.decode()
    assert client.post(there, {"language": "fr", "seen": case.seq}).status_code == 302
    found = access_case(grant_of(case), case.reference)
    assert language_of(found.case, found.state) == "fr"
