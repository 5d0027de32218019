"""The diagram of a procedure: well-formed, labelled in the reader's language, without style attributes."""

from xml.etree import ElementTree

import pytest

from ombud.policy import draw, load
from ombud.policy.draw import rows
from policy.builders import SMALL, changed


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_phase_and_act_is_in_the_diagram(language: str):
    pack = load(SMALL)
    svg = draw(pack, language)
    words = "".join(ElementTree.fromstring(svg).itertext())
    for thing in (*pack.main.phases.values(), *pack.main.acts.values()):
        assert thing.title[language][:18] in words


def test_phases_stand_in_the_order_of_the_way_through_them():
    assert rows(load(SMALL).main)[:3] == ["new", "received", "investigating"]
    assert rows(load(SMALL).main)[-2:] == ["closed", "withdrawn"]


def test_titles_cannot_break_out_of_the_diagram():
    pack = changed(("waiting: {}", 'waiting: {title: {zh: "<script>", en: "<script>"}}'))
    assert "<script" not in draw(pack)


def test_the_page_decides_the_colours():
    svg = draw(load(SMALL))
    assert "style=" not in svg
    assert "currentColor" in svg
    assert "#000" not in svg
