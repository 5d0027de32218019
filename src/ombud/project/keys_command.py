"""`ombud keys`: how it stands with the master keys, and how a new one takes an old one's place while Ombud runs."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from ombud.cases.keeping import backups_made
from ombud.privacy import keys, master_keys, rotations
from ombud.privacy.master_keys import LOOK, Keys, MasterKeyError
from ombud.project import rotation

KNOWN = 3 * LOOK  # seconds after which every process of this machine has read the file again


class KeysError(Exception):
    """It cannot be done now; the message says why and what to do."""


def run(arguments: Sequence[str]) -> int:
    """Show, make, rotate or retire master keys; 1 where a rotation is under way."""
    options = _parser().parse_args(arguments)
    try:
        result: int = options.do(options)
    except (KeysError, MasterKeyError, OSError) as error:
        print(f"ombud: {error}", file=sys.stderr)
        return 2
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ombud keys", description="The master keys of this installation.")
    parts = parser.add_subparsers(required=True, metavar="status|new|rotate|retire")
    status = parts.add_parser("status", help="which key seals, which only open, how far a rotation has come")
    status.add_argument("--json", action="store_true", help="print one JSON document")
    status.set_defaults(do=_status)
    for name, do, about in (
        ("new", _new, "print a new key as it is entered, and change nothing"),
        ("rotate", _rotate, "let a new key take the place of the one that seals"),
    ):
        part = parts.add_parser(name, help=about)
        part.add_argument("--kms", metavar="KEY", help="wrap it by this key of AWS KMS: id, ARN or alias/NAME")
        part.add_argument("--region", metavar="REGION", default="", help="where that key is")
        part.set_defaults(do=do)
    part = parts.choices["rotate"]
    part.add_argument("--wait", action="store_true", help="do the work here, and come back when it is done")
    retire = parts.add_parser("retire", help="take the old key away, if nothing needs it any more")
    retire.add_argument("--now", action="store_true", help="sign everybody out instead of waiting for sessions to end")
    retire.set_defaults(do=_retire)
    return parser


def _status(options: argparse.Namespace) -> int:
    told = _told()
    if options.json:
        print(json.dumps(told, default=str))
        return int(told["under_way"])
    for each in told["keys"]:
        where = "AWS KMS" if each["from"] == "kms" else told["file"] or "the environment"
        print(f"master key {each['number']} ({each['mark']}) {'seals' if each['seals'] else 'opens'}: {where}")
    if told["under_way"]:
        for line in told["progress"]:
            print(f"  {line['what']}: {line['done']} of {line['of']}")
        if told["finished_at"] is None:
            print("The clock is at it: ombud serve, or ombud clock, or ombud keys rotate --wait")
        else:
            print(f"All is under the new key. From {told['may_retire_at']:%F %H:%M %Z} on: ombud keys retire")
    return int(told["under_way"])


def _told() -> dict[str, Any]:
    found = rotations.standing()
    row, held = found.rotation, settings.OMBUD_MASTER_KEY
    progress = rotations.progress(row) if found.is_under_way and row is not None else []
    return {
        "keys": [
            {"number": each.generation, "mark": each.mark, "from": each.comes_from, "seals": place == 0}
            for place, each in enumerate(found.ring)
        ],
        "file": str(held.file or ""),
        "under_way": found.is_under_way,
        "progress": [{"what": name, "done": done, "of": total} for name, done, total in progress],
        "finished_at": row.finished_at if row is not None else None,
        "may_retire_at": found.may_retire_at,
    }


def _new(options: argparse.Namespace) -> int:
    print(_entry(options))
    return 0


def _entry(options: argparse.Namespace) -> str:
    number = max(each.generation for each in keys.ring()) + 1
    if not options.kms:
        return master_keys.made(number)
    if not options.region:
        raise KeysError("say in which region the key of KMS is: --region eu-central-1")
    return master_keys.made_by_kms(number, options.kms, options.region)


def _rotate(options: argparse.Namespace) -> int:
    ring = keys.ring()
    newest = max(ring, key=lambda each: each.generation)
    if ring[0] != newest or len(ring) == 1:
        _put_first(options)
    print(f"Master key {keys.ring()[0].generation} seals from now on. The clock brings under it what others sealed.")
    rotations.begin(now=timezone.now())
    if options.wait:
        _work()
        print("Done. ombud keys status says from when the old key may go.")
    return 0


def _put_first(options: argparse.Namespace) -> None:
    """Write the new key beside the old one, and first once every process can open what it will seal."""
    held: Keys = settings.OMBUD_MASTER_KEY
    if held.file is None:
        raise KeysError(_by_hand("OMBUD_MASTER_KEY"))
    entries = master_keys.entries_of(held.file)
    try:
        if len(entries) == 1:
            entry = _entry(options)
            entries[keys.ring()[0].generation + 1] = entry
            master_keys.replace(held.file, list(entries.values()))
            print(f"{held.file}: the new key stands beside the old one.", flush=True)
        time.sleep(KNOWN)
        newest = max(entries)
        others = [entry for number, entry in entries.items() if number != newest]
        master_keys.replace(held.file, [entries[newest], *others])
    except OSError as error:  # a credential of systemd, a secret of a container
        raise KeysError(_by_hand(str(held.file))) from error
    held.look_again()


def _by_hand(where: str) -> str:
    return (
        f"{where} cannot be changed from here. Do it in two steps, each for every process, one after the other:\n"
        "1. enter the new key, which ombud keys new prints, behind the old one and restart: OLD,NEW\n"
        "2. enter the new key before the old one and restart: NEW,OLD. The clock then begins by itself."
    )


def _work() -> None:
    while True:
        found = rotations.standing()
        if not found.is_under_way or (found.rotation is not None and found.rotation.finished_at is not None):
            return
        if not rotation.advance(now=timezone.now()):
            time.sleep(1)  # another is at it, or processes have yet to learn how far it came


def _retire(options: argparse.Namespace) -> int:
    found, now = rotations.standing(), timezone.now()
    row = found.rotation
    if not found.is_under_way:
        rotations.settle(now=now)
        print("There is one master key, and no other beside it.")
        return 0
    if row is None or row.finished_at is None:
        raise KeysError("the clock still brings things under the new key: ombud keys status says how far it is")
    assert found.may_retire_at is not None, "there is a rotation"
    if options.now:
        _sign_everybody_out()
    elif now < found.may_retire_at:
        raise KeysError(
            f"what people are writing may be under the old key until {found.may_retire_at:%F %H:%M %Z}."
            " Wait, or sign everybody out: ombud keys retire --now"
        )
    if left := rotation.left():
        rotations.begin_again(row)
        told = ", ".join(f"{name}: {number}" for name, number in left.items())
        raise KeysError(
            f"the old key is still needed ({told}): a process seals under it. Restart every process; the clock goes on"
        )
    if not rotations.is_taken_over(found.ring[0].generation):
        raise KeysError("what stays what it is has not been handed on yet: let the clock run, then try again")
    _take_away(found.ring[1:], now + timedelta(seconds=KNOWN))
    return 0


def _sign_everybody_out() -> None:
    from ombud.signin.models import Session

    Session.objects.all().delete()


def _take_away(old: master_keys.Ring, now: Any) -> None:
    held: Keys = settings.OMBUD_MASTER_KEY
    needed = backups_made.last_under({each.generation for each in old})
    if held.file is None:
        print("Nothing needs the old key. Take it out of OMBUD_MASTER_KEY and restart every process.")
    else:
        entries = master_keys.entries_of(held.file)
        first = next(iter(entries))
        for number in [each for each in entries if each != first]:
            aside = held.file.with_name(f"{held.file.name}.retired-{number}")
            master_keys.replace(aside, [entries.pop(number)])
            print(f"The old key lies in {aside}: take it to where you keep keys.")
        master_keys.replace(Path(held.file), list(entries.values()))
        held.look_again()
        time.sleep(LOOK + 1)  # until every process has read that
        rotations.settle(now=now)
    print("Backups that were made under the old key can be read with it alone: keep it as long as you keep them.")
    if needed is not None:
        print(f"The last one that this installation knows of was made at {timezone.localtime(needed):%F %H:%M %Z}.")
