"""What masked readers read of a text: nothing of a name, in whatever parts, script and spelling it stands there."""

# ruff: noqa: RUF001

from __future__ import annotations

import pytest

from computing import computed_within
from ombud.privacy.masking import mask_text

ANN = ("Ann Lee", "12 Baker Street, Flat 9", "+44 20 7946 0018", "ann.lee+x@mail.example.com")
WANG = ("王小明", "广东省深圳市南山区科技路12号3栋501", "138 0013 8000")


@pytest.mark.parametrize(
    ("text", "known", "shown"),
    [
        ("Ms Lee and ann lee", ANN, "*** *** and ***"),
        ("I am ANN LEE", ANN, "I am ***"),
        ("ann-lee, annlee, LEE/ANN", ANN, "***, ***, ***/***"),
        ("My husband Tom Lee, Flat 9, 12 Baker Street", ANN, "My husband *** ***, ***, ***"),
        ("Lees' house, Lee's kettle", ANN, "***' house, ***'s kettle"),
        ("planned, fleece, channel", ANN, "planned, fleece, channel"),
        ("Write to ann.lee or ANN.LEE+X@MAIL.example.com", ANN, "Write to *** or ***"),
        ("Ａｎｎ　Ｌｅｅ, a\u200bnn l\u00e9e", ANN, "***, ***"),
        ("all of it", ("Al Lo",), "all of it"),
        ("J. Doe was here, so was a dog", ("J. A. Doe",), "***. *** was here, so was a dog"),
        ("I met A and B", ("B. Smith",), "I met A and ***"),
        (
            "王小明，王先生，小王，老 王，小明，王小\u200b明，王-小-明",
            WANG,
            "***，***先生，小***，老 王，***，***，***",
        ),
        ("王府井的王女士姓王", WANG, "王府井的***女士姓***"),
        ("陳大文先生，陈大文，大文", ("陈大文",), "***先生，***，***"),
        ("雷雷和李总", ("李雷",), "雷雷和***总"),
        ("王说", ("王",), "***说"),
        ("买买提说，古丽买买提，古丽‧买买提", ("古丽·买买提",), "***说，***，***"),
        ("住在南山区科技路12号，深圳市的店", WANG, "住在***，深圳市的店"),
        ("김민수 씨, 민수", ("김민수",), "*** 씨, ***"),
        ("Mueller, MÜLLERS, Muller, Möller", ("Müller",), "***, ***, ***, Möller"),
        ("Müller oder Mueller", ("Hans Mueller",), "*** oder ***"),
        ("Soeren, Søren", ("Søren Aagaard",), "***, ***"),
        ("Ågård, Aagaard", ("Søren Ågård",), "***, ***"),
        ("Ивановой и ИВАНОВ", ("Иванов",), "*** и ***"),
        ("إلى محمد ولمحمد", ("محمد",), "إلى *** ***"),
        ("06.12.34.56.78", (), "***"),
        ("212.555.0134 (212) 555–0134", (), "***"),
        ("+1－212－555－0134", (), "***"),
        ("212\u00a0555\u200b0134", (), "***"),
        ("一三八零零一三八零零零", (), "***"),
        ("電話：１３８００１３８０００", (), "電話：***"),
        ("1, 2, 3, 4, 5, 6, 7, 8", (), "1, 2, 3, 4, 5, 6, 7, 8"),
        ("退款 1,299,500.00 元", (), "退款 1,299,500.00 元"),
        ("尾号 138001，后 8000", WANG, "尾号 ***，后 8000"),
        ("店员态度很差", ("穿红衣服的女店员",), "店员态度很差"),
        ("那个穿红衣服的女店员", ("穿红衣服的女店员",), "那个***"),
        ("", WANG, ""),
    ],
)
def test_what_is_known_of_somebody_is_struck_however_it_is_written(
    text: str, known: tuple[str, ...], shown: str
) -> None:
    assert mask_text(text, known) == shown
    assert mask_text(shown, known) == shown or "***" in shown


def test_striking_takes_no_longer_than_reading() -> None:
    with computed_within(3):
        for text in ("王" * 20_000, "小明" * 10_000, "lee " * 5_000, "a1" * 10_000, "ann" * 7_000, "1 " * 10_000):
            mask_text(text, (*WANG, *ANN, "王" * 200, "a" * 500))
