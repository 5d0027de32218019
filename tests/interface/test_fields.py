"""Fields of forms take what the register can keep and show again, and nothing beyond."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import translation

from builders import shipped_pack
from ombud.cases.references import new_reference
from ombud.interface import fields
from ombud.interface.act_form import fields_form
from ombud.interface.fields import FilesField, StoredFile
from ombud.interface.money_field import PackField
from ombud.policy.model.values import FieldType
from regional import regional_pack


def field(kind: FieldType) -> PackField:
    known = replace(shipped_pack().fields["place"], type=kind, of={}, domain=None, item=None)
    return fields.build(known, pack=shipped_pack(), required=True)


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (FieldType.DATE, "0001-01-01"),
        (FieldType.DATE, "9999-12-31"),
        (FieldType.INSTANT, "0001-01-01T00:00"),
        (FieldType.INSTANT, "9999-12-31T23:59"),
        (FieldType.INTEGER, "9" * 16),
        (FieldType.INTEGER, "9" * 5000),
        (FieldType.INTEGER, "NaN"),
        (FieldType.MONEY, "NaN"),
        (FieldType.MONEY, "Infinity"),
        (FieldType.MONEY, "1e400"),
        (FieldType.TEXT, "x" * 501),
        (FieldType.TEXT, "a\0b"),
        (FieldType.LONG_TEXT, "x" * 20_001),
        (FieldType.LIST, "x\n" * 101),
        (FieldType.LIST, "x" * 501),
    ],
)
def test_what_the_register_could_not_keep_is_asked_for_again(kind: FieldType, typed: str) -> None:
    with pytest.raises(ValidationError):
        field(kind).clean(typed)


def test_ordinary_values_are_taken() -> None:
    assert field(FieldType.LIST).clean("a\n\n b \n") == "a\n\n b"
    assert field(FieldType.DATE).clean("1900-01-01").year == 1900
    assert field(FieldType.INSTANT).clean("2026-03-03T09:00").year == 2026
    assert field(FieldType.INTEGER).clean("-12") == -12


def test_a_field_takes_a_hundred_files() -> None:
    files = field(FieldType.FILES)
    assert isinstance(files, FilesField)
    kept = [StoredFile(str(number), "a.png") for number in range(101)]
    assert len(files.clean(kept[1:])) == 100
    with pytest.raises(ValidationError):
        files.clean(kept)


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("loss=100", {"loss": {"amount": "100.00", "currency": "CNY"}}),  # an old form's lone amount
        ("loss=100&loss=EUR", {"loss": {"amount": "100.00", "currency": "EUR"}}),
        ("loss=&loss=EUR", {}),
    ],
)
def test_an_amount_goes_with_its_currency(sent: str, meant: dict[str, Any]) -> None:
    form = fields_form(regional_pack(), ["loss"], QueryDict(sent))
    assert form.is_valid()
    assert form.act_data() == meant


def test_an_amount_that_is_known_stands_in_the_form_and_is_no_news() -> None:
    known = {"loss": {"amount": "5.00", "currency": "USD", "rate": "7", "rate_on": "2026-03-02", "rate_source": "ECB"}}
    form = fields_form(regional_pack(), ["loss"], QueryDict("loss=5.00&loss=USD"), known=known)
    assert form.changed_data == []
    assert fields_form(regional_pack(), ["loss"], QueryDict("loss=5.00&loss=EUR"), known=known).changed_data == ["loss"]


@pytest.mark.parametrize("sent", ["loss=&loss=CNY", "loss=-1&loss=CNY", "loss=1&loss=XYZ"])
def test_an_amount_that_is_none_is_asked_for_again(sent: str) -> None:
    assert not fields_form(regional_pack(), ["loss"], QueryDict(sent), required=["loss"]).is_valid()


def test_the_reference_of_a_case_is_kept_as_it_is_stored() -> None:
    reference = new_reference("RG")
    form = fields_form(regional_pack(), ["lead_case"], QueryDict(f"lead_case={reference.lower().replace('-', '+')}"))
    assert form.is_valid()
    assert form.act_data() == {"lead_case": reference}


@pytest.mark.parametrize(
    ("country", "currency"), [("DE", "EUR"), ("VN", "VND"), ("SA", "SAR"), ("CN", "CNY"), ("", "CNY"), ("XX", "CNY")]
)
def test_an_amount_is_asked_in_the_currency_of_the_complainants_country(country: str, currency: str) -> None:
    form = fields_form(regional_pack(), ["loss"], country=country)
    assert f'<option value="{currency}" selected>' in str(form["loss"])


def test_an_amount_that_is_known_keeps_its_currency_wherever_the_complainant_is() -> None:
    known = {"country": "DE", "loss": {"amount": "100", "currency": "USD", "rate": "7"}}
    form = fields_form(regional_pack(), ["loss"], known=known)
    assert '<option value="USD" selected>' in str(form["loss"])
    form = fields_form(regional_pack(), ["loss"], known={"country": "DE"})
    assert '<option value="EUR" selected>' in str(form["loss"])


def test_a_message_may_be_in_any_language_of_the_offices_the_letters_or_the_pages() -> None:
    form = fields_form(shipped_pack("overseas-customers"), ["message_language"])
    shown = str(form["message_language"])
    assert all(f'value="{tag}"' in shown for tag in ("zh", "en", "de", "fr", "ar", "es"))
    of_pages = str(fields_form(shipped_pack(), ["language"])["language"])
    assert '<option value="ja">日本語</option>' in of_pages  # in its own words
    assert 'value="it"' not in of_pages


def asked(typed: dict[str, str]) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update(typed)
    return data


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("subject", "", "请填写投诉主题"),
        ("country", "", "请选择国家或地区"),
        ("loss", "lots", "“涉及金额”须填写金额"),
        ("complainants", "two", "“投诉人数”须填写整数"),
        ("occurred_on", "yesterday", "“发生日期”须填写日期"),
        ("email", "wang@", "请填写完整的电子邮箱"),
        ("phone", "abc", "请填写完整的电话号码"),
        ("phone", "1234", "请填写完整的电话号码"),
    ],
)
def test_what_is_wrong_is_said_in_plain_words_that_name_the_field(name: str, typed: str, said: str) -> None:
    with translation.override("zh-hans"):
        form = fields_form(regional_pack(), [name], asked({name: typed}), required=[name])
        assert said in form.errors[name][0]


@pytest.mark.parametrize(
    "typed", ["10086", "138 0013 8000", "+49 (30) 901820-12", "010-65551234转8012", "13800138000/王女士"]
)
def test_a_phone_number_may_be_written_in_many_ways(typed: str) -> None:
    form = fields_form(regional_pack(), ["phone"], asked({"phone": typed}))
    assert form.is_valid()
