"""What pages and API read: scoped, keyset-paged, with a fixed number of queries each."""

from ombud.cases.casepage import (
    DutyLine,
    Shown,
    TimelineEntry,
    attachments,
    duties,
    explain,
    facts,
    offers,
    other_offer,
    timeline,
)
from ombud.cases.lists import CaseLine, board, by_contact, register
from ombud.cases.narrowing import Filters, filters_from
from ombud.cases.owed import OwedDuty, my_duties, my_duty_count
from ombud.cases.paging import PAGE, Page

__all__ = [
    "PAGE",
    "CaseLine",
    "DutyLine",
    "Filters",
    "OwedDuty",
    "Page",
    "Shown",
    "TimelineEntry",
    "attachments",
    "board",
    "by_contact",
    "duties",
    "explain",
    "facts",
    "filters_from",
    "my_duties",
    "my_duty_count",
    "offers",
    "other_offer",
    "register",
    "timeline",
]
