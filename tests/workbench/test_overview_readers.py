"""The overview speaks to who reads it: hands, heads of a unit, auditors, owners of policies."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from builders import make_case, make_history
from cast import POLICY, Cast
from ombud.insight import keeping
from ombud.organisation.models import POLICY_OWNER, Department, Membership

pytestmark = pytest.mark.django_db
PAGE = "/desk/overview/"


@pytest.fixture
def cases(cast: Cast) -> Any:
    found = [make_history(cast, "accept_work"), make_case(minutes=20).case]
    keeping.rebuild()
    return found


def shown(browser: Any, **query: str) -> str:
    page: str = browser.get(PAGE, {"policy": POLICY, **query}).content.decode()
    return page


def test_who_leads_nobody_sees_their_own_work_first(cast: Cast, sign_in: Any, cases: Any) -> None:
    page = shown(sign_in("chen"))
    assert page.index("My work") < page.index("Complaints that you handle") < page.index("All that you may see")
    handled = f"by-handler={cast.chen.pk}"
    opened = [html.unescape(each) for each in re.findall(r'href="(/desk/overview/cases/[^"]+)"', page)]
    mine = next(each for each in opened if handled in each and "measure=open" in each)
    told = sign_in("chen").get(mine).content.decode()
    assert [case.reference in told for case in cases] == [True, False]
    assert "What you owe in the coming days" in page


def test_who_handles_nothing_sees_what_they_owe_only(cast: Cast, sign_in: Any, cases: Any) -> None:
    page = shown(sign_in("lin"))
    assert "My work" in page
    assert "Complaints that you handle" not in page


def test_who_leads_or_oversees_has_no_work_of_their_own(cast: Cast, sign_in: Any, cases: Any) -> None:
    for name in ("mo", "ai", "wei", "zhou"):
        assert "Owed by you" not in shown(sign_in(name)), name


def test_a_head_sees_their_department_first_and_all_by_choice(cast: Cast, sign_in: Any, cases: Any) -> None:
    quality = Department.objects.get(policy=POLICY, key="quality")
    browser = sign_in("zhou")
    page = shown(browser)
    assert f'<option value="{quality.pk}" selected>' in page
    assert "What falls due in the coming days" in page  # of all the department, not of the head alone
    everything = shown(browser, whose="all")
    assert f'<option value="{quality.pk}" selected>' not in everything
    assert 'name="whose" value="all"' in everything  # so that no department can be chosen in the list, too
    for each in re.findall(r'href="(\?[^"]+)" ?(?:aria-current="true")?><bdi>', page):
        assert browser.get(PAGE + html.unescape(each)).status_code == 200


def test_who_answers_for_the_policy_is_not_narrowed(cast: Cast, sign_in: Any, cases: Any) -> None:
    for name in ("mo", "wei", "gao"):
        assert "All that I may see" not in shown(sign_in(name)), name


def test_an_auditor_reads_of_clauses_before_the_charts(cast: Cast, sign_in: Any, cases: Any) -> None:
    page = shown(sign_in("ai"))
    assert page.index("clauses that nothing here counts") < page.index("chart-card")
    assert "that nothing here counts" not in shown(sign_in("mo"))


def test_the_owner_of_policies_sees_numbers_and_no_case(cast: Cast, sign_in: Any, cases: Any) -> None:
    Membership.objects.create(person=cast.nobody, role=POLICY_OWNER)
    make_history(cast, "follow_up")
    keeping.rebuild()
    page = shown(sign_in("nobody"))
    assert 'href="/desk/overview/"' in page  # the navigation leads there
    assert "You own the policy and see no case" in page
    assert "By phase" in page
    assert "/desk/overview/cases/" not in page
    assert "/desk/compliance/" not in page
    assert not any(case.reference in page for case in cases)


@pytest.mark.parametrize(
    "narrower", [{"grade": "major"}, {"department": "1"}, {"by-handler": "1"}, {"by-month": "2026-03"}]
)
def test_the_owner_of_policies_asks_for_nothing_narrower(
    cast: Cast, sign_in: Any, cases: Any, narrower: dict[str, str]
) -> None:
    Membership.objects.create(person=cast.nobody, role=POLICY_OWNER)
    assert sign_in("nobody").get(PAGE, {"policy": POLICY, **narrower}).status_code == 404


def test_an_owner_who_works_under_the_policy_sees_what_they_see_there(cast: Cast, sign_in: Any, cases: Any) -> None:
    Membership.objects.create(person=cast.chen, role=POLICY_OWNER)
    assert "You own the policy" not in shown(sign_in("chen"))
