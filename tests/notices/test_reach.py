"""Letters tell how a channel is reached as the company says it on its page, and leave out what nobody said."""

import pytest

from builders import START, after, make_case
from cast import POLICY, Cast
from ombud.cases.access.case_access import access_case
from ombud.notices.writing import BLANK, fill_in
from ombud.organisation import company

pytestmark = pytest.mark.django_db
SAID = "Write to us.\n- Mailbox: {{ reach(email) }}"


def told(cast: Cast, reference: str, text: str = SAID) -> str:
    accessed = access_case(cast.lin, reference)
    return fill_in(text, accessed.case, accessed.state, to="complainant", language="en", now=after(1))


def test_a_letter_tells_it_in_the_companys_words(cast: Cast) -> None:
    case = make_case().case
    company.keep(POLICY, {"email": ("care@company.test\nanswered daily", "")}, by=cast.lin, now=START)
    assert told(cast, case.reference) == "Write to us.\n- Mailbox: care@company.test, answered daily"


def test_what_nobody_said_is_left_out(cast: Cast) -> None:
    case = make_case().case
    assert told(cast, case.reference) == "Write to us."
    assert told(cast, case.reference, "{{ reach(email) }}") == BLANK
