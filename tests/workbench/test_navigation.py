"""The navigation: one list, shown to each reader as far as it leads them somewhere."""

from __future__ import annotations

import re

import pytest

from builders import make_case
from ombud.organisation.models import ADMINISTRATOR, Membership
from ombud.workbench import navigation

pytestmark = pytest.mark.django_db


def parts(page: str) -> tuple[str, str, str]:
    """Return the side bar, the phone's bar and the list of keys."""
    side = page[page.index('<nav class="nav"') : page.index('class="sidebar-foot"')]
    phone = page[page.index('<nav class="bottombar') : page.index('<dialog id="keys"')]
    return side, phone, page[page.index('<dialog id="keys"') :]


@pytest.mark.parametrize("name", ["lin", "ai"])
def test_every_entry_that_a_reader_sees_leads_to_a_page(cast, sign_in, name):
    reader = sign_in(name)
    side, _phone, _keys = parts(reader.get("/desk/").content.decode())

    links = re.findall(r'href="([^"]+)"', side)

    assert {link: reader.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    assert ("/desk/proof/" in links) == (name == "ai")
    assert bool(re.search(r">\s*Organisation\s*<", side)) == (name == "ai")


def test_both_bars_mark_the_page_that_is_open_and_no_other(cast, sign_in):
    side, phone, _keys = parts(sign_in("lin").get("/desk/board/").content.decode())

    marked = r'<a href="([^"]+)"[^>]*aria-current="page"'
    assert re.findall(marked, side) == re.findall(marked, phone) == ["/desk/board/"]


def test_the_list_of_keys_names_what_the_side_bar_listens_to(cast, sign_in):
    side, phone, keys = parts(sign_in("lin").get("/desk/").content.decode())

    assert re.findall(r'data-key="g (\w)"', side) == re.findall(r"<kbd>g</kbd> <kbd>(\w)</kbd>", keys)
    assert "data-key" not in phone, "a key is listened to once"


def test_what_is_overdue_colours_the_count_and_says_how_many(cast, sign_in):
    make_case(minutes=200)
    make_case(minutes=0)

    side, phone, _keys = parts(sign_in("lin").get("/desk/").content.decode())

    for bar in (side, phone):
        assert re.search(r'class="count count-bad"[^>]*title="1 overdue"[^>]*>2</span>', bar)


def test_nothing_stands_beside_an_entry_without_a_count():
    assert navigation.counts(owed=0, overdue=0, unread=0, proposals=0) == {}
    assert navigation.counts(owed=3, overdue=0, unread=0, proposals=0) == {"duties": navigation.Count(number=3)}


def test_entries_that_would_always_be_empty_for_the_reader_are_not_there(cast, sign_in):
    side, _phone, _keys = parts(sign_in("lin").get("/desk/").content.decode())
    links = set(re.findall(r'href="([^"]+)"', side))

    # The policy of these cases opens no matters beside periodic ones, keeps no ledger, asks no exam, has no office.
    assert not links & {"/desk/matters/", "/desk/performance/", "/desk/training/", "/desk/rates/"}
    assert {"/desk/cases/", "/desk/board/", "/desk/periodic/"} <= links

    nobody = sign_in("nobody")
    side, _phone, _keys = parts(nobody.get("/desk/").content.decode())
    assert "/desk/cases/" not in re.findall(r'href="([^"]+)"', side)
    assert "Your role sees no complaints" in nobody.get("/desk/cases/").content.decode()


def test_the_phones_bar_takes_no_letter_from_the_page_above_it(cast, sign_in):
    # The page has a "key" of its own, by which a complaint that is sent twice is recorded once.
    _side, phone, _keys = parts(sign_in("lin").get("/desk/record/").content.decode())
    assert "/desk/notices/" in phone
    assert "data-key" not in phone


def test_an_administrator_is_led_to_no_page_that_refuses_and_offered_no_search_of_complaints(cast, sign_in):
    Membership.objects.create(person=cast.people["nobody"], role=ADMINISTRATOR)
    admin = sign_in("nobody")
    page = admin.get("/desk/").content.decode()
    links = re.findall(r'href="([^"]+)"', parts(page)[0])

    assert "/desk/people/" in links
    assert {link: admin.get(link).status_code for link in links} == dict.fromkeys(links, 200)
    assert "Open the register" not in page
    assert 'role="search"' not in page
