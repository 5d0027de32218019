"""What a policy promises a complainant, before anything is known of the complaint and once it is graded."""

from __future__ import annotations

from builders import shipped_pack
from ombud.portal.wording import promises

PACK = shipped_pack("overseas-customers")


def promised(**grades: str) -> set[str]:
    return {each.duty for each in promises(PACK, grades)}


def test_before_it_is_graded_a_complaint_is_promised_what_the_usual_one_gets() -> None:
    assert {"respond", "complete_general"} <= promised()
    assert "complete_major" not in promised()


def test_a_graded_complaint_is_promised_what_its_grade_gets() -> None:
    assert {"respond", "complete_major"} <= promised(severity="major")
    assert not {"complete_general", "report_general", "follow_up_general"} & promised(severity="major")
