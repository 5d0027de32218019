"""What was written now, what is quoted, and the signature, in the styles of many mail programs and languages."""

import os
from pathlib import Path

import pytest
import yaml

from mails import mail
from ombud.channels.mail.folding import fold
from ombud.channels.mail.reading import read

ANSWERS = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text("utf-8"))
HISTORY = yaml.safe_load(Path(__file__).with_name("histories.yaml").read_text("utf-8"))


@pytest.mark.parametrize("history", HISTORY.values(), ids=HISTORY)
def test_the_history_is_folded(history: str) -> None:
    said, quoted, signature = fold(f"It is still broken.\nPlease help.\n\n{history}")
    assert (said, quoted, signature) == ("It is still broken.\nPlease help.", history, "")


@pytest.mark.parametrize("history", [text for text in HISTORY.values() if "\n>" in text and text[0] != ">"])
def test_an_answer_below_a_marked_history_is_said(history: str) -> None:
    said, quoted, _ = fold(f"{history}\n\nNo, it is not.")
    assert (said, quoted) == ("No, it is not.", history)


def test_answers_between_quoted_lines_are_said() -> None:
    text = "Ann wrote on 2026-11-28:\n> Is it new?\nYes.\n> Is it red?\nNo."
    assert fold(text)[:2] == ("Yes.\nNo.", "Ann wrote on 2026-11-28:\n> Is it new?\n> Is it red?")


@pytest.mark.parametrize(
    "line",
    [
        "-- \nAnn Bell\nShop Street 1", "--\nAnn Bell", "Sent from my iPhone", "发自我的iPhone", "从我的华为手机发送",
        "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone", "أُرسلت من الـ iPhone",
        "iPhoneから送信", "Get Outlook for iOS <https://aka.ms/o0ukef>",
    ],
)  # fmt: skip
def test_a_signature_is_folded_up_to_the_history(line: str) -> None:
    history = "On Sat, Nov 28, 2026 Shop <shop@example.com> wrote:\n> Hello"
    assert fold(f"It is broken.\n\n{line}\n\n{history}") == ("It is broken.", history, line)


@pytest.mark.parametrize(
    "text",
    [
        "They wrote: we will not pay.\nI disagree.",
        "What the shop wrote to me:\nNothing at all.",
        "From: Berlin\nThe train was late.",
        "To: whom it may concern\nSubject: my robot",
        "I ordered 3 things:\na, b and c",
        "Order no. 5:\n- broken",
        "发件人不明。\n我没有收到。",
        "What came was not the\noriginal message\nthat I had ordered.",
        "Am 3. Mai habe ich bestellt:\nnichts kam.",
    ],
)
def test_ordinary_sentences_are_no_history(text: str) -> None:
    assert fold(text) == (text, "", "")


def test_a_mail_that_only_passes_something_on_is_said_as_a_whole() -> None:
    text = "---------- Forwarded message ---------\nFrom: Bob <bob@example.org>\nDate: Sat\nTo: Ann\n\nIt is broken."
    assert fold(text) == (text, "", "")


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_answers_in_html_are_folded(answer: dict[str, str]) -> None:
    found = read(mail(answer["page"], content_type="text/html; charset=utf-8"))
    assert (found.said, found.quoted[: len(answer["quoted"])]) == (answer["said"], answer["quoted"])


def test_an_html_answer_is_folded_by_its_quotation() -> None:
    page = (
        '<div dir="ltr">It is <b>still</b> broken.</div><br><div class="gmail_quote"><div>On Sat, Nov 28, 2026 '
        'Shop &lt;<a href="mailto:shop@example.com">shop@example.com</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote"><div>Hello<br>Ann</div></blockquote></div>'
    )
    found = read(mail(page, content_type="text/html"))
    assert found.said == "It is still broken."
    assert found.quoted == "On Sat, Nov 28, 2026 Shop <shop@example.com> wrote:\n\n> Hello\n> Ann"


@pytest.mark.sample_data
@pytest.mark.skipif("OMBUD_SAMPLE_DATA" not in os.environ, reason="OMBUD_SAMPLE_DATA names no folder")
def test_real_replies_say_hello() -> None:
    folder = Path(os.environ["OMBUD_SAMPLE_DATA"]) / "mail" / "replies"
    said = {path.name: read(path.read_bytes()).said for path in sorted((folder / "standard_replies").glob("*.eml"))}
    assert said == dict.fromkeys(said, "Hello")
    pages = {
        path.name: read(mail(path.read_bytes(), content_type="text/html; charset=utf-8")).said.split("\n")[0]
        for path in sorted((folder / "html_replies").glob("*.html"))
    }
    assert set(pages.values()) <= {"Hi. I am fine.", "Hi. I am fine. "}
