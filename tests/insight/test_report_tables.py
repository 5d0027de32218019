"""How a report's tables read: months by name, none left out, clauses apart from their words and cut between these."""

from __future__ import annotations

from typing import Any

from django.utils import translation

from ombud.insight import keys
from ombud.insight.reports import tables
from ombud.policy.model.pack import Pack
from shipped_packs import pack_of

FIGURE = {"of": 3, "is_from_few": False}


def months(pack: Pack) -> Any:
    return next(each for each in pack.reports["effect_report"].sections if each.by == "month")


def test_a_month_without_anything_has_its_place_among_the_bars() -> None:
    pack = pack_of("overseas-customers")
    rows = [
        {"key": f"2026-{number}", "figures": [{**FIGURE, "value": value}] * len(months(pack).figures)}
        for number, value in ((10, 0), (11, 3), (12, 12))
    ]
    with translation.override("en"):
        found = tables.bars(months(pack), tables.by(months(pack), rows, None, pack))
    assert [(each.label, each.share) for each in found] == [
        ("October 2026", 0), ("November 2026", 0.25), ("December 2026", 1),
    ]  # fmt: skip
    none = [{**row, "figures": [{**each, "value": 0} for each in row["figures"]]} for row in rows]
    assert tables.bars(months(pack), tables.by(months(pack), none, None, pack)) == []


def clause(ref: str, language: str) -> str:
    counted = {"clause": ref, "owed": 1, "met": 1, "late": 0, "overdue": 0, "on_time": 1.0, "before": None}
    with translation.override(language):
        table = tables.clauses([{**counted, "is_from_few": True}], None, pack_of("customer-complaints"))
    return table.rows[0][0].text


def test_the_number_of_a_clause_does_not_run_into_its_words() -> None:
    assert clause("2.1.2", "zh-hans").startswith("\u00a7 2.1.2 \u00b7 2小时内")


def test_a_long_clause_is_cut_after_a_word() -> None:
    whole = pack_of("customer-complaints").clauses["2.2"].text["en"]
    shown = clause("2.2", "en").removeprefix("\u00a7 2.2 \u00b7 ")
    assert shown.endswith("\u2026")
    assert whole.startswith(shown[:-1])
    assert not whole[len(shown) - 1].isalnum()
    assert len(shown) > 90


def test_figures_call_a_channel_by_its_name_without_what_it_promises() -> None:
    pack = pack_of("student-complaints")
    with translation.override("en"):
        assert [keys.value_words("channel", each, pack) for each in ("app", "email")] == ["App", "Complaint mailbox"]
