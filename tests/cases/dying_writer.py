"""A process that files and handles complaints and is killed at one statement after another; run by test_crash."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import django

STATEMENTS = 26  # a filing and a registration together send about so many


def main(acknowledged: Path) -> None:
    """Fork one writer per statement to die at; each notes in the file what it has acknowledged."""
    from django.db import connections

    write(0, acknowledged)  # compiles the policy once, for every fork
    for number in range(1, STATEMENTS + 1):
        connections.close_all()  # a connection must not be shared with a forked process
        pid = os.fork()
        if pid == 0:
            write(number, acknowledged)
            os._exit(0)
        os.waitpid(pid, 0)


def write(last: int, acknowledged: Path) -> None:
    """File a complaint and register it; die in the middle of statement number `last`."""
    from django.db import connection

    from builders import GRADES, START, after, make_case
    from ombud.cases.commands import perform
    from ombud.engine.model import Actor
    from ombud.organisation.models import Person

    count = 0

    def count_and_die(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        count += 1
        result = execute(sql, params, many, context)
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    lin = Person.objects.get(username="lin")
    with connection.execute_wrapper(count_and_die), acknowledged.open("a") as file:
        case = make_case().case
        print(case.reference, "receive", file=file, flush=True)
        actor = Actor(person=lin.key, role="agent", department="service")
        perform(case, "register", actor=actor, at=START, now=after(1), data=GRADES)
        print(case.reference, "register", file=file, flush=True)


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]))
