"""The Django project: settings, addresses, the `ombud` command and what it supervises."""
