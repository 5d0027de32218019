"""What `ombud serve` prints: where to look and who can sign in."""

from __future__ import annotations

from django.conf import settings


def address(host: str, port: int) -> None:
    """Print the address and, in a demo, the accounts."""
    site = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"
    print(f"\nOmbud runs at {site}/          (complainants: file and track)")
    print(f"              {site}/desk/     (staff: sign in)")
    if settings.OMBUD_DEMO:
        from ombud.project.demo import logins

        for line in logins():
            print(f"  {line}")
    if host not in {"127.0.0.1", "::1", "localhost"}:
        print("Not for the open internet as it is: put a proxy before it, see docs/how-to/production.md")
    print("Ctrl-C stops it.\n", flush=True)
