"""Checks a dossier that Ombud made: is everything in it as it was recorded? Python 3.9 or later, and nothing else.

    python verify.py DOSSIER.zip [--roots COPY.jsonl] [--key HEX] [--language zh|en]

COPY.jsonl is a copy of the daily roots that was kept where nobody who writes to the database can write; HEX is the
key of the installation, from its page Proof. Without them the dossier is checked in itself alone. Exit code 1 where
anything does not match, one line for each; 2 where the dossier cannot be read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any

WORDS: dict[str, tuple[str, str]] = {
    "unreadable": ("这不是卷宗：{why}", "This is no dossier: {why}"),
    "twice": ("{name} 在文件中出现两次", "{name} stands twice in the file"),
    "unsigned": ("清单没有签名", "The list is not signed"),
    "signature": ("清单与签名不符：清单被改动过", "The list is not the one that was signed: it was changed"),
    "other-key": ("签名的密钥是 {found}，不是 {wanted}", "It is signed with the key {found}, not with {wanted}"),
    "missing": ("缺少 {name}", "{name} is missing"),
    "changed": ("{name} 被改动过", "{name} was changed"),
    "extra": ("{name} 不在清单上", "{name} is not on the list"),
    "broken": ("{name} 第 {line} 行无法读取", "Line {line} of {name} cannot be read"),
    "garbled": ("{name} 无法读懂：{why}", "{name} makes no sense: {why}"),
    "foreign": ("事件 {seq} 属于另一案件", "Event {seq} is of another case"),
    "order": ("第 {seq} 个事件缺失或位置不对", "Event {seq} is missing or out of place"),
    "chain": ("事件 {seq} 之前的内容被改动过", "What stands before event {seq} was changed"),
    "tail": ("清单记到事件 {listed}，日志止于 {seq}", "The list knows event {listed}, the log ends at {seq}"),
    "swapped": (
        "事件 {seq} 的证据 {sha} 不在卷宗里，或被换过",
        "Evidence {sha} of event {seq} is not there, or was swapped",
    ),
    "gone": ("证据 {name} 当时已不在：{why}", "The evidence {name} was not there any more: {why}"),
    "policy": (
        "案件所依据的制度版本 {hash} 不在卷宗里，或被换过",
        "The policy {hash} of the case is not there, or was replaced",
    ),
    "edition": (
        "案件所依据的日历 {id} 不在卷宗里，或被换过",
        "The calendar {id} of the case is not there, or was replaced",
    ),
    "unrecorded": ("没有案件开始时的记录", "The record of the case's beginning is missing"),
    "root": ("每日根 {number} 算出来不同", "Daily root {number} does not come out"),
    "roots": ("每日根 {number} 不接着前一个", "Daily root {number} does not follow the one before"),
    "inclusion": ("{line} 不在每日根 {number} 之下", "{line} is not under daily root {number}"),
    "head": ("每日根 {number} 见过的事件 {seq} 不是这一个", "Daily root {number} saw another event {seq}"),
    "record": ("每日根 {number} 见过的 {kind} {key} 不是这一个", "Daily root {number} saw another {kind} {key}"),
    "stamped": (
        "每日根 {number} 在 {at} 由外部机构盖过时间戳；其签名在此没有校验，可用 openssl ts -verify 校验",
        "Daily root {number} was stamped at {at}; the authority's signature is not checked here: openssl ts -verify",
    ),
    "stamp": ("每日根 {number} 的时间戳属于别的内容", "The time stamp of daily root {number} is of something else"),
    "copy": ("每日根 {number} 与另存的副本不同", "Daily root {number} is not the one of the copy"),
    "copy-missing": ("副本里的每日根 {number} 缺失", "Daily root {number} of the copy is missing"),
    "uncovered": (
        "事件 {first} 至 {last} 还不在任何每日根之下",
        "Events {first} to {last} are under no daily root yet",
    ),
    "uncovered-records": ("{count} 条记录还不在任何每日根之下", "{count} records are under no daily root yet"),
    "no-copy": ("没有与另存的每日根副本比较", "Not compared with a copy of the daily roots kept elsewhere"),
    "no-key": (
        "签名密钥是 {found}；请与“核验”页上的核对",
        "Signed with the key {found}; compare it with the page Proof",
    ),
    "right": (
        "案件 {reference}：{events} 个事件、{files} 个文件全部相符",
        "Case {reference}: {events} events and {files} files all match",
    ),
    "wrong": ("案件 {reference}：{count} 处不符", "Case {reference}: {count} things do not match"),
}

Said = tuple[str, dict[str, Any]]  # a key of WORDS and what stands in it


class Unreadable(Exception):
    """It is no dossier."""


class Dossier:
    """A dossier and what was found wrong with it."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self.packed = packed
        self.problems: list[Said] = []
        self.notes: list[Said] = []
        self.names: set[str] = set()
        for name in packed.namelist():
            if name in self.names:
                self.wrong("twice", name=name)
            self.names.add(name)
        try:
            self.listed = packed.read("manifest.json")
            self.manifest: dict[str, Any] = json.loads(self.listed)
            self.reference = str(self.manifest["reference"])
            self.files: list[dict[str, Any]] = list(self.manifest["files"])
            self.last: dict[str, Any] = dict(self.manifest["last_event"])
        except Exception as error:
            raise Unreadable(f"manifest.json: {error!r}") from error
        self.paths = {str(each["path"]) for each in self.files if each.get("path")}

    def wrong(self, what: str, /, **said: Any) -> None:
        self.problems.append((what, said))

    def note(self, what: str, /, **said: Any) -> None:
        self.notes.append((what, said))

    def attempt(self, part: str, check: Callable[..., Any], *given: Any) -> Any:
        """Return what a check finds; what it stumbles over is a finding, and the others are asked all the same."""
        try:
            return check(self, *given)
        except Exception as error:  # whatever somebody wrote there
            self.wrong("garbled", name=part, why=repr(error))
            return None

    def lines(self, name: str) -> list[str]:
        """Return the lines of a part; one that is missing was named with the files."""
        path = "proof/" + name
        if path not in self.names:
            return []
        try:
            return self.packed.read(path).decode("utf-8").split("\n")[:-1]
        except Exception as error:  # what is packed cannot be unpacked, or is no text
            self.wrong("garbled", name=path, why=repr(error))
            return []

    def values(self, name: str) -> Iterator[tuple[str, Any]]:
        """Yield the lines of a part with what they say."""
        for number, line in enumerate(self.lines(name), 1):
            try:
                yield line, json.loads(line)
            except ValueError:
                self.wrong("broken", name="proof/" + name, line=number)


def verify(packed: zipfile.ZipFile, copy: Iterable[str] | None = None, key: str | None = None) -> Dossier:
    """Return the dossier with all that does not match. Raises Unreadable."""
    dossier = Dossier(packed)
    dossier.attempt("manifest.sig", check_signature, key)
    dossier.attempt("manifest.json", check_files)
    events = dossier.attempt("events.jsonl", check_events) or []
    dossier.attempt("events.jsonl", check_evidence, events)
    records = list(dossier.values("records.jsonl"))
    dossier.attempt("records.jsonl", check_rules, events, [record for _, record in records])
    roots = dossier.attempt("roots.jsonl", check_roots, copy) or {}
    dossier.attempt("stamps", check_stamps, roots)
    dossier.attempt("inclusions.jsonl", check_inclusions, roots, events, {text for text, _ in records})
    return dossier


def check_signature(dossier: Dossier, wanted: str | None) -> None:
    if "manifest.sig" not in dossier.names:
        dossier.wrong("unsigned")
        return
    signed = json.loads(dossier.packed.read("manifest.sig"))
    found = str(signed["key"])
    if not is_signed(bytes.fromhex(found), dossier.listed, bytes.fromhex(signed["signature"])):
        dossier.wrong("signature")
    elif wanted is None:
        dossier.note("no-key", found=found)
    elif found != wanted.strip().lower():
        dossier.wrong("other-key", found=found, wanted=wanted)


def check_files(dossier: Dossier) -> None:
    for each in dossier.files:
        name = each.get("path")
        if not name:
            dossier.note("gone", name=each.get("name") or each["sha256"], why=each.get("missing"))
        elif name not in dossier.names:
            dossier.wrong("missing", name=name)
        elif digest_of(dossier.packed, name) != each["sha256"]:
            dossier.wrong("changed", name=name)
    for name in sorted(dossier.names - dossier.paths - {"manifest.json", "manifest.sig"}):
        dossier.wrong("extra", name=name)


def digest_of(packed: zipfile.ZipFile, name: str) -> str:
    hashed = hashlib.sha256()
    try:
        with packed.open(name) as content:
            for part in iter(lambda: content.read(1 << 18), b""):
                hashed.update(part)
    except Exception:  # what is packed cannot be unpacked any more
        return ""
    return hashed.hexdigest()


def sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def check_events(dossier: Dossier) -> list[tuple[str, list[Any]]]:
    """Return (hash, content) of the events: each line is the text that the event's hash is over."""
    found: list[tuple[str, list[Any]]] = []
    previous = ""
    for number, (line, event) in enumerate(dossier.values("events.jsonl"), 1):
        if event[0] != dossier.reference:
            dossier.wrong("foreign", seq=number)
        if event[1] != number:
            dossier.wrong("order", seq=number)
        elif event[-1] != previous:
            dossier.wrong("chain", seq=number)
        previous = sha(line)
        found.append((previous, event))
    if (len(found), previous) != (dossier.last["seq"], dossier.last["hash"]):
        dossier.wrong("tail", listed=dossier.last["seq"], seq=len(found))
    return found


def check_evidence(dossier: Dossier, events: list[tuple[str, list[Any]]]) -> None:
    there = {each["sha256"] for each in dossier.files if each.get("what") == "evidence"}
    for _, event in events:
        for value in event[9].values():
            for each in value if isinstance(value, list) else []:
                if isinstance(each, dict) and "sha256" in each and each["sha256"] not in there:
                    dossier.wrong("swapped", seq=event[1], sha=each["sha256"])


def check_rules(dossier: Dossier, events: list[tuple[str, list[Any]]], records: list[Any]) -> None:
    """Look whether the policies and calendars that the events are folded under are those that are there."""
    begin = next((each for each in records if each[0] == "begin" and each[2] == dossier.reference), None)
    if begin is None:
        dossier.wrong("unrecorded")
        return
    policies, editions = [begin[3]], [begin[4]]
    known = {each[2]: each[3] for each in records if each[0] == "edition"}  # name -> hash
    for _, event in events:
        if event[2] == "migrate":
            policies.append(event[9]["pack"])
        if event[2] in ("migrate", "recalendar"):
            editions.append(known.get(event[9]["edition"], event[9]["edition"]))
    for name, hashes, key, said in (("policies", policies, "policy", "hash"), ("editions", editions, "edition", "id")):
        for each in dict.fromkeys(hashes):
            path = f"proof/{name}/{each}.json"
            if path not in dossier.names or digest_of(dossier.packed, path) != each:
                dossier.wrong(key, **{said: each})


def check_roots(dossier: Dossier, copy: Iterable[str] | None) -> dict[int, dict[str, Any]]:
    roots: dict[int, dict[str, Any]] = {}
    previous = ""
    for number, (_, root) in enumerate(dossier.values("roots.jsonl"), 1):
        if (root["number"], root["previous"]) != (number, previous):
            dossier.wrong("roots", number=root["number"])
        previous = root["root"]
        if root["tree"] is not None:  # one of before there was a tree cannot be made again from here
            made = sha(json.dumps([root["number"], root["made_on"], root["previous"], root["tree"]]))
            if made != root["root"]:
                dossier.wrong("root", number=root["number"])
        roots[root["number"]] = root
    if copy is None:
        dossier.note("no-copy")
        return roots
    for line in copy:
        kept = json.loads(line) if line.strip() else None
        if kept is None:
            continue
        here = roots.get(kept["number"])
        if here is None:
            dossier.wrong("copy-missing", number=kept["number"])
        elif (here["root"], here["made_on"]) != (kept["root"], kept["made_on"]):
            dossier.wrong("copy", number=kept["number"])
    return roots


def check_stamps(dossier: Dossier, roots: dict[int, dict[str, Any]]) -> None:
    """Look whether the time stamps are of the roots that are there. Who signed them is not looked at."""
    for name in sorted(each for each in dossier.names if each.startswith("proof/stamps/")):
        number = int(name.split("/")[2].split(".")[0])
        imprint, at = stamped(dossier.packed.read(name))
        if number not in roots or imprint != sha(roots[number]["root"]):
            dossier.wrong("stamp", number=number)
        else:
            dossier.note("stamped", number=number, at=at)


TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")  # what RFC 3161 calls the part that is signed
SHA256 = bytes.fromhex("0609608648016503040201")


def stamped(answer: bytes) -> tuple[str, str]:
    """Return the SHA-256 and the time in an answer as RFC 3161 has it, both as text."""
    at = answer.index(TST_INFO) + len(TST_INFO)
    for _ in range(3):  # into the tag, the octets, and the list in them
        at = inside(answer, at)[0]
    parts = []
    for _ in range(5):  # version, policy, imprint, serial number, time
        start, end = inside(answer, at)
        parts.append(answer[start:end])
        at = end
    hashed = inside(parts[2], inside(parts[2], 0)[1])
    when = parts[4].decode("ascii")
    at_second = f"{when[:4]}-{when[4:6]}-{when[6:8]} {when[8:10]}:{when[10:12]}:{when[12:14]} UTC"
    return (parts[2][slice(*hashed)].hex() if SHA256 in parts[2] else ""), at_second


def inside(der: bytes, at: int) -> tuple[int, int]:
    """Return where the content of what stands at a place of DER begins and ends."""
    size = der[at + 1]
    start = at + 2 + (size & 127 if size & 128 else 0)
    return start, start + (int.from_bytes(der[at + 2 : start], "big") if size & 128 else size)


def check_inclusions(
    dossier: Dossier, roots: dict[int, dict[str, Any]], events: list[tuple[str, list[Any]]], records: set[str]
) -> None:
    covered, seen = 0, set()
    digests = {sha(text) for text in records}
    for _, each in dossier.values("inclusions.jsonl"):
        number, line = each["root"], json.loads(each["line"])
        root = roots.get(number)
        if root is None or climbed(each["line"], each["path"]) != root["tree"]:
            dossier.wrong("inclusion", line=each["line"], number=number)
        elif line[0] == dossier.reference:
            covered = max(covered, line[1])
            if line[1] > len(events) or events[line[1] - 1][0] != line[2]:
                dossier.wrong("head", number=number, seq=line[1])
        elif line[2] in digests:
            seen.add(line[2])
        else:
            dossier.wrong("record", number=number, kind=line[0], key=line[1])
    if covered < len(events):
        dossier.note("uncovered", first=covered + 1, last=len(events))
    if digests - seen:
        dossier.note("uncovered-records", count=len(digests - seen))


def climbed(line: str, steps: list[list[str]]) -> str:
    """Return the hash over all lines of a root that one of them and its path come to, as RFC 6962 has it."""
    found = hashlib.sha256(b"\0" + line.encode("utf-8")).digest()
    for side, other in steps:
        pair = bytes.fromhex(other) + found if side == "left" else found + bytes.fromhex(other)
        found = hashlib.sha256(b"\1" + pair).digest()
    return found.hex()


# Ed25519, as RFC 8032 gives it in section 6: slow, and good enough to check one signature.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def added(one: Point, two: Point) -> Point:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * one[3] * two[3] * D % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            found = added(found, point)
        point = added(point, point)
        number >>= 1
    return found


def unpacked(raw: bytes) -> Point | None:
    """Return the point of 32 bytes, or None where they are none."""
    sign, y = raw[31] >> 7, int.from_bytes(raw, "little") & ((1 << 255) - 1)
    if len(raw) != 32 or y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


def is_signed(key: bytes, content: bytes, signature: bytes) -> bool:
    """Return whether the signature is the key's under the content."""
    if len(key) != 32 or len(signature) != 64:
        return False
    public, first, s = unpacked(key), unpacked(signature[:32]), int.from_bytes(signature[32:], "little")
    base = unpacked(bytes([0x58] + [0x66] * 31))
    if public is None or first is None or base is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + content).digest(), "little") % L
    left, right = times(s, base), added(first, times(h, public))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verify.py", description=str(__doc__).split("\n")[0])
    parser.add_argument("dossier")
    parser.add_argument("--roots")
    parser.add_argument("--key")
    parser.add_argument("--language", choices=("zh", "en"))
    options = parser.parse_args(arguments)
    language = options.language or "en"
    try:
        copy = open(options.roots, encoding="utf-8").read().split("\n") if options.roots else None  # noqa: SIM115
        with zipfile.ZipFile(options.dossier) as packed:
            found = verify(packed, copy, options.key)
    except (OSError, zipfile.BadZipFile, Unreadable, ValueError) as error:
        print(said("unreadable", {"why": error}, language), file=sys.stderr)
        return 2
    language = options.language or ("zh" if str(found.manifest.get("language", "")).startswith("zh") else "en")
    for key, values in [*found.problems, *found.notes]:
        print(said(key, values, language))
    files = sum(1 for each in found.files if each.get("path"))
    events = found.last["seq"]
    closing = {"reference": found.reference, "events": events, "files": files, "count": len(found.problems)}
    print(said("wrong" if found.problems else "right", closing, language))
    return 1 if found.problems else 0


def said(key: str, values: dict[str, Any], language: str) -> str:
    return WORDS[key][0 if language == "zh" else 1].format(**values)


if __name__ == "__main__":
    sys.exit(main())
