"""Early warning end to end: what the clock finds in the register, whom it tells, and that it says it once."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders import GRADES, after, do, make_case
from cast import POLICY, Cast, make_cast
from ombud.cases.models import Case, Confidant, Duty, Recusal
from ombud.cases.references import new_reference
from ombud.insight.alarms import watch
from ombud.insight.alarms.counting import LATE, Series, counted
from ombud.insight.alarms.forecast import forecasts
from ombud.insight.alarms.models import Alarm, Look, Mute
from ombud.insight.alarms.rising_words import WORDS, counted_words
from ombud.insight.alarms.wording import sentence
from ombud.insight.keeping import rebuild
from ombud.insight.models import Measured
from ombud.notices.models import Notice
from ombud.organisation import editions
from ombud.organisation.models import MANAGER, Membership, Person, PolicyVersion
from ombud.policy.model.procedures import MAIN
from ombud.policy.model.watching import Watch
from shipped_packs import pack_of

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 3, 2, 0, tzinfo=UTC)  # Wednesday, 10:00 in Shanghai
DAYS = 200
OVERSEAS = "overseas-customers"


def fill(counts: Mapping[str, Sequence[int]], *, policy: str = POLICY, now: datetime = NOW) -> None:
    """Make rows of complaints by channel, day by day up to now: what is counted needs no events."""
    version, edition = PolicyVersion.objects.get(policy=policy), editions.current()
    assert edition is not None
    cases = Case.objects.bulk_create(
        Case(
            reference=new_reference("XX"),
            policy=policy,
            first_version=version,
            policy_version=version,
            first_edition=edition,
            edition=edition,
            procedure=MAIN,
            phase="open",
            channel=channel,
            received_at=now - timedelta(days=len(days) - 1 - day, hours=1, minutes=number),
        )
        for channel, days in counts.items()
        for day, count in enumerate(days)
        for number in range(count)
    )
    Measured.objects.bulk_create(
        Measured(
            case=case,
            seq=0,
            policy=policy,
            version=version.pk,
            procedure=MAIN,
            channel=case.channel,
            received_at=case.received_at,
        )
        for case in cases
    )


def steady(seed: int, days: int = DAYS, most: int = 4) -> list[int]:
    chance = random.Random(seed)
    return [chance.randint(0, most) for _ in range(days)]


def look(now: datetime = NOW) -> list[Alarm]:
    watch.run(now=now)
    return list(Alarm.objects.order_by("pk"))


def test_a_rise_of_one_channel_is_found_with_its_examples_and_told_to_the_managers(cast: Cast):
    fill({"web": [*steady(1)[:-3], 9, 11, 10], "hotline": steady(2), "store": steady(3)})
    found = {(row.dimension, row.value): row for row in look()}
    assert ("channel", "web") in found
    assert not {("channel", "hotline"), ("channel", "store")} & found.keys()
    alarm = found["channel", "web"]
    assert alarm.direction == Alarm.Direction.RISE
    assert alarm.observed > alarm.limit > alarm.expected
    assert alarm.since == NOW - timedelta(days=alarm.days)
    assert alarm.weeks[-1][0] == sum([*steady(1)[:-3], 9, 11, 10][-7:])
    newest = Case.objects.filter(channel="web").order_by("-received_at").values_list("pk", flat=True)[:5]
    assert alarm.examples == list(newest)
    notice = Notice.objects.get(kind=Notice.Kind.ALARM)
    assert notice.person == cast.mo
    assert notice.case_id in alarm.examples
    assert "网" in sentence(alarm, pack_of(POLICY)) or "web" in sentence(alarm, pack_of(POLICY)).lower()


def test_a_manager_is_told_only_at_a_case_that_they_may_see(cast: Cast):
    second = Person.objects.create(username="nan", name="Nan")
    Membership.objects.create(person=second, role=MANAGER)
    gone = Person.objects.create(username="old", name="Old", is_active=False)
    Membership.objects.create(person=gone, role=MANAGER)
    fill({"web": [*steady(1)[:-3], 9, 11, 10]})
    newest = list(Case.objects.filter(channel="web").order_by("-received_at")[:40])
    for case in newest[:2]:
        Recusal.objects.create(case=case, person=cast.mo, reason="A relative", at=NOW)
    for case in Case.objects.all():
        Recusal.objects.create(case=case, person=second, reason="All of them", at=NOW)
    look()
    notice = Notice.objects.get(kind=Notice.Kind.ALARM)
    assert (notice.person, notice.case) == (cast.mo, newest[2])


def test_where_every_example_is_kept_from_a_manager_they_are_told_at_another_case(cast: Cast):
    fill({"web": [*steady(1)[:-3], 9, 11, 10], "hotline": steady(2)})
    for case in Case.objects.filter(channel="web").order_by("-received_at")[:40]:
        Recusal.objects.create(case=case, person=cast.mo, reason="A relative", at=NOW)
    look()
    notice = Notice.objects.get(kind=Notice.Kind.ALARM)
    assert not Recusal.objects.filter(case=notice.case, person=cast.mo).exists()


def test_a_rise_that_goes_on_is_one_alarm_and_ends_a_week_after_it_was_last_seen(cast: Cast):
    fill({"web": [*steady(1)[:-2], 14, 15]})
    first = [row.pk for row in look()]
    assert first
    later = NOW + timedelta(days=1)
    fill({"web": [13]}, now=later)
    assert [row.pk for row in look(later)] == first
    assert {row.seen_at for row in Alarm.objects.all()} == {later}
    quiet = later + timedelta(days=40)
    fill({"web": steady(9, 40)}, now=quiet)
    assert {row.ended_at for row in look(quiet)} == {quiet}


def test_a_channel_that_falls_silent_is_told(cast: Cast):
    fill({"web": [*steady(4, most=8)[:-4], 0, 0, 0, 0], "hotline": steady(5, most=8)})
    (alarm,) = [row for row in look() if row.dimension == "channel"]
    assert (alarm.value, alarm.direction, alarm.span) == ("web", Alarm.Direction.FALL, "silence")
    assert alarm.days == 4
    assert alarm.observed == 0
    assert alarm.examples == []


def test_noise_is_no_news(cast: Cast):
    fill({"web": steady(6), "hotline": steady(7), "store": steady(8)})
    assert look() == []
    assert not Notice.objects.exists()


def test_a_muted_series_gives_no_alarm_until_its_day(cast: Cast):
    fill({"web": [*steady(1)[:-2], 14, 15], "hotline": steady(2)})
    day = NOW.date()
    for dimension, value in (("channel", "web"), ("", "")):
        Mute.objects.create(
            policy=POLICY,
            dimension=dimension,
            value=value,
            direction="rise",
            until=day,
            reason="促销",
            by=cast.mo,
            at=NOW,
        )
    assert look() == []
    assert [row.value for row in look(NOW + timedelta(days=1)) if row.dimension] == ["web"]


def test_one_policy_is_looked_at_a_day_at_least_and_not_at_every_tick(cast: Cast):
    assert look() == []
    assert Look.objects.get().whole_at == NOW
    look(NOW + timedelta(minutes=2))
    assert Look.objects.get().at == NOW
    look(NOW + timedelta(hours=2))
    assert (Look.objects.get().at, Look.objects.get().whole_at) == (NOW + timedelta(hours=2), NOW)
    look(NOW + timedelta(days=1))
    assert Look.objects.get().whole_at == NOW + timedelta(days=1)


@pytest.fixture
def overseas(db: None) -> dict[str, Person]:
    from builders import publish_policy

    publish_policy(OVERSEAS)
    return make_cast(OVERSEAS, {"hua": ("hq_lead", None)}).people


def test_where_the_policy_says_so_a_warning_opens_a_matter_with_a_duty(overseas: dict[str, Person]):
    channel = next(iter(pack_of(OVERSEAS).channels))
    fill({channel: [*steady(1)[:-2], 14, 15]}, policy=OVERSEAS)
    alarms = look()
    matter = Case.objects.get(procedure="warning")
    assert {row.matter for row in alarms} == {matter}
    duty = Duty.objects.get(case=matter)
    assert duty.duty == "prevent"
    assert duty.clauses == ["36.3"]
    assert duty.due_at is not None
    assert NOW < duty.due_at < NOW + timedelta(days=4)
    assert not Notice.objects.filter(kind=Notice.Kind.ALARM).exists()


def test_what_is_counted_begins_with_the_first_complaint_and_knows_every_value(cast: Cast):
    fill({"web": [1, 0, 2], "hotline": [0, 3, 0]})
    found = counted(pack_of(POLICY), now=NOW)
    assert found[Series()].days == [1, 3, 2]
    assert found[Series("channel", "web")].days == [1, 0, 2]
    assert found[Series("channel", "hotline")].days == [0, 3, 0]
    assert len(found[Series("channel", "hotline")].examples(1)) == 0
    assert len(found[Series("channel", "hotline")].examples(2)) == 3


def test_a_policy_without_complaints_has_nothing_to_look_at(cast: Cast):
    assert counted(pack_of(POLICY), now=NOW) == {}


def test_duties_that_became_overdue_are_watched_too(cast: Cast):
    fill({"web": [1] * DAYS})
    case = Case.objects.order_by("-received_at")[0]
    missed = [*[1 if day % 3 == 0 else 0 for day in range(DAYS - 3)], 5, 6, 7]
    Duty.objects.bulk_create(
        Duty(
            case=case, duty="answer", instance=day * 100 + number, revision=0, policy=POLICY, holder="x", opened_seq=1,
            status=Duty.Status.LATE if number % 2 else Duty.Status.OPEN, opened_at=NOW - timedelta(days=DAYS),
            breached_at=NOW - timedelta(days=DAYS - 1 - day, hours=1),
        )
        for day, count in enumerate(missed)
        for number in range(count)
    )  # fmt: skip
    (alarm,) = look()
    assert (alarm.dimension, alarm.direction) == (LATE, Alarm.Direction.RISE)
    assert alarm.examples == [case.pk]
    assert "overdue" in sentence(alarm, pack_of(POLICY)) or "逾期" in sentence(alarm, pack_of(POLICY))


def test_what_falls_due_stands_beside_what_was_done_lately(cast: Cast):
    fill({"web": [1]})
    case = Case.objects.get()

    def duties(number: int, **given: Any) -> None:
        Duty.objects.bulk_create(
            Duty(
                case=case, duty="answer", instance=Duty.objects.count() + index, revision=0, policy=POLICY, holder="x",
                opened_seq=1, opened_at=NOW - timedelta(days=40), **given,
            )
            for index in range(number)
        )  # fmt: skip

    day, status = timedelta(days=1), Duty.Status
    duties(12, status=status.MET, due_at=NOW - 2 * day, done_at=NOW - 3 * day)
    duties(4, status=status.LATE, due_at=NOW - 3 * day, done_at=NOW - 2 * day, breached_at=NOW - 3 * day)
    duties(3, status=status.OPEN, due_at=NOW + 2 * day)
    duties(1, status=status.OPEN, due_at=NOW + 8 * day)
    duties(2, status=status.OPEN, due_at=NOW + day, is_outsiders=True)
    look()
    (found,) = forecasts([POLICY])
    assert (found.overdue, found.ahead, found.usual) == (0, 3, 4.0)
    assert (found.on_time.number, found.on_time.of) == (12, 16)
    assert found.likely_late == 0.75
    assert not found.is_much
    duties(3, status=status.OPEN, due_at=NOW - day, breached_at=NOW - day)
    look(NOW + timedelta(hours=2))
    (found,) = forecasts([POLICY])
    assert (found.overdue, found.is_much) == (3, True)
    assert forecasts([]) == ()


def test_what_was_chosen_is_counted(cast: Cast):
    watched = replace(pack_of(POLICY), watch=Watch(dimensions=("category", "aspect", "department")))
    first, second = make_case().case, make_case(minutes=1).case
    do(first, "register", cast, "lin", minutes=30, data=GRADES)
    do(second, "register", cast, "lin", minutes=30, data=GRADES)
    rebuild()
    found = counted(watched, now=after(60))
    assert found[Series("category", "product_quality")].days == [2]
    assert found[Series("aspect", "function")].days == [2]
    assert {each.dimension for each in found} >= {"", "category", "aspect"}


def test_a_word_that_is_suddenly_in_many_subjects_is_told_once_a_day_and_names_nobody(cast: Cast):
    hour, day = 60, 60 * 24
    begin = 40 * day  # eleven weeks before it the policy was in force already
    for number in range(12):
        make_case(minutes=begin + hour * number, subject="壶嘴开裂 张三丰说", name="张三丰")
        make_case(minutes=begin - 7 * day * number - 5, subject="送货迟到")
    rebuild()
    alarms = {row.value for row in look(after(begin + 12 * hour)) if row.dimension == WORDS}
    assert len(alarms) == 1
    assert alarms < {"壶嘴", "嘴开", "开裂"}
    assert not {row.value for row in counted_words(pack_of(POLICY), now=after(begin + 12 * hour))} & {"张三", "三丰"}
    # What is confidential is counted as every complaint is, and no word of it is read.
    for case in Case.objects.filter(received_at__gte=after(begin))[:9]:
        Confidant.objects.create(case=case, person=cast.mo)
    later = after(begin + 12 * hour)
    assert sum(counted(pack_of(POLICY), now=later)[Series()].days[-2:]) >= 12
    assert not {row.value for row in counted_words(pack_of(POLICY), now=later)} & {"壶嘴", "嘴开", "开裂"}
