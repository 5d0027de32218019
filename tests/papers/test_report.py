"""Reports on paper: the same in PDF, DOCX and XLSX, numbers as numbers, and nothing in a text is a command."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import docx
from django.utils import translation
from docx.enum.text import WD_ALIGN_PARAGRAPH
from python_calamine import CalamineWorkbook

from ombud.organisation.sender import Sender
from ombud.papers.report import NONE, Bar, Cell, Part, ReportPaper, Table, report_pdf, widths
from ombud.papers.report_docx import report_docx
from ombud.papers.report_xlsx import report_xlsx
from papers.pdfs import words_by_page, words_of

TABLE = Table(
    headings=["严重程度", "收到"],
    rows=[
        [Cell(text="=1+1"), Cell(text="1,200", number=1200)],
        [Cell(text="重大"), Cell(text="3", number=3, note="today: 4")],
    ],
)
RATES = Table(headings=["项", "值"], rows=[[Cell(text="On time"), Cell(text="93 %", number=0.93, is_share=True)]])


def paper() -> ReportPaper:
    return ReportPaper(
        language="zh-hans",
        reference="KS-1234",
        policy="客户投诉管理制度 1.0.0",
        title="月度分析报告",
        period="2026年3月1日 \u2013 2026年3月31日",
        about=[("数据截至", "2026-03-31 09:00")],
        parts=[
            Part(title="按严重程度", table=TABLE, bars=[Bar(label="重大", text="3", share=1.0)], bars_title="收到"),
            Part(title="按严重程度", table=RATES),
            Part(title="原因", field="analysis", words="水壶漏水。#pagebreak()\n\n- 换密封圈"),
            Part(title="无"),
        ],
        counted=[("收到", "本期收到的投诉。")],
        counted_title="统计口径",
        nothing="没有。",
        unwritten="未填写。",
        hash="SHA-256 " + "ab" * 32,
        sender=Sender(names={"zh": "水壶公司"}, addresses={}),
        at=datetime(2026, 3, 31, 1, tzinfo=UTC),
    )


def test_the_pdf_says_it_all_and_is_the_same_each_time() -> None:
    pdf = report_pdf(paper())
    words = words_of(pdf)
    for each in ("月度分析报告", "按严重程度", "1,200", "today:4", "水壶漏水。#pagebreak()", "统计口径", "没有。"):
        assert each in words
    assert words.index("abab") < words.index("本期收到的投诉")  # at the very end it may get a page of its own
    assert report_pdf(paper()) == pdf


def test_the_docx_has_tables_and_words() -> None:
    read = docx.Document(io.BytesIO(report_docx(paper())))
    assert [cell.text for cell in read.tables[0].rows[2].cells] == ["重大", "3 (today: 4)"]
    assert [each.text for each in read.paragraphs if each.style and each.style.name == "List Bullet"] == ["换密封圈"]
    assert read.core_properties.title == "月度分析报告"
    with translation.override("zh-hans"):
        chinese = docx.Document(io.BytesIO(report_docx(paper())))
    assert "数据截至：2026-03-31 09:00" in [each.text for each in chinese.paragraphs]


def test_a_list_of_nothing_says_so_on_every_paper() -> None:
    empty = Table(headings=["投诉", "收到"], rows=[])
    asked = replace(paper(), parts=[Part(title="逾期案件", table=empty)])
    assert "没有。" in words_of(report_pdf(asked))
    assert "没有。" in [each.text for each in docx.Document(io.BytesIO(report_docx(asked))).paragraphs]
    assert CalamineWorkbook.from_filelike(io.BytesIO(report_xlsx(asked))).sheet_names


def test_what_nobody_wrote_is_not_said_to_be_nothing() -> None:
    asked = replace(paper(), parts=[Part(title="改进措施", field="improvements")])
    pdf = words_of(report_pdf(asked))
    assert "未填写。" in pdf
    assert "没有。" not in pdf
    assert "未填写。" in [each.text for each in docx.Document(io.BytesIO(report_docx(asked))).paragraphs]
    book = CalamineWorkbook.from_filelike(io.BytesIO(report_xlsx(asked)))
    assert book.get_sheet_by_name("改进措施").to_python() == [["未填写。"]]


def test_columns_share_a_line_where_all_fit_and_short_ones_give_way_where_not() -> None:
    headings = ["投诉", "收到时间", "阶段"]
    short = [Cell(text="KS-DKC0-MSWD-3"), Cell(text="2026 年 12 月 31 日 14:56"), Cell(text="核查与拟定方案")]
    assert widths(Table(headings=headings, rows=[short])) == [17, 28, 17]
    long = [short[0], short[1], Cell(text="核查与拟定方案" * 8)]
    assert widths(Table(headings=headings, rows=[long])) == [0, 28, 32]


def test_a_table_of_few_rows_stays_together_with_its_heading() -> None:
    def at(rows: int) -> list[str]:
        filled = Part(title="前面", field="analysis", words="\n\n".join(["水壶漏水。"] * 22))
        table = Table(headings=["级别"], rows=[[Cell(text=f"第{n}行")] for n in range(rows)])
        return words_by_page(
            report_pdf(replace(paper(), parts=[filled, Part(title="按级别", table=table)], counted=[]))
        )

    first, second, *_rest = at(6)
    assert "按级别" not in first
    assert "按级别" in second
    assert "第5行" in second
    first, *_rest = at(40)
    assert "第0行" in first  # a long one begins where there is room


def test_the_docx_gives_words_more_room_than_numbers_and_sets_these_at_their_end() -> None:
    words = "§ 3.2 " + "每月统计投诉，分析原因并改进。" * 3
    rows = [[Cell(text=words), Cell(text="3", number=3), Cell(text=NONE)]]
    asked = replace(
        paper(),
        parts=[Part(title="条款", table=Table(headings=["条款", "应办", "上期"], rows=rows))],
        counted=[],
    )
    written = docx.Document(io.BytesIO(report_docx(asked)))
    assert round(written.sections[0].page_width.mm) == 210
    [read] = written.tables
    clause, owed, before = read.rows[1].cells
    assert clause.width > 2 * owed.width
    assert [each.paragraphs[0].alignment for each in (clause, owed, before)] == [None, *[WD_ALIGN_PARAGRAPH.RIGHT] * 2]
    assert read.rows[0].cells[1].paragraphs[0].alignment == WD_ALIGN_PARAGRAPH.RIGHT


def test_the_xlsx_has_numbers_and_no_formulas() -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(report_xlsx(paper())))
    assert book.sheet_names == ["月度分析报告", "按严重程度", "按严重程度 2", "原因", "无", "统计口径"]
    assert book.get_sheet_by_name("按严重程度").to_python() == [["严重程度", "收到"], ["=1+1", 1200.0], ["重大", 3.0]]
    assert book.get_sheet_by_name("按严重程度 2").to_python()[1] == ["On time", 0.93]
