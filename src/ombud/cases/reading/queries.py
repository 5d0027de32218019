"""What pages and API read: scoped, keyset-paged, with a fixed number of queries each."""

from ombud.cases.reading.case import (
    DutyLine,
    Shown,
    TimelineEntry,
    attachments,
    duties,
    explain,
    facts,
    is_seen_by_complainant,
    offers,
    other_offer,
    timeline,
)
from ombud.cases.reading.filters import Filters, filters_from
from ombud.cases.reading.ledgers import LedgerLine, LedgerSum
from ombud.cases.reading.ledgers import entries as ledger_entries
from ombud.cases.reading.ledgers import sums as ledger_sums
from ombud.cases.reading.linked_cases import Group, MatterLine, MemberLine, group_of, matters, matters_of
from ombud.cases.reading.my_duties import DutyCount, OwedDuty, my_duties, my_duty_count
from ombud.cases.reading.paging import PAGE, Page
from ombud.cases.reading.register import COUNTED, CaseLine, board, register, register_count
from ombud.cases.reading.search_texts import Excerpt, excerpts
from ombud.cases.reading.training import RollLine, TrainingLine
from ombud.cases.reading.training import records as training_records
from ombud.cases.reading.training import roll as training_roll
from ombud.cases.repeats import Repeat, Repeats, known_before, repeats_of

__all__ = [
    "COUNTED",
    "PAGE",
    "CaseLine",
    "DutyCount",
    "DutyLine",
    "Excerpt",
    "Filters",
    "Group",
    "LedgerLine",
    "LedgerSum",
    "MatterLine",
    "MemberLine",
    "OwedDuty",
    "Page",
    "Repeat",
    "Repeats",
    "RollLine",
    "Shown",
    "TimelineEntry",
    "TrainingLine",
    "attachments",
    "board",
    "duties",
    "excerpts",
    "explain",
    "facts",
    "filters_from",
    "group_of",
    "is_seen_by_complainant",
    "known_before",
    "ledger_entries",
    "ledger_sums",
    "matters",
    "matters_of",
    "my_duties",
    "my_duty_count",
    "offers",
    "other_offer",
    "register",
    "register_count",
    "repeats_of",
    "timeline",
    "training_records",
    "training_roll",
]
