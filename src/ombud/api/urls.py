"""The API's addresses, and the errors that its endpoints answer with."""

from __future__ import annotations

from django.urls import path

from ombud.api import cases, complaints, files, mentions
from ombud.api.answers import ANSWERS
from ombud.api.openapi import make_api

api = make_api()
for raised, answer in ANSWERS:
    api.add_exception_handler(raised, answer)
for each in (complaints, cases, files, mentions):
    api.add_router("", each.router)

urlpatterns = [path("", api.urls)]
