"""The ids of packs that the program itself knows, in one place; each says who knows it.

Everything else that a pack declares is its own affair: no other module may name an act, field or role (a test looks).
"""

from __future__ import annotations

# Who acts, owes or is told, beside the pack's roles. None of these but the complainant may be declared as a role.
COMPLAINANT = "complainant"  # a role like others in `by`; who filed the case, in `tells`, letters and the portal
STAFF = "staff"  # in `by`: every role of the organisation's own
CLOCK, SYSTEM = "clock", "system"  # in `by`: an act of a rung or of another case; an automatic act
BOSS, BEARER, HANDLER = "boss", "bearer", "handler"  # in `tells` and ladders; the handler also in `by` and as bearer
ACTOR = "actor"  # in `sets` and as bearer: whoever performed an act
MACHINES = frozenset({CLOCK, SYSTEM})  # nobody: no person can hold these

# Facts that the engine keeps about every case, written only by `sets`. The handler's is HANDLER.
DEPARTMENT, OFFICE = "department", "office"

# Fields that are always there: how the complaint came in, and the language in which it is answered.
CHANNEL, LANGUAGE = "channel", "language"
MESSAGE_LANGUAGE = "message_language"  # of one message to the complainant, where the act takes it
REASON = "reason"  # why an act or a verdict: said anew each time, and never what an approval is about

TRIGGER = "trigger"  # as an anchor: the latest event of the duty's `after`
