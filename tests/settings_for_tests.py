"""The settings that tests run with: their own folder and keys, never those of the checkout's installation."""

import os
import tempfile
from pathlib import Path

_scratch = Path(os.environ.setdefault("OMBUD_VAR", tempfile.mkdtemp(prefix="ombud-tests-")))
os.environ.setdefault("OMBUD_SECRET_KEY", "a secret that protects nothing but tests")
os.environ.setdefault("OMBUD_DISK_FLOOR_MB", "0")  # a full machine must fail no test of something else
os.environ.setdefault("OMBUD_MASTER_KEY", "5e" * 32)
os.environ.setdefault("OMBUD_LOG_LEVEL", "WARNING")

from ombud.project.catalogues import compile_catalogues  # noqa: E402
from ombud.project.settings import *  # noqa: E402, F403
from ombud.project.settings import DATABASES, IS_EMBEDDED, LOCALE_PATHS, PASSWORD_HASHERS  # noqa: E402

compile_catalogues(LOCALE_PATHS)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
OMBUD_SENDS_MAIL = True
OMBUD_UNDO_SECONDS = 0  # tests press a button and look
if IS_EMBEDDED:
    # A file, not memory: threads and other processes must see one database, as they do in earnest.
    DATABASES["default"]["TEST"] = {"NAME": str(_scratch / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
