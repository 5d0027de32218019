"""How things stand in the database, as numbers: queues, the clock, failures. Nobody is named, and no case."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version

from django.conf import settings
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from ombud.cases import outbox
from ombud.cases.models import Case, Content, Duty, Outbox
from ombud.channels import intake_limits
from ombud.channels.models import HeldComplaint
from ombud.correspondence.models import Account, Message
from ombud.project import health


class Numbers:
    """Asks the database whenever the numbers are asked for: a fixed number of queries."""

    def collect(self) -> Iterator[Metric]:
        """Yield every number."""
        yield _labelled("ombud_build_info", "The release that runs", "version", {version("ombud"): 1})
        yield _number("ombud_disk_free_bytes", "Free room where files are kept", intake_limits.free_disk())
        yield from _clock()
        yield from _queues()
        yield from _accounts()

    def describe(self) -> list[Metric]:
        """Say nothing in advance, or the database would be asked when nobody wants to know."""
        return []


def _number(name: str, about: str, value: float) -> Metric:
    return GaugeMetricFamily(name, about, value=value)


def _labelled(name: str, about: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _clock() -> Iterator[Metric]:
    report = health.clock_report(timezone.now())
    if report["clock_seen"] is not None:
        seen = float(str(report["clock_seen"]))
        yield _number("ombud_clock_seen_seconds", "Seconds since a clock was able to write", seen)
    lag, behind = float(str(report["clock_lag"])), float(str(report["clock_behind"]))
    yield _number("ombud_clock_lag_seconds", "For how long the oldest case that is due has been waiting", lag)
    yield _number("ombud_clock_behind", "Cases that are due and wait, once the clock is late", behind)


def _queues() -> Iterator[Metric]:
    now = timezone.now()
    yield _number("ombud_cases_open", "Open cases", Case.objects.filter(closed_at=None).count())
    overdue = Duty.objects.filter(status=Duty.Status.OPEN, due_at__lt=now).count()
    yield _number("ombud_duties_overdue", "Duties that are open past their time", overdue)
    waiting = Outbox.objects.filter(done_at=None, attempts__lt=outbox.ATTEMPTS, available_at__lte=now)
    kinds = {kind: float(n) for kind, n in waiting.values_list("kind").annotate(n=Count("id")).order_by("kind")}
    yield _labelled("ombud_outbox_waiting", "Letters, notices and tasks that wait to be done", "kind", kinds)
    oldest = waiting.aggregate(at=Min("available_at"))["at"]
    age = (now - oldest).total_seconds() if oldest else 0.0
    yield _number("ombud_outbox_oldest_seconds", "For how long the oldest of them has been waiting", age)
    yield _number("ombud_outbox_given_up", "Those that failed too often and are tried no more", outbox.given_up())
    held = HeldComplaint.objects.filter(state=HeldComplaint.State.WAITS).count()
    yield _number("ombud_complaints_held", "Complaints that wait for their turn", held)
    wanted = (Message.State.ARRIVED, Message.State.WAITING, Message.State.QUARANTINED, Message.State.QUEUED)
    states = Message.objects.filter(state__in=wanted).values_list("state").annotate(n=Count("id")).order_by("state")
    counted = dict.fromkeys(map(str, wanted), 0.0) | {state: float(n) for state, n in states}
    yield _labelled("ombud_messages_waiting", "Messages that wait for somebody, or to be sent", "state", counted)
    if settings.OMBUD_CLAMD:
        unscanned = Content.objects.filter(verdict="", uses__gt=0).count()
        yield _number("ombud_files_unscanned", "Files that wait for the virus scanner", unscanned)


def _accounts() -> Iterator[Metric]:
    failing = Account.objects.filter(is_active=True).order_by("pk").values_list("pk", "kind", "failures")
    family = GaugeMetricFamily(
        "ombud_account_failures", "Failures in a row of an account, by its number", labels=["account", "kind"]
    )
    for pk, kind, failures in failing:  # by number: keys and addresses of mailboxes are people's names
        family.add_metric([str(pk), kind], failures)
    yield family
