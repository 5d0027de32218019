"""What is filled into the templates of providers, written so that it cannot end what it stands in."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings

from ombud.channels.providers import Held
from ombud.correspondence.carriers import AccountFailed, Parcel

_HOLE = re.compile(r"\{(number|text|id|secret|subject|reference|link)\}")


def values_of(parcel: Parcel, held: Held) -> dict[str, str]:
    """Return what stands for each placeholder."""
    return {
        "number": parcel.address,
        "text": parcel.text,
        "id": parcel.id,
        "secret": held["secret"],
        "subject": parcel.subject,
        "reference": parcel.reference,
        "link": parcel.link or settings.OMBUD_BASE_URL,
    }


def filled(template: str, values: dict[str, str], written: Callable[[str], str]) -> str:
    """Return a template with its placeholders filled, each value as `written` writes it."""
    return _HOLE.sub(lambda hole: written(values[hole[1]]), template)


def in_json(value: str) -> str:
    """Return a text as it stands within the quotes of JSON."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


def parameters_of(parcel: Parcel, held: Held) -> Any:
    """Return the parameters of a provider's template. Raises AccountFailed where they are no JSON."""
    try:
        return json.loads(filled(held["parameters"], values_of(parcel, held), in_json))
    except ValueError as error:
        raise AccountFailed("The parameters of the template are no JSON.") from error
