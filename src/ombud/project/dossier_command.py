"""The `ombud dossier` command: a case with all that proves it, in one file that checks itself."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from ombud.cases.access.case_access import EVIDENCE, Accessed, access_case, access_whole
from ombud.cases.errors import CaseError, Forbidden
from ombud.organisation.models import Person
from ombud.papers import dossier
from ombud.papers.case_file import case_file_pdf
from ombud.papers.case_file_contents import contents
from ombud.papers.case_file_zip import write_zip
from ombud.papers.errors import PaperError
from ombud.privacy import log as access_log


def run(arguments: Sequence[str]) -> int:
    """Write the dossier of a case; 2 where there is no such case, or the file cannot be written."""
    parser = argparse.ArgumentParser(
        prog="ombud dossier", description="A case with all that proves it in one ZIP, and the program that checks it."
    )
    parser.add_argument("reference", nargs="?", help="of the case")
    parser.add_argument(
        "out", nargs="?", type=Path, metavar="OUT.zip", help="the file to write; it must not be there yet"
    )
    parser.add_argument(
        "--for", dest="person", metavar="USERNAME", help="made as this person sees it, and logged as theirs"
    )
    parser.add_argument("--language", choices=["zh", "en"], default="zh", help="of the case file in it")
    parser.add_argument("--key", action="store_true", help="print the key that dossiers are signed with, for auditors")
    options = parser.parse_args(arguments)
    if options.key:
        print(dossier.key_in_hex())
        return 0
    if options.reference is None or options.out is None:
        parser.error("say of which case, and into which file")
    try:
        _write(options)
    except Forbidden:
        return _failed(f"{options.person} sees personal data masked: no dossier is made for them")
    except (CaseError, Person.DoesNotExist):
        return _failed(f"there is no case {options.reference}, or {options.person or 'nobody'} may not see it")
    except FileExistsError:
        return _failed(f"{options.out} is there already: a dossier replaces nothing")
    except (OSError, PaperError) as error:
        return _failed(str(error))
    print(f"{options.out}: signed with the key {dossier.key_in_hex()}")
    print("Check it with the verify.py or verify.html in it, and with a copy of the daily roots kept elsewhere.")
    return 0


def _failed(why: str) -> int:
    print(f"ombud: {why}", file=sys.stderr)
    return 2


def _write(options: argparse.Namespace) -> None:
    accessed, now = _accessed(options), timezone.now()
    with (
        translation.override({"zh": "zh-hans"}.get(options.language, options.language)),
        timezone.override(ZoneInfo(settings.TIME_ZONE)),
        tempfile.TemporaryFile() as made,
    ):  # whole, or not at all
        write_zip(made, accessed, case_file_pdf(contents(accessed, now=now)), now=now, progress=lambda _percent: None)
        made.seek(0)
        with options.out.open("xb") as out:
            while part := made.read(1 << 20):
                out.write(part)
    if accessed.reader is not None:
        access_log.note_taken(accessed.reader, accessed.case.reference, now=now)


def _accessed(options: argparse.Namespace) -> Accessed:
    if options.person is None:
        return access_whole(options.reference)
    return access_case(Person.objects.get(username=options.person), options.reference, EVIDENCE)
