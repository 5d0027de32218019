"""Acts of people, as many a second as asked for: what came in, was registered, taken over and written to a case.

    python -m bench.acting COUNT A_SECOND     in the database of the environment

Each is told on standard output once it is written: the key of its case, the number of its last event, the instant.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle, islice
from typing import Any

_REGISTERED = {
    "category": "product_quality", "aspect": "function", "urgency": "normal", "spread": False, "routine": True,
    "legal_step": "none", "business_affected": False,
}  # fmt: skip


def main() -> None:
    count, a_second = int(sys.argv[1]), int(sys.argv[2])
    import django

    django.setup()
    began, computed = time.perf_counter(), time.process_time()
    for number, act in enumerate(islice(_acts(), count), 1):
        case = act()
        print(case.pk, case.seq, time.time(), flush=True)
        time.sleep(max(0, began + number / a_second - time.perf_counter()))
    print(time.perf_counter() - began, time.process_time() - computed, flush=True)


def _acts() -> Iterator[Callable[[], Any]]:
    """Yield acts, each of which returns its case; what is under way is that of a register lived through."""
    from django.utils import timezone

    from bench.loader import complaint
    from ombud.cases import commands
    from ombud.cases.models import Case, Event
    from ombud.channels import intake
    from ombud.engine.model import Actor
    from ombud.organisation.models import Person

    actor = Actor(person=Person.objects.get(username="agent").key, role="agent", department="service")
    dice, filed = random.Random(7), list[Case]()
    lived = Event.objects.filter(seq=1).values("case")
    under_way = list(Case.objects.filter(closed_at=None, pk__in=lived).exclude(handler__username="agent"))
    dice.shuffle(under_way)
    others = cycle(under_way)

    def file() -> Case:
        asked, now = json.loads(complaint(dice)), timezone.now()
        found = intake.receive(
            asked["policy"], channel=asked["channel"], language="zh", data=asked["data"], actor=actor, at=now, now=now
        )
        filed.append(found.case)
        return found.case

    def perform(case: Case, act: str, data: dict[str, Any]) -> Case:
        now = timezone.now()
        return commands.perform(case, act, actor=actor, at=now, now=now, data=data).case

    while True:
        yield file
        yield lambda: perform(filed.pop(0), "register", _REGISTERED)
        yield lambda: perform(next(others), "note", {"remark": "已联系"})
        yield lambda: perform(next(others), "take", {})
        yield lambda: perform(next(others), "note", {"remark": "等待回复"})


if __name__ == "__main__":
    main()
