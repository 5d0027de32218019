"""Uploads in parts (tus 1.0.0), as the scripts of the pages send them."""

from __future__ import annotations

import base64
from typing import Any

from django.test import Client

TUS = {"Tus-Resumable": "1.0.0"}
PART = "application/offset+octet-stream"
DESK, PORTAL = "/desk/files/", "/files/parts/"


def begin(client: Client, length: int, name: str, at: str) -> Any:
    """Return the answer to the beginning of an upload."""
    said = base64.b64encode(name.encode()).decode()
    return client.post(at, headers={**TUS, "Upload-Length": str(length), "Upload-Metadata": f"filename {said}"})


def patch(client: Client, url: str, content: bytes, offset: int, **headers: str) -> Any:
    """Return the answer to a part."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.patch(url, content, content_type=PART, headers={**TUS, "Upload-Offset": str(offset), **more})


def uploaded(client: Client, content: bytes, name: str, at: str = DESK) -> Any:
    """Return the answer to the one part of a whole file; where it was taken in, the token is among its headers."""
    begun = begin(client, len(content), name, at)
    return patch(client, begun["Location"], content, 0) if begun.status_code == 201 else begun
