"""One analyser for texts and queries: what people type finds what others wrote, in whatever script and spelling."""

from __future__ import annotations

from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from computing import computed_within
from ombud.cases.analyser import MORE, Group, excerpt, marked, terms, tokens
from ombud.privacy.characters import folded, spread

#: (what stands in a case, what somebody looks for)
MUELLER, AARHUS = ("Müller", "MUELLER", "muller", "Mu\u0308ller"), ("Århus", "Aarhus", "arhus")
SOEREN = ("Søren", "Soeren", "Sören", "soren")
RARE = ("𠮷吉", "髙高", "﨑崎", "邉邊", "喆哲", "峯峰", "濵浜", "⻆角")
FOUND = [
    ("電飯煲漏電 / 陳大文", "电饭煲"),
    ("電飯煲漏電 / 陳大文", "漏电"),
    ("電飯煲漏電 / 陳大文", "陈大文"),
    ("电饭煲漏电", "電飯煲漏電"),
    ("热水器", "熱水器"),
    ("台湾寄来的头发与发票", "臺灣 頭髮 發票"),
    ("瞭解後覆函", "了解后复函"),
    ("為甚麼／説明", "为什么 说明"),
    ("電気ストーブ", "电气"),
    # What is rare of one everyday character, in names above all, and radicals that a PDF was copied with.
    *[(f"{one}田", f"{other}田") for one, other in RARE],
    *[(f"{other}田", f"{one}田") for one, other in RARE],
    ("赔偿1万元", "10000"),
    ("赔偿1萬元", "10,000.00"),
    ("赔偿 10,000 元", "1万"),
    ("赔偿 10000 元", "1万元"),
    ("claim of 10'000.00", "1 万"),
    ("共1.5万元", "15000"),
    ("损失3亿", "300,000,000"),
    ("300000000元", "3億"),
    ("共1万2千3百元", "12300"),
    ("共 12,000 元", "1万2千"),
    ("共1万2千元", "1万"),
    ("每月5千", "5000"),
    ("12.5百万美元", "1250万美元"),
    ("存款2.00005万", "20,000.5"),
    ("在3百货公司门口", "3百货"),
    ("2024万圣节", "2024 万圣节"),
    ("Đặng Thị Hường", "Dang"),
    ("Đặng Thị Hường", "dang thi huong"),
    ("Łukasz, Søren, Þórður, Œuvre, Æsir", "Lukasz Soren Thordur oeuvre aesir"),
    ("Straße", "strasse"),
    ("STRASSE, Bahnhofstraße", "Straße"),
    *[(written, typed) for written in MUELLER for typed in MUELLER],
    *[(written, typed) for written in AARHUS for typed in AARHUS],
    *[(written, typed) for written in SOEREN for typed in SOEREN],
    ("Fr. Dr. Müller-Lüdenscheidt", "Mueller-Luedenscheidt"),
    ("Mueller-Luedenscheidt", "Müller Lüdenscheidt"),
    ("Herrn Muellers Kessel", "Müllers"),
    ("Mueller", "Müll"),
    ("Novak \u0110okovi\u0107", "Djokovic"),
    ("Djokovic", "\u0110okovi\u0107"),
    ("\u00cesland, Gu\u00f0r\u00fan \u00de\u00f3r\u00f0ard\u00f3ttir", "Gudrun Thordardottir"),
    ("l'\u0153uvre", "oeuvre"),
    ("GOETHE", "G\u00f6the"),
    ("Bitte 030 1234-567 anrufen", "0301234567"),
    ("Bitte 030 1234-567 anrufen", "030 1234"),
    ("Bitte 0301234567 anrufen", "030 1234-567"),
    ("queue, neue Steuer", "queue neue"),
    ("BOZUK ISITICI", "ısıtıcı"),
    ("İstanbul", "istanbul"),
    ("冰\u200b箱不制冷", "冰箱"),
    ("wash\u00ading", "washing"),
    ("ket\u2060tle\ufeff", "kettle"),
    ("葛\U000e0100城", "葛城"),
    ("☂\ufe0f雨\ufe0e伞", "雨伞"),
    ("古丽·买买提", "古丽买买提"),
    ("古丽买买提", "古丽・买买提"),
    ("古丽•买买提", "买买提"),
    ("古丽·买买提", "古丽.买买提"),
    ("古丽-买买提", "古丽买买提"),
    ("买买提 · 艾力", "买买提艾力"),
    ("买买提艾力", "买买提 • 艾力"),
    ("帳單錯誤", "账单"),
    ("銀行帳戶", "银行账户"),
    ("螢幕花屏", "荧幕"),
    ("舖位漏水", "铺位"),
    ("兩疋布", "两匹布"),
    ("坏了.要求退款", "要求退款"),
    ("رقم الطلب ٤٥٦٧٨", "45678"),
    ("订单４５６７８，型号①", "45678 1"),
    ("क्रमांक ४५६७८", "45678"),
    ("45678", "๔๕๖๗๘"),
    ("型号 QX-7700B", "QX7700B"),
    ("型号QX7700B坏了", "QX-7700B"),
    ("型号QX7700B坏了", "qx 7700b"),
    ("QX 7700B", "QX7700B"),
    ("KT‑2000X", "kt2000x"),
    ("KT_2000X/EU", "2000X"),
    ("A-QX-7700B", "QX7700"),
    ("iPhone 15 Pro", "iphone15"),
    ("退款1,299.50元", "1299.50"),
    ("退款1,299.50元", "１２９９．５"),
    ("退款1299.5元", "1,299.50"),
    ("1.299,50 EUR", "1299.5"),
    ("1 299,50 EUR", "1,299.50"),
    ("1\u202f299,50 €", "1299,5"),
    ("CHF 1'299.50", "1299.50"),
    ("₹12,34,567.00", "1234567"),
    ("١٬٢٩٩٫٥٠ ريال", "1299.50"),
    ("1,299.50", "١٢٩٩٫٥"),
    ("1234.50", "1,234.5"),
    ("RMB1,234.50", "1234.5"),
    ("1234.50USD", "1,234.5"),
    ("1,234.50 USD", "USD1234.50"),
    ("花了１，２３４．５０元", "1234.5"),
    ("付了1299元", "1,299.00"),
    ("leaking, kettles", "leak"),
    ("leaking, kettles", "kettle"),
    ("it leaks", "leaking"),
    ("complaints were ignored", "complaint ignoring"),
    ("two batteries", "battery"),
    ("refunded", "refunds"),
    ("kettle", "ket"),
    ("电话 138 0013 8000", "13800138000"),
    ("+86 138-0013-8000", "13800138000"),
    ("电话010-66554433，找王经理", "010-66554433转8012"),
    ("电话 010-66554433", "（010）66554433（分机8012）"),
    ("+86 138-0013-8000", "tel:+86-138-0013-8000"),
    ("请打13800138000", "+86 138 0013 8000"),
    ("请打010-66554433", "0086 10 6655 4433"),
    ("Bitte 030/901820 anrufen", "+49 (0)30 901820"),
    ("卡号 6222 0212 3456 7890", "6222021234567890"),
    ("6222021234567890", "6222-0212-3456-7890"),
    ("wang@example.com", "WANG@Example.com"),
    ("写信到wang.x+1@mail.example.com。", "wang.x+1@mail.example.com"),
    ("wang.x@example.com", "wang example"),
    ("O’Brien", "obrien"),
    ("OBrien", "O'Brien"),
    ("U.S.A.", "usa"),
    ("e-mails", "email"),
    ("张　三", "张三"),
    ("电饭\n煲", "电饭煲"),
    ("ﾃﾚﾋﾞ", "テレビ"),
    ("㎡", "m2"),
    ("𠮷野家", "𠮷野家"),
    ("한국어", "\u1112\u1161\u11ab국"),
    ("أحمد", "احمد"),
    ("C++ AT&T", "c++ at&t"),
    ("KT-7F3K-9Q2M-X", "kt7f3k"),
    ("A12345 and 12345", "A12345 12345"),
]
MISSED = [
    ("12万元", "2万"),
    ("1万元", "100000"),
    ("A1万", "10000"),
    ("末日", "未日"),
    ("电饭煲", "饭电"),
    ("leaks.The", "leaksthe"),
    ("red,blue", "redblue"),
    ("kettle", "kettles2"),
    ("12345", "123456"),
    ("1299", "299"),
    ("kettle", "et"),
    ("B12345", "A12345 12345"),
    ("wang.y@example.com, X", "wang.x@example.com"),
    ("洗衣机 | 漏水", "机漏"),
    ("Moller", "Müller"),
    ("quu", "queue"),
    ("Baur", "Bauer"),
]


def finds(text: str, query: str) -> bool:
    known, groups = set(tokens(text)), terms(query)

    def has(term: str) -> bool:
        return any(each.startswith(term[:-1]) for each in known) if term.endswith(MORE) else term in known

    return bool(groups) and all(any(all(map(has, alternative)) for alternative in group) for group in groups)


@pytest.mark.parametrize(("text", "query"), FOUND)
def test_a_query_finds_what_says_the_same(text: str, query: str) -> None:
    assert finds(text, query), (tokens(text), terms(query))


@pytest.mark.parametrize(("text", "query"), MISSED)
def test_a_query_finds_nothing_else(text: str, query: str) -> None:
    assert not finds(text, query), (tokens(text), terms(query))


@given(st.text(alphabet="aabKettle ss12 0905-.,'/@()+·电饭煲漏水。る_&#ß١é\u200b\n", max_size=30))
def test_whatever_is_written_finds_itself_and_is_marked_whole(text: str) -> None:
    assert terms(text) == [] or finds(text, text)
    assert "".join(piece for piece, _ in marked(text, terms(text))) == text


@pytest.mark.parametrize("query", ["", "  ", "?!", "\u200b", "···", "-", "。、"])
def test_a_query_without_a_letter_or_digit_asks_for_nothing(query: str) -> None:
    assert terms(query) == []


def test_twelve_groups_of_a_query_count_and_forty_letters_of_a_word() -> None:
    assert len(terms(" ".join(f"word{chr(97 + number) * 3}" for number in range(30)))) == 12
    assert max(map(len, tokens("x" * 500 + " " + "-".join("abcdefghijklmnopqrstuvwxyz" * 5)))) == 40


def test_a_number_or_address_is_asked_for_as_a_whole_too() -> None:
    asked: list[str] = []

    def exact(piece: str) -> list[str]:
        asked.append(piece)
        return ["known"]

    query = terms("王小明 +86 (010) 6655-4433轉8012 wang@example.com QX-7700B", exact)
    assert asked == ["wang@example.com", f"+86 (010) 6655-4433{folded('轉')}8012", "qx-7700b"]
    assert sum(("known",) in group for group in query) == 3


@pytest.mark.parametrize(
    ("text", "query", "hits"),
    [
        ("電飯煲漏電，QX-7700B leaks", "电饭煲 qx7700b leaking", ["電飯煲", "QX-7700B", "leaks"]),
        ("古丽·买买提的水壶", "古丽买买提", ["古丽·买买提"]),
        ("冰\u200b箱不制冷", "冰箱", ["冰\u200b箱"]),
        ("退款1,299.50元", "1299.5", ["1,299.50"]),
        ("𠮷野家退了1.5 万元，另1万5千", "吉野家 15000", ["𠮷野家", "1.5 万", "1万5千"]),
        ("Đặng Thị Hường", "huong", ["Hường"]),
        ("Stra\u00dfe 7", "strasse", ["Stra\u00dfe"]),
        ("13800138000（微信）", "+86 138 0013 8000", ["13800138000"]),
        ("010-66554433", "+86 10 66554433", ["010-66554433"]),
        ("Frau Mueller und Herr M\u00fcller", "m\u00fcller", ["Mueller", "M\u00fcller"]),
        ("Frau Mueller und Herr M\u00fcller", "mueller", ["Mueller", "M\u00fcller"]),
        ("\u00c5rhus, Aarhus", "aarhus", ["\u00c5rhus", "Aarhus"]),
        ("nichts", "kettle", []),
        ("", "kettle", []),
    ],
)
def test_what_was_found_is_marked_in_the_text_as_it_was_written(text: str, query: str, hits: list[str]) -> None:
    pieces = marked(text, terms(query))
    assert "".join(piece for piece, _ in pieces) == text
    assert [piece for piece, is_hit in pieces if is_hit] == hits


@pytest.mark.parametrize(("written", "typed"), [("Mueller", "Muller"), ("Müller", "Mueller"), ("Ågård", "Aagaard")])
def test_an_excerpt_is_cut_around_a_name_in_another_spelling(written: str, typed: str) -> None:
    pieces = excerpt(f"Am Montag rief Frau {written} wieder an.", terms(typed))
    assert [piece for piece, is_hit in pieces if is_hit] == [written]


@pytest.mark.parametrize(
    ("written", "typed", "hit"), [("索赔3亿元", "300000000", "3亿"), ("给髙先生", "高先生", "髙先生")]
)
def test_an_excerpt_is_cut_around_what_is_written_otherwise(written: str, typed: str, hit: str) -> None:
    assert (hit, True) in excerpt(f"第一行\n{written}，下一句", terms(typed))


def test_no_two_everyday_characters_fall_together_for_a_rare_one() -> None:
    lines = files("ombud.privacy").joinpath("variants.txt").read_text("utf-8").splitlines()
    pairs = " ".join(line for line in lines if not line.startswith("#")).split()
    rare = {pair[0] for pair in pairs}
    assert len(pairs) > 1000
    assert all(len(pair) == 2 for pair in pairs)
    assert len(rare) == len(pairs), "with one everyday character alone"
    assert not [each for each in rare if each.encode("gb2312", "ignore")]
    assert not rare & {pair[1] for pair in pairs}


@pytest.mark.parametrize(
    "text",
    [
        "ﷺ ﬁn ①½ ﾃﾞ가\u0301e\u0301Å",
        "\u1112\u1161\u11ab",
        "İIıßŒ",
        "\u0301\u0302",
        "",
        "Al Lo, O'Brien",
        "a\x00b\x07 c\t",
    ],
)
def test_every_folded_letter_has_a_place_in_the_text(text: str) -> None:
    plain, places = spread(text)
    assert len(places) == len(plain) + 1
    assert places == sorted(places)
    assert plain == folded(text)


@pytest.mark.parametrize(
    "bad",
    [
        "1 ",
        "a-",
        "1,",
        "a.b.",
        "电·",
        "(1",
        "1-",
        "9",
        "a@",
        "a",
        "1'",
        "+",
        "( ",
        "x1",
        "\u0301",
        "\u200b",
        "电 ",
        "1万",
        "1万 ",
        "1亿,",
        "1百万亿",
    ],
)
def test_no_text_that_was_made_for_it_takes_long(bad: str) -> None:
    with computed_within(1.5):
        tokens(bad * (40_000 // len(bad)))
        tokens(bad * (40_000 // len(bad)) + "x")
        groups: list[Group] = terms(bad * 5000)
        marked(bad * 100, groups)
