"""The addresses that a telephone system calls: an event of a call, and its recording."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from ombud.channels import intake_limits
from ombud.channels.telephone import calls, events, signing
from ombud.correspondence import accounts
from ombud.correspondence.models import Account, Message

_NOT_THEIRS = (
    "Not signed with the account's secret, or the clocks differ by more than five minutes; a recording needs the event "
    "of its call first."
)
_NO_CALL = "No such call: send its event first."
KB = 1024
EVENT_MOST, RECORDING_MOST = 128 * KB, 32 * KB * KB


class Turned(Exception):
    """The request is answered with an error."""

    def __init__(self, status: HTTPStatus, words: str) -> None:
        super().__init__(words)
        self.status = status


@csrf_exempt
@require_POST
def event(request: HttpRequest, key: str) -> JsonResponse:
    """Take an event of a call in. Nothing is judged here: that is the receiver's."""
    try:
        account, body = _given(request, key, EVENT_MOST)
        message = calls.note(account, events.read(body), now=timezone.now())
    except Turned as error:
        return _problem(error.status, str(error))
    except events.Malformed as error:
        return _problem(HTTPStatus.BAD_REQUEST, str(error))
    return JsonResponse({"message": str(message.pk)}, status=HTTPStatus.ACCEPTED)


@csrf_exempt
@require_http_methods(["POST", "PUT"])
def recording(request: HttpRequest, key: str, call: str) -> JsonResponse:
    """Take the recording of a call in, whose event came before."""
    try:
        account, body = _given(request, key, RECORDING_MOST, call=call)
        intake_limits.need_room(len(body))
        message = calls.keep_recording(account, call, body)
    except Turned as error:
        return _problem(error.status, str(error))
    except Message.DoesNotExist:
        return _problem(HTTPStatus.NOT_FOUND, _NO_CALL)
    except calls.NoRecording as error:
        return _problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error))
    return JsonResponse({"message": str(message.pk)}, status=HTTPStatus.ACCEPTED)


def _given(request: HttpRequest, key: str, most: int, call: str | None = None) -> tuple[Account, bytes]:
    """Return whose request it is and what it says. Raises Turned; who is not let in learns no more than that.

    Nothing is read of who has no account, no secret and no fresh signature; of a recording no more than of an event
    unless its call is known: a signature can only be checked once the body is here.
    """
    now = timezone.now()
    account = Account.objects.filter(key=key, kind=accounts.TELEPHONE, is_active=True).first()
    secret = str(accounts.secrets_of(account).get(signing.SECRET, "")) if account is not None else ""
    if account is None or not signing.is_worth_reading(request.headers, secret, now=now):
        raise Turned(HTTPStatus.UNAUTHORIZED, _NOT_THEIRS)
    is_known = call is None or calls.is_known(account, call)
    body = _read(request, most if is_known else EVENT_MOST)
    if body is None and is_known:
        raise Turned(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"At most {most} bytes.")
    method, path = request.method or "", request.path
    if body is None:  # of a call that is not known
        is_theirs = signing.bears(request.headers, secret)
    else:
        is_theirs = signing.is_theirs(request.headers, secret, method=method, path=path, body=body, now=now)
    if not is_theirs:
        raise Turned(HTTPStatus.UNAUTHORIZED, _NOT_THEIRS)
    if body is None or not is_known:
        raise Turned(HTTPStatus.NOT_FOUND, _NO_CALL)
    Account.objects.filter(pk=account.pk).update(read_at=now)
    return account, body


def _read(request: HttpRequest, most: int) -> bytes | None:
    """Return the body; None where it is longer, which its headers may tell before anything of it is read."""
    declared = request.headers.get("Content-Length", "")
    if declared.isascii() and declared.isdigit() and len(declared) < 16 and int(declared) > most:
        return None
    body = request.read(most + 1)
    return body if len(body) <= most else None


def _problem(status: HTTPStatus, words: str) -> JsonResponse:
    return JsonResponse({"error": words}, status=status)
