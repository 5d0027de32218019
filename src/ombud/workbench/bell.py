"""The number on the bell, asked for by every open page of the desk: three queries where nothing has changed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from ombud.notices import reading
from ombud.workbench import sessions
from ombud.workbench.page import person


@never_cache
@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """Tell how many notices are unread; 204 where it is still as the caller's stamp says."""
    if not request.user.is_authenticated or sessions.is_over(request, now=timezone.now()):
        return JsonResponse({}, status=401)
    reader = person(request)
    stamp = reading.stamp(reader)
    if request.GET.get("stamp") == stamp:
        return HttpResponse(status=204)
    return JsonResponse({"stamp": stamp, "unread": reading.unread_count(reader)})
