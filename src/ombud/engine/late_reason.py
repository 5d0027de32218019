"""Why something is entered late: said of any event, beside the fields of its act, and no fact of the case."""

from __future__ import annotations

from ombud.engine.messages import say
from ombud.policy.model.source import Place
from ombud.policy.model.values import Field, FieldType
from ombud.policy.vocabulary import LATE_REASON

LATE_REASON_FIELD = Field(
    id=LATE_REASON,
    type=FieldType.LONG_TEXT,
    title=say("fact-late_reason"),
    is_personal=True,
    at=Place("engine", 0, 0),
)
