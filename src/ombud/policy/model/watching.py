"""What a policy has watched for unusual rises and silences."""

from __future__ import annotations

from dataclasses import dataclass

from ombud.policy.model.source import Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Watch:
    """Of what complaints are counted, and what a warning opens."""

    dimensions: tuple[str, ...] = ()  # facts with a list of values
    procedure: str | None = None  # begun by its one act of the clock; None: managers are told
    signs: str | None = None  # the field that says what was found
    cite: tuple[str, ...] = ()
    at: Place | None = None
