"""Whoever has no tracking code asks for a new one; it is sent to the address on file, and the page says no more."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from ombud.cases.errors import Throttled
from ombud.channels import intake_limits
from ombud.channels.caller import address_of
from ombud.correspondence import lost_codes
from ombud.interface.waiting import too_many_attempts
from ombud.interface.words_field import WordsField
from ombud.organisation.library import pack as load_pack
from ombud.organisation.publishing import policies_in_force
from ombud.policy.model.pack import Pack
from ombud.portal.entry import ChannelCard, channel_cards
from ombud.portal.pages import moment, private


@dataclass(frozen=True, slots=True)
class Service:
    """A policy, and how whoever has no code reaches its service best."""

    pack: Pack
    way: ChannelCard


class LostForm(forms.Form):
    """By what a complainant is known who has no code."""

    reference = WordsField(label=gettext_lazy("Reference"), max_length=40)
    contact = WordsField(label=gettext_lazy("E-mail address or phone number of the complaint"), max_length=200)
    reference.widget.attrs |= {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
    contact.widget.attrs |= {"autocomplete": "email", "autocapitalize": "off", "spellcheck": "false"}


@require_http_methods(["GET", "HEAD", "POST"])
@private
def lost(request: HttpRequest) -> HttpResponse:
    """Take down who asks for a new code; where nothing can be sent, say whom to call."""
    form = LostForm(request.POST or None, initial={"reference": request.GET.get("reference", "")})
    can_send, now = lost_codes.can_send(), moment()
    if request.method == "POST" and can_send and form.is_valid():
        try:
            intake_limits.count_code(address_of(request), now=now)
        except Throttled as error:
            form.add_error(None, too_many_attempts(error.wait))
        else:
            lost_codes.ask(form.cleaned_data["reference"], form.cleaned_data["contact"], now=now)
            return redirect("portal:asked")
    by_sms = lost_codes.sends_sms()
    context = {"form": form, "can_send": can_send, "by_sms": by_sms, "services": _services()}
    return render(request, "portal/lost.html", context, status=422 if form.errors else 200)


@require_safe
@private
def asked(request: HttpRequest) -> HttpResponse:
    """Say what happens now, the same to everybody: who may have a code is told by mail or SMS alone."""
    context = {"by_sms": lost_codes.sends_sms(), "services": _services()}
    return render(request, "portal/asked.html", context)


def _services() -> list[Service]:
    """Return the policies in force, each with one way to its service: by telephone where it has one."""
    found = []
    for version in policies_in_force(now=moment()):
        pack = load_pack(version.hash)
        ways = [each for each in channel_cards(pack) if not each.channel.is_portal]
        ways.sort(key=lambda each: (each.channel.kind != "phone", not (each.reach or each.address)))
        found += [Service(pack, way) for way in ways[:1]]
    return found
