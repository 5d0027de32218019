"""What a bomb of mails from one sender costs others: until a mail of somebody else is a complaint, with and without."""

from __future__ import annotations

import json

from bench import place
from bench.figures import percentile, table

MAILS = 10_000


def run() -> None:
    """Measure on both databases and print the table."""
    rows = []
    with place.scratch() as folder, place.cluster(folder) as server:
        databases = {place.SQLITE: ""}
        if server:
            databases[place.POSTGRESQL] = place.fresh_database(server, "bomb")
        for name, database in databases.items():
            var = folder / name
            var.mkdir()
            answer = var / "figures.json"
            place.inside("bomb_inside", [str(MAILS), str(answer)], place.environment(var, database))
            got = json.loads(answer.read_text())
            for what in ("alone", "other", "same"):
                delays = got[what]
                taken = got["taken"] if what != "alone" else 0
                rows.append([name, WORDS[what], f"{percentile(delays, 0.5):.2f}", f"{max(delays):.2f}", f"{taken:,}"])
    print(f"bomb: {MAILS:,} mails of one sender in one mailbox; seconds until another's mail is a complaint")
    print(table(("database", "the other's mail comes to", "median", "longest", "of the bomb taken in by then"), rows))


WORDS = {"alone": "its own mailbox, no bomb", "other": "its own mailbox", "same": "the bombed mailbox"}


if __name__ == "__main__":
    run()
