"""The verdicts on approvals as buttons show them: both alike, and in one word where it is plain what is decided."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from ombud.policy.event_names import APPROVE, REJECT, VERDICTS, EventName

_ICONS = {APPROVE: "badge-check", REJECT: "circle-x"}


def verdict_icon(act: str) -> str:
    """Return the icon of a verdict, nothing for another act: approving and rejecting are offered alike."""
    return _ICONS.get(EventName.of(act).tail, "")


def verdict_word(act: str) -> str:
    """Return a verdict without the approval that it is on, nothing for another act."""
    return {APPROVE: _("Approve"), REJECT: _("Reject")}.get(EventName.of(act).tail, "")


def is_one_approval(acts: Iterable[str]) -> bool:
    """Return whether the verdicts among the acts are on one approval, so that a word each tells them apart."""
    return len({EventName.of(act).head for act in acts if EventName.of(act).tail in VERDICTS}) == 1
