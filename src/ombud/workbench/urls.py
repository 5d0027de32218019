"""The workbench's addresses, below /desk/."""

from __future__ import annotations

from django.urls import path

from ombud.workbench import (
    acts,
    board,
    calendars,
    case,
    duties,
    notices,
    papers,
    people,
    periodic,
    policy,
    proof,
    record,
    register,
)

urlpatterns = [
    path("", duties.duties, name="desk_duties"),
    path("cases/", register.register, name="desk_register"),
    path("board/", board.board, name="desk_board"),
    path("record/", record.record, name="desk_record"),
    path("cases/<str:reference>/", case.case, name="desk_case"),
    path("cases/<str:reference>/acts/<str:act>/", acts.act, name="desk_act"),
    path("cases/<str:reference>/unmask/", case.unmask, name="desk_unmask"),
    path("cases/<str:reference>/duties/<str:duty>/<int:instance>/", case.why, name="desk_why"),
    path("cases/<str:reference>/files/<str:file>/", papers.file, name="desk_file"),
    path("policies/", policy.policies, name="desk_policies"),
    path("policies/<str:policy>/<str:version>/", policy.policy, name="desk_policy"),
    path("calendar/", calendars.calendars, name="desk_calendar"),
    path("periodic/", periodic.periodic, name="desk_periodic"),
    path("notices/", notices.notices, name="desk_notices"),
    path("people/", people.people, name="desk_people"),
    path("proof/", proof.proof, name="desk_proof"),
]
