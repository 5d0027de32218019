"""Examples in the documentation are tried: packs, scenarios, mappings, lists of people, due times, accounts."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from docs.pages import READMES, ROOT, blocks, name
from ombud import checks
from ombud.channels.importer.mapping import ImportedAct, ImportMapping, Source, load_mapping
from ombud.engine import check_story
from ombud.policy import load
from ombud.policy.model.pack import Pack
from ombud.policy.stories import story_for
from ombud.project.demo import PASSWORD, read
from ombud.project.setup_commands import KEYS
from ombud.worktime import CalendarSpec, Edition, Mode, Unit, bake
from shipped_packs import pack_of

HOW_TO = ROOT / "docs" / "how-to"
SHIPPED = "customer-complaints"


@pytest.fixture(scope="module")
def shipped() -> Pack:
    return pack_of(SHIPPED)


def test_the_small_policy_loads_and_has_nothing_to_mend(tmp_path: Path) -> None:
    folder = tmp_path / "small-policy"
    folder.mkdir()
    (folder / "pack.yaml").write_text(blocks(HOW_TO / "publish-a-policy.md", "yaml")[0], "utf-8")
    report = checks.check(load(folder))
    assert [finding.message["en"] for finding in report.findings] == []


def test_the_scenarios_of_the_guide_come_out_as_expected(shipped: Pack) -> None:
    (text,) = blocks(HOW_TO / "write-a-scenario.md", "yaml")
    stories = yaml.load(text, Loader=yaml.BaseLoader)
    assert len(stories) == 2
    for story in stories:
        assert check_story(shipped, story_for(shipped, yaml.dump(story, allow_unicode=True), "story.yaml")) == [], (
            story["name"]
        )


@pytest.mark.parametrize("file", sorted((HOW_TO / "import").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_mappings_shipped_as_examples_fit_the_policy(file: Path, shipped: Pack) -> None:
    fits(load_mapping(file), shipped)


def test_the_mapping_of_the_guide_fits_the_policy(tmp_path: Path, shipped: Pack) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(blocks(HOW_TO / "import.md", "yaml")[0], "utf-8")
    fits(load_mapping(file), shipped)


def fits(mapping: ImportMapping, pack: Pack) -> None:
    assert mapping.policy == pack.id
    channels = set(mapping.channel.map.values()) | ({mapping.channel.otherwise} - {None})
    assert channels <= set(pack.channels)
    for each in mapping.acts:
        act = pack.main.acts[each.act]
        assert each.by == "system" or each.by in act.by, each.act
        assert set(each.data) <= {*act.needs, *act.may}, each.act


def test_every_key_of_a_mapping_is_described() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", (HOW_TO / "import.md").read_text("utf-8"), re.MULTILINE))
    for model in (ImportMapping, ImportedAct, Source):
        assert set(model.model_fields) <= rows, model.__name__


def test_the_list_of_people_names_roles_and_departments_of_the_policy(shipped: Pack) -> None:
    (text,) = blocks(HOW_TO / "production.md", "yaml")
    for entry in yaml.safe_load(text):
        assert set(entry) <= KEYS
        for each in entry.get("roles", ()):
            role, department = each if isinstance(each, list) else (each, None)
            assert role in shipped.roles
            assert department is None or department in shipped.departments


@pytest.mark.parametrize("page", READMES, ids=name)
def test_the_demo_accounts_of_the_readme_are_those_of_the_demo(page: Path) -> None:
    text = page.read_text("utf-8")
    rows = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    named = [account for row in rows for account in re.findall(r"`([\w.]+)`", row)]
    assert sorted(named) == sorted(entry["username"] for entry in read("people.yaml"))
    assert f"`{PASSWORD}`" in text


def test_the_accounts_of_the_tutorial_exist_and_its_people_hold_the_roles_that_it_says() -> None:
    text = (ROOT / "docs/tutorial/first-complaint.md").read_text("utf-8")
    people: dict[str, Any] = {entry["username"]: entry for entry in read("people.yaml")}
    for account in re.findall(r"(?:[Ss]ign in as|As) `([\w.]+)`", text):
        assert account in people
    assert f"`{PASSWORD}`" in text
    titles = {complaint["subject"] for complaint in read("complaints.yaml", "customer-complaints")}
    assert set(re.findall(r"（(\w+)）|\(([\u4e00-\u9fff 0-9]+)\)", text)) <= {("", title) for title in titles}


OFFICE = CalendarSpec(tz="Asia/Shanghai", week=(((9 * 60, 18 * 60),),) * 5 + ((), ()), days="CN")
ROW = re.compile(r"^\| (\d+) (\w+) \| `(\w+)` \| ([\d-]+ [\d:]+) \| ([\d-]+ [\d:]+) \|", re.MULTILINE)


def test_the_due_times_worked_out_by_hand_are_those_of_the_library() -> None:
    page = ROOT / "docs/explanation/working-time.md"
    calendar, zone = bake(OFFICE, edition=Edition.shipped(2026)), ZoneInfo("Asia/Shanghai")
    rows = ROW.findall(page.read_text("utf-8"))
    assert {mode for _, _, mode, _, _ in rows} == {mode.value for mode in Mode}
    for length, unit, mode, event, due in rows:
        start = datetime.fromisoformat(event).replace(tzinfo=zone)
        found = calendar.deadline(int(start.timestamp()), int(length), Unit(unit), Mode(mode))
        assert datetime.fromtimestamp(found.at, zone).strftime("%Y-%m-%d %H:%M") == due, (length, unit, mode, event)
