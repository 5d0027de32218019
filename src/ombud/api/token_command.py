"""`ombud token`: gives out tokens and intake keys, lists them, takes them back."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from ombud.api import keys
from ombud.api.models import ApiToken, IntakeKey
from ombud.organisation import library, publishing
from ombud.organisation.models import Person


def run(arguments: Sequence[str]) -> int:
    """Do what was asked and return the exit code: 2 where it cannot be done."""
    options = _parser().parse_args(arguments)
    try:
        handler: Any = options.handler
        result: int = handler(options)
    except LookupError as problem:
        print(f"ombud token: {problem.args[0]}", file=sys.stderr)
        return 2
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ombud token", description=__doc__)
    parts = parser.add_subparsers(required=True, metavar="create | intake | list | revoke")
    create = parts.add_parser("create", help="a token for a person; printed once")
    create.add_argument("username")
    create.add_argument("--name", required=True, help="what it is for")
    create.add_argument("--scope", action="append", choices=keys.SCOPES, help="may be repeated; without it, all")
    create.add_argument("--policy", default="", help="for this policy only; without it, for all")
    create.add_argument("--days", type=_positive, help="how long it is good; without it, until it is revoked")
    create.set_defaults(handler=_create)
    intake = parts.add_parser("intake", help="a public key that can only file complaints")
    intake.add_argument("policy")
    intake.add_argument("channel")
    intake.add_argument("--name", required=True, help="where it stands")
    intake.add_argument("--per-address", type=_positive, default=20, help="calls an hour from one address (20)")
    intake.add_argument("--per-hour", type=_positive, default=600, help="calls an hour in all (600)")
    intake.set_defaults(handler=_intake)
    listing = parts.add_parser("list", help="tokens and keys, without secrets")
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    listing.set_defaults(handler=_list)
    revoke = parts.add_parser("revoke", help="make one worthless; ID as `list` shows it")
    revoke.add_argument("id")
    revoke.set_defaults(handler=_revoke)
    return parser


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 1_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to 1000000")
    return int(text)


def _create(options: argparse.Namespace) -> int:
    now = timezone.now()
    person = Person.objects.filter(username=options.username, is_active=True).first()
    if person is None:
        raise LookupError(f"nobody has the user name {options.username!r}")
    until = None
    if options.days:
        last = min(timezone.localdate(now) + timedelta(days=min(options.days, 36500)), date(9998, 12, 31))
        until = datetime.combine(last, time.max, UTC)
    if options.policy and publishing.in_force(options.policy, now=now) is None:
        raise LookupError(f"no version of {options.policy!r} is in force")
    scopes = options.scope or keys.SCOPES
    row, token = keys.issue_token(
        person, name=options.name, scopes=scopes, policy=options.policy, expires_at=until, now=now
    )
    print(token)
    print(f"token t{row.pk} of {person.username}: {', '.join(row.scopes)}; shown this once", file=sys.stderr)
    return 0


def _intake(options: argparse.Namespace) -> int:
    now = timezone.now()
    version = publishing.in_force(options.policy, now=now)
    channel = library.pack(version.hash).channels.get(options.channel) if version else None
    if version is None:
        raise LookupError(f"no version of {options.policy!r} is in force")
    if channel is None or not channel.is_portal:
        raise LookupError(f"{options.policy} has no channel {options.channel!r} by which complainants file themselves")
    row = keys.issue_key(
        name=options.name,
        policy=options.policy,
        channel=options.channel,
        per_address=options.per_address,
        per_hour=options.per_hour,
        now=now,
    )
    print(row.key)
    return 0


def _list(options: argparse.Namespace) -> int:
    rows = [_token_line(row) for row in ApiToken.objects.select_related("person").order_by("pk")]
    rows += [_key_line(row) for row in IntakeKey.objects.order_by("pk")]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        what = ", ".join(row["scopes"]) if row["kind"] == "token" else f"{row['policy']} {row['channel']} {row['key']}"
        state = f"revoked {row['revoked_at']}" if row["revoked_at"] else f"last used {row['last_used_at'] or 'never'}"
        print(f"{row['id']:<6} {row['person'] or 'public':<16} {row['name']:<24} {what}; {state}")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    kind, number = options.id[:1], options.id[1:]
    row: ApiToken | IntakeKey | None = None
    if number.isascii() and number.isdecimal() and len(number) < 19:
        if kind == "t":
            row = ApiToken.objects.filter(pk=int(number)).first()
        elif kind == "k":
            row = IntakeKey.objects.filter(pk=int(number)).first()
    if row is None:
        raise LookupError(f"there is no token or key {options.id!r}")
    keys.revoke(row, now=timezone.now())
    return 0


def _token_line(row: ApiToken) -> dict[str, Any]:
    return {
        "id": f"t{row.pk}",
        "kind": "token",
        "name": row.name,
        "person": row.person.username,
        "scopes": row.scopes,
        "policy": row.policy or None,
        "created_at": _at(row.created_at),
        "expires_at": _at(row.expires_at),
        "last_used_at": _at(row.last_used_at),
        "revoked_at": _at(row.revoked_at),
    }


def _key_line(row: IntakeKey) -> dict[str, Any]:
    return {
        "id": f"k{row.pk}",
        "kind": "intake",
        "name": row.name,
        "person": None,
        "key": row.key,
        "policy": row.policy,
        "channel": row.channel,
        "per_address": row.per_address,
        "per_hour": row.per_hour,
        "created_at": _at(row.created_at),
        "last_used_at": None,
        "revoked_at": _at(row.revoked_at),
    }


def _at(instant: datetime | None) -> str | None:
    return instant.isoformat(timespec="seconds") if instant else None
