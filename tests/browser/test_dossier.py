"""A dossier is checked in a browser, from a file, without network."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from builders import after, do, make_case, make_history
from cast import Cast
from ombud.cases import attachments
from ombud.cases.keeping import daily_roots
from ombud.papers import dossier
from ombud.project.dossier_command import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def packed(cast: Cast, media: Path, tmp_path: Path) -> Path:
    """A dossier of a case with evidence under a daily root."""
    make_case()
    case = make_history(cast, "register")
    row = attachments.store(io.BytesIO(b"what happened\n"), name="a.txt", uploaded_by=cast.lin.key, now=after(380))
    do(case, "attach", cast, "lin", minutes=390, data={"evidence": [str(row.id)]})
    daily_roots.make_root(now=after(400))
    out = tmp_path / "case.zip"
    assert run([case.reference, str(out), "--language", "en"]) == 0
    (tmp_path / "roots.jsonl").write_text("\n".join(daily_roots.export()))
    with zipfile.ZipFile(out) as opened:
        (tmp_path / "verify.html").write_bytes(opened.read("verify.html"))
    return out


def forged(packed: Path, part: str, change: bytes | None) -> Path:
    """Write the dossier anew with one part changed, or without it."""
    out = packed.with_name("forged.zip")
    with zipfile.ZipFile(packed) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if not name.startswith(part):
                new.writestr(name, old.read(name))
            elif change is not None:
                new.writestr(name, change)
    return out


def check(page: Page, file: Path) -> list[str]:
    page.locator("#dossier").set_input_files([])
    expect(page.locator("#verdict")).to_be_empty()
    page.locator("#dossier").set_input_files(file)
    expect(page.locator("#verdict")).to_have_class("good" if file.name == "case.zip" else "bad")
    return page.locator("#problems li").all_inner_texts()


def test_the_page_finds_what_the_program_finds(chromium: Browser, packed: Path) -> None:
    context = chromium.new_context(offline=True)
    try:
        page = context.new_page()
        page.goto((packed.with_name("verify.html")).as_uri())
        assert check(page, packed) == []
        expect(page.locator("#notes li")).to_have_count(2)  # neither a copy of the roots nor the key was given
        page.locator("#roots").set_input_files(packed.with_name("roots.jsonl"))
        page.locator("#key").fill(dossier.key_in_hex())
        page.locator("#key").blur()
        expect(page.locator("#notes li")).to_have_count(0)
        expect(page.locator("#verdict")).to_contain_text("all match")
        name = "evidence/001-a.txt"
        assert any(name in said for said in check(page, forged(packed, name, b"nothing happened\n")))
        assert any("is missing" in said for said in check(page, forged(packed, "proof/policies/", None)))
        assert check(page, forged(packed, "manifest.sig", None)) == ["The list is not signed"]
        with zipfile.ZipFile(packed) as old:
            manifest = json.loads(old.read("manifest.json"))
        other = json.dumps({**manifest, "made_for": "somebody"}).encode()
        said = check(page, forged(packed, "manifest.json", other))
        assert said == ["The list is not the one that was signed: it was changed"]
        torn = packed.with_name("torn.zip")
        torn.write_bytes(packed.read_bytes()[:2000])
        check(page, torn)
        expect(page.locator("#verdict")).to_contain_text("This is no dossier")
        page.locator("#key").fill("00" * 32)
        page.locator("#dossier").set_input_files(packed)
        expect(page.locator("#problems li")).to_contain_text("It is signed with the key")
    finally:
        context.close()
