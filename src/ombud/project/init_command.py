"""`ombud init`: an installation from nothing, with an administrator who lets everybody else in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from ombud.organisation import password_links
from ombud.organisation.hiring import HiringError, found
from ombud.project import maintenance

PROBLEMS = {
    "there": "there are people already; another administrator is made on the page People",
    "username": "{name!r} is no user name: letters, digits and @ . + - _",
}


def run(arguments: Sequence[str]) -> int:
    """Prepare the database, make the first administrator and print the link by which they choose a password."""
    parser = argparse.ArgumentParser(prog="ombud init", description="Prepare an installation and its administrator.")
    parser.add_argument("--admin", default="admin", metavar="USERNAME", help="of the first administrator")
    parser.add_argument("--email", default="", help="of the first administrator, for a forgotten password")
    options = parser.parse_args(arguments)
    if options.email:
        try:
            validate_email(options.email)
        except ValidationError:
            print(f"ombud: {options.email!r} is no e-mail address", file=sys.stderr)
            return 2
    maintenance.prepare()
    try:
        person = found(options.admin, options.email, now=timezone.now())
    except HiringError as error:
        print(f"ombud: {PROBLEMS[error.code].format(name=options.admin)}", file=sys.stderr)
        return 2
    print(f"{person.username} is the administrator. Choose the password here, within three days, once:")
    print(f"  {password_links.address(person)}")
    print("Start it with: ombud serve     Look whether anything is missing with: ombud doctor")
    print("Then publish a policy (ombud publish ID) and add people on the page People.")
    return 0
