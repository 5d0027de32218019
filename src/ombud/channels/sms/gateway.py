"""Any SMS gateway: its call is described by templates, and what it calls us with by names of fields.

Gateways sign nothing that all have in common: that a call is theirs is proved by the account's address.
"""

from __future__ import annotations

import hashlib
from urllib.parse import parse_qs, quote

from ombud.channels import calling, payload
from ombud.channels.filling import filled, in_json, values_of
from ombud.channels.providers import Call, Heard, Held, Report, Taken, Unreadable
from ombud.channels.sms.numbers import number_of
from ombud.correspondence import outcomes
from ombud.correspondence.carriers import AccountFailed, Parcel, Refused
from ombud.privacy import outgoing

_OUTCOMES = {
    "delivered": outcomes.DELIVERED, "delivrd": outcomes.DELIVERED, "failed": outcomes.FAILED,
    "undelivered": outcomes.FAILED, "undeliv": outcomes.FAILED, "expired": outcomes.FAILED, "rejected": outcomes.FAILED,
}  # fmt: skip


def read(call: Call, held: Held) -> Taken:
    """Return what a call tells: a message, or what became of one. Raises Unreadable."""
    fields, names = _fields(call), _names(held)
    there, sender, text = (fields.get(names.get(name, name), "") for name in ("id", "from", "text"))
    status = fields.get(names.get("status", "status"), "").lower()
    if status:
        reason = fields.get(names.get("reason", "reason"), "")
        outcome = _OUTCOMES.get(status)
        return Taken(reports=[Report(id=there[:250], outcome=outcome, words=reason[:500])] if there and outcome else ())
    if not sender or not text:
        raise Unreadable("A message has a number and a text. Look at the names of its fields.")
    own = hashlib.sha256(call.body or repr(sorted(call.query.items())).encode()).hexdigest()
    return Taken(heard=[Heard(id=there[:250] or own, sender=number_of(sender, held), text=text)])


def send(parcel: Parcel, held: Held) -> str:
    """Hand a text over and return its id there."""
    values = values_of(parcel, held)
    url = filled(held["url"], values, lambda value: quote(value, safe=""))
    headers: dict[str, str] = {}
    name, has_header, value = filled(held["header"], values, lambda value: value).partition(":")
    if has_header:
        headers[name.strip()] = value.strip()
    if held["method"] == "GET":
        answer = calling.get(url, headers)
    else:
        is_json = held["body"].lstrip().startswith(("{", "["))
        headers["Content-Type"] = "application/json; charset=utf-8" if is_json else "application/x-www-form-urlencoded"
        written = in_json if is_json else (lambda value: quote(value, safe=""))
        answer = calling.post_bytes(url, filled(held["body"], values, written).encode(), headers)
    calling.judge(answer)
    path, has_success, wanted = held["success"].partition("=")
    if has_success and payload.text(answer.json, *path.strip().split(".")) != wanted.strip():
        raise Refused(answer.body[:300].decode(errors="replace"))
    return payload.text(answer.json, *held["id_path"].split("."))[:250] or parcel.id


def check(held: Held) -> None:
    """See whether its address may be called; nothing is sent. Raises AccountFailed."""
    try:
        outgoing.check(filled(held["url"], dict.fromkeys(_PLACES, "1"), str))
    except outgoing.NotAllowed as error:
        raise AccountFailed(f"Its address is not called: {error.code}") from error


_PLACES = ("number", "text", "id", "secret", "subject", "reference", "link")


def _names(held: Held) -> dict[str, str]:
    pairs = (each.partition("=") for each in held["incoming"].split(","))
    return {ours.strip(): theirs.strip() for ours, _is, theirs in pairs}


def _fields(call: Call) -> dict[str, str]:
    """Return the fields of a call, however they are written: in the address, as a form, as JSON."""
    if not call.body.strip():
        found = dict(call.query)
    elif call.body.lstrip().startswith(b"{"):
        content = payload.parsed(call.body)
        return {str(name): payload.text(content, name) for name in content}
    else:
        try:
            form = parse_qs(call.body.decode("utf-8"), max_num_fields=payload.MOST)
        except ValueError as error:
            raise Unreadable("Neither JSON nor a form.") from error
        found = {name: values[0] for name, values in form.items()}
    return {name: payload.text(value) for name, value in found.items()}
