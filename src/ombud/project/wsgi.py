"""What the web server runs."""

import gc
import os
import signal

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from ombud.project import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ombud.project.settings")
# A worker without the process that started it would go on serving, and hold the port against the next one.
heartbeat.begin(signal.SIGKILL)
application = get_wsgi_application()
# What every page is made of stays as long as the worker: Python's collector of cycles need not look through it time and
# again, which took longer than a page, in one of twenty.
get_resolver().url_patterns  # noqa: B018  # which loads it
gc.collect()
gc.freeze()
