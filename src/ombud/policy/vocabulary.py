"""The ids of packs that the program itself knows, in one place; each says who knows it.

Everything else that a pack declares is its own affair. No other module writes one of these ids as a string (a test
looks), so that what the program takes for granted can be read here.
"""

from __future__ import annotations

# -- who acts, owes or is told, beside the pack's roles; only the complainant may be declared as a role

COMPLAINANT = "complainant"  # who filed the case: what the portal does, `tells`, letters, recusal
STAFF = "staff"  # in `by`: every role of the organisation's own
CLOCK, SYSTEM = "clock", "system"  # in `by`: an act of a rung or of another case; an automatic act
BOSS, BEARER, HANDLER = (
    "boss",
    "bearer",
    "handler",
)  # in `tells` and ladders; HANDLER elsewhere too
NOBODY = "nobody"  # as a bearer: a time in which nobody owes anything
ACTOR = "actor"  # in `sets` and as bearer: whoever performed an act
MACHINES = frozenset({CLOCK, SYSTEM})  # no person can be these

# -- facts that every case has

DEPARTMENT, OFFICE = "department", "office"  # written only by `sets`, as HANDLER is: access, limits, lists, ladders
CHANNEL, LANGUAGE = "channel", "language"  # known where a complaint comes in: portal, desk, API, import
OWN_FACTS = frozenset({CHANNEL, LANGUAGE, DEPARTMENT, OFFICE, HANDLER})  # fields that no pack has to declare
TRIGGER = "trigger"  # as an anchor: the latest event of the duty's `after`

# -- fields with a meaning of their own, where a pack has them; the base declares most of them

REASON = "reason"  # why an act or a verdict: said anew each time, and never what an approval is about
MESSAGE = "message"  # what an act tells the complainant: of one that a message performs it is its text
MESSAGE_LANGUAGE = "message_language"  # of one message: noted where the complainant may not read it
MEMBERS = "members"  # how many cases a group has: counted by the clock
LEAD_CASE = "lead_case"  # names a group's lead: refusals point at it
SUBJECT, NARRATIVE = "subject", "narrative"  # what a case is called in lists
NAME, REPRESENTATIVE, COMPLAINANTS = "name", "representative", "complainants"  # names of people: masked as such
PHONE, EMAIL, ACCOUNT, ADDRESS = "phone", "email", "account", "address"  # masking, search, browsers, letters by mail
STAFF_INVOLVED = "staff_involved"
COUNTRY = "country"  # which office looks after a complaint; the currency offered first
DEMAND = "demand"  # what a work order asks for
OCCURRED_ON = "occurred_on"  # the demo's complaints happened some days before
DEMANDED_BY = "demanded_by"  # no day that has passed, when a complainant files
RATING = "rating"  # asked for once, where an act of the complainant needs it: the portal
LATE_REASON = "late_reason"  # said of an event that is entered late: why. No pack declares it, no case has it as a fact
BEHALF = "on_behalf_of"  # said of an event that a deputy performed: for whom. Like the reason it is no fact
BESIDE_FACTS = frozenset({LATE_REASON, BEHALF})  # what an event says that never becomes a fact
REMARK, MISSING, EVIDENCE = "remark", "missing", "evidence"  # what a form asks anew although the case has it
NAMING = (
    NAME,
    REPRESENTATIVE,
    STAFF_INVOLVED,
    ADDRESS,
    ACCOUNT,
    PHONE,
    EMAIL,
)  # say who is concerned: cut from free text

# -- acts

RECEIVE = "receive"  # begins a complaint: portal, desk, API, import, demo
REGISTER, CORRECT, REGRADE = "register", "correct", "regrade"  # the desk shows their fields as they stand
TAKE = "take"  # offered beside duties that nobody has taken
NOTE, ROUTE = "note", "route"
ACKNOWLEDGE = "acknowledge"  # how far a test complaint goes
HELD = frozenset({TAKE, NOTE, ROUTE})  # the desk lets them wait for some seconds, in which they can be called back
ATTACH = "attach"  # the desk's field for files
WITHDRAW, RECORD_WITHDRAWAL = "withdraw", "record_withdrawal"
WITHDRAWALS = frozenset({WITHDRAW, RECORD_WITHDRAWAL})  # the checks let no case depend on the complainant giving up
ANSWER = "answer"  # the field of the same name is what a member of a group was told
APPEAL = "appeal"  # a right that lapses, where other duties of the complainant are waited for: the portal
# Performed by the clock where a message to the complainant reached nobody, with the field that says what it was.
REPORT_UNDELIVERED, UNDELIVERED = "report_undelivered", "undelivered"
TELL_OTHERWISE = "tell_otherwise"  # offered beside a message that reached nobody
COUNT_GROUP = "count_group"  # performed by the clock on a lead case whenever its group grows or shrinks

# -- kinds of matters and of what is kept

RECTIFICATION = "rectification"  # the matters that the desk's page shows first
CASE = "case"  # what `retention` keeps; beside it EVIDENCE
KEPT = (CASE, EVIDENCE)
