"""Mails taken in with the whole write path, beside complaints filed over HTTP and directly; letters handed over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from bench import filing, place
from bench.figures import table

MAILS, SECONDS = 300, 4.0
HEAD = (
    "database",
    "mails/s",
    "HTTP/s",
    "mail / HTTP",
    "with a file/s",
    "directly/s",
    "mail / direct",
    "letters/s",
    "CPU ms each",
)


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
            rows.append([name, *_measured(place.environment(var, database), var / "figures.json")])
    print(f"mail: {MAILS} mails, one process; HTTP: one client, no files; letters to an SMTP server on this machine")
    print(table(HEAD, rows))


def _measured(env: Mapping[str, str], answer: Path) -> list[str]:
    place.inside("mail_inside", [str(MAILS), str(answer)], env)
    got = json.loads(answer.read_text())
    http = filing.rate(env, clients=1, seconds=SECONDS)
    by_mail, with_file, filed, (sent, computed) = got["taken"], got["with_file"], got["filed"], got["sent"]
    return [
        f"{by_mail:.0f}", f"{http:.0f}", f"{by_mail / http:.2f}", f"{with_file:.0f}", f"{filed:.0f}",
        f"{with_file / filed:.2f}", f"{sent:.0f}", f"{computed:.0f}",
    ]  # fmt: skip


if __name__ == "__main__":
    run()
