"""What the palette finds: the newest complaints that hold what was typed."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ombud.cases.reading import queries
from ombud.workbench import packs
from ombud.workbench.page import desk, person

SHOWN = 7


@desk
def find(request: HttpRequest) -> JsonResponse:
    """Return {"rows": [[words, number, address], ...]} of cases that the reader may see, masked for who sees masked."""
    text = request.GET.get("q", "").replace("\0", "").strip()
    rows = queries.register(person(request), now=timezone.now(), text=text, limit=SHOWN).rows if text else ()
    found = []
    for line in rows:
        subject = packs.name_of(line.case, packs.pack_of(line.case), line.subject) or _("No subject yet")
        words = f"{subject} \u00b7 {line.complainant}" if line.complainant else subject
        found.append([words, str(line.case), reverse("desk_case", args=[line.case.reference])])
    return JsonResponse({"rows": found})
