"""`ombud init`: an installation from nothing, founded in the browser, or with an administrator made here."""

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
    """Prepare the database; where one is named make the first administrator and print their link for a password."""
    parser = argparse.ArgumentParser(prog="ombud init", description="Prepare an installation and its administrator.")
    parser.add_argument("--admin", metavar="USERNAME", help="an administrator made here, not in the browser")
    parser.add_argument("--email", default="", help="of the first administrator, for a forgotten password")
    options = parser.parse_args(arguments)
    if options.email:
        try:
            validate_email(options.email)
        except ValidationError:
            print(f"ombud: {options.email!r} is no e-mail address", file=sys.stderr)
            return 2
    if options.email and not options.admin:
        print("ombud: --email is the address of --admin USERNAME", file=sys.stderr)
        return 2
    maintenance.prepare()
    if not options.admin:
        print("Ready. Start it with: ombud serve     It prints the link by which you found it in the browser.")
        return 0
    try:
        person = found(options.admin, options.email, now=timezone.now())
    except HiringError as error:
        print(f"ombud: {PROBLEMS[error.code].format(name=options.admin)}", file=sys.stderr)
        return 2
    print(f"{person.username} is the administrator. Choose the password here, within three days, once:")
    print(f"  {password_links.address(person)}")
    print("Start it with: ombud serve     Look whether anything is missing with: ombud doctor")
    print("Then go on under Set-up in the browser: company, policy, people, channels.")
    return 0
