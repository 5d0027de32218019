"""A worker begins with everything that its pages are made of, and Python's collector leaves that alone."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_ASKED = """
import gc, sys
from ombud.project import wsgi
print(gc.get_freeze_count(), len(gc.get_objects()), "ombud.workbench.overview" in sys.modules)
"""


@pytest.mark.slow
def test_what_stays_is_not_looked_through_again() -> None:
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    asked = subprocess.run([sys.executable, "-c", _ASKED], env=env, capture_output=True, text=True, check=False)
    assert asked.returncode == 0, asked.stderr
    frozen, others, has_pages = asked.stdout.split()
    assert has_pages == "True"
    assert int(frozen) > 50 * int(others)
