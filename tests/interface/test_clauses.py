"""Clauses as pages name them."""

from __future__ import annotations

import pytest
from django.utils import translation

from ombud.interface.templatetags.ombud import clauses
from shipped_packs import pack_of


@pytest.mark.parametrize(("language", "name"), [("en", "shared 13"), ("zh-hans", "通用13")])
def test_a_clause_of_the_shared_rules_has_a_name_its_words_and_no_link(language: str, name: str) -> None:
    pack = pack_of("student-complaints")
    with translation.override(language):
        shared, own = (str(clauses(ref, pack, "/desk/policies/x/1/")) for ref in ("base:13", "7.2"))
    assert f">{name}</button>" in shared
    assert "base:" not in shared
    assert pack.base_clauses["base:13"].text[language[:2]] in shared
    assert "data-href" not in shared, "the policy's page lists its own clauses only"
    assert 'data-href="/desk/policies/x/1/#clause-7.2"' in own
