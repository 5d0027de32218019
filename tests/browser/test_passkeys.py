"""A passkey in a real browser, with Chromium's own stand-in for a device: added, and then all that is needed."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from browser.windows import Windows
from cast import Cast
from ombud.signin.models import Passkey

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_added_and_signs_in_alone(windows: Windows, cast: Cast) -> None:
    windows.address = f"http://localhost:{urlsplit(windows.address).port}"  # browsers keep them for names alone
    page = windows.open(cast.lin, language="en-GB")
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    page.goto("/desk/sessions/")
    page.get_by_label("What you call it").fill("my laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("my laptop").first).to_be_visible()
    page.context.clear_cookies()
    page.goto("/desk/sign-in/?next=/desk/sessions/")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="My sign-in")).to_be_visible()
    assert Passkey.objects.get().used_at is not None
