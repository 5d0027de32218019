"""Why a file is not taken in, said to people."""

import pytest
from django.utils import translation

from ombud.cases.errors import AttachmentRefused
from ombud.interface.upload_text import upload_text

TOO_BIG = AttachmentRefused("too-big", limit=20)


@pytest.mark.parametrize(
    ("language", "name", "said"),
    [
        ("en", "a.mp4", "“a.mp4” is larger than 20 MB. Send a shorter or smaller one."),
        ("en", "", "The file is larger than 20 MB. Send a shorter or smaller one."),
        ("zh-hans", "a.mp4", "“a.mp4”超过 20 MB，请发送更短或更小的文件。"),
        ("zh-hans", "", "该文件超过 20 MB，请发送更短或更小的文件。"),
    ],
)
def test_a_refused_file_is_named_where_its_name_is_known(language: str, name: str, said: str) -> None:
    with translation.override(language):
        assert upload_text(TOO_BIG, name) == said


@pytest.mark.parametrize("code", ["empty", "type", "unknown"])
def test_every_refusal_says_what_to_do(code: str) -> None:
    with translation.override("en"):
        assert upload_text(AttachmentRefused(code)).startswith("The file ")
        assert upload_text(AttachmentRefused(code)).count(". ") == 1
