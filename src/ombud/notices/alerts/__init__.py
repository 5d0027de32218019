"""Alerts: what staff are told outside the browser, by mail or by a robot of their chat groups."""
