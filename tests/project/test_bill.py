"""What Ombud is made of: listed, permissive, pinned, looked up; what could not be looked up is never called sound."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ombud.project import bill, command, completion

ROOT = Path(__file__).resolve().parents[2]
PERMISSIVE = re.compile(
    r"MIT|MIT License|MIT-0|MIT-CMU|BSD License|3-Clause BSD License|"
    r"BSD-[23]-Clause|BSD-3-Clause, Apache-2\.0, dependency licenses|ISC|"
    r"Apache-2\.0|Apache Software License|Apache License|PSF-2\.0|Unlicense|CC0-1\.0|0BSD|Zlib"
)
# What is none, and why it may be there all the same.
OTHERS = {
    "psycopg": ("LGPL-3.0-only", "used unchanged, as a library that anybody can replace"),
    "psycopg-binary": ("LGPL-3.0-only", "likewise"),
    "fontpkg-ibm-plex-sans-arabic": ("OFL-1.1", "a font"),
    "fontpkg-noto-sans": ("OFL-1.1", "a font"),
    "noto-cjk-sans-otc": ("OFL-1.1", "a font"),
    "fido2": (
        "BSD License AND Apache Software License AND Mozilla Public License 2.0 (MPL 2.0)",
        "itself BSD; the list of public suffixes that it brings is MPL, used unchanged",
    ),
    "certifi": (
        "Mozilla Public License 2.0 (MPL 2.0)",
        "a list of authorities, used unchanged; comes with signatures in XML, traces and faults",
    ),
}


@pytest.fixture(scope="module")
def parts() -> list[bill.Part]:
    return list(bill.installed("ombud"))


def test_every_licence_is_permissive_or_named_with_a_reason(parts: list[bill.Part]) -> None:
    wrong = [
        (part.name, part.licence)
        for part in parts
        if part.licence != OTHERS.get(part.name, ("",))[0]
        and not all(PERMISSIVE.fullmatch(each) for each in re.split(r" (?:AND|OR) ", part.licence))
    ]
    assert wrong == []


def test_every_part_is_pinned(parts: list[bill.Part]) -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {bill.canonical(name): version for name, _, version in (line.partition("==") for line in lines if line)}
    assert [(part.name, part.version) for part in parts[1:] if pinned.get(part.name) != part.version] == []


def test_the_bill_is_one_that_others_read(parts: list[bill.Part]) -> None:
    from cyclonedx.model.bom import Bom  # of pip-audit's

    made = bill.sbom(parts, now=datetime(2026, 3, 3, tzinfo=UTC))
    read = Bom.from_json(json.loads(json.dumps(made)))  # type: ignore[attr-defined]  # made at run time
    assert {each.name for each in read.components} == {part.name for part in parts[1:]}
    django = next(each for each in read.components if each.name == "django")
    assert str(django.purl).startswith("pkg:pypi/django@5.2")
    known = {part.purl for part in parts}
    assert all(each["ref"] in known and set(each["dependsOn"]) <= known for each in made["dependencies"])  # type: ignore[attr-defined]


def test_the_table_names_everything(capsys: pytest.CaptureFixture[str], parts: list[bill.Part]) -> None:
    assert command.main(["bill"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(parts) > 40


def audit() -> Any:
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("parts_found", "result"),
    [
        ([{"name": "a", "version": "1", "vulns": []}], 0),
        ([{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}, {"name": "b", "skip_reason": "unknown"}], 1),
        ([{"name": "a", "version": "1", "vulns": []}, {"name": "b", "skip_reason": "unknown"}], 3),
        ([], 3),
    ],
)
def test_what_was_not_looked_up_has_not_passed(parts_found: list[dict[str, Any]], result: int) -> None:
    assert audit().judged({"dependencies": parts_found})[0] == result


def test_ci_fails_for_a_hole_and_names_what_it_could_not_ask() -> None:
    run = (ROOT / ".ci" / "run").read_text("utf-8")
    [judging] = re.findall(r"^case \$\? in .* esac$", run, re.MULTILINE)
    assert 'failed+=("Known holes")' in judging
    assert run.index("audit.py") < run.index(judging) < run.index('[ -z "$audited" ] || echo "$audited"')


def test_every_attack_of_the_threat_model_is_tried() -> None:
    rows = re.findall(
        r"^\| .* \| `(tests/[\w/]+\.py)::(test_\w+)` \|$", (ROOT / "SECURITY.md").read_text(), re.MULTILINE
    )
    table = re.findall(r"^\| (?!attack|---)", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE)
    assert len(rows) == len(table) > 20
    gone = [(file, name) for file, name in rows if f"def {name}(" not in (ROOT / file).read_text("utf-8")]
    assert gone == []


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_a_shell_completes_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert [name for name in command.COMMANDS if name not in script] == []
    if shell == "bash":
        asked = (
            f"{script}\nCOMP_WORDS=(ombud policy sim); COMP_WORDS[2]=mu; COMP_CWORD=2; _ombud; echo ${{COMPREPLY[0]}}"
        )
        told = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True).stdout
        assert told.strip() == "mutate"
    elif shutil.which(shell):
        subprocess.run([shell, "-n", "-c", script], check=True)


def test_what_it_completes_is_there() -> None:
    assert set(completion.SECOND) <= set(command.COMMANDS)
    for name in completion.SECOND["policy"]:
        with pytest.raises(SystemExit) as ended:
            sys.exit(command.main(["policy", name, "--help"]))
        assert ended.value.code == 0
