"""The look-up buttons of a form: each beside the field that it asks by, the others above all fields."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from ombud.channels.lookups import sources
from ombud.interface.act_form import ActForm
from ombud.interface.money_field import PackField


@dataclass(frozen=True, kw_only=True, slots=True)
class Button:
    """A look-up offered in a form."""

    key: str
    title: str
    href: str
    template: str = "workbench/_look_up.html"


def offer(form: ActForm, policy: str, act: str, reference: str = "") -> list[Button]:
    """Put the look-ups of an act's form beside their field, and return those whose field is not in the form."""
    above = []
    for source in sources.offered(policy, act):
        about = urlencode({"case": reference, "act": act}) if reference else ""
        href = reverse("desk_look_up", args=[source.key]) + (f"?{about}" if about else "")
        button = Button(key=source.key, title=source.title, href=href)
        field = next((form.fields[name] for name in source.asks_for if name in form.fields), None)
        if isinstance(field, PackField):
            field.beside = (*field.beside, button)
        else:
            above.append(button)
    return above
