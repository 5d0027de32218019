"""Letters on paper: the mark by which anybody sees whether one is genuine, and that it says nothing personal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from builders import START, make_case
from carried import carry
from cast import Cast
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.errors import NoSuchCase
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Case
from ombud.notices.models import Letter
from ombud.notices.reading import letters_of
from ombud.papers import letter_papers, marks
from ombud.papers.verifying import Verdict, verify
from papers.pdfs import squeezed, words_of

NOW = START + timedelta(minutes=5)


@pytest.fixture
def letter(cast: Cast) -> Letter:
    """A receipt that was written."""
    case = make_case().case
    carry(now=NOW)
    return Letter.objects.get(case=case, document="acceptance")


def mark_of(letter: Letter) -> str:
    accessed = access_case(grant_of(letter.case), letter.case.reference)
    line = next(each for each in letters_of(accessed) if each.key == letter.pk)
    return letter_papers.letter_paper(accessed, line).verify_at.rstrip("/").rpartition("/")[2]


def test_the_paper_says_what_the_page_says(letter: Letter) -> None:
    accessed = access_case(grant_of(letter.case), letter.case.reference)
    line = next(each for each in letters_of(accessed) if each.key == letter.pk)
    paper = letter_papers.paper_of(accessed, letter.pk)
    said = words_of(paper.content)
    for part in (line.title, letter.case.reference, *line.body.split("\n\n")):
        assert squeezed(part.replace("\n- ", "\n").removeprefix("- ")) in said.replace("•", "")
    assert paper.name == f"{letter.case.reference}-acceptance-{letter.written_at:%Y%m%d}.pdf"


def test_a_genuine_letter_is_called_so_without_saying_whose_it_is(letter: Letter) -> None:
    mark = mark_of(letter)
    found = verify(mark)
    assert found.verdict is Verdict.GENUINE
    assert found.written_at == letter.written_at
    assert found.reference.endswith(letter.case.reference[-4:])
    answer = Client(headers={"accept-language": "en"}).get(f"/letters/{mark}/")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Genuine" in page
    assert letter.case.reference not in page
    for value in access_case(grant_of(letter.case), letter.case.reference).state.facts.values():
        assert not (isinstance(value, str) and len(value) > 4 and value in page), value


def test_the_mark_is_the_same_each_time_and_tells_nothing(letter: Letter) -> None:
    assert mark_of(letter) == mark_of(letter)
    assert letter.case.reference.lower() not in mark_of(letter)


@pytest.mark.parametrize(
    "text", ["x", "aaaa", "a" * 200, "0189", "me-1_2", "abcdefghabcdefghabcdefghabcdefghabcdefghabcdef"]
)
def test_a_made_up_mark_is_not_ours(db: None, text: str) -> None:
    assert verify(text).verdict is Verdict.UNKNOWN
    assert Client(headers={"accept-language": "en"}).get(f"/letters/{text}/").status_code == 404


def test_one_wrong_letter_makes_a_mark_of_nobody(letter: Letter) -> None:
    mark = mark_of(letter)
    for place in range(0, len(mark) - 1, 5):
        other = "a" if mark[place] != "a" else "b"
        assert verify(mark[:place] + other + mark[place + 1 :]).verdict is Verdict.UNKNOWN


def test_a_mark_made_for_another_text_says_that_it_is_not_what_we_keep(letter: Letter) -> None:
    other = marks.mark(letter.pk, letter_papers.text_digest("Receipt", "You get a million."))
    assert verify(other).verdict is Verdict.CHANGED


def test_an_erased_letter_is_said_to_be_erased_and_has_no_paper_any_more(letter: Letter) -> None:
    mark = mark_of(letter)
    case = Case.objects.select_related("complainant").get(pk=letter.case_id)
    assert case.complainant is not None
    erase(case.complainant, now=NOW)
    assert verify(mark).verdict is Verdict.ERASED
    accessed = access_case(grant_of(case), case.reference)
    with pytest.raises(NoSuchCase):
        letter_papers.paper_of(accessed, letter.pk)


def test_a_letter_that_is_not_kept_any_more_is_said_to_be_gone(letter: Letter) -> None:
    assert verify(marks.mark(letter.pk + 1, bytes(marks.DIGEST))).verdict is Verdict.REMOVED
