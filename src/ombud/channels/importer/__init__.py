"""`ombud import`: a table of past complaints and a mapping file become cases with their history."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from django.utils import timezone

from ombud.cases.errors import NoPolicy
from ombud.channels.importer.mapping import MappingError, load_mapping
from ombud.channels.importer.writing import Report, import_table

EVERY = 50  # rows between two lines of progress


def run(arguments: Sequence[str]) -> int:
    """Import a table and print what became of its rows; 0, or 2 where nothing could be read."""
    parser = argparse.ArgumentParser(prog="ombud import", description=__doc__)
    parser.add_argument("file", type=Path, help="a CSV file with a heading")
    parser.add_argument("--map", type=Path, required=True, help="the mapping (docs/how-to/import.md)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        mapping = load_mapping(options.map)
        report = import_table(options.file, mapping, now=timezone.now(), progress=_progress)
    except (MappingError, NoPolicy, OSError, UnicodeDecodeError) as error:
        print(f"ombud: {error}", file=sys.stderr)
        return 2
    print(json.dumps(asdict(report), ensure_ascii=False) if options.json else _words(report))
    return 0


def _progress(report: Report) -> None:
    rows = report.imported + report.present + len(report.skipped)
    if rows % EVERY == 0:
        print(f"{rows} rows: {report.imported} imported, {len(report.skipped)} skipped", file=sys.stderr, flush=True)


def _words(report: Report) -> str:
    lines = [f"line {problem.line} ({problem.key or 'no key'}): {problem.reason}" for problem in report.skipped]
    lines.append(
        f"{report.imported} imported, {report.present} already there, {len(report.skipped)} skipped; "
        f"{report.deviations} deviations from the policy recorded"
    )
    return "\n".join(lines)
