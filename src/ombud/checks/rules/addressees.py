"""The check of whom letters go to: unaddressed."""

from __future__ import annotations

from collections.abc import Iterator

from ombud.checks.findings import Finding, finding
from ombud.checks.messages import phrase
from ombud.checks.rules.ownership import vacant
from ombud.checks.wording import role_title, title_of
from ombud.policy.model.pack import Pack
from ombud.policy.outsiders import address_fields
from ombud.policy.vocabulary import COMPLAINANT, EMAIL, PHONE
from ombud.texts import Text


def check_addressees(pack: Pack) -> Iterator[Finding]:
    """Yield letters that reach nobody whatever is done on a case, once for each role that they go to."""
    for role in dict.fromkeys(document.to for document in pack.documents.values()):
        if (why := unaddressed(pack, role)) is not None:
            letters = [each for each in pack.documents.values() if each.to == role]
            yield finding(
                "unaddressed",
                place=letters[0].at,
                clauses=[ref for each in letters for ref in each.cite],
                witness=why,
                values={"role": role_title(pack, role), "letters": [title_of(each.title, each.id) for each in letters]},
            )


def unaddressed(pack: Pack, role: str) -> Text | None:
    """Return why a role can be written to on no case, or None."""
    if not pack.roles[role].is_external:
        return vacant(pack, pack.main, role)
    asked = {name for act in pack.main.acts.values() for name in (*act.needs, *act.may)}
    known = {EMAIL, PHONE} if role == COMPLAINANT else {address_fields(pack, role).get(EMAIL, "")}
    return None if known & asked else phrase("no-address", role=role_title(pack, role))
