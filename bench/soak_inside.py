"""Prepares the environment's database for `make soak`, and counts afterwards what is not as it was acknowledged.

python -m bench.soak_inside prepare SMTP_PORT     prints a token
python -m bench.soak_inside count LEDGER          reads what was acknowledged, prints what was found, as JSON
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any

from django.utils import timezone

from bench.fill import prepare


def main() -> None:
    what, given = sys.argv[1:]
    if what == "prepare":
        print(_prepared(int(given)))
    else:
        import django

        django.setup()
        print(json.dumps(counted(json.loads(Path(given).read_text()))))


def _prepared(smtp_port: int) -> str:
    """Put the policy in force, give it an account whose letters go to that port, and return a token."""
    now = timezone.now()
    prepare(now)
    from ombud.api.keys import issue_token
    from ombud.correspondence.models import Account
    from ombud.organisation.models import Person

    Account.objects.create(
        key="soak", kind="mail", title="Soak", address="box@example.com", policy="customer-complaints",
        channel="email", takes_in=False,
        options={"smtp_host": "127.0.0.1", "smtp_port": smtp_port, "smtp_security": "none"},
    )  # fmt: skip
    return issue_token(Person.objects.get(username="agent"), name="soak", now=now)[1]


def counted(ledger: dict[str, Any]) -> dict[str, Any]:
    """Return what there is, and what must not be: {"cases", "events", ..., "findings": {what: how many}}."""
    from ombud.cases.keeping.verify import verify_all
    from ombud.cases.models import Attachment, Case, Event
    from ombud.correspondence.models import Message
    from ombud.notices.models import Letter, Notice

    filed, cases = ledger["filed"].values(), Case.objects.filter(parent=None)
    acts = Counter(Event.objects.filter(act="register").values_list("case__reference", "act"))
    rungs = Event.objects.filter(act="rung").values_list("case", "data")
    passed = [
        (case, *(data.get(part) for part in ("duty", "instance", "revision", "rung", "repeat"))) for case, data in rungs
    ]
    told_of = ("person", "case", "kind", "act", "duty", "instance", "due_at", "at")
    report = verify_all()
    return {
        "cases": report["cases"],
        "events": report["events"],
        "rungs": len(passed),
        "notices": Notice.objects.count(),
        "letters": Letter.objects.count(),
        "sent": Message.objects.filter(is_out=True).exclude(sent_at=None).count(),
        "problems": report["problems"][:10],
        "findings": {
            "lost complaints": len(set(filed) - set(cases.values_list("reference", flat=True))),
            "lost acts": sum((Counter(map(tuple, ledger["acted"])) - acts).values()),
            "lost files": sum(not _holds(Attachment, *each) for each in ledger["uploads"].items()),
            "complaints filed twice": ledger["differing"]
            + max(0, cases.count() - len(set(filed)) - ledger["unanswered"]),
            "acts performed twice": _doubled(acts.elements()),
            "rungs doubled": _doubled(passed),
            "notices doubled": _doubled(Notice.objects.values_list(*told_of)),
            "letters doubled": _doubled(Letter.objects.values_list("case", "document", "seq", "is_to_complainant"))
            + _doubled(Message.objects.filter(is_out=True).exclude(letter=None).values_list("letter", "address")),
            "diverged folds": len(report["problems"]),
        },
    }


def _doubled(rows: Iterable[Hashable]) -> int:
    """Return how many rows are there that another one equals."""
    return sum(count - 1 for count in Counter(rows).values())


def _holds(model: Any, id: str, sha256: str) -> bool:
    """Return whether a file is there and is, byte for byte, what was sent."""
    from ombud.cases import contents

    row = model.objects.select_related("content").filter(pk=id).first()
    if row is None or row.content is None:
        return False
    try:
        with contents.opened(row.content) as stored:
            return hashlib.sha256(stored.read()).hexdigest() == sha256
    except Exception:  # whatever keeps it from being read: it is lost
        return False


if __name__ == "__main__":
    main()
