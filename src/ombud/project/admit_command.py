"""`ombud admit`: for who cannot sign in any more, where no administrator is left who could help."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from django.utils import timezone

from ombud.organisation import password_links
from ombud.organisation.models import Person
from ombud.signin import factors


def run(arguments: Sequence[str]) -> int:
    """Take somebody's second factors away, sign them out everywhere and print a link to choose a password."""
    about = "Let in who lost their second factor or password; it is written down, and they are told by mail."
    parser = argparse.ArgumentParser(prog="ombud admit", description=about)
    parser.add_argument("username")
    name = parser.parse_args(arguments).username
    person = Person.objects.filter(username=name).first()
    if person is None or not person.is_active:
        what = "may not sign in; on the page People they come back" if person else "is nobody's user name"
        print(f"ombud: {name!r} {what}", file=sys.stderr)
        return 2
    factors.reset(person, by=None, now=timezone.now())
    print(f"{name} has no second factor now and is signed out. Choose a password here, within three days, once:")
    print(f"  {password_links.address(person)}")
    return 0
