"""Letters to be signed: DOCX with their words and lines to sign, where the policy wants a signed copy back."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from docx import Document

from builders import START, publish_policy
from ombud.cases.access.case_access import access_case, grant_of
from ombud.cases.errors import NoSuchCase
from ombud.cases.models import Case
from ombud.channels.intake import receive
from ombud.notices.models import Letter
from ombud.papers import letter_papers
from ombud.papers.signing import signing_docx
from ombud.portal.pages import COOKIE
from ombud.privacy.keys import key_of
from ombud.privacy.sealing import Vault
from papers.pdfs import LETTER
from shipped_packs import pack_of

NOW = START + timedelta(minutes=5)


def lines(content: bytes) -> list[str]:
    return [each.text for each in Document(io.BytesIO(content)).paragraphs]


def test_it_says_what_the_letter_says_and_where_to_sign() -> None:
    said = lines(signing_docx(LETTER))
    for part in ("Receipt", "Dear Mr Li,", "Result: refund", "I have received this and confirm it."):
        assert part in said
    assert [each.split(":")[0].strip() for each in said[-3:]] == ["Name in block letters", "Place, date", "Signature"]


def test_words_that_look_like_a_command_or_that_xml_cannot_hold_stay_words() -> None:
    hostile = "{{ 7 * 7 }} <w:p/> & =cmd|' /C calc'!A0 \x00\x1b\uffff{% include '/etc/passwd' %}"
    said = lines(signing_docx(replace(LETTER, title=hostile, body=f"{hostile}\n\n- {hostile}")))
    assert said.count("{{ 7 * 7 }} <w:p/> & =cmd|' /C calc'!A0 {% include '/etc/passwd' %}") == 3


def test_an_arabic_one_runs_from_right_to_left() -> None:
    paper = Document(io.BytesIO(signing_docx(replace(LETTER, language="ar", body="رقم الشكوى"))))
    written = [each for each in paper.paragraphs if each.text]
    assert all(each._p.pPr is not None and each._p.pPr.xpath("w:bidi") for each in written)
    assert all(run.font.rtl for each in written for run in each.runs)


@pytest.fixture
def result(db: None) -> Letter:
    """The result of a case abroad, which the customer is to sign, beside its receipt."""
    publish_policy("overseas-customers")
    data = {"subject": "Late campaign", "country": "DE", "name": "Acme", "email": "acme@example.com"}
    case = receive("overseas-customers", channel="web", language="de", data=data, at=NOW, now=NOW).case
    return [letter(case, name) for name in ("receipt", "result")][1]


def letter(case: Case, document: str) -> Letter:
    vault = Vault(key_of(case.complainant), case.reference)
    sealed = {part: vault.seal(1, f"letter:{document}:{part}", f"the {part}") for part in ("subject", "body")}
    return Letter.objects.create(
        case=case,
        document=document,
        language="de",
        seq=1,
        sealed=sealed,
        written_at=NOW,
        dedupe=f"{case.pk}/{document}",
    )


def test_only_a_letter_that_the_policy_wants_signed_is_one(result: Letter) -> None:
    accessed = access_case(grant_of(result.case), result.case.reference)
    paper = letter_papers.to_sign(accessed, result.pk)
    assert paper.name.endswith(".docx")
    assert "the body" in lines(paper.content)
    receipt = Letter.objects.get(case=result.case, document="receipt")
    with pytest.raises(NoSuchCase):
        letter_papers.to_sign(accessed, receipt.pk)


def test_the_complainant_finds_it_beside_the_letter(result: Letter) -> None:
    reference, client = result.case.reference, Client(headers={"accept-language": "en"})
    there = f"/track/{reference}/letters/{result.pk}.docx"
    assert client.get(there).status_code == 404
    client.cookies[COOKIE + reference] = grant_of(result.case).token
    page = client.get(f"/track/{reference}/").content.decode()
    assert there in page
    assert "Send the signed copy" not in page  # the policy takes it later
    answer = client.get(there)
    assert answer["Content-Disposition"].startswith("attachment;")
    assert b"".join(answer.streaming_content).startswith(b"PK")


def test_every_shipped_paper_to_be_signed_comes_back_by_an_act_that_takes_files() -> None:
    pack = pack_of("overseas-customers")
    assert {key: each.signed for key, each in pack.documents.items() if each.signed} == {"result": "confirm"}
