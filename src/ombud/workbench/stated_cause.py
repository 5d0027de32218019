"""The cause of a case with the whys that led to it, as the case page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ombud.cases.reading.queries import Shown
from ombud.policy.model.pack import Pack
from ombud.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """What was found to have caused a complaint."""

    path: tuple[Text, ...]  # from the top of the tree down to the cause
    top: str
    whys: tuple[str, ...]  # an answer for each time somebody asked why
    is_masked: bool


def fields(pack: Pack) -> set[str]:
    """Return the facts that are shown as the cause, not among the others: not where the cause is the category too."""
    causes = pack.causes
    return {each for each in (causes.field, causes.whys) if each is not None} - {pack.figures.category or ""}


def of(pack: Pack, facts: Mapping[str, Shown]) -> Stated | None:
    """Return what the case says of its cause; None where it says nothing, or shows it among its other facts."""
    shown = fields(pack)
    cause = facts.get(pack.causes.field or "") if pack.causes.field in shown else None
    whys = facts.get(pack.causes.whys or "")
    known = pack.causes.tree.get(str(cause.value)) if cause is not None else None
    lines = str(whys.value).splitlines() if whys is not None and whys.value else []
    if known is None and not lines:
        return None
    return Stated(
        path=tuple(pack.causes.tree[each].title for each in known.path) if known else (),
        top=known.path[0] if known else "",
        whys=tuple(line for line in lines if line.strip()),
        is_masked=whys is not None and whys.is_masked,
    )
