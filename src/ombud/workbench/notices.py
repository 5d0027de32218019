"""The reader's notices: what they were told, newest first, those of a case together."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.cases.access.case_access import access_case
from ombud.notices import by_case, reading
from ombud.workbench import packs
from ombud.workbench.page import desk, person, show
from ombud.workbench.paging import hrefs


@desk
def notices(request: HttpRequest) -> HttpResponse:
    """Show notices; sending the form marks all as read, or those of the case that it names."""
    now, reader = timezone.now(), person(request)
    if request.method == "POST":
        reference = request.POST.get("case", "")
        case = access_case(reader, reference).case if reference else None
        reading.mark_read(reader, now=now, case=case, is_of_none="staffing" in request.POST)
        return redirect(request.get_full_path())
    shown = request.GET.get("show", by_case.ALL)
    page = by_case.notices_of(reader, show=shown, cursor=request.GET.get("cursor"))
    titles = (_("All"), _("Unread"), _("Due times"), _("Acts"))
    context = {
        "is_unattended": reading.unattended(reader).exists(),
        "groups": [(each, _subject(each)) for each in page.rows],
        "show": shown,
        "shows": tuple(zip(by_case.SHOWN, titles, strict=True)),
        **hrefs(request, page),
    }
    return show(request, "workbench/notices.html", "notices", context, now=now)


def _subject(group: by_case.CaseNotices) -> str:
    if group.case is None:
        return _("Shifts and standing in")
    return packs.name_of(group.case, packs.pack_of(group.case), group.subject)
