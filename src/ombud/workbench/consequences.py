"""What an act led to, for whoever has just done it: who was told, what is owed next, by whom and by when."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from ombud.cases.commands import Performed
from ombud.cases.fold import program_of
from ombud.cases.models import Duty
from ombud.cases.reading.titles import bearer_title, duty_title, phase_title
from ombud.engine.messages import joined
from ombud.interface.templatetags.ombud import until_words
from ombud.organisation.models import words
from ombud.texts import Text

SHOWN = 3  # duties told; more stand on the page


def consequences(done: Performed, *, title: Text, now: datetime) -> str:
    """Return one sentence for each: what was done, who was told, what is owed next, or where the case ended."""
    program = program_of(done.case)
    sentences = [_("Done: {act}.").format(act=words(dict(title)))]
    roles = {tell.to.name for tell in done.told if tell.to.kind == "role" and tell.why in ("act", "document")}
    told = [role.title for role in program.pack.roles.values() if role.id in roles]
    if told:
        sentences.append(_("Told: {who}.").format(who=words(dict(joined(told)))))
    if done.case.closed_at is not None:
        phase = words(dict(phase_title(program, done.case.phase)))
        return " ".join([*sentences, _("The case has ended: {phase}.").format(phase=phase)])
    first = min(event.seq for event in done.events)
    rows = Duty.objects.filter(case=done.case, status=Duty.Status.OPEN, opened_seq__gte=first)
    for row in rows.select_related("person", "department").order_by("due_at", "pk")[:SHOWN]:
        said = {"duty": words(dict(duty_title(program, row.duty))), "who": words(dict(bearer_title(program, row)))}
        if row.due_at is None:
            sentences.append(_("Next: {duty} ({who}).").format(**said))
        else:
            sentences.append(_("Next: {duty} ({who}), due {at}.").format(**said, at=until_words(row.due_at, now)))
    return " ".join(sentences)
