"""Every address that the installation answers."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from ombud.channels.telephone import hook
from ombud.project import health, passwords, token_page
from ombud.project.sign_in import SignIn

handler404 = "ombud.project.missing.missing"
handler500 = "ombud.project.outage.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("language/", set_language, name="set_language"),
    path("desk/sign-in/", SignIn.as_view(), name="sign_in"),
    path("desk/sign-out/", LogoutView.as_view(), name="sign_out"),
    path("desk/password/", passwords.Change.as_view(), name="password_change"),
    path("desk/password/forgotten/", passwords.forgotten, name="password_forgotten"),
    path("desk/password/<uidb64>/<token>/", passwords.Choose.as_view(), name="password_choose"),
    path("desk/tokens/", token_page.tokens, name="desk_tokens"),
    path("desk/tokens/<int:pk>/revoke/", token_page.revoke, name="desk_token_revoke"),
    path("desk/", include("ombud.workbench.urls")),
    path("calls/<slug:key>/", hook.event, name="call"),
    path("calls/<slug:key>/<str:call>/recording/", hook.recording, name="recording"),
    path("api/v1/", include("ombud.api.urls")),
    path("hooks/", include("ombud.channels.urls")),
    path("", include("ombud.portal.urls")),
]
