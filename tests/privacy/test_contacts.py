"""One spelling for each telephone number, address and order number, however it was typed."""

from __future__ import annotations

import pytest

from computing import computed_within
from ombud.privacy.contacts import (
    EMAIL,
    NATIONAL,
    ORDER,
    PHONE,
    UNPLACED,
    addresses,
    asked,
    keys_of,
    orders,
    phones,
    phones_asked,
)

REGIONS = ("CN", "DE", "SA", "RU", "IT", "US", "HK", "GB")
#: (what was recorded in China, what somebody looks for)
SAME = [
    ("+86 138 0013 8000", "13800138000"),
    ("+86 138 0013 8000", "8613800138000"),
    ("13800138000", "0086 138-0013-8000"),
    ("13800138000", "１３８００１３８０００"),
    ("0138 0013 8000", "13800138000"),
    ("010-66554433", "01066554433"),
    ("010-66554433", "+86 10 6655 4433"),
    ("010-66554433", "+86 (010) 66554433"),
    ("010-66554433转8012", "010 6655 4433"),
    ("010-66554433 分机 8012", "86-10-66554433"),
    ("010-66554433", "010-66554433 ext. 12"),
    ("010-66554433#12", "(010)66554433"),
    ("010-66554433-801", "010-66554433"),
    ("010-66554433", "+86-10-66554433-8012"),
    ("+49 30 901820", "0049 30 901820"),
    ("+49 30 901820", "030 901820"),
    ("+49 (0)30 901820", "030/901820"),
    ("49 30 901820", "+4930901820"),
    ("٠٥٥١٢٣٤٥٦٧", "0551234567"),
    ("+966 55 123 4567", "٠٥٥١٢٣٤٥٦٧"),
    ("4008001234", "400-800-1234"),
    ("400 8001 234", "4008001234"),
    ("+7 912 345-67-89", "8 (912) 345-67-89"),
    ("+39 06 698 1234", "06 6981234"),
    ("+1 (212) 555-0123", "212.555.0123"),
    ("+44 20 7946 0958", "020 7946 0958"),
    ("+852 2345 6789", "23456789"),
    ("00852-23456789", "+852 2345 6789"),
    ("tel:+86-138-0013-8000", "13800138000"),
    ("13800138000/13900139000", "139 0013 9000"),
    ("13800138000、010-66554433", "01066554433"),
    ("王先生 13800138000", "13800138000"),
    ("\u202a+86 138\u200b00138000\u202c", "13800138000"),
    ("95588", "95588"),
    ("13800138000（微信同号）", "13800138000"),
    ("手机13800138000 微信", "+86 138 0013 8000"),
    ("WhatsApp: +86 138 0013 8000", "13800138000"),
    ("138—0013—8000", "138–0013–8000"),
    ("13800138000 13900139000", "139 0013 9000"),
    ("010-66554433转分机8012", "010-66554433"),
    ("010-66554433 轉 8012 王经理", "010-66554433"),
    ("010-66554433（转8012）", "(010) 6655-4433"),
    ("010-66554433（分机号：8012）", "010-66554433 内线8012"),
    ("010-66554433(8012)", "010-66554433"),
    ("010-66554433*8012", "010-66554433x8012"),
    ("010-66554433/34", "010-66554433"),
    ("4008001234转5", "400-800-1234"),
    ("+852 2345 6789 內線12", "(852) 2345-6789"),
    ("(02)2345-6789 分機123", "(02)2345-6789#123"),
    ("+886 2 2345 6789", "(02)2345-6789轉12"),
    ("+1 415 867 5309 extension 45", "(415) 867-5309 x45"),
    ("+44 (0)20 7946 0958", "020 7946 0958 ext3"),
    ("+49(0)30/901820", "030 / 90 18 20"),
    ("+49 (0) 171 / 234 56 78", "0171-2345678"),
    ("+49 30 901820 Durchwahl 12", "030 901820 App. 12"),
    # What is no number of China is of whatever country it is asked for.
    ("030 901820", "+49 30 901820"),
    ("2345 6789", "+852 2345 6789"),
    ("0912-345-678", "+886 912 345 678"),
]


@pytest.mark.parametrize(("recorded", "typed"), SAME)
def test_a_number_is_found_however_it_is_typed(recorded: str, typed: str) -> None:
    assert set(phones(recorded, "CN")) & set(phones_asked(typed, REGIONS)), (phones(recorded, "CN"), typed)


@pytest.mark.parametrize(
    ("recorded", "typed"),
    [
        ("13800138000", "13800138001"),
        ("13800138000", "1380013800"),
        ("+49 30 901820", "+86 30 901820"),
        ("010-66554433", "021-66554433"),
        ("010-66554433转8012", "8012"),
        ("010-66554433", "+49 10 66554433"),
        ("138****8000", "13800138000"),
        ("00000000", "00000000"),
        ("1234", "1234"),
        ("", ""),
        ("12345678901234567890123", "12345678901234567890123"),
    ],
)
def test_another_number_is_not_found(recorded: str, typed: str) -> None:
    assert not set(phones(recorded, "CN")) & set(phones_asked(typed, REGIONS))


def test_a_number_is_dialled_from_where_the_complainant_is() -> None:
    assert (PHONE, "+4930901820") in phones("030 901820", "DE")
    assert (PHONE, "+4930901820") not in phones("030 901820", "CN")
    assert phones("030 901820", None) == phones("030901820", "XX")  # nobody knows: then it is only itself
    assert (NATIONAL, "30901820") in phones("030 901820", None)
    assert (UNPLACED, "30901820") in phones("030 901820", "CN")  # of no place that anybody knows
    assert UNPLACED not in {kind for kind, _ in phones("030 901820", "DE")}


@pytest.mark.parametrize(
    ("recorded", "typed"),
    [
        ("030 1234-567", "030 1234567"),
        ("030 1234567", "030 1234-567"),
        ("030 1234-567", "030 1234"),
        ("030 1234-567", "+49 30 1234-0"),
        ("030 1234", "030 1234-567"),
        ("+49 30 901820-15", "030/901820"),
        ("0049 (0)30 901820 - 15", "+493090182015"),
    ],
)
def test_an_extension_that_is_dialled_along_is_found_with_it_and_without(recorded: str, typed: str) -> None:
    assert set(phones(recorded, "DE")) & set(phones_asked(typed, REGIONS))


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("212-5550123", "US"), ("0171 234-5678", "DE"), ("069-811234", "DE"), ("06 698-1234", "IT"),
        ("2345-6789", "HK"), ("03-12345678", "JP"), ("020 7946-0958", "GB"), ("138-00138000", "CN"),
        ("0755-26001234", "CN"),
    ],
)  # fmt: skip
def test_a_hyphen_within_a_number_makes_no_second_one(number: str, region: str) -> None:
    assert len([kind for kind, _ in phones(number, region) if kind == PHONE]) == 1


def test_a_mobile_number_with_its_countrys_code_and_no_plus_is_one_abroad_and_at_home() -> None:
    """Messengers write numbers so; that of a fixed line, which the digits may be as well, stays beside it."""
    assert (PHONE, "+491712345678") in phones("491712345678", "DE")
    assert (PHONE, "+491712345678") in phones("491712345678", "CN")
    assert (PHONE, "+49491712345678") in phones("491712345678", "DE")
    assert [each for each in phones("01712345678", "DE") if each[0] == PHONE] == [(PHONE, "+491712345678")]


def test_an_address_is_the_same_in_capitals_and_brackets() -> None:
    assert addresses("Wang <Wang.X+1@Example.COM>") == [(EMAIL, "wang.x+1@example.com")]
    assert addresses("ｗａｎｇ＠example.com; wang@example.com") == [(EMAIL, "wang@example.com")]
    assert addresses("写信到wang@example.com。") == [(EMAIL, "wang@example.com")]
    assert addresses("wang at example") == []


def test_an_order_number_is_long_and_no_date() -> None:
    assert orders("订单2024112938475，型号QX-7700B") == [(ORDER, "2024112938475")]
    assert orders("SO-2026-1129/77") == orders("so2026112977") == [(ORDER, "so2026112977")]
    assert orders("2026-03-01 20260301 2026.3.1 QX-7700B 1299.50") == []


def test_fields_are_known_by_what_they_hold() -> None:
    data = {"phone": "138 0013 8000", "email": "W@example.com", "object": "SO-20261129-7", "name": "13900139000"}
    assert set(keys_of(data, "CN")) == {
        (PHONE, "+8613800138000"),
        (NATIONAL, "13800138000"),
        (EMAIL, "w@example.com"),
        (ORDER, "so202611297"),
    }
    assert keys_of({"phone": ["13800138000"], "email": None, "object": 7, "account": {"same": "x"}}, "CN") == []


@pytest.mark.parametrize("bad", ["1", "+", "a@", "a", "1-", "/", "a1", "\u0660", "1,", "(1", "#1", "x", "a.b@"])
def test_no_text_that_was_made_for_it_takes_long(bad: str) -> None:
    with computed_within(1):
        keys_of(dict.fromkeys(("phone", "email", "object", "account"), bad * 50_000), "CN")
        asked(bad * 50_000, REGIONS)
