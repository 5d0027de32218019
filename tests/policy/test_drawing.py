"""The diagram of a procedure: well-formed, labelled in the reader's language, without style attributes."""

import re
from xml.etree import ElementTree

import pytest

from ombud.engine import compile_program
from ombud.policy import draw, load
from ombud.policy.draw import _Drawing
from ombud.policy.model.pack import Pack
from ombud.policy.procedure import phase_order
from policy.builders import SMALL, changed
from shipped_packs import pack_of


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_phase_and_act_is_in_the_diagram(language: str):
    pack = load(SMALL)
    svg = draw(pack, language)
    words = "".join(ElementTree.fromstring(svg).itertext())
    for thing in (*pack.main.phases.values(), *pack.main.acts.values()):
        assert thing.title[language][:18] in words


def test_the_chinese_diagram_sets_words_apart_as_chinese_does():
    words = list(ElementTree.fromstring(draw(pack_of("customer-complaints"), "zh")).itertext())
    assert any("接收投诉（投诉人、客服专员、门店服务台）：投诉邮箱 → 发送自动回执" in each for each in words)
    assert not [each for each in words if re.search(r"[,:(] |[(),]", each)]


def test_phases_stand_in_the_order_of_the_way_through_them():
    assert phase_order(load(SMALL).main)[:3] == ["new", "received", "investigating"]
    assert phase_order(load(SMALL).main)[-2:] == ["closed", "withdrawn"]


@pytest.mark.parametrize(
    ("to", "waits"),
    [
        ("from: open, to: {by: answer, accepted: agreed, else: proposed}", {"agreed", "proposed"}),
        ("from: open, to: {by: answer, accepted: agreed, else: stay}", {"agreed", "open"}),
        ("from: open, to: agreed", {"agreed"}),
        ("from: waiting, to: back", {"agreed", "open"}),
    ],
)
def test_a_verdict_is_drawn_where_the_engine_takes_it(to: str, waits: set[str]):
    pack = changed(
        ("waiting: {}", "agreed: {}, proposed: {}, waiting: {}"),
        (
            "close: {by: agent, from: open",
            f"settle: {{by: agent, {to}, needs: [answer], starts: plan}}\n"
            "  go_on: {by: agent, from: open, to: agreed}\n"
            "  wait: {by: agent, from: [open, agreed], to: waiting}\n"
            "  close: {by: agent, from: open",
        ),
        more="chains: {plan: {rejected: closed, stages: [{role: manager, within: 1 workday}]}}\n",
    )
    assert compile_program(pack).acts["plan.approve"].from_phases == waits
    assert {
        phase for phase, lines in drawn(pack).items() if any("rejected → Closed" in line for line in lines)
    } == waits


def drawn(pack: Pack) -> dict[str, list[str]]:
    """Return the lines that stand beside each phase in the diagram."""
    drawing = _Drawing(pack, pack.main, "en")
    return {phase: [line.text for line in lines] for phase, lines in zip(drawing.rows, drawing.lines, strict=True)}


def test_titles_cannot_break_out_of_the_diagram():
    pack = changed(("waiting: {}", 'waiting: {title: {zh: "<script>", en: "<script>"}}'))
    assert "<script" not in draw(pack)


def test_the_page_decides_the_colours():
    svg = draw(load(SMALL))
    assert "style=" not in svg
    assert "currentColor" in svg
    assert "#000" not in svg
