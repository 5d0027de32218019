"""One reading of an address book: what would change or was changed, line by line, and the decision."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ombud.directory import planning, reading
from ombud.directory.models import Reading
from ombud.workbench import again, directory_words, packs
from ombud.workbench.directories import PAGE, may_see, need_keeper, row_of
from ombud.workbench.page import desk, person, show

SHOWN = 500  # lines; the numbers count all


@require_http_methods(["GET", "POST"])
@desk
@again.proved
def look(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show what a reading would change; administrators have it carried out, or drop it."""
    now, reader = timezone.now(), person(request)
    can_keep = may_see(reader)
    rows = row_of(pk).readings.select_related("directory", "asked_by", "decided_by")
    row = rows.filter(pk=number).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        need_keeper(reader)
        is_wanted = request.POST.get("do") == "carry-out"
        if not reading.decide(row, is_wanted=is_wanted, by=reader, now=now):
            messages.error(request, _("It was decided already."))
        elif not is_wanted:
            messages.success(request, _("Dropped. Nothing was changed."))
        return redirect("desk_directory", pk)
    leaving = row.counts.get(planning.LEAVE, 0)
    waits = row.state in (Reading.State.PLANNED, Reading.State.HELD)
    places = directory_words.Places(pack for _version, pack in packs.in_force(now=now))
    context = {
        "row": row,
        "tone": directory_words.TONES.get(Reading.State(row.state), "pill-plain"),
        "counts": directory_words.counts_of(row),
        "failure": directory_words.FAILURES.get(row.code, row.code),
        "lines": directory_words.lines_of(row, places)[:SHOWN],
        "rest": max(0, len(row.lines) - SHOWN),
        "problems": directory_words.problems_of(row),
        "can_decide": can_keep and waits,
        "leaving": leaving,
        "is_beyond": waits and reading.is_beyond(row.directory, leaving),
    }
    return show(request, "workbench/directory_reading.html", PAGE, context, now=now)
