"""What pages and papers call clauses, and where a duty stands."""

from __future__ import annotations

from django.utils.translation import gettext, pgettext

from ombud.policy.model.source import BASE_REF

UNDONE = frozenset({"ended", "cancelled", "waived"})  # closed without having been done


def clause_name(ref: str) -> str:
    """Return what a clause is called: its number; of the shared rules, which no policy's page lists, also that."""
    shared = ref.removeprefix(BASE_REF)
    return ref if shared == ref else gettext("shared {number}").format(number=shared)


def clause_names(refs: list[str] | tuple[str, ...]) -> str:
    """Return what several clauses are called, in a row."""
    return ", ".join(map(clause_name, refs))


def status_words(status: str, *, is_overdue: bool = False, is_breached: bool = False) -> str:
    """Return where a duty stands; what ended undone after its time says so for ever."""
    key = "overdue" if is_overdue else str(status)
    words = _words().get(key, key)
    return gettext("{status}, was overdue").format(status=words) if is_breached and key in UNDONE else words


def _words() -> dict[str, str]:
    return {
        "open": pgettext("duty status", "Open"),
        "overdue": pgettext("duty status", "Overdue"),
        "paused": pgettext("duty status", "Paused"),
        "met": pgettext("duty status", "Met"),
        "late": pgettext("duty status", "Late"),
        "ended": pgettext("duty status", "Ended"),
        "cancelled": pgettext("duty status", "Cancelled"),
        "waived": pgettext("duty status", "Waived"),
    }
