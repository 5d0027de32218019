"""Password hashing that cannot take the machine down."""

from __future__ import annotations

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

_together = threading.BoundedSemaphore(2)


class Argon2(Argon2PasswordHasher):
    """Argon2id with OWASP's memory figure, two at a time.

    Without the cap a burst of sign-ins would claim its memory once per thread.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the hash of a password."""
        with _together:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Return whether the password is the one that was hashed."""
        with _together:
            return super().verify(password, encoded)
