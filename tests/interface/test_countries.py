"""Countries and regions: those of ISO 3166-1, called as the organisation calls them, in the order of their sound."""

from __future__ import annotations

import re

from django.utils import translation

from builders import shipped_pack
from ombud.interface import countries
from ombud.interface.act_form import fields_form

ABROAD = shipped_pack("overseas-customers")


def in_chinese() -> dict[str, str]:
    with translation.override("zh-hans"):
        return dict(countries.choices())


def test_there_are_those_of_the_standard_and_no_others() -> None:
    assert len(countries.codes()) == 249
    assert not {"EU", "XA", "XB", "XK", "UN", "ZZ"} & countries.codes()


def test_regions_of_china_are_called_so() -> None:
    names = in_chinese()
    assert [names[code] for code in ("HK", "MO", "TW")] == ["中国香港", "中国澳门", "中国台湾"]


def test_chinese_names_stand_in_the_order_of_their_sound() -> None:
    order = list(in_chinese().values())
    expected = ["阿富汗", "巴西", "秘鲁", "德国", "法国", "梵蒂冈", "斐济", "挪威", "日本", "中国", "中国台湾"]
    del expected[2]  # bi, not mi: asked below
    found = [each for each in order if each in expected]
    assert found == expected
    assert order.index("秘鲁") < order.index("不丹")


def test_every_first_character_has_its_place_by_sound() -> None:
    for name in in_chinese().values():
        first = name.translate(countries._sounds())[0].encode("gb2312")
        assert first[0] < 0xD8, name  # beyond stands what is sorted by its strokes


def test_latin_names_stand_as_if_they_had_no_marks() -> None:
    with translation.override("en"):
        order = [name for _code, name in countries.choices()]
    assert order.index("Åland Islands") < order.index("Albania") < order.index("Zimbabwe")


def test_an_organisation_calls_them_as_it_likes(settings) -> None:
    settings.OMBUD_COUNTRY_NAMES = {"TW": {"en": "Taiwan"}}
    with translation.override("en"):
        assert countries.name("TW") == "Taiwan"
    assert in_chinese()["TW"] == "中国台湾"


def test_the_countries_of_the_offices_come_first() -> None:
    with translation.override("zh-hans"):
        form = fields_form(ABROAD, ["country"])
        page = str(form["country"])
    offered = [code for code in re.findall(r'value="([A-Z]{2})"', page)]
    served = {code for office in ABROAD.offices.values() for code in office.countries}
    assert set(offered[: len(served)]) == served
    assert len(offered) == 249
