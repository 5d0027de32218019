"""What a filing step asks beyond its single fields: one way to reach the complainant, and dates that can be meant."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.interface.act_form import ActForm
from ombud.policy.model.people import FormStep
from ombud.policy.vocabulary import DEMANDED_BY


def judge(form: ActForm, *steps: FormStep) -> bool:
    """Note at its field what is wrong with the form as a whole, and return whether nothing is."""
    form.is_valid()
    wanted = form.cleaned_data.get(DEMANDED_BY)
    if isinstance(wanted, date) and wanted < timezone.localdate():
        form.add_error(DEMANDED_BY, _("This day has passed. Please give one that is still to come."))
    for step in steps:
        if step.one_of and not any(form.cleaned_data.get(name) or name in form.errors for name in step.one_of):
            titles = _(" or ").join(str(form.fields[name].label) for name in step.one_of)
            form.add_error(
                step.one_of[0], _("Please give at least one, so that we can reach you: {titles}").format(titles=titles)
            )
    return not form.errors
