"""What the web server runs."""

import os
import signal

from django.core.wsgi import get_wsgi_application

from ombud.project import heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ombud.project.settings")
# A worker without the process that started it would go on serving, and hold the port against the next one.
heartbeat.begin(signal.SIGKILL)
application = get_wsgi_application()
