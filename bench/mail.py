"""Mails taken in with the whole write path, and letters handed to a mail server, beside complaints filed directly."""

from __future__ import annotations

import json

from bench import place
from bench.figures import table

MAILS = 300


def run() -> None:
    """Measure on both databases and print the table."""
    rows = []
    with place.scratch() as folder, place.cluster(folder) as server:
        databases = {place.SQLITE: ""}
        if server:
            databases[place.POSTGRESQL] = place.fresh_database(server, "mail")
        for name, database in databases.items():
            var = folder / name
            var.mkdir()
            answer = var / "figures.json"
            place.inside("mail_inside", [str(MAILS), str(answer)], place.environment(var, database))
            got = json.loads(answer.read_text())
            taken = got["taken"]
            rows.append(
                [name, f"{taken:.0f}", f"{got['filed']:.0f}", f"{taken / got['filed']:.2f}", f"{got['sent']:.0f}"]
            )
    print(f"mail: {MAILS} mails with a file each, one process; sent to an SMTP server on this machine")
    print(table(("database", "mails taken in/s", "filed directly/s", "mail / direct", "letters sent/s"), rows))


if __name__ == "__main__":
    run()
