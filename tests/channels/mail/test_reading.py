"""What is read of ordinary mails: who, to whom, when, what, and with which files."""

from datetime import UTC, datetime

import pytest

from mails import mail, multipart, part
from ombud.channels.mail.reading import MailFile, MailKind, read


def test_a_plain_mail() -> None:
    found = read(mail())
    assert (found.sender, found.sender_name) == ("ann@example.org", "Ann Bell")
    assert found.recipients == ("complaints@example.com",)
    assert found.subject == "The robot is broken"
    assert found.sent_at == datetime(2026, 11, 28, 2, tzinfo=UTC)
    assert found.message_id == "one@example.org"
    assert (found.text, found.said, found.html) == ("It is broken.", "It is broken.", "")
    assert (found.kind, found.why, found.bounce, found.files, found.defects) == (MailKind.PLAIN, "", None, (), ())


def test_recipients_are_named_once_in_small_letters_wherever_they_stand() -> None:
    found = read(
        mail(
            to='"Bell, Ann" <Ann@Example.org>, team: bob@example.org, b@x.org;',
            cc="bob@example.org (the other, Bob)",
            delivered_to="complaints+case@example.com",
            x_original_to="COMPLAINTS@example.com",
        )
    )
    assert found.recipients == (
        "ann@example.org",
        "bob@example.org",
        "b@x.org",
        "complaints+case@example.com",
        "complaints@example.com",
    )


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ("ann@example.org", "ann@example.org", ""),
        ("<ann@example.org>", "ann@example.org", ""),
        ('"Bell, Ann" <ann@example.org>', "ann@example.org", "Bell, Ann"),
        ("ann@example.org (Ann Bell)", "ann@example.org", ""),
        ("=?utf-8?B?546L5bCP5piO?= <ann@example.org>", "ann@example.org", "王小明"),
        ('"=?gb2312?B?zfXQocP3?=" <ann@example.org>', "ann@example.org", "王小明"),
        ("ann@example.org <ann@example.org>", "ann@example.org", "ann@example.org"),
        ("Ann <ann@example.org", "ann@example.org", "Ann"),
        ("undisclosed-recipients:;", "", ""),
        ("Ann Bell", "", ""),
        ("", "", ""),
        ('"broken <ann@example.org>, bob@example.org', "ann@example.org", "broken"),
        ("jöhn@mächine.example", "jöhn@mächine.example", ""),
    ],
)
def test_who_sent_it(written: str, address: str, name: str) -> None:
    found = read(mail(**{"from": written}))
    assert (found.sender, found.sender_name) == (address, name)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("Sat, 28 Nov 2026 10:00:00 +0800 (CST)", datetime(2026, 11, 28, 2, tzinfo=UTC)),
        ("28 Nov 2026 10:00:00", datetime(2026, 11, 28, 10, tzinfo=UTC)),
        ("Sat, 28 Nov 2026 10:00:00 -0000", datetime(2026, 11, 28, 10, tzinfo=UTC)),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Sat, 31 Feb 2026 10:00:00 +0000", None),
        ("yesterday", None),
        ("", None),
        ("Sat, 28 Nov 2026 10:00:00 +9999999999", None),
    ],
)
def test_when_it_was_sent(written: str, instant: datetime | None) -> None:
    assert read(mail(date=written)).sent_at == instant


def test_message_ids_stand_without_brackets() -> None:
    found = read(mail(in_reply_to="<a@x> (Ann's mail)", references="<r1@x>\r\n <r2@x> <r1@x>", message_id="bare@x"))
    assert (found.message_id, found.in_reply_to, found.references) == ("bare@x", ("a@x",), ("r1@x", "r2@x"))


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        (b"=?utf-8?B?5oqV6K+J?= =?utf-8?Q?=EF=BC=9A?= two", "投诉： two"),
        (b"=?utf-8?B?5oqV6A==?=\r\n =?utf-8?B?r4k=?=", "投诉"),  # a character cut in two
        (b"=?gb2312?B?zbbL3w?=", "投诉"),  # without its padding
        (b"=?UTF-8?Q?a b?=", "a b"),
        (b"=?utf-8?Q?What=3F?= =?nothing", "What? =?nothing"),
        ("投诉".encode(), "投诉"),
        ("投诉：冰箱".encode("gb18030"), "投诉：冰箱"),
        ("投訴冰箱壞了".encode("big5"), "投訴冰箱壞了"),
        (b"=?x-unknown?B?5oqV6K+J?=", "投诉"),
        ("テスト".encode("iso2022_jp"), "テスト"),
        (b"one\r\n\ttwo", "one two"),
        (b"a\0b\x1bc\x07", "abc"),
        ("safe\u202egpj.exe".encode(), "safegpj.exe"),
    ],
)
def test_subjects_in_any_writing(written: bytes, subject: str) -> None:
    assert read(mail(subject=written)).subject == subject


@pytest.mark.parametrize(
    ("charset", "words"),
    [
        ("gb2312", "您好，我买的扫地机器人镕坏了，請处理。"),  # letters that GB 2312 has not
        ("big5", "我在貴店買的掃地機器人壞了"),
        ("iso-2022-jp", "お世話になっております"),
        ("shift_jis", "①商品が壊れていました"),
        ("euc-kr", "제품이 고장났습니다"),
        ("koi8-r", "Товар оказался бракованным"),
        ("windows-1256", "المنتج معطل"),
        ("utf-16", "您好"),
        ("utf-7", "您好"),
    ],
)
def test_a_declared_charset_is_read_as_widely_as_it_is_used(charset: str, words: str) -> None:
    wider = {"gb2312": "gb18030", "shift_jis": "cp932"}.get(charset, charset)
    found = read(mail(words.encode(wider), content_type=f"text/plain; charset={charset}"))
    assert (found.text, found.defects) == (words, ())


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("gb18030", "您好，我在贵店买的扫地机器人坏了，请尽快处理，谢谢。"),
        ("gb18030", "退款"),
        ("big5", "您好，我在貴店買的掃地機器人壞了，請盡快處理。"),
        ("shift_jis", "先日購入した商品が壊れていました。"),
        ("euc_jp", "お世話になっております。"),
        ("euc_kr", "지난주에 구입한 제품이 고장났습니다."),
        ("koi8_r", "Здравствуйте, товар оказался бракованным."),
        ("cp1251", "Здравствуйте, товар оказался бракованным."),
        ("cp1252", "Sehr geehrte Damen und Herren, das Gerät ist unbrauchbar."),
        ("cp1256", "السلام عليكم، المنتج الذي اشتريته معطل"),
        ("cp1253", "Καλημέρα σας, το προϊόν είναι χαλασμένο"),
        ("cp1255", "שלום, המוצר שקניתי מקולקל"),
        ("cp1250", "Dobrý den, zakoupený výrobek je vadný, žádám o vrácení peněz."),
        ("cp1254", "Merhaba, aldığım ürün bozuk çıktı, lütfen yardım edin."),
        ("utf_8", "您好"),
        ("utf_16", "您好"),
    ],
)
@pytest.mark.parametrize("declared", ["", "; charset=us-ascii", "; charset=utf-8", "; charset=x-none"])
def test_a_charset_that_is_missing_or_wrong_is_told_by_the_letters(encoding: str, words: str, declared: str) -> None:
    assert read(mail(words.encode(encoding), content_type=f"text/plain{declared}")).text == words


def test_utf8_under_another_name_is_still_utf8() -> None:
    assert read(mail("Müller 您好".encode(), content_type="text/plain; charset=gb2312")).text == "Müller 您好"


def test_text_and_html_are_one_message_and_its_picture_comes_along() -> None:
    picture = b"\x89PNG\r\n\x1a\n\0\xff"
    page = '<p>It is <b>broken</b></p><img src="cid:pic@x"><img src="https://x.example/t.gif">'
    related = multipart(
        part("text/html; charset=utf-8", page),
        part('image/png; name="robot.png"', picture, "Content-ID: <pic@x>", "Content-Disposition: inline"),
        kind="related",
        boundary="inner",
    )
    found = read(multipart(part("text/plain", "It is broken"), related, kind="alternative"))
    assert found.text == "It is broken"
    assert '<img src="cid:pic@x">' in found.html
    assert 'data-remote-src="https://x.example/t.gif"' in found.html
    assert found.files == (MailFile("robot.png", picture, "image/png", "pic@x"),)


def test_several_texts_are_read_one_after_the_other() -> None:
    found = read(multipart(part("text/plain", "before"), part("image/png", b"x"), part("text/plain", "after")))
    assert found.text == "before\n\nafter"
    assert len(found.files) == 1


def test_html_alone_is_read_as_text() -> None:
    page = (
        "<style>p{}</style><h1>Hi</h1><p>one<br>two &amp; three</p><ul><li>a<li>b</ul>"
        "<table><tr><td>No<td>7</table><a href='https://x.example/a'>here</a><script>x()</script>"
    )
    found = read(mail(page, content_type="text/html"))
    assert found.text == "Hi\n\none\ntwo & three\n\n- a\n- b\n\nNo  7\n\nhere <https://x.example/a>"


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ('filename="a b.pdf"', "a b.pdf"),
        ("filename=a b.pdf", "a b.pdf"),
        ("filename*=utf-8''%E5%8F%91%E7%A5%A8.pdf", "发票.pdf"),
        ("filename*0*=gb18030''%B7%A2; filename*1*=%C6%B1.pdf", "发票.pdf"),
        ('filename*0="very "; filename*1="long.pdf"', "very long.pdf"),
        ('filename="=?utf-8?B?5Y+R56Wo?=.pdf"', "发票.pdf"),
        (r'filename="C:\\docs\\a.pdf"', "a.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        ('filename="a;b.pdf"', "a;b.pdf"),
        ('filename="a\u202efdp.exe"', "afdp.exe"),
    ],
)
def test_names_of_files(settings: str, name: str) -> None:
    found = read(multipart(part("application/pdf", b"%PDF", f"Content-Disposition: attachment; {settings}")))
    assert found.files == (MailFile(name, b"%PDF", "application/pdf", ""),)


def test_a_mail_inside_a_mail_is_a_file_named_by_its_subject() -> None:
    inner = mail("inner", subject="Old / matter")
    found = read(multipart(part("text/plain", "see"), part("message/rfc822", inner, "Content-Transfer-Encoding: 8bit")))
    assert found.files == (MailFile("Old - matter.eml", inner, "message/rfc822", ""),)
    assert found.text == "see"


def test_flowed_text_is_put_together_again() -> None:
    found = read(mail("one \r\ntwo\r\n> three \r\n> four\r\n-- \r\nAnn", content_type="text/plain; format=flowed"))
    assert found.text == "one two\n> three four\n-- \nAnn"
    assert (found.said, found.quoted, found.signature) == ("one two", "> three four", "-- \nAnn")


@pytest.mark.parametrize(
    ("raw", "text", "defect"),
    [
        (b"", "", ""),
        (b"\r\n", "", ""),
        (b"just words", "just words", "no-blank-line"),
        (b"Subject: x\nHello\nworld", "Hello\nworld", "no-blank-line"),
        (b"From ann Sat Nov 28\nSubject: x\n\nHello", "Hello", ""),
        (b"Subject: x\rFrom: ann@x\r\rHello", "Hello", ""),
        (b"Content-Type: multipart/mixed\n\n--abcd\n\nHello\n--abcd--\n", "Hello", "no-boundary"),
        (b"Content-Type: multipart/mixed; boundary=zz\n\nHello", "Hello", "no-boundary"),
        (b"Content-Type: multipart/mixed; boundary=zz\n\n--zz\n\nHello", "Hello", "unclosed"),
        (b"Content-Type: nonsense\nContent-Transfer-Encoding: 7-bit\n\nHello", "Hello", ""),
        (b"Content-Transfer-Encoding: base64\n\nSGVs\n!bG8\n", "Hello", ""),
    ],
)
def test_what_is_broken_is_read_all_the_same(raw: bytes, text: str, defect: str) -> None:
    found = read(raw)
    assert (found.text, found.defects) == (text, (defect,) if defect else ())
