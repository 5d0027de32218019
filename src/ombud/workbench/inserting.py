"""Beginning a message with a reply template: its words, filled from the case, below what was typed already."""

from __future__ import annotations

from datetime import datetime

from django.http import QueryDict

from ombud.cases.access.case_access import Accessed
from ombud.correspondence import replies
from ombud.policy.model.pack import Pack

INSERT, CHOSEN = "insert", "reply"  # the button, and the list beside it


def inserted(sent: QueryDict, accessed: Accessed, pack: Pack, *, to: str, now: datetime) -> QueryDict:
    """Return what was sent with the words of the template that was chosen; unchanged where there is none such."""
    chosen = sent.get(CHOSEN, "")
    row = next((each for each in replies.offered(accessed, pack) if str(each.pk) == chosen), None)
    if row is None:
        return sent
    typed = sent.copy()
    language = typed.get("m-language") or accessed.case.language
    _tag, subject, text = replies.filled(row, accessed, to=to, language=language, now=now)
    typed["m-text"] = "\n\n".join(filter(None, [typed.get("m-text", "").rstrip(), text]))
    typed["m-subject"] = typed.get("m-subject") or subject
    typed[CHOSEN] = ""
    return typed
