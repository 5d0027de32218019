"""Acts of people on cases that are under way, one after the other."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator


def acts(count: int) -> Iterator[Callable[[], int]]:
    """Yield acts, each of which files a complaint and returns the key of its case."""
    from django.utils import timezone

    from bench.loader import complaint
    from ombud.channels import intake
    from ombud.engine.model import Actor
    from ombud.organisation.models import Person

    actor = Actor(person=Person.objects.get(username="agent").key, role="agent", department="service")
    dice = random.Random(7)

    def file() -> int:
        asked, now = json.loads(complaint(dice)), timezone.now()
        return intake.receive(
            asked["policy"], channel=asked["channel"], language="zh", data=asked["data"], actor=actor, at=now, now=now
        ).case.pk

    for _number in range(count):
        yield file
