"""A dossier proves itself: a stand-alone program finds whatever was changed in it, and names it."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from builders import after, do, make_case, make_history
from cast import Cast
from ombud.cases import attachments
from ombud.cases.access.case_access import EVIDENCE, access_case
from ombud.cases.keeping import daily_roots
from ombud.cases.models import Case, DailyRoot, RootStamp
from ombud.papers import case_files, dossier
from ombud.papers.dossier import stand_alone
from ombud.papers.dossier.stand_alone import is_signed, verify
from stamp_authority import StampAuthority

NOW = after(400)
Parts = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Made:
    """A dossier of a case under a daily root."""

    reference: str
    content: bytes
    roots: list[str]


@pytest.fixture
def made(cast: Cast, media: Path) -> Made:
    for minutes in range(5):  # the tree has other cases too
        make_case(minutes=minutes)
    case = make_history(cast, "register")
    row = attachments.store(io.BytesIO(b"what happened\n"), name="proof.txt", uploaded_by=cast.lin.key, now=NOW)
    do(case, "attach", cast, "lin", minutes=390, data={"evidence": [str(row.id)]})
    daily_roots.make_root(now=NOW)
    return Made(case.reference, of(cast, case), list(daily_roots.export()))


def of(cast: Cast, case: Case) -> bytes:
    accessed = access_case(cast.lin, case.reference, EVIDENCE)
    file = case_files.ask(accessed, now=NOW)
    assert case_files.make_waiting(now=NOW) == 1
    with case_files.open_file(accessed, file.pk, "zip", now=NOW) as opened:
        return opened.read()


def parts_of(content: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(parts: Parts) -> zipfile.ZipFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        for name, content in parts.items():
            box.writestr(name, content)
    return zipfile.ZipFile(out)


def found(parts: Parts, **given: Any) -> list[str]:
    return [key for key, _ in verify(packed(parts), **given).problems]


def listed_anew(parts: Parts) -> Parts:
    """Write the list anew over what is there, and sign it with a key of one's own, as a clever forger would."""
    manifest = json.loads(parts["manifest.json"])
    for each in manifest["files"]:
        if each["path"] in parts:
            each["sha256"] = hashlib.sha256(parts[each["path"]]).hexdigest()
    manifest["files"] = [each for each in manifest["files"] if each["path"] in parts]
    content, key = json.dumps(manifest).encode(), Ed25519PrivateKey.generate()
    signed = {"key": key.public_key().public_bytes_raw().hex(), "signature": key.sign(content).hex()}
    return {**parts, "manifest.json": content, "manifest.sig": json.dumps(signed).encode()}


def test_what_nobody_touched_matches_with_the_key_and_a_copy_of_the_roots(made: Made) -> None:
    report = verify(packed(parts_of(made.content)), made.roots, dossier.key_in_hex())
    assert report.problems == []
    # The case file's own making is no event, so all of the case is under the root; and nothing is left uncompared.
    assert report.notes == []


def test_events_after_the_last_root_are_named(made: Made, cast: Cast) -> None:
    case = Case.objects.get(reference=made.reference)
    before = case.seq
    row = attachments.store(io.BytesIO(b"more\n"), name="more.txt", uploaded_by=cast.lin.key, now=NOW)
    do(case, "attach", cast, "lin", minutes=401, data={"evidence": [str(row.id)]})
    case.refresh_from_db()
    assert case.seq > before
    report = verify(packed(parts_of(of(cast, case))), made.roots, dossier.key_in_hex())
    assert report.problems == []
    assert ("uncovered", {"first": before + 1, "last": case.seq}) in report.notes


def _line(name: str, number: int, change: Callable[[str], str | None]) -> Callable[[Parts], Parts]:
    def changed(parts: Parts) -> Parts:
        lines = parts[name].decode().split("\n")[:-1]
        line = change(lines[number])
        lines[number : number + 1 or None] = [] if line is None else [line]
        return {**parts, name: "".join(f"{each}\n" for each in lines).encode()}

    return changed


def _file(start: str, content: bytes | None) -> Callable[[Parts], Parts]:
    def changed(parts: Parts) -> Parts:
        name = next(each for each in parts if each.startswith(start))
        rest = {each: parts[each] for each in parts if each != name}
        return rest if content is None else {**rest, name: content or parts[name] + b" "}

    return changed


def _cut(parts: Parts) -> Parts:
    """Cut the last event off, in the list too."""
    parts = _line("proof/events.jsonl", -1, lambda line: None)(parts)
    lines = parts["proof/events.jsonl"].decode().split("\n")[:-1]
    manifest = json.loads(parts["manifest.json"])
    manifest["last_event"] = {"seq": len(lines), "hash": hashlib.sha256(lines[-1].encode()).hexdigest()}
    return {**parts, "manifest.json": json.dumps(manifest).encode()}


FORGERIES = {
    "an event's words": (_line("proof/events.jsonl", 1, lambda line: line.replace('"lin', '"Lin', 1) + " "), "chain"),
    "an event taken out": (_line("proof/events.jsonl", 1, lambda line: None), "order"),
    "the last event cut off": (_cut, "head"),
    "evidence swapped": (_file("evidence/", b"nothing happened\n"), "swapped"),
    "evidence taken out": (_file("evidence/", None), "swapped"),
    "another policy": (_file("proof/policies/", b"{}"), "policy"),
    "no policy": (_file("proof/policies/", None), "policy"),
    "another calendar": (_file("proof/editions/", b""), "edition"),
    "the beginning": (_line("proof/records.jsonl", 1, lambda line: line.replace('"begin"', '"began"')), "unrecorded"),
    "a root": (_line("proof/roots.jsonl", 0, lambda line: line.replace('"heads": 6', '"heads": 5')), "copy"),
    "a path": (
        _line("proof/inclusions.jsonl", 0, lambda line: line.replace('"path": [', '"path": [["left", "00"], ')),
        "inclusion",
    ),
}  # fmt: skip


@pytest.mark.parametrize("forgery", FORGERIES)
def test_whatever_was_changed_is_found_though_the_list_still_names_it(made: Made, forgery: str) -> None:
    parts = parts_of(made.content)
    forged = FORGERIES[forgery][0](parts)
    assert forged != parts
    problems = found(forged)
    assert {"changed", "missing", "signature"} & set(problems)


@pytest.mark.parametrize("forgery", [each for each in FORGERIES if each != "a root"])
def test_and_though_the_list_was_written_and_signed_anew(made: Made, forgery: str) -> None:
    change, expected = FORGERIES[forgery]
    forged = listed_anew(change(parts_of(made.content)))
    problems = found(forged)
    assert expected in problems
    assert not {"changed", "missing", "signature"} & set(problems)
    assert "other-key" in found(forged, key=dossier.key_in_hex())


def test_one_byte_anywhere_is_found(made: Made) -> None:
    parts = parts_of(made.content)
    for name, content in parts.items():
        if name == "manifest.sig":
            continue
        middle = len(content) // 2
        other = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        try:
            assert found({**parts, name: other}), name
        except stand_alone.Unreadable:
            assert name == "manifest.json"


def test_what_was_put_in_beside_and_what_stands_twice_is_named(made: Made) -> None:
    parts = parts_of(made.content)
    assert found({**parts, "evidence/999-new.txt": b"new"}) == ["extra"]
    out = io.BytesIO(made.content)
    with zipfile.ZipFile(out, "a") as box, pytest.warns(UserWarning, match="Duplicate name"):
        box.writestr("manifest.json", parts["manifest.json"])
    assert [key for key, _ in verify(zipfile.ZipFile(out)).problems] == ["twice"]


def test_roots_that_are_not_those_of_the_copy_are_named(made: Made) -> None:
    parts = parts_of(made.content)
    other = [line.replace(json.loads(line)["root"], "0" * 64) for line in made.roots]
    later = json.dumps({**json.loads(made.roots[0]), "number": 2})
    assert found(parts, copy=other) == ["copy"]
    assert found(parts, copy=[*made.roots, later]) == ["copy-missing"]


def test_it_runs_alone_and_says_it_in_both_languages(made: Made, tmp_path: Path) -> None:
    (tmp_path / "verify.py").write_bytes(parts_of(made.content)["verify.py"])
    (tmp_path / "right.zip").write_bytes(made.content)
    forged = _file("evidence/", b"nothing happened\n")(parts_of(made.content))
    with zipfile.ZipFile(tmp_path / "wrong.zip", "w") as box:
        for name, content in forged.items():
            box.writestr(name, content)
    (tmp_path / "torn.zip").write_bytes(made.content[: len(made.content) // 2])
    (tmp_path / "roots.jsonl").write_text("\n".join(made.roots))

    def ran(*arguments: str) -> tuple[int, str]:
        command = [sys.executable, "-I", "verify.py", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
        return done.returncode, done.stdout + done.stderr

    given = ("--roots", "roots.jsonl", "--key", dossier.key_in_hex())
    code, said = ran("right.zip", *given, "--language", "en")
    assert (code, f"Case {made.reference}: " in said, "all match" in said) == (0, True, True)
    code, said = ran("wrong.zip", *given, "--language", "zh")
    assert code == 1
    assert "被改动过" in said
    code, said = ran("torn.zip")
    assert (code, "This is no dossier" in said) == (2, True)


def test_it_needs_nothing_but_python() -> None:
    tree = ast.parse(Path(stand_alone.__file__).read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in named} <= {*sys.stdlib_module_names}


# RFC 8032, section 7.1, tests 1 to 3.
VECTORS = [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_signatures_are_judged_as_the_rfc_has_them(key: str, message: str, signature: str) -> None:
    given = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert is_signed(*given)
    assert not is_signed(given[0], given[1] + b"\0", given[2])
    assert not is_signed(given[0], given[1], bytes([given[2][0] ^ 1]) + given[2][1:])
    assert not is_signed(bytes(32), given[1], given[2])
    assert not is_signed(given[0], given[1], b"")


def test_a_dossier_carries_the_time_stamp_of_its_root_and_a_swapped_one_is_named(made: Made, cast: Cast) -> None:
    authority = StampAuthority(NOW)
    root = DailyRoot.objects.get()

    def stamp(text: str) -> bytes:
        return authority.reply(TimestampRequestBuilder(text.encode(), HashAlgorithm.SHA256).build().as_bytes())

    RootStamp.objects.create(root=root, authority="https://tsa", asked_at=NOW, answer=stamp(root.root), stamped_at=NOW)
    parts = parts_of(of(cast, Case.objects.get(reference=made.reference)))
    name = "proof/stamps/1.tsr"
    found = verify(packed(parts), made.roots)
    assert found.problems == []
    assert ("stamped", {"number": 1, "at": f"{NOW:%Y-%m-%d %H:%M:%S} UTC"}) in found.notes
    another = verify(packed({**parts, name: stamp("another root")}), made.roots)
    assert ("stamp", {"number": 1}) in another.problems
    assert ("changed", {"name": name}) in another.problems
    broken = verify(packed({**parts, name: parts[name][:40]}), made.roots)
    assert "stamps" in [said["name"] for what, said in broken.problems if what == "garbled"]
    gone = verify(packed({each: content for each, content in parts.items() if each != name}), made.roots)
    assert ("missing", {"name": name}) in gone.problems
