"""Exchange rates: what a foreign amount is compared at today, and rates entered by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ombud.interface.words_field import WordsField
from ombud.organisation import rates as book
from ombud.organisation.models import ExchangeRate, Person
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show

SHOWN = 50
PROBLEMS = {
    "currency": gettext_lazy("Two different currencies of three letters each are needed, such as VND and CNY."),
    "rate": gettext_lazy("The rate must be a number above zero."),
    "source": gettext_lazy("Say where the rate comes from."),
}


@desk
def rates(request: HttpRequest) -> HttpResponse:
    """Show today's rates into the policies' currencies; managers enter others."""
    now, reader = timezone.now(), person(request)
    into = sorted({pack.currency for _version, pack in packs.visible(reader, now=now)}) or ["CNY"]
    form = RateForm(request.POST or None, initial={"into": into[0], "day": timezone.localdate(now)})
    if request.method == "POST":
        if not packs.is_manager(reader):
            raise PermissionDenied
        if form.is_valid() and form.keep(reader, now):
            messages.success(request, _("Entered. Events keep the rate that they were recorded with."))
            return redirect("desk_rates")
    today = timezone.localdate(now)
    context: dict[str, Any] = {
        "form": form if packs.is_manager(reader) else None,
        "quotes": [(code, each, quote) for each in into for code, quote in book.quotes(each, today).items()],
        "entered": ExchangeRate.objects.select_related("entered_by").order_by("-day", "currency")[:SHOWN],
    }
    return show(request, "workbench/rates.html", "rates", context, now=now, status=422 if form.errors else 200)


class RateForm(forms.Form):
    """The rate of one day."""

    currency = WordsField(label=gettext_lazy("Currency"), max_length=3, help_text=gettext_lazy("Such as VND"))
    rate = forms.DecimalField(label=gettext_lazy("Rate"), help_text=gettext_lazy("How much one unit of it is worth"))
    into = WordsField(label=gettext_lazy("In"), max_length=3)
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    source = WordsField(label=gettext_lazy("Source"), max_length=200)

    def keep(self, by: Person, now: datetime) -> bool:
        """Enter it; where that is refused, say why and return False."""
        data = dict(self.cleaned_data)
        try:
            book.enter(data.pop("currency"), data.pop("rate"), **data, by=by, now=now)
        except book.RateError as error:
            self.add_error(str(error), PROBLEMS[str(error)])
            return False
        return True
