"""`ombud found`: a founding link for who runs an installation that nobody has founded yet."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from django.conf import settings
from django.db import DatabaseError

from ombud.project.founding import links


def run(arguments: Sequence[str]) -> int:
    """Print the link; 2 where there are people already, or no database to found anything in."""
    argparse.ArgumentParser(prog="ombud found", description="Print the link that founds it.").parse_args(arguments)
    try:
        if links.is_founded():
            print("ombud: there are people already; a way in for one of them: ombud admit USERNAME", file=sys.stderr)
            return 2
    except DatabaseError:
        print("ombud: the database is not prepared: ombud init", file=sys.stderr)
        return 2
    print("Found the installation here, within 24 hours, once:")
    print(f"  {settings.OMBUD_BASE_URL}{links.path()}")
    return 0
