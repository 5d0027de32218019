"""What complaints are about, summed up by day within each department and office: what a head is told of first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db.models import QuerySet

from ombud.insight.daily import Days, Place, in_circle
from ombud.insight.measuring import zone
from ombud.insight.models import Measured
from ombud.policy.model.pack import Pack
from ombud.policy.model.values import FieldType
from ombud.policy.vocabulary import OWN_FACTS, RECEIVE

TOPICS = "topics"  # what is summed
WITHIN = ("department", "office")


def topics_of(pack: Pack) -> Iterator[str]:
    """Return by what a complaint tells what it is about: its category, and what is chosen up to its registration."""
    if pack.figures.category:
        yield "category"
    acts = [pack.main.acts[each] for each in (RECEIVE, *pack.figures.registered) if each in pack.main.acts]
    said = {name for act in acts for name in (*act.needs, *act.may)} - OWN_FACTS - {pack.figures.category}
    for name, field in pack.fields.items():
        if name in said and field.type == FieldType.CHOICE and field.of:
            yield name


def side_within(part: str, key: object, topic: str) -> str:
    """Return the name of the side that a topic is within one department or office, told by its key."""
    return f"{part[0]}{key}/{topic}"


def sum_topics(made: Days, received: QuerySet[Measured], pack: Pack) -> None:
    """Add how many cases came in to each department and office by each value of what they are about."""
    topics, tz = tuple(topics_of(pack)), zone()
    counts: Counter[Place] = Counter()
    asked = ("received_at", "procedure", "circle", "category", "choices", *WITHIN)
    for at, procedure, circle, category, choices, *parts in received.values_list(*asked):
        day = at.astimezone(tz).date()
        for topic in topics:
            value = category if topic == "category" else choices.get(topic, "")
            for part, key in zip(WITHIN, parts, strict=True):
                if key is not None:
                    place = (day, procedure, side_within(part, key, topic), value)
                    counts[place] += 1
                    counts[in_circle(circle, place)] += 1
    for place, number in counts.items():
        made.add(TOPICS, place, {"received": [number]})
