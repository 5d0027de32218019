"""Early warning: false alarms per year on shuffled history, and after how many days a surge is found.

Real complaints (NYC 311, CFPB) are read from the folder that OMBUD_SAMPLE_DATA names; without it only what is drawn by
chance is measured. Shuffled history has its weeks in random order, so that every alarm on it is false.
"""

from __future__ import annotations

import csv
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path

from bench.figures import middle, table
from ombud.insight.watching import judging
from ombud.insight.watching.multiplicity import SHARE, standing

ENDS_AFTER, GOES_ON = 7, 0.05  # as in ombud.insight.alarms.watch
LOOKED_AT = 182  # days of each run
LASTS = 28  # days of a surge
Days = dict[str, list[int]]


def alarms(series: Mapping[str, list[int]], first: int) -> Iterator[tuple[int, str]]:
    """Yield the new alarms of rises, looking once a day from a day on: (day, series)."""
    seen: dict[str, int] = {}
    for day in range(first, len(next(iter(series.values())))):
        found = {
            name: judging.rise(days[: day + 1]) for name, days in series.items() if sum(days[day - 20 : day + 1]) > 4
        }
        judged = {name: verdict.chance for name, verdict in found.items() if verdict is not None}
        names = list(judged)
        for name in list(seen):
            if judged.get(name, 1.0) <= GOES_ON:
                seen[name] = day
            elif day - seen[name] >= ENDS_AFTER:
                del seen[name]
        for index in sorted(standing([judged[name] for name in names], SHARE)):
            if names[index] not in seen:
                seen[names[index]] = day
                yield day, names[index]


def shuffled(series: Days, chance: random.Random) -> Days:
    """Return the same weeks in another order, the same one for every series."""
    weeks = len(next(iter(series.values()))) // 7
    order = chance.sample(range(weeks), weeks)
    return {name: [count for week in order for count in days[7 * week : 7 * week + 7]] for name, days in series.items()}


def drawn(chance: random.Random, means: Mapping[str, float], days: int) -> Days:
    """Return series of counts that vary more than by chance alone (variance 1.5 times the mean), fewer at weekends."""
    return {
        name: [_negative_binomial(chance, mean * (0.4 if day % 7 > 4 else 1.24), 1.5) for day in range(days)]
        for name, mean in means.items()
    }


def _negative_binomial(chance: random.Random, mean: float, spread: float) -> int:
    rate, count = chance.gammavariate(mean / (spread - 1), spread - 1), 0
    left = chance.expovariate(1.0)
    while left < rate:
        left += chance.expovariate(1.0)
        count += 1
    return count


def false_alarms(name: str, source: list[Days]) -> tuple[str, int, str, str]:
    """Return a row: what, how many series, alarms a year of all of them together, of one of them."""
    found = years = 0.0
    for series in source:
        length = len(next(iter(series.values())))
        looked = min(LOOKED_AT, length - 80)
        found += sum(1 for _ in alarms(series, length - looked))
        years += looked / 365.25
    number = len(source[0])
    return name, number, f"{found / years:.1f}", f"{found / years / number:.2f}"


def delays(source: list[Days], factor: float, chance: random.Random) -> tuple[str, str, str]:
    """Return (found within the surge, days until it is, at worst) where one series rises to a multiple."""
    found: list[int] = []
    for series in source:
        name = next(iter(series))
        begin = len(series[name]) - LASTS
        risen = {**series, name: list(series[name])}
        for day in range(begin, begin + LASTS):
            risen[name][day] = sum(_negative_binomial(chance, factor, 1.5) for _ in range(series[name][day]))
        first = next((day for day, other in alarms(risen, begin) if other == name), None)
        if first is not None:
            found.append(first - begin + 1)
    return f"{len(found)}/{len(source)}", f"{middle(found):.0f}" if found else "-", f"{max(found)}" if found else "-"


def real(folder: Path) -> Iterator[tuple[str, Days]]:
    """Yield the samples as series by kind and place or way."""
    yield (
        "NYC 311",
        _series(
            folder / "nyc311-1000.csv",
            "Created Date",
            "%m/%d/%Y",
            ("Complaint Type", "Borough", "Open Data Channel Type"),
        ),
    )
    yield "CFPB", _series(folder / "cfpb-145.csv", "date_received", "%Y-%m-%d", ("product", "submitted_via"))


def _series(file: Path, when: str, form: str, columns: tuple[str, ...]) -> Days:
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [(datetime.strptime(row[when][:10], form).date(), row) for row in csv.DictReader(lines)]  # noqa: DTZ007  # a day
    first, last = min(day for day, _row in rows), max(day for day, _row in rows)
    counts: dict[str, Counter[date]] = {"all": Counter(day for day, _row in rows)}
    for day, row in rows:
        for column in columns:
            counts.setdefault(f"{column}={row[column]}", Counter())[day] += 1
    span = [date.fromordinal(each) for each in range(first.toordinal(), last.toordinal() + 1)]
    return {name: [count[day] for day in span] for name, count in counts.items() if sum(count.values()) >= 10}


def main() -> None:
    chance = random.Random(2012)
    busy = {f"busy {n}": mean for n, mean in enumerate((12.0, 6.0, 3.0, 3.0, 1.5, 1.5, 0.7, 0.7, 0.3, 0.3, 0.1, 0.1))}
    rows = []
    for name, days, runs in (("7 months known", 210 + LOOKED_AT, 8), ("4 years known", 4 * 365 + LOOKED_AT, 2)):
        rows.append(false_alarms(f"drawn, 12 series, {name}", [drawn(chance, busy, days) for _ in range(runs)]))
    folder = os.environ.get("OMBUD_SAMPLE_DATA")
    samples = list(real(Path(folder))) if folder else []
    for name, series in samples:
        rows.append(false_alarms(f"{name}, shuffled", [shuffled(series, chance) for _ in range(3)]))
        rows.append(false_alarms(f"{name}, as it was", [series]))
    print("False alarms of rises, one look a day:\n")
    print(table(("history", "series", "a year", "a year and series"), rows))
    surges: list[tuple[str, ...]] = []
    for mean in (0.5, 1.0, 3.0, 10.0):
        for factor in (2.0, 3.0, 5.0):
            means = {"rising": mean, **busy}
            surges.append(
                (
                    f"{mean:g} a day",
                    f"x {factor:g}",
                    *delays([drawn(chance, means, 238) for _ in range(12)], factor, chance),
                )
            )
    print("\nA surge of 28 days in one of 13 series, 7 months known:\n")
    print(table(("before", "rises", "found", "days, middle", "days, worst"), surges))


if __name__ == "__main__":
    main()
