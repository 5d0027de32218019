"""A case whose complainant was erased: every page of it opens for everybody who may see it, and tells nothing."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from builders import COMPLAINT, after, do, make_history
from carried import carry
from cast import Cast
from ombud.cases import attachments
from ombud.cases.access.case_access import grant_of
from ombud.cases.keeping.erasure import erase
from ombud.cases.models import Attachment, Case
from ombud.portal.pages import COOKIE
from samples import PNG

pytestmark = pytest.mark.django_db
SHOWN = [*COMPLAINT.values(), "我的发票", "旧照片"]
GONE = [*SHOWN, "13800138000", "wang@example"]


@pytest.fixture
def told(cast: Cast, media: Path) -> Case:
    """Return a case with files of the complainant and of staff, letters and notices."""
    row = attachments.store(BytesIO(PNG), name="我的发票.png", uploaded_by="complainant", now=after(0))
    case = make_history(cast, "propose", evidence=[str(row.pk)])
    later = attachments.store(BytesIO(PNG), name="旧照片.png", uploaded_by=cast.lin.key, now=after(130))
    do(case, "attach", cast, "lin", minutes=131, data={"evidence": [str(later.pk)]})
    carry(now=after(140))
    return Case.objects.select_related("complainant").get(pk=case.pk)


@pytest.fixture
def erasing(told: Case, django_capture_on_commit_callbacks: Any) -> Callable[[], None]:
    """Return what erases the case's complainant."""

    def work() -> None:
        assert told.complainant is not None
        with django_capture_on_commit_callbacks(execute=True):
            erase(told.complainant, now=after(145))

    return work


def addresses(case: Case) -> list[str]:
    page = f"/desk/cases/{case.reference}/"
    acts = ["note", "attach", "correct", "plan.approve", "request_facts", "nothing"]
    files = [f"{page}files/{row.pk}/" for row in Attachment.objects.all()]
    return [page, *(f"{page}acts/{act}/" for act in acts), *files]


def looked_at(cast: Cast, case: Case, sign_in: Callable[[str], Client]) -> dict[tuple[str, str], tuple[int, bytes]]:
    """Return (who, address) -> (status, content) of every page that tells of the case."""
    lists = ["/desk/", "/desk/cases/", "/desk/board/", "/desk/notices/", "/desk/proof/", "/desk/matters/"]
    found = {}
    for who in cast.people:
        client = sign_in(who)
        for address in [*addresses(case), *lists, f"/desk/cases/?q={case.reference}"]:
            answer = client.get(address)
            page = b"".join(answer.streaming_content) if answer.streaming else answer.content
            found[who, address] = (answer.status_code, page)
    return found


def test_every_page_of_it_opens_for_everybody_and_holds_no_word_of_the_person(
    cast: Cast, told: Case, erasing: Callable[[], None], sign_in: Callable[[str], Client]
) -> None:
    before = looked_at(cast, told, sign_in)
    # Each word stands on some page as long as it may: its absence afterwards says something.
    assert [word for word in SHOWN if not any(word.encode() in page for _, page in before.values())] == []
    files = set(addresses(told)[-2:])
    erasing()
    for (who, address), (status, page) in looked_at(cast, told, sign_in).items():
        was = before[who, address][0]
        # A file is gone; all else is there for whoever it was there for, though its form may have closed.
        allowed = {404} if address in files and was == 200 else {was}
        assert status in allowed, (who, address, was)
        assert not [word for word in GONE if word.encode() in page], (who, address)
    assert "<h1><bdi>Erased</bdi></h1>" in sign_in("lin").get(f"/desk/cases/{told.reference}/").content.decode()
    assert "No subject yet" not in sign_in("lin").get("/desk/cases/?state=all").content.decode()


def test_its_complainants_page_opens_and_offers_no_file(told: Case, erasing: Callable[[], None]) -> None:
    grant = grant_of(told)
    erasing()
    client = Client(headers={"accept-language": "en"})
    client.cookies[COOKIE + grant.reference] = grant.token
    page = client.get(f"/track/{told.reference}/")
    assert page.status_code == 200
    assert "Erased" in page.content.decode()
    assert "/files/" not in page.content.decode()
    assert not [word for word in GONE if word in page.content.decode()]
    row = Attachment.objects.filter(linked_seq=1).get()
    assert client.get(f"/track/{told.reference}/files/{row.pk}/").status_code == 404


def test_a_file_is_handed_out_to_staff_as_nothing_that_a_browser_runs(
    cast: Cast, media: Path, sign_in: Callable[[str], Client]
) -> None:
    row = attachments.store(BytesIO(PNG), name="evil.html", uploaded_by="complainant", now=after(0))
    case = make_history(cast, "register", evidence=[str(row.pk)])
    answer = sign_in("lin").get(f"/desk/cases/{case.reference}/files/{row.pk}/")
    assert answer["Content-Disposition"] == 'attachment; filename="evil.html.png"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert (answer["X-Content-Type-Options"], answer["Content-Type"]) == ("nosniff", "image/png")
    assert b"".join(answer.streaming_content) == PNG  # type: ignore[attr-defined]  # a file's answer
    answer.close()
