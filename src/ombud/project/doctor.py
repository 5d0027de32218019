"""`ombud doctor`: whether settings, keys, database, clock, mail, fonts and disk are as they should be."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from ombud.cases.keeping import backups_made
from ombud.cases.models import RootStamp
from ombud.channels import intake_limits
from ombud.interface.lists import listed
from ombud.notices.alerts.post import post
from ombud.organisation.models import ADMINISTRATOR, Person
from ombud.organisation.publishing import policies_in_force
from ombud.papers import fonts
from ombud.privacy import rotations
from ombud.privacy.keys import PrivacyError, key_of
from ombud.privacy.models import Complainant
from ombud.project import health

GOOD, DOUBTFUL, WRONG = "good", "doubtful", "wrong"
LOCAL = {"127.0.0.1", "localhost", "::1"}
AHEAD = 5.0  # seconds by which two clocks may differ


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do about it."""

    what: str
    state: str
    said: str
    do: str = ""


def run(arguments: Sequence[str]) -> int:
    """Print what was found; 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="ombud doctor", description="What is wrong, and what to do about it.")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    with translation.override("en"):  # as all that commands print
        found = list(findings())
    if options.json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False))
    for each in () if options.json else found:
        print(f"{each.state:<9} {each.what}: {each.said}")
        if each.do:
            print(f"{'':<9} -> {each.do}")
    return 1 if any(each.state == WRONG for each in found) else 0


def findings() -> Iterator[Finding]:
    """Yield what every question finds. Where the database does not answer, what lies in it is not asked for."""
    for ask in (_settings, _disk, _fonts, _storage):
        yield from ask()
    try:
        yield from _database()
        if not _missing_migrations():
            for question in IN_DATABASE:
                yield from question()
    except DatabaseError as error:
        said = _("it does not answer ({error})").format(error=type(error).__name__)
        yield Finding("database", WRONG, said, _("look at DATABASE_URL, and whether the server runs"))


def _settings() -> Iterator[Finding]:
    base = urlsplit(settings.OMBUD_BASE_URL)
    if settings.DEBUG:
        yield Finding(
            "settings",
            WRONG,
            _("OMBUD_DEBUG is on: errors show the inside"),
            _("unset {name}").format(name="OMBUD_DEBUG"),
        )
    if settings.OMBUD_DEMO and base.hostname not in LOCAL:
        yield Finding(
            "settings",
            WRONG,
            _("demo accounts may sign in, their password is known"),
            _("unset {name}").format(name="OMBUD_DEMO"),
        )
    if base.hostname in LOCAL:
        said = _("links lead to {address}, which only this machine knows").format(address=settings.OMBUD_BASE_URL)
        yield Finding("address", DOUBTFUL, said, _("set OMBUD_BASE_URL to the address that people use"))
    elif base.scheme != "https":
        yield Finding(
            "address",
            WRONG,
            _("{address} is not encrypted").format(address=settings.OMBUD_BASE_URL),
            _("serve it by https"),
        )
    else:
        yield Finding("address", GOOD, settings.OMBUD_BASE_URL)


def _disk() -> Iterator[Finding]:
    free, floor = intake_limits.free_disk() // 2**20, settings.OMBUD_DISK_FLOOR_MB
    state = WRONG if free < floor else DOUBTFUL if free < 10 * floor else GOOD
    do = _("make room: below {n} MB nothing is taken in").format(n=floor) if state != GOOD else ""
    yield Finding("disk", state, _("{n} MB free").format(n=free), do)


def _fonts() -> Iterator[Finding]:
    missing = fonts.missing_scripts()
    if missing:
        yield Finding(
            "fonts",
            WRONG,
            _("none for {scripts}").format(scripts=listed(missing)),
            _("ombud fonts says what to install"),
        )
    else:
        yield Finding("fonts", GOOD, _("papers can be set in every script"))


def _storage() -> Iterator[Finding]:
    try:
        name = default_storage.save("doctor.txt", ContentFile(b"ombud"))
        with default_storage.open(name) as kept:
            is_same = kept.read() == b"ombud"
        default_storage.delete(name)
    except Exception as error:  # whatever a disk or a provider says
        said = _("nothing can be kept there ({error})").format(error=f"{type(error).__name__}: {error}")
        yield Finding("evidence", WRONG, said, _("look at OMBUD_VAR or OMBUD_S3, and who may write there"))
        return
    if is_same:
        yield Finding("evidence", GOOD, _("what is kept there comes back"))
    else:
        yield Finding("evidence", WRONG, _("what was kept there came back as something else"), _("look at the storage"))


def _missing_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _database() -> Iterator[Finding]:
    missing = _missing_migrations()
    if missing:
        yield Finding("database", WRONG, _("{n} migrations are missing").format(n=missing), "ombud migrate")
        return
    yield Finding("database", GOOD, _("{database}, up to date").format(database=connection.vendor))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
            ahead = abs(float(cursor.fetchone()[0]) - timezone.now().timestamp())
        if ahead > AHEAD:
            said = _("its clock and this machine's differ by {n} s").format(n=f"{ahead:.0f}")
            yield Finding("time", WRONG, said, _("let both keep the time by NTP"))


def _keys() -> Iterator[Finding]:
    row = Complainant.objects.filter(wrapped_key__isnull=False).order_by("created_at").first()
    if row is None:
        yield Finding("keys", GOOD, _("nothing is sealed yet"))
        return
    try:
        key_of(row)
    except PrivacyError as error:
        yield Finding(
            "keys", WRONG, str(error), _("set OMBUD_MASTER_KEY to the key that this database was written with")
        )
    else:
        yield Finding(
            "keys", GOOD, _("the master key opens what is sealed; it is not in backups, keep it elsewhere too")
        )


def _rotation() -> Iterator[Finding]:
    found = rotations.standing()
    row = found.rotation
    if found.is_under_way and row is not None and row.finished_at is not None:
        said = _("all is under the new master key, and the old one is still at hand")
        yield Finding("master key", DOUBTFUL, said, "ombud keys retire")
    elif found.is_under_way:
        said = _("a new master key takes the old one's place; keep both")
        yield Finding("master key", DOUBTFUL, said, "ombud keys status")
    elif row is not None and row.finished_at is None:
        said = _("the old master key was taken away before all was under the new one")
        yield Finding("master key", WRONG, said, _("give it back behind the new one, and let the clock go on"))


def _backups() -> Iterator[Finding]:
    hours = settings.OMBUD_BACKUP_HOURS
    if not hours:
        return  # somebody else's are made, of which nothing is known here
    last = next(iter(backups_made.latest()), None)
    do = _("ombud backup --incremental FOLDER, by a timer; or OMBUD_BACKUP_HOURS=0 where others make them")
    if last is None:
        yield Finding("backup", DOUBTFUL, _("none was ever made, as far as this installation knows"), do)
        return
    age = (timezone.now() - last.made_at).total_seconds() / 3600
    said = _("the last one is {n} hours old: {file}").format(n=f"{age:.0f}", file=last.file)
    yield Finding("backup", *((DOUBTFUL, said, do) if age > hours else (GOOD, said)))


def _clock() -> Iterator[Finding]:
    report = health.clock_report(timezone.now())
    if report["clock"] == "dead":
        yield Finding(
            "clock", WRONG, _("none runs: nothing falls due, no mail leaves"), _("ombud serve, or ombud clock")
        )
    elif report["clock"] == "behind":
        said = _("{n} things are late by up to {seconds} s").format(
            n=report["clock_behind"], seconds=report["clock_lag"]
        )
        yield Finding("clock", DOUBTFUL, said, _("look at its log; a second clock may run beside it"))
    else:
        yield Finding("clock", GOOD, _("on time"))
    if given_up := health.given_up():
        yield Finding(
            "outbox", DOUBTFUL, _("{n} letters or tasks were given up").format(n=given_up), _("see the page Outbox")
        )


def _mail() -> Iterator[Finding]:
    way = post()
    if way is None:
        said = _("there is no way out for mail to staff: no invitation and no notice leaves")
        yield Finding("mail", DOUBTFUL, said, _("choose a mailbox for it on the page Accounts, or set OMBUD_MAIL_URL"))
    else:
        yield Finding("mail", GOOD, _("mail to staff leaves as {address}").format(address=way.sender))


def _people() -> Iterator[Finding]:
    held = Person.objects.filter(is_active=True, memberships__policy="", memberships__role=ADMINISTRATOR).distinct()
    count = held.count()
    if not count:
        yield Finding("people", WRONG, _("nobody is an administrator"), _("ombud found, or ombud people"))
    elif count == 1:
        yield Finding(
            "people",
            DOUBTFUL,
            _("one administrator: nobody can change their roles, or let them in"),
            _("make a second one"),
        )
    else:
        yield Finding("people", GOOD, _("{n} administrators").format(n=count))
    if policies_in_force(now=timezone.now()):
        yield Finding("policies", GOOD, _("at least one is in force"))
    else:
        yield Finding(
            "policies",
            DOUBTFUL,
            _("none is in force: nobody can complain"),
            _("publish one under Set-up, or by ombud publish ID"),
        )


def _stamps() -> Iterator[Finding]:
    if not settings.OMBUD_TIMESTAMP_URL:
        return
    last = RootStamp.objects.order_by("-root__number").first()
    if last is not None and last.failure:
        said = _("{address} does not stamp the daily root: {failure}").format(
            address=settings.OMBUD_TIMESTAMP_URL, failure=last.failure
        )
        yield Finding("time stamps", DOUBTFUL, said, _("see docs/how-to/audit.md, time stamps"))
    elif not settings.OMBUD_TIMESTAMP_CA:
        said = _("signatures of time stamps are kept and not checked here")
        yield Finding("time stamps", DOUBTFUL, said, _("set OMBUD_TIMESTAMP_CA to the authority's certificates"))
    else:
        yield Finding("time stamps", GOOD, _("the newest daily root is stamped, or about to be"))


#: What is asked once the database is up to date.
IN_DATABASE: Sequence[Callable[[], Iterator[Finding]]] = (
    _keys,
    _rotation,
    _backups,
    _clock,
    _mail,
    _people,
    _stamps,
)
