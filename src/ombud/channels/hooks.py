"""Takes the calls of providers: whose they are is proved on the raw bytes; what they say is kept before it is judged.

Nothing is decided here: what came in is sorted by the account's own thread (`hearing`).
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import datetime

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ombud.channels import hook_address, intake_limits, providers
from ombud.channels.providers import Call, Heard, NotTheirs, Taken, Unreadable
from ombud.channels.registry import PROVIDERS
from ombud.correspondence import accounts, outcomes, taking_in
from ombud.correspondence.models import Account
from ombud.correspondence.taking_in import Incoming

log = logging.getLogger(__name__)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, key: str, token: str) -> HttpResponse:
    """Take a call in and answer as its provider wants it."""
    if not hook_address.is_right(key, token):
        raise Http404
    account = Account.objects.select_related("office").filter(key=key, is_active=True, kind__in=PROVIDERS).first()
    if account is None:
        raise Http404
    now, provider = timezone.now(), PROVIDERS[account.kind]
    try:
        taken = provider.read(_call(request), providers.held(provider, account, now=now))
    except RequestDataTooBig:
        return _said("The body is too large.", 413)
    except NotTheirs:
        log.warning("account %s: a call that its provider did not sign", account.key)
        return _said("The signature is not right, or the call is too old.", 403)
    except (Unreadable, UnreadablePostError) as error:
        return _said(str(error)[:500], 400)
    intake_limits.need_room(len(request.body))
    _take_in(account, taken, request.body, now)
    return HttpResponse(taken.answer, content_type=taken.content_type)


def _take_in(account: Account, taken: Taken, body: bytes, now: datetime) -> None:
    if taken.reports:
        outcomes.hear(account, taken.reports, now=now)
    # What others said or were told would be read with this one's case, and outlive their erasure.
    is_of_one = len({heard.sender for heard in taken.heard}) == 1 and not taken.reports
    for heard in taken.heard:
        original = body if is_of_one else json.dumps(asdict(heard), default=str, ensure_ascii=False).encode()
        taking_in.take_in(account, _incoming(account, heard, original, now), now=now)
    if taken.heard:
        Account.objects.filter(pk=account.pk).update(read_at=now)


def _incoming(account: Account, heard: Heard, original: bytes, now: datetime) -> Incoming:
    known = {"answers": heard.answers, "media": [asdict(each) for each in heard.media]}
    provider = PROVIDERS[account.kind]
    return Incoming(
        way=accounts.way_of(account.kind),
        external_id=heard.id,
        arrived_at=heard.at or now,
        address=heard.sender if provider.is_by_number else f"{account.kind}:{heard.sender}",
        name=heard.name,
        text=heard.text,
        language=heard.language,
        details={name: value for name, value in known.items() if value},
        original=original,
    )


def _call(request: HttpRequest) -> Call:
    return Call(
        method=request.method or "",
        query={name: str(request.GET[name]) for name in request.GET},
        headers={name.lower(): value for name, value in request.headers.items()},
        body=request.body,
    )


def _said(words: str, status: int) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
