"""The address that providers of messages call."""

from __future__ import annotations

from django.urls import path

from ombud.channels import hooks

urlpatterns = [path("<slug:key>/<slug:token>/", hooks.hook, name="hook")]
