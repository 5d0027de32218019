"""Commands that look after an installation."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.management import call_command, execute_from_command_line
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from ombud.project import catalogues, heartbeat

ROUNDS = 100  # ticks that the demo may need; far more than it does


def migrate(arguments: Sequence[str]) -> int:
    """Bring the database and the compiled translations up to date."""
    argparse.ArgumentParser(prog="ombud migrate").parse_args(arguments)
    catalogues.compile_catalogues(settings.LOCALE_PATHS)
    call_command("migrate", interactive=False, verbosity=1)
    _fill_index()
    return 0


def prepare() -> None:
    """Migrate where something is missing, compile translations, and fill an empty demo installation."""
    catalogues.compile_catalogues(settings.LOCALE_PATHS)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print("Preparing the database ...", flush=True)
        call_command("migrate", interactive=False, verbosity=0)
        _fill_index()
    if settings.OMBUD_DEMO:
        demo([])


def _fill_index() -> None:
    """Index all cases where a migration began the index anew."""
    indexing = import_module("ombud.cases.indexing")
    if indexing.is_behind():
        print("Indexing all cases anew ...", flush=True)
        print(f"{indexing.index_all()} cases indexed", flush=True)


def demo(arguments: Sequence[str]) -> int:
    """Load the demo organisation and its cases where the database is empty."""
    argparse.ArgumentParser(prog="ombud demo").parse_args(arguments)
    if not settings.OMBUD_DEMO:
        print("ombud: demo accounts exist only under OMBUD_DEMO=1", file=sys.stderr)
        return 2
    from ombud.organisation.models import Person
    from ombud.project.demo import load

    if Person.objects.exists():
        return 0
    print("Loading the demo organisation ...", flush=True)
    load()
    _settle()
    return 0


def _settle() -> None:
    """Let the clock catch up with what the demo's past asks for; mails to people who do not exist go nowhere."""
    from ombud.clock import beside
    from ombud.clock.tick import tick
    from ombud.correspondence import delivery
    from ombud.correspondence.models import Account
    from ombud.project.demo import post, read_notices

    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.dummy.EmailBackend"
    try:
        for _round in range(ROUNDS):
            done = tick(timezone.now(), without=("reports",))  # checking all policies takes longer than all the rest
            aside = beside.once(timezone.now())
            for account in Account.objects.filter(sends=True):
                while delivery.deliver(account, now=timezone.now()):
                    pass
            if not any([*(done[name] for name in ("rungs", "carried", "letters")), *aside.values()]):
                break
    finally:
        settings.EMAIL_BACKEND = backend
    post.come_back(now=timezone.now())
    read_notices(now=timezone.now())


def clock(arguments: Sequence[str]) -> int:
    """Run the clock until it is told to stop."""
    argparse.ArgumentParser(prog="ombud clock").parse_args(arguments)
    stop = threading.Event()
    carrying = import_module("ombud.channels.carrying").start(stop)
    result: int | None = import_module("ombud.clock.loop").run()
    stop.set()
    carrying.join(heartbeat.PATIENCE - 2)  # what is being handed over now is not to be handed over twice
    return result or 0


def verify(arguments: Sequence[str]) -> int:
    """Refold every case; exit 1 where something does not match."""
    parser = argparse.ArgumentParser(prog="ombud verify")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--roots", type=Path, metavar="FILE", help="a copy of the daily roots that was kept elsewhere")
    options = parser.parse_args(arguments)
    try:
        kept = options.roots.read_text("utf-8").splitlines() if options.roots else ()
    except (OSError, UnicodeDecodeError) as error:
        print(f"ombud: {options.roots} cannot be read: {error}", file=sys.stderr)
        return 2
    begun_at = timezone.now()
    report = import_module("ombud.cases.keeping.verify").verify_all(kept)
    with contextlib.suppress(DatabaseError):  # a copy that takes nothing can be verified all the same
        import_module("ombud.cases.keeping.verifications").record(report, begun_at=begun_at)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, default=str))
    else:
        for line in (*report["problems"], *report["ahead"]):
            print(line)
        if report["ahead"]:
            print(f"{len(report['ahead'])} events lie ahead of now: check the clock of this machine")
        print(f"{report['cases']} cases, {report['events']} events: {len(report['problems'])} problems")
    return 1 if report["problems"] else 0


def rebuild(arguments: Sequence[str]) -> int:
    """Derive the projections of every case from its events, or what figures are counted from."""
    parser = argparse.ArgumentParser(prog="ombud rebuild")
    parser.add_argument(
        "what", nargs="?", choices=["cases", "insight"], default="cases",
        help="cases: what lists and people see; insight: what figures are counted from",
    )  # fmt: skip
    if parser.parse_args(arguments).what == "insight":
        done = import_module("ombud.insight.keeping").rebuild(_tell_progress)
        print(f"{done} cases measured")
        return 0
    print(f"{import_module('ombud.cases.keeping.verify').rebuild_all()} cases rebuilt")
    return 0


def _tell_progress(done: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {of} cases", end="" if done < of else "\n", file=sys.stderr, flush=True)


def django(arguments: Sequence[str]) -> int:
    """Run one of Django's own commands."""
    execute_from_command_line(["ombud django", *arguments])
    return 0
