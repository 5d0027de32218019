"""What `ombud serve` prints: where to look and who can sign in."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError

from ombud.project.founding import links


def address(host: str, port: int) -> None:
    """Print the address and, in a demo, the accounts."""
    site = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"
    print(f"\nOmbud runs at {site}/          (complainants: file and track)")
    print(f"              {site}/desk/     (staff: sign in)")
    if settings.OMBUD_DEMO:
        from ombud.project.demo import logins

        for line in logins():
            print(f"  {line}")
    for line in _founding(site):
        print(line)
    if host not in {"127.0.0.1", "::1", "localhost"}:
        print("Not for the open internet as it is: put a proxy before it, see docs/how-to/production.md")
    print("Ctrl-C stops it.\n", flush=True)


def _founding(site: str) -> Iterator[str]:
    """Yield how to found an installation that nobody founded yet: told here, and to nobody who comes by the network."""
    try:
        if links.is_founded():
            return
    except DatabaseError:
        yield "The database is not prepared: stop with Ctrl-C, then: ombud init"
        return
    yield "Nobody has founded this installation yet. Whoever opens this link becomes its administrator:"
    yield f"  {site}{links.path()}"
    yield "It works once, within 24 hours; another one: ombud found"
