"""Whether published versions are what was approved and published: their text, hash, dates and people."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ombud.organisation.models import PolicyStep, PolicyVersion
from ombud.policy import PackError, load_sources

Kind = PolicyStep.Kind


def problems() -> Iterator[str]:
    """Say which published versions are not what their steps say."""
    for version in PolicyVersion.objects.filter(status=PolicyVersion.Status.PUBLISHED).order_by("pk"):
        yield from (f"policy {version}: {each}" for each in _problems(version))


def _problems(version: PolicyVersion) -> Iterator[str]:
    if _hash_of(tuple(sorted(version.sources.items()))) != version.hash:
        yield "its text is not the one of its hash"
    steps = list(version.steps.order_by("id"))
    published = next((step for step in reversed(steps) if step.kind == Kind.PUBLISHED), None)
    if published is None:
        yield "no step says who published it"
        return
    if published.data.get("hash") != version.hash:
        yield f"its hash is {version.hash}, published was {published.data.get('hash')}"
    if published.data.get("effective_on") != version.effective_on.isoformat():
        yield f"it is in force from {version.effective_on}, published was {published.data.get('effective_on')}"
    approved = next((step for step in reversed(steps) if step.kind == Kind.APPROVED), published)
    if approved.person_id != version.approved_by_id:
        yield f"it names p{version.approved_by_id} as approver, its steps say p{approved.person_id}"


@lru_cache(maxsize=64)
def _hash_of(files: tuple[tuple[str, str], ...]) -> str:
    try:
        return load_sources(dict(files)).hash
    except PackError:
        return ""
