"""Links and posters for partners: made here for a partner and office, followed, and revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ombud.channels import partners as ways
from ombud.correspondence.models import PartnerLink
from ombud.interface.qr import qr
from ombud.organisation import address_book, company
from ombud.organisation.models import Office, Outsider, words
from ombud.policy.model.pack import Pack
from ombud.workbench import packs
from ombud.workbench.authorities import may_keep
from ombud.workbench.page import desk, person, show


class LinkForm(forms.Form):
    """Whose link it is, where complaints by it come in, and until when."""

    partner = forms.ModelChoiceField(
        label=gettext_lazy("Partner"), queryset=Outsider.objects.none(), empty_label=gettext_lazy("Please choose")
    )
    channel = forms.ChoiceField(label=gettext_lazy("Complaints come in as"))
    office = forms.ModelChoiceField(
        label=gettext_lazy("Office"), queryset=Office.objects.none(), required=False,
        empty_label=gettext_lazy("By the complainant's country"),
    )  # fmt: skip
    ends_on = forms.DateField(
        label=gettext_lazy("Valid until"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=gettext_lazy("Leave empty for a link that holds until it is revoked."),
    )

    def __init__(self, data: Any, *, known: list[Pack]) -> None:
        super().__init__(data)
        offered = address_book.offered([ways.PARTNER])[ways.PARTNER]
        self.fields["partner"].queryset = Outsider.objects.filter(pk__in=[row.pk for row in offered])  # type: ignore[attr-defined]
        keys = {key for pack in known for key in pack.offices}
        self.fields["office"].queryset = Office.objects.filter(key__in=keys).order_by("key")  # type: ignore[attr-defined]
        self.fields["channel"].choices = [  # type: ignore[attr-defined]
            (f"{pack.id}/{each.id}", f"{words(dict(pack.title))} · {words(dict(each.title))}")
            for pack in known
            for each in pack.channels.values()
            if each.kind == ways.PARTNER
        ]
        self.known = {pack.id: pack for pack in known}

    def clean_ends_on(self) -> Any:
        """Refuse a day that is over."""
        day = self.cleaned_data["ends_on"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(_("This day is over."))
        return day

    def clean(self) -> dict[str, Any]:
        """Refuse an office that the policy does not have."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        pack = self.known.get(said.get("channel", "").partition("/")[0])
        office = said.get("office")
        if pack is not None and office is not None and office.key not in pack.offices:
            self.add_error("office", _("The policy has no such office."))
        return said


@require_http_methods(["GET", "POST"])
@desk
def partners(request: HttpRequest) -> HttpResponse:
    """List the links with how many complaints came by each, and make another."""
    reader, now = person(request), timezone.now()
    if not may_keep(reader, now=now):
        raise PermissionDenied
    form = LinkForm(request.POST or None, known=[pack for _version, pack in packs.in_force(now=now)])
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        policy, _slash, channel = said["channel"].partition("/")
        link = PartnerLink.objects.create(
            partner=said["partner"],
            policy=policy,
            channel=channel,
            office=said["office"],
            ends_on=said["ends_on"],
            made_by=reader,
            made_at=now,
        )
        return redirect("desk_partner_poster", link.pk)
    rows = PartnerLink.objects.select_related("partner", "office").annotate(came=Count("complaints"))
    listed = [(row, ways.is_valid(row, now=now)) for row in rows.order_by("-id")]
    context: dict[str, Any] = {"rows": listed, "form": form}
    status = 422 if form.is_bound else 200
    return show(request, "workbench/partners.html", "authorities", context, now=now, status=status)


@require_safe
@desk
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the poster of a link, to be printed: the picture, large, and how to use it."""
    link, now = _link(request, pk), timezone.now()
    address = ways.address_of(link)
    valid = ways.is_valid(link, now=now)
    context = {"link": link, "address": address, "qr": qr(address), "is_valid": valid, "house": company.house()}
    return show(request, "workbench/partner_poster.html", "authorities", context, now=now)


@require_POST
@desk
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Let no further complaint be begun by a link; those that came stay as they are."""
    link, now = _link(request, pk), timezone.now()
    PartnerLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now, revoked_by=person(request))
    messages.success(request, _("Revoked. Nobody can begin a complaint by this link any more."))
    return redirect("desk_partners")


def _link(request: HttpRequest, pk: int) -> PartnerLink:
    if not may_keep(person(request), now=timezone.now()):
        raise PermissionDenied
    link = PartnerLink.objects.select_related("partner", "office").filter(pk=pk).first()
    if link is None:
        raise Http404
    return link
