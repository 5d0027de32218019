"""What a browser calls itself, in words that its owner knows it by."""

from __future__ import annotations

from django.utils.translation import gettext as _

#: The first that stands in what it says; most also say that they are like others.
BROWSERS = (
    ("MicroMessenger", "WeChat"), ("DingTalk", "DingTalk"), ("Lark", "Feishu"), ("Edg", "Edge"), ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("Chrom", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("HarmonyOS", "HarmonyOS"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def told(browser: str) -> str:
    """Return browser and system, as far as it says so."""
    found = [next((name for mark, name in marks if mark in browser), "") for marks in (BROWSERS, SYSTEMS)]
    return " \u00b7 ".join(filter(None, found)) or _("A browser that does not say which")
