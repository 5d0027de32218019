"""Working hours in the reader's words."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import override

from ombud.interface.limit_text import hours, limit
from ombud.policy.model.limits import Limit
from ombud.policy.model.source import Place
from ombud.worktime import WHOLE_DAY, CalendarSpec, Mode, Season, Unit

EIGHT_TO_TWO = ((8 * 60, 14 * 60),)
OFFICE = CalendarSpec(tz="Asia/Shanghai", week=(((540, 1080),),) * 5 + ((), ()), days="CN")


def test_hours_tell_of_the_seasons() -> None:
    spec = replace(
        OFFICE,
        seasons=(
            Season((6, 15), (9, 15), (EIGHT_TO_TWO,) * 5 + ((), ())),
            Season((2026, 2, 18), (2026, 3, 19), ((),) * 7),
        ),
    )
    with override("en"):
        assert hours(spec) == (
            "Working days 09:00\u201318:00; 15 Jun\u201315 Sep: Working days 08:00\u201314:00; "
            "18 Feb 2026\u201319 Mar 2026: Closed all week"
        )
    with override("zh-hans"):
        assert hours(spec) == (
            "工作日 09:00\u201318:00；6月15日\u20139月15日：工作日 08:00\u201314:00；"
            "2026年2月18日\u20132026年3月19日：全周休息"
        )


def test_hours_without_seasons_are_as_they_were() -> None:
    with override("en"):
        assert hours(OFFICE) == "Working days 09:00\u201318:00"
        assert hours(replace(OFFICE, week=(WHOLE_DAY,) * 7)) == "24 hours, every day"


def test_the_earlier_of_two_limits_says_both() -> None:
    at = Place("pack.yaml", 1, 1)
    days = Limit(length=3, unit=Unit.WORKDAY, mode=Mode.NEXT_DAY_CLOSE, at=at)
    both = Limit(
        order="earliest", cases={"1": days, "2": replace(days, length=48, unit=Unit.HOUR, mode=Mode.CLOCK)}, at=at
    )
    with override("en"):
        assert limit(both) == "within 3 working days or within 48 hours, whichever comes first"
    with override("zh-hans"):
        assert limit(both) == "3个工作日内或48小时内，以较早者为准"
