"""Which cases a reader sees, in so few words that sums of days, and rows, can be asked by them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q

from ombud.cases.access import assignees
from ombud.cases.access.kept_out import kept_from
from ombud.cases.access.permissions import Permissions, scoped_keys
from ombud.cases.models import Case
from ombud.insight.models import Acquaintance, Circle, Measured

MOST = 500  # cases that are told one by one, and circles; who has more is asked for each case


@dataclass(frozen=True, kw_only=True, slots=True)
class Eyes:
    """All cases of some circles, or of the policy, and a few that are told one by one."""

    circles: frozenset[int] | None = None  # Circle.pk; None: every case of the policy
    also: frozenset[int] = frozenset()  # of other circles, which the reader had in person
    without: frozenset[int] = frozenset()  # kept from the reader, whatever their roles

    def condition(self, *, case: str, measured: str = "") -> Q:
        """Return the condition that a row's case is seen; `case` is its key, `measured` leads to what is measured."""
        found = Q()
        if self.circles is not None:
            found = Q(**{f"{measured}circle__in": sorted(self.circles)})
            found |= Q(**{f"{case}__in": self.also}) if self.also else Q()
        return found & self.admits(case=case)

    def admits(self, *, case: str) -> Q:
        """Return the condition that a row's case is not kept from the reader, whatever circle it is of."""
        return ~Q(**{f"{case}__in": self.without}) if self.without else Q()


ALL = Eyes()


def eyes_of(reader: Permissions | None, policy: str) -> Eyes | None:
    """Return what somebody sees of a policy's cases; the system all of them. None: each case has to be asked for."""
    if reader is None:
        return ALL
    kept = frozenset(kept_from(reader.person))
    if kept:
        kept = frozenset(Case.objects.filter(pk__in=kept, policy=policy).values_list("pk", flat=True))
    if len(kept) > MOST:
        return None
    if reader.sees_all or policy in reader.full_policies:
        return Eyes(without=kept)
    if any(each.policy == policy for each in reader.stand_ins):
        return None  # a case is lent as long as it does not keep the absent person out either
    mine = set(reader.own_viewers)
    circles = {pk for pk, viewers in _circles().items() if not mine.isdisjoint(viewers)}
    also = _known_in_person(reader, policy, circles)
    if len(circles) > MOST or len(also) > MOST:
        return None
    return Eyes(circles=frozenset(circles), also=also - kept, without=kept)


def is_seen(reader: Permissions | None, eyes: Eyes | None, *, case: str, measured: str = "") -> Q:
    """Return the condition that a row's case is the reader's to see, whose `eyes_of` are known."""
    if eyes is not None:
        return eyes.condition(case=case, measured=measured)
    assert reader is not None, "the system sees all"
    return Q(**{f"{case}__in": scoped_keys(reader)})


def _circles() -> Mapping[int, list[str]]:
    return {pk: viewers.split() for pk, viewers in Circle.objects.values_list("pk", "viewers")}


def _known_in_person(reader: Permissions, policy: str, circles: Collection[int]) -> frozenset[int]:
    """Return the cases that the reader had in person, as has whoever they come after, and sees by nothing else."""
    people = [pk for each in reader.own_viewers if (pk := assignees.viewing_person(each)) is not None]
    others = Acquaintance.objects.filter(person__in=people).exclude(circle__in=circles)
    if not (found := set(others.values_list("circle", flat=True))):
        return frozenset()
    viewers = [assignees.viewer_person(pk) for pk in people]
    rows = Measured.objects.filter(policy=policy, circle__in=found, case__participations__viewer__in=viewers)
    return frozenset(rows.values_list("pk", flat=True).distinct()[: MOST + 1])


def keep_circles(viewers: Mapping[int, Iterable[str]]) -> dict[int, int]:
    """Return the Circle.pk of each case by who may see it, and note who had a case of which circle in person."""
    apart = {case: _apart(each) for case, each in viewers.items()}
    wanted = {text for text, _people in apart.values()}
    known = _known(wanted)
    if missing := wanted - known.keys():
        Circle.objects.bulk_create([Circle(viewers=each) for each in sorted(missing)], ignore_conflicts=True)
        known |= _known(missing)
    met = {(known[text], person) for text, people in apart.values() for person in people}
    noted = Acquaintance.objects.filter(circle__in={circle for circle, _person in met})
    if fresh := met.difference(noted.values_list("circle", "person")):
        rows = [Acquaintance(circle_id=circle, person=person) for circle, person in sorted(fresh)]
        Acquaintance.objects.bulk_create(rows, ignore_conflicts=True)
    return {case: known[text] for case, (text, _people) in apart.items()}


def _known(viewers: Collection[str]) -> dict[str, int]:
    return dict(Circle.objects.filter(viewers__in=viewers).values_list("viewers", "pk"))


def _apart(viewers: Iterable[str]) -> tuple[str, list[int]]:
    people = {each: assignees.viewing_person(each) for each in viewers}
    return " ".join(sorted(each for each, pk in people.items() if pk is None)), [pk for pk in people.values() if pk]
