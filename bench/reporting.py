"""A report of forty pages, set as every report is."""

from __future__ import annotations

import io
import time
from itertools import cycle, islice
from typing import Any

PARTS, ROWS = 32, 30  # tables, and rows of each: forty pages or a few more


def forty_pages() -> dict[str, Any]:
    """Return how many pages there are and how many seconds they took: the program that sets papers runs already."""
    import pypdfium2
    from django.utils import timezone

    from bench.stories import POLICY
    from ombud.organisation.sender import sender
    from ombud.papers.report import Bar, Cell, Part, ReportPaper, Table, report_pdf
    from ombud.policy import load

    pack = load(POLICY)
    texts = [clause.text["zh"] for clause in pack.clauses.values()]
    rows = [
        [
            Cell(text=text[:20]),
            Cell(text=f"{place * 7:,}", number=place * 7),
            Cell(text=f"{place} %", note=texts[0][:1]),
        ]
        for place, text in enumerate(islice(cycle(texts), ROWS))
    ]
    table = Table(headings=[text[:4] for text in texts[:3]], rows=rows)
    bars = [Bar(label=f"2026-{month:02}", text=str(month * 9), share=month / 12) for month in range(1, 13)]
    parts = [
        Part(title=text[:12], note=text[:30], table=table, bars=bars, bars_title=text[:8], words=text)
        for text in islice(cycle(texts), PARTS)
    ]
    paper = ReportPaper(
        language="zh-hans", reference="2026-000001", policy=pack.title["zh"], title=texts[0][:10],
        period="2026-11", about=[(texts[0][:4], "2026-11")], parts=parts, counted=[(text[:6], text) for text in texts],
        counted_title=texts[1][:6], nothing="", unwritten="", hash="", sender=sender(), at=timezone.now(),
    )  # fmt: skip
    report_pdf(paper)
    began = time.perf_counter()
    made = report_pdf(paper)
    return {"seconds": time.perf_counter() - began, "pages": len(pypdfium2.PdfDocument(io.BytesIO(made)))}
