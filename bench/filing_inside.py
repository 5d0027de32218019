"""Prepares the database of the environment for filing and prints an agent's token."""

from __future__ import annotations

from django.utils import timezone

from bench.fill import prepare


def main() -> None:
    now = timezone.now()
    prepare(now)
    from ombud.api.keys import issue_token
    from ombud.organisation.models import Person

    _row, token = issue_token(Person.objects.get(username="agent"), name="bench", now=now)
    print(token)


if __name__ == "__main__":
    main()
