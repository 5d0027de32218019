"""What the forms of accounts share: where what comes in belongs, and secrets that stay with who they are for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from django import forms
from django.utils.translation import gettext as _

from ombud.channels.lookups import sources
from ombud.correspondence.models import Account
from ombud.organisation.models import Office, words
from ombud.policy.model.pack import Pack
from ombud.privacy import outgoing


def channels(known: Mapping[str, Pack], kinds: Collection[str]) -> list[tuple[str, str]]:
    """Return the channels of these kinds of the policies in force, with what they are called."""
    return [
        (written(policy, channel.id), f"{words(dict(pack.title))} \u00b7 {words(dict(channel.title))}")
        for policy, pack in known.items()
        for channel in pack.channels.values()
        if channel.kind in kinds
    ]


def offer(form: forms.Form, known: Mapping[str, Pack], kinds: Collection[str]) -> None:
    """Fill the form's lists of channels, or none of them, and of offices."""
    form.fields["channel"].choices = [("", _("Nothing: they wait in the inbox")), *channels(known, kinds)]  # type: ignore[attr-defined]
    form.fields["office"].queryset = Office.objects.order_by("key")  # type: ignore[attr-defined]


def written(policy: str, channel: str) -> str:
    """Return a channel as the forms write it, empty for none; `chosen` reads it."""
    return f"{policy}/{channel}" if policy else ""


def chosen(said: str) -> tuple[str, str]:
    """Return the policy and the channel of a choice."""
    policy, _slash, channel = said.partition("/")
    return policy, channel


def ask_again(form: forms.Form, row: Account | None, places: Iterable[str], secrets: Iterable[str]) -> None:
    """Have kept secrets typed again where the account goes to another place now: they are not told to a new server.

    Whoever may set accounts up may not read their secrets, so neither may a server of theirs.
    """
    data = form.cleaned_data
    if row is None or all(str(form.initial.get(name) or "") == str(data.get(name) or "") for name in places):
        return
    for name in secrets:
        if name in row.secrets and not data.get(name):
            form.add_error(name, _("It goes to another server now. Type it again."))


def need_callable(url: str) -> None:
    """Raise ValidationError where the program would never call an address, with placeholders in it or without."""
    if not sources.has_fixed_host(url):
        raise forms.ValidationError(_("The name of the server is fixed: nothing typed into a form says who is called."))
    try:
        outgoing.judge(called(url))
    except outgoing.NotAllowed as error:
        raise forms.ValidationError(_not_called(error.code)) from error


def called(url: str) -> str:
    """Return an address as it is called, whatever is filled into it."""
    return sources.PLACE.sub("x", url)


def _not_called(code: str) -> str:
    if code == "address":
        return _("This is no address that a program can call.")
    if code == "private":
        return _("It leads into a private network. Whoever runs the installation can allow it.")
    return _("Only https is called, unless the installation names the server as allowed.")
