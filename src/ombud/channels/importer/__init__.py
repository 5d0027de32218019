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
from ombud.channels.importer.tables import TableError
from ombud.channels.importer.writing import Report, import_table

EVERY = 50  # rows between two lines of progress


def run(arguments: Sequence[str]) -> int:
    """Import a table and print what became of its rows.

    0 where all is in the register, 1 where a row was not taken in, 2 where nothing could be read.
    """
    parser = argparse.ArgumentParser(prog="ombud import", description=__doc__)
    parser.add_argument(
        "file",
        type=Path,
        help="a table (CSV, XLSX), or an export of Zendesk or Zammad",
    )
    parser.add_argument("--map", type=Path, required=True, help="the mapping (docs/how-to/import.md)")
    parser.add_argument("--dry-run", action="store_true", help="try everything, and take it back again")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        mapping = load_mapping(options.map)
        report = import_table(options.file, mapping, now=timezone.now(), is_dry=options.dry_run, progress=_progress)
    except (MappingError, TableError, NoPolicy, OSError) as error:
        print(f"ombud: {error}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({**asdict(report), "is_dry": options.dry_run}, ensure_ascii=False))
    else:
        print(_words(report, is_dry=options.dry_run))
    return 1 if report.skipped else 0


def _progress(report: Report) -> None:
    rows = report.imported + report.present + len(report.skipped)
    if rows % EVERY == 0:
        print(f"{rows} rows: {report.imported} imported, {len(report.skipped)} skipped", file=sys.stderr, flush=True)


def _words(report: Report, *, is_dry: bool) -> str:
    problems = sorted([*report.skipped, *report.doubtful], key=lambda problem: problem.line)
    lines = [f"line {problem.line} ({problem.key or 'no key'}): {problem.reason}" for problem in problems]
    lines.append(
        f"{report.imported} imported, {report.present} already there, {len(report.skipped)} skipped; "
        f"{report.deviations} deviations from the policy recorded"
    )
    if is_dry:
        lines.append("A dry run: nothing of this is in the register.")
    return "\n".join(lines)
