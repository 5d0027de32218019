"""Every address that the installation answers."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from ombud.project import health
from ombud.project.sign_in import SignIn

handler500 = "ombud.project.outage.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/", set_language, name="set_language"),
    path("desk/sign-in/", SignIn.as_view(), name="sign_in"),
    path("desk/sign-out/", LogoutView.as_view(), name="sign_out"),
    path("desk/", include("ombud.workbench.urls")),
    path("api/v1/", include("ombud.api.urls")),
    path("", include("ombud.portal.urls")),
]
