"""HTML of strangers: what is shown of it, and that nothing of it acts or fetches."""

import pytest

from mails import acting, mail
from ombud.channels.mail.markup import DEEPEST, Close, Open, read_markup
from ombud.channels.mail.reading import read
from ombud.channels.mail.sanitising import sanitised


def shown(page: str) -> str:
    return sanitised(read_markup(page))


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>a &amp; b &lt; c</p>", "<p>a &amp; b &lt; c</p>"),
        ("<p onclick=x()>a</p><script>x()</script>", "<p>a</p>"),
        ("<style>p{background:url(https://x)}</style>a", "a"),
        ("<svg><script>x()</script></svg>a<math><mi>b</mi></math>", "a"),
        ('<a href="javascript:x()">a</a>', "a"),
        ('<img src="https://x.example/a.gif" alt="b">', '<img alt="b" data-remote-src="https://x.example/a.gif">'),
        ('<img src="//x.example/a.gif">', '<img data-remote-src="//x.example/a.gif">'),
        ("<img src='cid:a@b'>", '<img src="cid:a@b">'),
        ('<img src="data:image/png;base64,AAAA">', '<img src="data:image/png;base64,AAAA">'),
        ('<img src="data:image/svg+xml;base64,AAAA">', "<img>"),
        ('<img src="file:///etc/passwd">', "<img>"),
        ('<img srcset="https://x/a.gif 2x">', "<img>"),
        ('<p style="background-image:url(https://x)">a</p>', "<p>a</p>"),
        ('<td background="https://x">a</td>', "a"),
        ("<form action='https://x'><input name=a><button>b</button></form>", "b"),
        ('<iframe src="https://x">a</iframe>b', "b"),
        ('<base href="https://x"><link rel=stylesheet href="https://x">a', "a"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
        ("a<!-- b --!>c<![if !mso]>d<![endif]>e<?xml f?>g", "acdeg"),
        ("a < b > c", "a &lt; b &gt; c"),
        ("<style>a", "a"),
        ("<!-- a", " a"),
        ("a\ufdd0&amp;lt;b", "a&amp;lt;b"),
    ],
)
def test_what_is_left_of_a_page(page: str, expected: str) -> None:
    found = shown(page).strip() if not expected.startswith(" ") else shown(page)
    for added in (' target="_blank"', ' rel="noopener noreferrer nofollow"', ' style=""'):
        found = found.replace(added, "")
    assert found.replace("<a>a</a>", "a") == expected


def test_links_stay_and_open_apart() -> None:
    assert shown('<a href="https://x.example/?a=1&amp;b=2">here</a>') == (
        '<a href="https://x.example/?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">here</a>'
    )


def test_a_text_that_looks_like_markup_stays_text() -> None:
    found = shown("<p>&lt;img src=x onerror=x()&gt;</p>")
    assert found == "<p>&lt;img src=x onerror=x()&gt;</p>"


@pytest.mark.parametrize("page", ["<div>" * 5_000, "<table><div></table>" * 2_000, "<b><p>" * 3_000, "<ul><li>" * 900])
def test_elements_are_closed_in_order_and_no_deeper_than_is_sound(page: str) -> None:
    opened: list[str] = []
    for token in read_markup(page + "text"):
        if isinstance(token, Open):
            opened.append(token.name)
        elif isinstance(token, Close):
            assert opened.pop() == token.name
        assert len(opened) <= DEEPEST
    assert opened == []


def test_a_page_too_long_to_show_is_kept_as_a_file() -> None:
    page = "<p>" * 31_000 + "end"
    found = read(mail(page, content_type="text/html"))
    assert found.defects == ("too-long",)
    assert [(each.claimed_type, each.content) for each in found.files] == [("text/html", page.encode())]


def test_an_independent_parser_finds_nothing_that_acts() -> None:
    found = shown(
        "<a href='jav&#x0A;ascript:x()'>a</a><a href=' data:text/html,x'>b</a><p style='color:red;x:expression(y)'>c"
        '<img src="x" onerror=y() src="https://x/"><noscript><p title="</noscript><img src=x onerror=y()>">d'
        "<textarea><img src=x onerror=y()></textarea><title><img src=x onerror=y()></title>e"
    )
    assert "e" in found
    assert acting(found) == []
