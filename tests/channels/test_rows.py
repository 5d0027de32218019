"""Reading a table of past complaints under a mapping."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ombud.channels.importer.mapping import ImportMapping, MappingError, load_mapping
from ombud.channels.importer.rows import History, RowProblem, read_histories

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MAPPING = {
    "source": "old-system",
    "key": "no",
    "policy": "customer-complaints",
    "zone": "America/New_York",
    "dates": ["%Y-%m-%d", "%m/%d/%Y %I:%M:%S %p"],
    "channel": {"column": "via", "map": {"Phone": "hotline"}},
    "acts": [
        {"act": "receive", "by": "agent", "at": "opened", "data": {"narrative": {"join": ["what", "more"]}}},
        {"act": "archive", "by": "agent", "at": "closed", "only": {"state": ["done"]}},
    ],
}
HEADING = "no,via,opened,closed,state,what,more\n"


def read(tmp_path: Path, *rows: str) -> list[History | RowProblem]:
    table = tmp_path / "table.csv"
    table.write_text(HEADING + "\n".join(rows), "utf-8")
    return list(read_histories(table, ImportMapping.model_validate(MAPPING), now=NOW))


def test_a_bare_date_is_noon_in_the_zone_of_the_mapping(tmp_path: Path) -> None:
    (history,) = read(tmp_path, "1,Phone,2017-03-21,,open,late,")
    assert isinstance(history, History)
    assert history.acts[0].at == datetime(2017, 3, 21, 16, tzinfo=UTC)  # 12:00 in New York, summer time
    assert history.acts[0].data == {"narrative": "late"}


def test_an_act_without_a_time_or_with_another_state_did_not_happen(tmp_path: Path) -> None:
    open_case, other_state = read(tmp_path, "1,Phone,2017-03-21,,done,a,b", "2,Phone,2017-03-21,2017-03-22,open,a,b")
    assert isinstance(open_case, History)
    assert isinstance(other_state, History)
    assert [past.act for past in open_case.acts] == ["receive"]
    assert [past.act for past in other_state.acts] == ["receive"]
    assert open_case.acts[0].data == {"narrative": "a · b"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            "1,Phone,01/02/2018 03:00:00 PM,01/02/2018 02:00:00 PM,done,a,",
            "archive (2018-01-02 19:00 UTC) lies before receive (2018-01-02 20:00 UTC)",
        ),
        ("1,Pigeon,2018-01-02,,done,a,", "column 'via' says 'Pigeon', which the mapping does not know (Phone)"),
        ("1,,2018-01-02,,done,a,", "the row names no channel"),
        ("1,Phone,,,done,a,", "column 'opened', when it was received, is empty"),
        (",Phone,2018-01-02,,done,a,", "column 'no', which identifies the row, is empty"),
        ("1,Phone,soon,,done,a,", "column 'opened' says 'soon', which is no date of the form %Y-%m-%d or %m/%d/%Y"),
        ("1,Phone,2018-01-02", "the row has not as many cells as the heading"),
        ("1,Phone,2018-01-02,2030-01-01,done,a,", "archive (2030-01-01 17:00 UTC) lies in the future"),
    ],
)
def test_a_bad_row_is_reported_with_its_line_and_reason(tmp_path: Path, row: str, reason: str) -> None:
    _, problem = read(tmp_path, "0,Phone,2017-03-21,,open,fine,", row)
    assert isinstance(problem, RowProblem)
    assert problem.line == 3
    assert problem.reason.startswith(reason)


def test_a_missing_column_is_told_before_any_row_is_read(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("no,via\n1,Phone\n", "utf-8")
    with pytest.raises(MappingError, match=r"has no column closed, more, opened, state, what\. It has: no, via\. What"):
        list(read_histories(table, ImportMapping.model_validate(MAPPING), now=NOW))


def test_a_mapping_with_unknown_keys_says_where(tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text("source: a\nkeys: b\n", "utf-8")
    with pytest.raises(MappingError, match="keys: Extra inputs are not permitted"):
        load_mapping(file)
