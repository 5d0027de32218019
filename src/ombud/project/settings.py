"""Django's settings, from environment variables only; docs/reference/settings.md explains each."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from ombud.project.env import (
    SettingError,
    envaddress,
    envbool,
    envclamd,
    envdatabase,
    envint,
    envkeys,
    envlist,
    envmail,
    envnames,
    envs3,
    envsecret,
    envstr,
)
from ombud.project.languages import DESK, languages

PACKAGE = Path(__file__).resolve().parent.parent
CHECKOUT = PACKAGE.parent.parent  # the repository, where there is one

# Where the installation keeps what it writes.
OMBUD_VAR = Path(envstr("OMBUD_VAR", "var")).resolve()
IS_EMBEDDED = not envstr("DATABASE_URL").startswith("postgres")

DEBUG = envbool("OMBUD_DEBUG")
OMBUD_DEMO = envbool("OMBUD_DEMO")
SECRET_KEY = envsecret("OMBUD_SECRET_KEY", generated=OMBUD_VAR / "secret.key" if IS_EMBEDDED else None, shortest=32)
# Wraps the key of every complainant. Not in backups: who has the backup alone reads no personal data.
OMBUD_MASTER_KEY = envkeys("OMBUD_MASTER_KEY", generated=OMBUD_VAR / "master.key" if IS_EMBEDDED else None)

# After so many hours without a backup the doctor warns; 0: others make them.
OMBUD_BACKUP_HOURS = envint("OMBUD_BACKUP_HOURS", 26)

OMBUD_BASE_URL = envstr("OMBUD_BASE_URL", f"http://127.0.0.1:{envint('PORT', 8000, minimum=1)}").rstrip("/")
_base = urlsplit(OMBUD_BASE_URL)
if _base.scheme not in {"http", "https"} or not _base.hostname:
    raise SettingError("OMBUD_BASE_URL", f"{OMBUD_BASE_URL!r} is no address such as https://complaints.example.com")
ALLOWED_HOSTS = [_base.hostname, "127.0.0.1", "localhost", "[::1]", *envlist("OMBUD_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [f"{_base.scheme}://{_base.netloc}"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "template_partials",
    "ombud.organisation",
    "ombud.privacy",
    "ombud.signin",
    "ombud.cases",
    "ombud.interface",
    "ombud.papers",
    "ombud.notices",
    "ombud.correspondence",
    "ombud.clock",
    "ombud.insight.reports",
    "ombud.channels",
    "ombud.insight",
    "ombud.insight.alarms",
    "ombud.insight.opinion",
    "ombud.insight.exports",
    "ombud.insight.saved_views",
    "ombud.insight.surveys",
    "ombud.insight.model_cases",
    "ombud.insight.performance",
    "ombud.directory",
    "ombud.portal",
    "ombud.workbench",
    "ombud.api",
    "ombud.project",
    "django.forms",  # the form renderer finds Django's own widgets through it
]

MIDDLEWARE = [
    "ombud.project.watching.requests.watched",
    "ombud.project.middleware.browser_rules",
    "ombud.project.middleware.compress",
    "ombud.api.problems.only_problems",  # errors of what comes below are problem documents too
    "django.middleware.security.SecurityMiddleware",
    "ombud.project.page_middleware.StaticFiles",
    "ombud.project.page_middleware.ContentSecurity",
    "ombud.project.page_middleware.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "ombud.project.middleware.desk_language",
    "ombud.project.middleware.limit_body",  # before anything reads the body, in the reader's language
    "django.middleware.common.CommonMiddleware",
    "ombud.project.page_middleware.Forms",
    "ombud.project.page_middleware.SignedIn",
    "ombud.project.middleware.reader",
    "ombud.project.page_middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ombud.project.page_middleware.Htmx",
]

ROOT_URLCONF = "ombud.project.urls"
WSGI_APPLICATION = "ombud.project.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "project" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "ombud.project.context.installation",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# For how many seconds whoever wants to write waits for what another holds; then a request is answered 503.
OMBUD_LOCK_WAIT = envint("OMBUD_LOCK_WAIT", 5, minimum=1)
DATABASES = {
    "default": envdatabase(
        "DATABASE_URL",
        embedded=OMBUD_VAR / "ombud.sqlite3",
        lock_wait=OMBUD_LOCK_WAIT,
        password=envsecret("OMBUD_DATABASE_PASSWORD", is_needed=False),
    )
}

# Who signs in.
AUTH_USER_MODEL = "organisation.Person"
AUTHENTICATION_BACKENDS = ["ombud.project.sign_in.Backend"]
PASSWORD_HASHERS = ["ombud.project.hashers.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "/desk/"
LOGOUT_REDIRECT_URL = "/"

# Languages, zones, numbers.
USE_I18N = True
USE_TZ = True
# A checkout keeps the catalogues at its root; a wheel carries them inside the package.
LOCALE_PATHS = [path for path in (CHECKOUT / "locale", PACKAGE / "locale") if (path / "zh_Hans").is_dir()]
LANGUAGES = languages(LOCALE_PATHS)  # of complainants' pages
OMBUD_DESK_LANGUAGES = DESK
LANGUAGE_CODE = envstr("OMBUD_LANGUAGE", "zh-hans")
if LANGUAGE_CODE not in dict(LANGUAGES):
    raise SettingError("OMBUD_LANGUAGE", f"{LANGUAGE_CODE!r} is none of {', '.join(dict(LANGUAGES))}")
LANGUAGE_COOKIE_NAME = "ombud_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
OMBUD_COUNTRY_NAMES = envnames("OMBUD_COUNTRY_NAMES")
# How long the desk holds back what is often pressed by mistake: taking, noting, dispatching.
OMBUD_UNDO_SECONDS = envint("OMBUD_UNDO_SECONDS", 10, minimum=0)
TIME_ZONE = envstr("OMBUD_TIME_ZONE", "Asia/Shanghai")

# Files that come with the program, and files that people send.
STATIC_URL = "/static/"
STORAGES = {
    "default": envs3("OMBUD_S3")
    or {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": OMBUD_VAR / "media", "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "ombud.project.static_files.Versioned"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 24 * 3600  # addresses carry the file's hash, so a new file is a new address

# What one request may hold. Fields are small; only files may be large, and they go to disk while they arrive.
OMBUD_MAX_UPLOAD_MB = envint("OMBUD_MAX_UPLOAD_MB", 200, minimum=1)
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# Who scans files for viruses: until it has said that one is clean, nobody can open it.
OMBUD_CLAMD = envclamd("OMBUD_CLAMD")

# Of how many cases somebody who sees personal data masked may see it in full within a day, for a reason each.
OMBUD_UNMASK_A_DAY = envint("OMBUD_UNMASK_A_DAY", 20, minimum=1)

# For how many days the link in a message to a complainant opens their complaint without the code.
OMBUD_LINK_DAYS = envint("OMBUD_LINK_DAYS", 7, minimum=1)

# Browsers' own protections.
SESSION_COOKIE_NAME = "ombud_session"
SESSION_ENGINE = "ombud.signin.session_store"
SESSION_COOKIE_AGE = 12 * 3600
# However often somebody prolongs a session: after so many hours they sign in again.
OMBUD_SESSION_LONGEST = envint("OMBUD_SESSION_LONGEST", 7 * 24, minimum=1)
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "ombud_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "ombud.project.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
IS_SECURE = _base.scheme == "https" and not DEBUG
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_SECURE
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_SECURE else 0
OMBUD_BEHIND_PROXY = envbool("OMBUD_BEHIND_PROXY")
if OMBUD_BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = IS_SECURE
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked for by each machine itself
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],  # a mail as its sender formatted it: every other page refuses to be framed
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Processes that answer requests, and the threads of each, of which every one holds a database connection.
OMBUD_WEB_PROCESSES = envint("OMBUD_WEB_PROCESSES", max(1, min(8, os.cpu_count() or 1)), minimum=1)
OMBUD_WEB_THREADS = envint("OMBUD_WEB_THREADS", 6, minimum=1)

# What outsiders may file within an hour, and the room on the disk below which nothing of theirs is taken in.
OMBUD_COMPLAINTS_PER_ADDRESS = envint("OMBUD_COMPLAINTS_PER_ADDRESS", 20, minimum=1)
OMBUD_COMPLAINTS_PER_HOUR = envint("OMBUD_COMPLAINTS_PER_HOUR", 2000, minimum=1)
OMBUD_DISK_FLOOR_MB = envint("OMBUD_DISK_FLOOR_MB", 500)

# How late the clock may be before /readyz says so, in seconds.
OMBUD_CLOCK_LAG = envint("OMBUD_CLOCK_LAG", 30, minimum=1)

# Letters are the complainants' own: without a mail server they stay with their cases, and none goes into a log.
# The demo, whose people are invented, shows on the console what would be sent.
_mail = envmail("OMBUD_MAIL_URL")
# What carries the messages of each kind of account out, and in.
MESSAGE_CARRIERS = {"mail": "ombud.channels.mail.sending.Mail"}
MESSAGE_RECEIVERS = {
    "mail": "ombud.channels.mail.receiving.Mailbox",
    "telephone": "ombud.channels.telephone.receiving.Telephone",
    "subscriber": "ombud.channels.subscribers.delivering.Subscriber",
}
# The providers of messages: channels.registry says what each is.
for _kind in (
    "wechat", "wecom", "whatsapp", "line", "messenger", "telegram", "viber", "sms-aliyun", "sms-tencent", "sms",
    "webhook",
):  # fmt: skip
    MESSAGE_CARRIERS[_kind] = "ombud.channels.handing_over.Messaging"
    MESSAGE_RECEIVERS[_kind] = "ombud.channels.hearing.Hearing"
# For how many hours after somebody spoke a platform lets them be answered.
MESSAGE_WINDOWS = {"whatsapp": 24, "messenger": 24, "wechat": 48}
# What the clock does beside its ticks, each in a thread of its own: seconds between two looks where nothing is left.
CLOCK_BESIDE = {
    "held": ("ombud.channels.holding.take_in", 2.0),
    "enclosures": ("ombud.papers.enclosing.enclose_waiting", 1.0),
    "case files": ("ombud.papers.case_files.make_waiting", 1.0),
    "figures": ("ombud.insight.keeping.keep", 2.0),
    "sums of days": ("ombud.insight.summing.catch_up", 2.0),
    "warnings": ("ombud.insight.alarms.watch.run", 5.0),
    "reports begun": ("ombud.insight.reports.drafting.begin_owed", 5.0),
    "passwords": ("ombud.notices.alerts.passwords.send", 2.0),
    "sign-ins": ("ombud.notices.alerts.account_mail.send", 2.0),
    "lists": ("ombud.workbench.export_lists.make_waiting", 1.0),
    "old lists": ("ombud.insight.exports.making.tidy", 600.0),
    "reports sent": ("ombud.insight.reports.sending.send_waiting", 5.0),
    "surveys": ("ombud.insight.surveys.work.run", 5.0),
    "training": ("ombud.notices.training.run", 60.0),
    "owed courses": ("ombud.clock.trainings.run", 60.0),
    "time stamps": ("ombud.cases.keeping.stamping.stamp_waiting", 60.0),
    "master keys": ("ombud.project.rotation.advance", 2.0),
    "roots by mail": ("ombud.notices.root_mail.send", 30.0),
    "address books": ("ombud.directory.reading.run", 2.0),
    "verifications": ("ombud.cases.keeping.verifications.run_waiting", 5.0),
}
STAFF_POST = "ombud.channels.mail.staff.post"  # from where mail to staff leaves
OMBUD_SENDS_MAIL = bool(_mail) or OMBUD_DEMO
globals().update(_mail)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if _mail else 'console' if OMBUD_DEMO else 'dummy'}.EmailBackend"
EMAIL_TIMEOUT = 30  # seconds; a letter is leased for two minutes, and whoever takes it over then would send it again
DEFAULT_FROM_EMAIL = envstr("OMBUD_MAIL_FROM", f"Ombud <no-reply@{_base.hostname}>")

# Origins inside our own network, or without TLS, that the program may call: a gateway for alerts, for example.
OMBUD_OUTGOING_ALLOWED = envlist("OMBUD_OUTGOING_ALLOWED")
for _origin in OMBUD_OUTGOING_ALLOWED:
    if urlsplit(_origin).scheme not in {"http", "https"} or not urlsplit(_origin).hostname:
        raise SettingError("OMBUD_OUTGOING_ALLOWED", f"{_origin!r} is no origin such as https://gateway.example.com")

# Whom to tell of a hole: what security.txt says. An address of mail may stand there as people write it.
OMBUD_SECURITY_CONTACT = [
    f"mailto:{each}" if "@" in each and ":" not in each else each for each in envlist("OMBUD_SECURITY_CONTACT")
]
for _contact in OMBUD_SECURITY_CONTACT:
    if urlsplit(_contact).scheme not in {"https", "mailto", "tel"}:
        raise SettingError("OMBUD_SECURITY_CONTACT", f"{_contact!r} is no mail address, https address or tel: number")

# Who says when it saw the newest daily root (RFC 3161), and the certificates that its signature must lead to.
OMBUD_TIMESTAMP_URL = envstr("OMBUD_TIMESTAMP_URL")
if OMBUD_TIMESTAMP_URL and (
    urlsplit(OMBUD_TIMESTAMP_URL).scheme not in {"http", "https"} or not urlsplit(OMBUD_TIMESTAMP_URL).hostname
):
    raise SettingError("OMBUD_TIMESTAMP_URL", f"{OMBUD_TIMESTAMP_URL!r} is no address such as https://tsa.example.com")
OMBUD_TIMESTAMP_CA = envstr("OMBUD_TIMESTAMP_CA")

# What the installation tells those who watch it.
OMBUD_METRICS_TOKEN = envsecret("OMBUD_METRICS_TOKEN", is_needed=False, shortest=16)
OMBUD_OTLP = envaddress("OMBUD_OTLP", package="opentelemetry.exporter.otlp.proto.http", extra="telemetry")
OMBUD_SENTRY_DSN = envaddress("OMBUD_SENTRY_DSN", package="sentry_sdk", extra="sentry")
OMBUD_LOG_FORMAT = envstr("OMBUD_LOG_FORMAT", "line")
if OMBUD_LOG_FORMAT not in {"line", "json"}:
    raise SettingError("OMBUD_LOG_FORMAT", f"{OMBUD_LOG_FORMAT!r} is neither line nor json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "ombud.project.watching.logs.Line", "shows_all": DEBUG},
        "json": {"()": "ombud.project.watching.logs.Json", "shows_all": DEBUG},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": OMBUD_LOG_FORMAT}},
    "root": {"handlers": ["console"], "level": envstr("OMBUD_LOG_LEVEL", "INFO").upper()},
    "loggers": {"django.request": {"level": "ERROR"}},
}
