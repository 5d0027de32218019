"""`ombud bill`: what the installation is made of, with licences; as a table, or as a CycloneDX bill of materials."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from uuid import NAMESPACE_URL, uuid5

_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[([^\]]*)\])?[^;]*(?:;(.*))?$")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One package that is installed, and what it needs of the others."""

    name: str
    version: str
    licence: str  # an SPDX expression where the package says one, else its own words
    needs: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its name as bills of materials have it."""
        return f"pkg:pypi/{self.name}@{self.version}"


def run(arguments: Sequence[str]) -> int:
    """Print the table, or the bill of materials."""
    parser = argparse.ArgumentParser(
        prog="ombud bill", description="Print which packages it needs, and their licences."
    )
    parser.add_argument("--sbom", action="store_true", help="print a CycloneDX bill of materials in JSON")
    parts = list(installed("ombud"))
    if parser.parse_args(arguments).sbom:
        print(json.dumps(sbom(parts, now=datetime.now(UTC)), indent=1))
        return 0
    for part in parts:
        print(f"{part.name:<42} {part.version:<16} {part.licence}")
    return 0


def installed(name: str) -> Iterator[Part]:
    """Yield what a package needs on this machine, and it itself first; extras as far as they are installed."""
    waiting, seen = [(name, frozenset[str]())], set[str]()
    while waiting:
        wanted, extras = waiting.pop(0)
        try:
            found = distribution(wanted)
        except PackageNotFoundError:  # an extra, or what another system needs
            continue
        if canonical(wanted) in seen:
            continue
        seen.add(canonical(wanted))
        # What only those need who work on Ombud is no part of an installation.
        needed = list(_needs(found, extras | ({"s3", "sentry", "telemetry"} if wanted == name else set())))
        waiting += needed
        there = sorted({canonical(each) for each, _ in needed if _is_there(each)})
        yield Part(name=canonical(wanted), version=found.version, licence=licence_of(found), needs=tuple(there))


def _needs(found: Distribution, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    for line in found.requires or ():
        matched = _REQUIREMENT.match(line.strip())
        assert matched, f"{found.name} needs {line!r}"
        name, more, condition = matched.groups()
        asked = _EXTRA.findall(condition or "")
        if not asked or extras & set(asked):
            yield name, frozenset(each.strip() for each in (more or "").split(",") if each.strip())


def _is_there(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def canonical(name: str) -> str:
    """Return a package's name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(found: Distribution) -> str:
    """Return what a package says of its licence: the expression, else the classifiers, else its first words."""
    if expression := _told(found, "License-Expression"):
        return expression
    told = [each for each in found.metadata.get_all("Classifier") or () if each.startswith("License ::")]
    named = [each.rpartition(" :: ")[2] for each in told if not each.endswith("OSI Approved")]
    own = _told(found, "License") or _licence_file(found)
    return " AND ".join(named) or own.partition("\n")[0] or "unknown"


def _told(found: Distribution, name: str) -> str:
    return "\n".join(found.metadata.get_all(name) or ()).strip()


def _licence_file(found: Distribution) -> str:
    """Return the text of a package's licence where that is all that it brings."""
    texts = (each.read_text() for each in found.files or () if re.search(r"(?i)/licen[cs]e[^/]*$", str(each)))
    return next((text.strip() for text in texts if text.strip()), "")


def sbom(parts: Sequence[Part], *, now: datetime) -> dict[str, object]:
    """Return the bill of materials as CycloneDX 1.6 has it."""
    own, *others = parts
    inside = {part.name: part.purl for part in parts}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, ' '.join(part.purl for part in parts))}",
        "version": 1,
        "metadata": {"timestamp": now.isoformat(timespec="seconds"), "component": _component(own, "application")},
        "components": [_component(part, "library") for part in others],
        "dependencies": [
            {"ref": part.purl, "dependsOn": sorted(inside[each] for each in part.needs if each in inside)}
            for part in parts
        ],
    }


def _component(part: Part, kind: str) -> dict[str, object]:
    # What is no expression is a name, which may be anything.
    is_expression = bool(re.fullmatch(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+-]+)*", part.licence))
    licence = {"expression": part.licence} if is_expression else {"license": {"name": part.licence}}
    return {
        "type": kind, "bom-ref": part.purl, "name": part.name, "version": part.version, "purl": part.purl,
        "licenses": [licence],
    }  # fmt: skip
