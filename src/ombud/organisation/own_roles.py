"""The roles of the organisation itself, held without a policy, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop

from ombud.organisation.models import ADMINISTRATOR, AUDITOR, MANAGER, POLICY_OWNER

#: role -> its English words, under which the catalogues have the others
TITLES: Mapping[str, str] = {
    MANAGER: gettext_noop("Complaint manager"),
    AUDITOR: gettext_noop("Auditor"),
    POLICY_OWNER: gettext_noop("Policy owner"),
    ADMINISTRATOR: gettext_noop("Administrator"),
}


def title_of(role: str) -> str:
    """Return a role's words in the reader's language; the id of one that there is not."""
    return gettext(TITLES[role]) if role in TITLES else role


def titles() -> dict[str, str]:
    """Return all of them in the reader's language."""
    return {role: title_of(role) for role in TITLES}
