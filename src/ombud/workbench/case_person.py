"""Of a request about one's own data: the person's other cases, the package of them, and asking for their erasure."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from ombud.cases.access.case_access import EVIDENCE, Accessed, access_case
from ombud.cases.keeping import erasure_requests, persons
from ombud.interface.downloads import made
from ombud.interface.fact_text import fact_text
from ombud.papers import case_files
from ombud.workbench.page import desk, person, show


@desk
def cases(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the person's other cases; of those that are ticked a package is made, or their erasure asked for."""
    now, accessed = timezone.now(), access_case(person(request), reference, EVIDENCE)
    if not persons.may_find(accessed):
        raise PermissionDenied
    if request.method == "POST":
        ticked = request.POST.getlist("case")
        try:
            if request.POST.get("do") == "erase":
                _ask_erasure(request, accessed, ticked)
            else:
                case_files.ask_package(accessed, ticked, now=now)
                messages.success(request, _("The package is being made. Load this page again in a minute."))
        except persons.Unidentified:
            messages.error(request, _("First confirm who asks: the request does not say yet how that was done."))
        return redirect("desk_person", reference=accessed.case.reference)
    package = case_files.latest(accessed, is_of_person=True, now=now)
    context = {
        "accessed": accessed,
        "case": accessed.case,
        "found": persons.found(accessed, now=now),
        "erased": persons.erased(accessed),
        "most": persons.MOST,
        "identified": _identified(accessed),
        "package": package,
        "is_given_up": package is not None and case_files.is_given_up(package),
    }
    return show(request, "workbench/case_person.html", "register", context, now=now)


def _identified(accessed: Accessed) -> str:
    """Return in words how it was confirmed who asks; empty where it is not yet."""
    pack, how = accessed.state.program.pack, persons.identified(accessed)
    return "" if how is None else fact_text(pack.fields[pack.access.identified], how)


def _ask_erasure(request: HttpRequest, accessed: Accessed, ticked: list[str]) -> None:
    asked = 0
    for reference in ticked:
        try:
            erasure_requests.ask_of_person(accessed, reference, now=timezone.now())
        except (erasure_requests.AskedBefore, erasure_requests.NothingToErase):
            continue  # it waits, or is done
        asked += 1
    if asked:
        words = ngettext("Asked for {n} case. A manager decides.", "Asked for {n} cases. A manager decides.", asked)
        messages.success(request, words.format(n=asked))
    else:
        messages.warning(request, _("Nothing new was asked for: tick the cases that are the person's."))


@require_GET
@desk
def take(request: HttpRequest, reference: str, key: UUID) -> HttpResponseBase:
    """Hand out the package; of every case in it this is logged."""
    accessed = access_case(person(request), reference, EVIDENCE)
    if not persons.may_find(accessed):
        raise PermissionDenied
    try:
        opened = case_files.open_file(accessed, key, case_files.ZIP, now=timezone.now())
    except persons.Unidentified as error:
        raise Http404 from error
    return made(opened, f"{accessed.case.reference}-data.zip", case_files.KINDS[case_files.ZIP])
