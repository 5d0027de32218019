"""A telephone system tells of calls over HTTP: what becomes of them, and what is not let in."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.http.response import HttpResponseBase
from django.test import Client

from builders import publish_policy
from cast import Cast, make_cast
from ombud.cases.access.case_access import access_case
from ombud.cases.keeping import daily_roots, records
from ombud.cases.models import Attachment, Case, Duty, Removal
from ombud.channels import message_files
from ombud.channels.signing import signed
from ombud.channels.telephone import receiving, signing
from ombud.correspondence import accounts, conversation, erased, inbox, wording
from ombud.correspondence.models import Account, Message
from ombud.papers import case_file_messages
from samples import WAV

pytestmark = pytest.mark.django_db
POLICY, SECRET = "student-complaints", "s3cret-of-the-exchange"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NIGHT = datetime(2026, 3, 3, 22, 30, tzinfo=SHANGHAI)
State = Message.State


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """It is half past ten in the evening: nobody is at the hotline any more."""
    with time_machine.travel(NIGHT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def staff(db: None) -> Cast:
    publish_policy(POLICY)
    return make_cast(POLICY, {"ann": ("agent", "student_service")})


@pytest.fixture(autouse=True)
def hotline(staff: Cast, clock: time_machine.Traveller, media: Path) -> Account:
    account = Account(
        key="hotline", kind=accounts.TELEPHONE, title="Hotline", address="400 800 1234", policy=POLICY,
        channel="hotline", options={"voicemail": "voicemail"},
    )  # fmt: skip
    accounts.keep_secrets(account, {signing.SECRET: SECRET})
    account.save()
    return account


def call(client: Client, *, path: str = "/calls/hotline/", secret: str = SECRET, late: int = 0, **said: Any) -> Any:
    given = {"call": "c-1", "at": NIGHT.isoformat(), "from": "138 0013 8000", **said}
    return send(client, path, json.dumps(given).encode(), secret=secret, late=late)


def send(client: Client, path: str, body: bytes, *, secret: str = SECRET, late: int = 0) -> HttpResponseBase:
    at = datetime.now(SHANGHAI) - timedelta(seconds=late)
    headers = signed(secret, body, now=at, of=signing.what("POST", path))
    return client.post(path, body, content_type="application/octet-stream", headers=headers)


def sort(hotline: Account, **later: int) -> int:
    return receiving.sort_arrived(hotline, now=datetime.now(SHANGHAI) + timedelta(**later))


def test_a_voicemail_of_the_night_files_a_complaint_that_is_answered_within_the_hour_of_the_next_day(
    client: Client, hotline: Account
) -> None:
    assert call(client, event="started").status_code == 202
    assert call(client, event="voicemail", seconds=41).status_code == 202
    assert send(client, "/calls/hotline/c-1/recording/", WAV).status_code == 202
    assert call(client, event="ended", answered=False, seconds=55).status_code == 202
    assert sort(hotline) == 1
    case = Case.objects.get()
    assert (case.channel, case.received_at) == ("voicemail", NIGHT)
    duty = Duty.objects.get(case=case, duty="call_back")
    assert duty.due_at == datetime(2026, 3, 4, 10, 0, tzinfo=SHANGHAI)
    assert Attachment.objects.get(case=case).media_type == "audio/x-wav"
    message = Message.objects.get()
    assert (message.state, message.case) == (State.FILED, case)
    assert wording.part(message, wording.SUBJECT) == "语音留言"


def test_a_voicemail_waits_two_minutes_for_its_recording(client: Client, hotline: Account) -> None:
    call(client, event="voicemail")
    assert (sort(hotline), sort(hotline, minutes=1)) == (0, 0)
    assert sort(hotline, minutes=3) == 1
    assert Case.objects.get().received_at == NIGHT


def test_a_call_waits_in_the_inbox_and_counts_from_when_it_was(
    client: Client, hotline: Account, staff: Cast, clock: time_machine.Traveller
) -> None:
    call(client, event="started")
    assert Message.objects.get().state == State.ARRIVED
    call(client, event="ended", answered=True, seconds=93, by="ann")
    assert sort(hotline) == 1
    clock.shift(timedelta(minutes=30))
    ann = Client(headers={"accept-language": "en"})
    ann.force_login(staff.people["ann"])
    message = Message.objects.get()
    page = ann.get(f"/desk/inbox/{message.pk}/complaint/").content.decode()
    assert 'value="+8613800138000"' in page
    assert 'value="hotline" selected' in page
    said = {"policy": POLICY, "channel": "hotline", "subject": "老师迟到", "phone": "+8613800138000"}
    assert ann.post(f"/desk/inbox/{message.pk}/complaint/", said).status_code == 302
    assert Case.objects.get().received_at == NIGHT


def test_a_missed_call_says_so_and_is_played_where_something_was_recorded(
    client: Client, hotline: Account, staff: Cast
) -> None:
    call(client, event="ended", answered=False)
    send(client, "/calls/hotline/c-1/recording/", WAV)
    sort(hotline)
    message = Message.objects.get()
    assert dict(wording.part(message, wording.DETAILS))["why"] == receiving.MISSED
    ann = Client(headers={"accept-language": "en"})
    ann.force_login(staff.people["ann"])
    assert "Nobody answered this call" in ann.get("/desk/inbox/").content.decode()
    page = ann.get(f"/desk/inbox/{message.pk}/").content.decode()
    assert f'<audio controls preload="none" src="/desk/inbox/{message.pk}/files/0/"' in page
    assert "Answer without a case" not in page  # a call is called back
    sound = ann.get(f"/desk/inbox/{message.pk}/files/0/")
    assert sound["Content-Type"] == "audio/x-wav"
    assert b"".join(sound) == WAV  # type: ignore[arg-type]  # a file is sent in pieces


def test_what_was_kept_as_a_call_is_filed_once_it_turns_out_to_be_a_voicemail(client: Client, hotline: Account) -> None:
    call(client, event="ended", answered=False)
    sort(hotline)
    assert Message.objects.get().state == State.WAITING
    call(client, event="voicemail")
    assert sort(hotline, minutes=3) == 1
    assert Case.objects.get().channel == "voicemail"


def test_the_same_event_again_changes_nothing(client: Client, hotline: Account) -> None:
    for _ in range(2):
        assert call(client, event="voicemail").status_code == 202
        sort(hotline, minutes=3)
    assert (Message.objects.count(), Case.objects.count()) == (1, 1)


def test_a_recording_that_comes_after_the_complaint_lies_with_it(client: Client, hotline: Account) -> None:
    call(client, event="voicemail")
    sort(hotline, minutes=3)
    assert send(client, "/calls/hotline/c-1/recording/", WAV).status_code == 202
    message = Message.objects.select_related("keeper").get()
    assert message.keeper == Case.objects.select_related("complainant").get().complainant
    assert inbox.line_of(message).files == 1


@pytest.mark.parametrize(("secret", "late"), [("another", 0), (SECRET, 301), (SECRET, -301), ("", 0)])
def test_who_does_not_sign_rightly_or_in_time_is_not_let_in(client: Client, secret: str, late: int) -> None:
    assert call(client, event="started", secret=secret, late=late).status_code == 401
    assert not Message.objects.exists()


def test_a_signature_holds_for_its_own_address_only(client: Client) -> None:
    call(client, event="ended")
    headers = signed(SECRET, WAV, now=NIGHT, of=signing.what("POST", "/calls/hotline/c-2/recording/"))
    sent = client.post("/calls/hotline/c-1/recording/", WAV, content_type="audio/wav", headers=headers)
    assert sent.status_code == 401


def test_the_signature_is_the_one_that_the_guide_tells(client: Client, hotline: Account) -> None:
    body = json.dumps({"event": "started", "call": "c-1", "at": NIGHT.isoformat()}).encode()
    stamp = str(int(NIGHT.timestamp()))
    by_hand = hmac.new(SECRET.encode(), f"{stamp}.POST./calls/hotline/.".encode() + body, "sha256").hexdigest()
    headers = {"Ombud-Timestamp": stamp, "Ombud-Signature": f"v1={by_hand}"}
    sent = client.post("/calls/hotline/", body, content_type="application/json", headers=headers)
    assert sent.status_code == 202


def test_a_disk_that_is_nearly_full_takes_no_recording_and_says_when_to_try_again(
    client: Client, hotline: Account, settings: Any
) -> None:
    call(client, event="ended")
    client.raise_request_exception = False
    settings.OMBUD_DISK_FLOOR_MB = 10**9
    answer = send(client, "/calls/hotline/c-1/recording/", WAV)
    assert answer.status_code == 503
    assert answer["Retry-After"]


def test_an_exchange_that_cannot_sign_bears_the_secret(client: Client) -> None:
    body = json.dumps({"event": "started", "call": "c-1", "at": NIGHT.isoformat()})
    for secret, status in ((SECRET, 202), ("another", 401)):
        headers = {"Authorization": f"Bearer {secret}"}
        sent = client.post("/calls/hotline/", body, content_type="application/json", headers=headers)
        assert sent.status_code == status


def test_an_account_that_is_not_in_use_or_is_none_of_telephones_lets_nobody_in(
    client: Client, hotline: Account
) -> None:
    for change in ({"kind": "mail"}, {"is_active": False, "kind": accounts.TELEPHONE}):
        Account.objects.filter(pk=hotline.pk).update(**change)
        assert call(client, event="started").status_code == 401
    assert call(client, path="/calls/nobody/", event="started").status_code == 401


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"event": "rang"}, "event: one of started, ended, voicemail."),
        ({"event": "ended", "at": "2026-03-03T22:30"}, "at: an instant with its zone"),
        ({"event": "ended", "at": 5}, "at: an instant with its zone"),
        ({"event": "ended", "call": ""}, "call: the id of the call is missing."),
        ({"event": "ended", "call": "c" * 201}, "call: text of at most 200 characters."),
        ({"event": "ended", "from": ["1"]}, "from: text"),
        ({"event": "ended", "text": "\ud83d"}, "text: not valid Unicode."),
        ({"event": "ended", "by": "a\0"}, "by: text"),
        ({"event": "ended", "seconds": True}, "seconds: a whole number."),
        ({"event": "ended", "answered": "no"}, "answered: true or false."),
        ({"event": "ended", "number": "1"}, "Unknown: number."),
    ],
)
def test_what_is_no_event_is_refused_in_words(client: Client, said: dict[str, Any], words: str) -> None:
    answer = call(client, **said)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert not Message.objects.exists()


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b"{" * 50_000, b'{"at": NaN}', b"null", b'"' * 99])
def test_what_is_no_json_object_is_refused(client: Client, body: bytes) -> None:
    assert send(client, "/calls/hotline/", body).status_code == 400


def test_what_is_too_large_or_no_sound_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    call(client, event="ended")
    path = "/calls/hotline/c-1/recording/"
    assert send(client, path, b"<html><script>alert(1)</script>").status_code == 415
    assert send(client, path, b"").status_code == 415
    assert send(client, "/calls/hotline/c-9/recording/", WAV).status_code == 404
    monkeypatch.setattr("ombud.channels.telephone.hook.RECORDING_MOST", 100)
    monkeypatch.setattr("ombud.channels.telephone.hook.EVENT_MOST", 100)
    assert call(client, event="ended", text="x" * 200).status_code == 413
    assert not Message.objects.get().stored_as


def test_what_is_told_of_a_call_after_a_daily_root_saw_it_is_no_manipulation(client: Client, hotline: Account) -> None:
    call(client, event="voicemail")
    send(client, "/calls/hotline/c-1/recording/", WAV)
    assert sort(hotline) == 1
    daily_roots.make_root(now=NIGHT + timedelta(minutes=1))
    assert call(client, event="ended", answered=False, seconds=55).status_code == 202
    assert list(records.problems()) == []


def test_the_case_file_has_the_recording_as_the_sound_that_it_is(client: Client, hotline: Account, staff: Cast) -> None:
    call(client, event="voicemail")
    send(client, "/calls/hotline/c-1/recording/", WAV)
    sort(hotline)
    accessed = access_case(staff.people["ann"], Case.objects.get().reference)
    (file,) = case_file_messages.files_of(accessed, conversation.whole(accessed, now=NIGHT))
    assert (file.name, file.media_type, file.content) == ("语音留言.wav", "audio/x-wav", WAV)


def test_a_recording_goes_with_the_evidence_of_its_case(client: Client, hotline: Account) -> None:
    for number in (1, 2):
        call(client, event="voicemail", call=f"c-{number}")
        send(client, f"/calls/hotline/c-{number}/recording/", WAV)
    sort(hotline)
    kept, removed = Message.objects.order_by("external_id")
    assert removed.case is not None
    Removal.objects.create(reference=removed.case.reference, kind="evidence", removed_at=NIGHT)
    assert erased.remove_evidence(now=NIGHT) == 1
    assert not default_storage.exists(removed.stored_as)
    assert default_storage.exists(kept.stored_as)
    for message in (kept, removed):
        message.refresh_from_db()
    assert (len(message_files.files_of(kept)), len(message_files.files_of(removed))) == (1, 0)


class Unread:
    """A body of which nothing may be read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("it was read")

    readline = read


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({}, "/calls/hotline/"),
        ({"Authorization": "Bearer another"}, "/calls/hotline/"),
        ({"Ombud-Signature": "v1=0", "Ombud-Timestamp": "1"}, "/calls/hotline/c-1/recording/"),
        ({"Ombud-Signature": "v1=0", "Ombud-Timestamp": str(int(NIGHT.timestamp()))}, "/calls/nobody/"),
        ({"Ombud-Signature": "v1=0", "Ombud-Timestamp": str(int(NIGHT.timestamp()))}, "/calls/hotline/c-9/recording/"),
    ],
)
def test_nothing_is_read_of_who_cannot_be_the_exchange(client: Client, headers: dict[str, str], path: str) -> None:
    call(client, event="ended")
    size = str(30 * 1024 * 1024)
    sent = client.generic("POST", path, b"", headers=headers, CONTENT_LENGTH=size, **{"wsgi.input": Unread()})
    assert sent.status_code == 401


def test_a_recording_of_no_known_call_is_told_so_and_not_read(client: Client) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"}
    for call_id in ("c-9", "%00"):
        path = f"/calls/hotline/{call_id}/recording/"
        assert client.post(path, WAV, content_type="audio/wav", headers=headers).status_code == 404
    sent = client.generic(
        "POST", "/calls/hotline/c-9/recording/", b"", headers=headers, CONTENT_LENGTH="9999999",
        **{"wsgi.input": Unread()},
    )  # fmt: skip
    assert sent.status_code == 404


ODD = (
    None,
    True,
    [],
    {},
    "",
    -1,
    1e308,
    10**30,
    "\0",
    "\ud800",
    "x" * 30_000,
    "2026-03-03",
    "9999-12-31T23:59:59-14:00",
)


@pytest.mark.parametrize("name", ["event", "call", "at", "from", "to", "by", "text", "seconds", "answered"])
def test_an_event_with_anything_in_any_place_is_taken_or_refused(client: Client, name: str) -> None:
    for odd in ODD:
        assert call(client, **{"event": "ended", name: odd}).status_code in (202, 400)
