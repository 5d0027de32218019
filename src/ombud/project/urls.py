"""Every address that the installation answers."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from ombud.channels.telephone import hook
from ombud.project import health, passwords, token_page, well_known
from ombud.project.entrance import confirming, elsewhere, my_sign_in, passkey_pages, rules_page, second_step
from ombud.project.founding import founder, page, people_page, policy_page, trial_page
from ombud.project.sign_in import SignIn
from ombud.project.watching.metrics import metrics

handler404 = "ombud.project.missing.missing"
handler500 = "ombud.project.outage.failed"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include("ombud.api.urls")),  # first, since machines call it all day
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("robots.txt", well_known.robots, name="robots_txt"),
    path("favicon.ico", well_known.favicon, name="favicon"),
    path(".well-known/security.txt", well_known.security, name="security_txt"),
    path("language/", set_language, name="set_language"),
    path("desk/sign-in/", SignIn.as_view(), name="sign_in"),
    path("desk/sign-in/second/", second_step.second, name="sign_in_second"),
    path("desk/sign-in/set-up/", second_step.set_up, name="sign_in_set_up"),
    path("desk/sign-in/passkey/", passkey_pages.enter, name="sign_in_passkey"),
    path("desk/sign-in/with/<slug:key>/", elsewhere.leave, name="sign_in_elsewhere"),
    path("desk/sign-in/with/<slug:key>/back/", elsewhere.back, name="sign_in_back"),
    path("desk/sign-in/with/<slug:key>/assertion/", elsewhere.taken_in, name="sign_in_taken_in"),
    path("desk/sign-in/with/<slug:key>/metadata/", elsewhere.about_us, name="sign_in_metadata"),
    path("desk/sign-in/again/passkey/", passkey_pages.prove, name="sign_in_again_passkey"),
    path("desk/sign-in/again/", confirming.again, name="sign_in_again"),
    path("desk/sign-out/", LogoutView.as_view(), name="sign_out"),
    path("desk/password/", passwords.Change.as_view(), name="password_change"),
    path("desk/password/forgotten/", passwords.forgotten, name="password_forgotten"),
    path("desk/password/<uidb64>/<token>/", passwords.Choose.as_view(), name="password_choose"),
    path("desk/sessions/", my_sign_in.my_sign_in, name="desk_sessions"),
    path("desk/sessions/end/", my_sign_in.end, name="desk_sessions_end"),
    path("desk/sessions/codes/", my_sign_in.codes, name="desk_second_factor"),
    path("desk/sessions/passkeys/", passkey_pages.add, name="desk_passkey_add"),
    path("desk/sessions/recovery-codes/", my_sign_in.recovery, name="desk_recovery_codes"),
    path("desk/sessions/take-away/", my_sign_in.take_away, name="desk_factor_take_away"),
    path("desk/sign-in-rules/", rules_page.sign_in_rules, name="desk_sign_in_rules"),
    path("desk/sign-in-rules/providers/", rules_page.provider, name="desk_provider_new"),
    path("desk/sign-in-rules/providers/<int:pk>/", rules_page.provider, name="desk_provider"),
    path("desk/sign-in-rules/providers/<int:pk>/people/", rules_page.connect, name="desk_provider_connect"),
    path("desk/found/<str:token>/", founder.found, name="found"),
    path("desk/set-up/", page.founding, name="desk_founding"),
    path("desk/set-up/policy/", policy_page.policy, name="desk_founding_policy"),
    path("desk/set-up/people/", people_page.people, name="desk_founding_people"),
    path("desk/set-up/test/", trial_page.trial, name="desk_founding_trial"),
    path("desk/tokens/", token_page.tokens, name="desk_tokens"),
    path("desk/tokens/<int:pk>/revoke/", token_page.revoke, name="desk_token_revoke"),
    path("desk/", include("ombud.workbench.urls")),
    path("calls/<slug:key>/", hook.event, name="call"),
    path("calls/<slug:key>/<str:call>/recording/", hook.recording, name="recording"),
    path("scim/v2/", include("ombud.directory.scim.urls")),
    path("hooks/", include("ombud.channels.urls")),
    path("", include("ombud.portal.urls")),
]
