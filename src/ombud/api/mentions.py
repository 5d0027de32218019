"""POST /mentions: other systems tell what is said in public."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router
from ninja.responses import Status

from ombud.api import strict
from ombud.api.callers import Call, Caller, Token
from ombud.api.keys import ACT
from ombud.api.openapi import failures
from ombud.api.shapes import MentionIn, MentionOut
from ombud.api.strict import Malformed, error
from ombud.cases.access.permissions import permissions_of
from ombud.cases.errors import Forbidden, NoPolicy
from ombud.cases.models import Case
from ombud.insight.opinion import mentions
from ombud.insight.opinion.mentions import Said
from ombud.organisation import publishing

router = Router(tags=["mentions"])


@router.post(
    "/mentions",
    auth=Token(ACT),
    response={201: MentionOut, **failures(400, 401, 403, 404, 413, 415, 422)},
    operation_id="record_mention",
    summary="Record what is said in public",
)
def record_mention(request: Call, sent: MentionIn) -> Status[MentionOut]:
    """Keep a mention; one told again under the same id changes nothing."""
    strict.only(request)
    now, by = timezone.now(), request.auth.person
    assert by is not None, "a token is somebody's"
    request.auth.only(sent.policy)
    if not mentions.may_record(permissions_of(by), sent.policy):
        raise Forbidden
    if publishing.in_force(sent.policy, now=now) is None:
        raise NoPolicy
    if sent.published_at > now:
        raise Malformed([error(("body", "published_at"), "value", _("That lies ahead."))])
    row, is_new = mentions.record(
        Said(
            policy=sent.policy,
            medium=sent.medium,
            words=sent.words,
            tone=sent.tone,
            published_at=sent.published_at,
            link=sent.link,
            reach=sent.reach,
            source=sent.id,
            case=_case(request.auth, sent),
        ),
        by=by,
        now=now,
    )
    return Status(201, MentionOut(id=row.pk.hex, new=is_new))


def _case(caller: Caller, sent: MentionIn) -> Case | None:
    if sent.case is None:
        return None
    case = caller.case(sent.case).case
    if case.policy != sent.policy:
        raise Malformed([error(("body", "case"), "value", _("That case is under another policy."))])
    return case
