"""A workbook (XLSX) as spreadsheets write it, as small as one can be."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_TO = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = f"""<styleSheet {_MAIN}><cellXfs count="3"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/>
<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>"""
_ORIGIN = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock's


def write_book(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """Write the sheets, dates as numbers of days in a date format, and return the path."""
    names = list(sheets)
    listed = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(names, 1))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_TO}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n, _ in enumerate(names, 1)
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_WORKBOOK}.worksheet+xml"/>'
        for n, _ in enumerate(names, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_WORKBOOK}.sheet.main+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_TO}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_TO}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}<Relationship Id="s" '
        f'Type="{_TO}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
    for number, name in enumerate(names, 1):
        rows = "".join(f'<row r="{line}">{_cells(row, line)}</row>' for line, row in enumerate(sheets[name], 1))
        parts[f"xl/worksheets/sheet{number}.xml"] = f"<worksheet {_MAIN}><sheetData>{rows}</sheetData></worksheet>"
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + content)
    return path


def _cells(row: Sequence[Any], line: int) -> str:
    return "".join(_cell(value, f"{chr(65 + place)}{line}") for place, value in enumerate(row) if value != "")


def _cell(value: Any, place: str) -> str:
    if isinstance(value, datetime):
        return f'<c r="{place}" s="2"><v>{(value - _ORIGIN).total_seconds() / 86400}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{(value - _ORIGIN.date()).days}</v></c>'
    if isinstance(value, float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


_OPEN = "urn:oasis:names:tc:opendocument:xmlns"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"


def write_open_document(path: Path, tables: str, *, styles: str = "") -> Path:
    """Write an OpenDocument spreadsheet of these `table:table` elements and return the path."""
    spaces = " ".join(f'xmlns:{name}="{_OPEN}:{name}:1.0"' for name in ("office", "table", "text", "style"))
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.3">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    listed = (
        f'<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="{_OPEN}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("mimetype", _ODS, zipfile.ZIP_STORED)  # first, and as it is: how the format is known
        book.writestr("META-INF/manifest.xml", listed)
        book.writestr("content.xml", content)
    return path


def open_cell(value: str = "", *, down: int = 1, across: int = 1, times: int = 1, is_covered: bool = False) -> str:
    """Return a cell of such a table, merged over so many rows and columns, standing so many times in a row."""
    name = "table:covered-table-cell" if is_covered else "table:table-cell"
    marks = f' table:number-rows-spanned="{down}" table:number-columns-spanned="{across}"' if down * across > 1 else ""
    marks += f' table:number-columns-repeated="{times}"' if times > 1 else ""
    kind = ' office:value-type="string"' if value else ""
    return f"<{name}{marks}{kind}>{f'<text:p>{escape(value)}</text:p>' if value else ''}</{name}>"


def open_row(*cells: str, times: int = 1) -> str:
    """Return a row of such a table, standing so many times."""
    marks = f' table:number-rows-repeated="{times}"' if times > 1 else ""
    return f"<table:table-row{marks}>{''.join(cells)}</table:table-row>"
