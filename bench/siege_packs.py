"""What it takes to read or check packs that are written to hurt, in seconds of computing."""

from __future__ import annotations

import resource
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.figures import table
from ombud.checks import apart
from ombud.policy import PackError, load, load_sources

PACK = Path(__file__).parents[1] / "src" / "ombud" / "packs" / "customer-complaints"
AGAIN = 6  # checks that one editor asks for at once


def main() -> None:
    """Print the table."""
    whole = {
        file: text for file, text in load(PACK).sources.items() if file == "pack.yaml" or file.startswith("letters/")
    }
    text = whole["pack.yaml"]
    many = range(2000)
    clauses = "".join(f'  "clause number {n}": {{kind: act, zh: x, en: y}}\n' for n in many)
    cited = ", ".join(f'"clause numbre {n}"' for n in many)
    cites = text.replace("clauses:\n", f"clauses:\n{clauses}", 1).replace('cite: "1.2.6"', f"cite: [{cited}]", 1)
    packs: tuple[tuple[str, dict[str, str]], ...] = (
        ("a letter with 100,000 blanks after {{", {"letters/receipt.en.md": "{{" + " " * 100_000}),
        ("2,000 clauses and 2,000 unknown citations", {"pack.yaml": cites}),
        ("a condition of 1,500 times not", {"pack.yaml": _conditioned(text, "not " * 1500 + "true")}),
        ("a condition of 60,000 comparisons", {"pack.yaml": _conditioned(text, " < ".join(["loss"] * 60_000))}),
        ("90,000 unknown keys", {"pack.yaml": text + "".join(f"k{n}: x\n" for n in range(90_000))}),
    )
    rows = [(name, *_read({**whole, **sources})) for name, sources in packs]
    rows.append((f"a table of 110 overlapping rows, checked while it is typed {AGAIN} times", *_typed(whole)))
    print("packs written to hurt")
    print(table(("pack", "seconds", "outcome"), rows))


def _conditioned(text: str, condition: str) -> str:
    return text.replace("  supply_facts:\n", f'  supply_facts:\n    when: "{condition}"\n', 1)


def _read(sources: dict[str, str]) -> tuple[str, str]:
    def read() -> str:
        try:
            load_sources(sources)
        except PackError as error:
            return f"refused with {len(error.problems)} problems"
        return "read"

    return _timed(read, time.process_time)


def _typed(whole: dict[str, str]) -> tuple[str, str]:
    """Return what several checks compute that an editor asks for at once, each of which ends the one before."""
    names = [f"col{n}" for n in range(8)]
    fields = "".join(f'  {name}: {{type: integer, domain: "[0,inf)", cite: "1.1.1"}}\n' for name in names)
    cells = (", ".join([f'"[{n},{n + 200}]"'] * len(names)) for n in range(110))
    rows = ", ".join(f"[{each}, low]" for each in cells)
    hurts = f'  hurts: {{of: [low, high], in: [{", ".join(names)}], hit: first, rows: [{rows}], cite: "1.1.1"}}\n'
    written = whole["pack.yaml"].replace("data:\n", f"data:\n{fields}", 1).replace("tables:\n", f"tables:\n{hurts}", 1)
    sources = {**whole, "pack.yaml": written}

    def checked(_number: int) -> str:
        try:
            found = apart.check_typed(sources, "pack.yaml", policy="customer-complaints", owner="editor", whole=False)
        except apart.Superseded:
            return "ended for a newer one"
        told = {each.code for each in found.report.findings}
        return ", ".join(sorted(told & {"intricate-table", "endless-check", "schema"})) or "checked"

    def check_many() -> str:
        with ThreadPoolExecutor(AGAIN) as editors:
            became = Counter(editors.map(checked, range(AGAIN)))
        apart.end_all()  # what they computed counts once they have ended
        return ", ".join(f"{number} x {what}" for what, number in became.items())

    return _timed(check_many, _by_children)


def _by_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _timed(work: Callable[[], str], clock: Callable[[], float]) -> tuple[str, str]:
    began = clock()
    outcome = work()
    return f"{clock() - began:.2f}", outcome


if __name__ == "__main__":
    main()
