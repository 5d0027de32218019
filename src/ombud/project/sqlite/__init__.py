"""SQLite for many threads: Django's own backend, where writers of one process queue instead of sleeping."""
