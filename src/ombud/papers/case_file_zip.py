"""A case file as ZIP: its PDF, letters, evidence and messages as they came and went, proofs, and a signed list."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from typing import IO

from django.utils.translation import get_language

from ombud.cases.access.case_access import Accessed
from ombud.papers import dossier
from ombud.papers.box import Box, Progress, put_all


def write_zip(out: IO[bytes], accessed: Accessed, pdf: bytes, *, now: datetime, progress: Progress) -> None:
    """Write the ZIP. What cannot be taken along is named in the list, with the reason."""
    with zipfile.ZipFile(out, "w", allowZip64=True) as packed:
        box = Box(packed, now)
        listed = [box.put(f"{accessed.case.reference}.pdf", pdf, what="case file")]
        listed += put_all(box, accessed, now=now, progress=progress)
        listed += dossier.put_proofs(box, accessed)
        last = accessed.rows[-1]
        manifest = {
            "reference": accessed.case.reference,
            "made_at": now.isoformat(),
            "made_for": str(accessed.reader or ""),
            "language": get_language(),
            "last_event": {"seq": last.seq, "hash": last.hash},
            "files": listed,
        }
        content = json.dumps(manifest, ensure_ascii=False, indent=2).encode()
        box.put("manifest.json", content, what="list")
        box.put("manifest.sig", dossier.signature(content), what="signature")
