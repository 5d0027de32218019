"""The register's rows, and those beside them that keep and prove them."""

from ombud.cases.models.files import Attachment, Content, PartialUpload
from ombud.cases.models.keeping import (
    ClockRepair,
    DailyHead,
    DailyRecord,
    DailyRoot,
    ErasureRequest,
    IdempotencyKey,
    LegalHold,
    ListedCase,
    Removal,
    RemovalList,
)
from ombud.cases.models.proving import BackupMade, RootStamp, Verification
from ombud.cases.models.register import (
    WAS_LATE,
    AppendOnly,
    Case,
    Duty,
    Event,
    Grade,
    Outbox,
    Participation,
    WakeUp,
)
from ombud.cases.models.relations import Agreement, CaseLink, Confidant, LedgerEntry, Recusal

__all__ = [
    "WAS_LATE",
    "Agreement",
    "AppendOnly",
    "Attachment",
    "BackupMade",
    "Case",
    "CaseLink",
    "ClockRepair",
    "Confidant",
    "Content",
    "DailyHead",
    "DailyRecord",
    "DailyRoot",
    "Duty",
    "ErasureRequest",
    "Event",
    "Grade",
    "IdempotencyKey",
    "LedgerEntry",
    "LegalHold",
    "ListedCase",
    "Outbox",
    "PartialUpload",
    "Participation",
    "Recusal",
    "Removal",
    "RemovalList",
    "RootStamp",
    "Verification",
    "WakeUp",
]
