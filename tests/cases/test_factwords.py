"""Facts in the reader's words."""

import pytest
from django.utils import translation

from builders import shipped_pack
from ombud.cases.factwords import fact_words


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh-hans", "要求补充的要素逾期15个自然日未提供。"),
        ("en", "The facts asked for were not supplied within 15 natural days."),
    ],
)
def test_words_that_the_policy_set_are_said_in_the_readers_language(language: str, said: str) -> None:
    pack = shipped_pack()
    (setting,) = pack.main.acts["end_unanswered"].sets
    with translation.override(language):
        assert fact_words(pack.fields["reason"], setting.value) == said
