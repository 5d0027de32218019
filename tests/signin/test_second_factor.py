"""Second factors: set up, asked for after the password, good once, owed by roles, reset by others and told."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client

from ombud.organisation.models import ADMINISTRATOR, MANAGER, Change, Membership, Person
from ombud.project import admit_command
from ombud.project.sign_in_limits import PER_NAME
from ombud.signin import factors, rules, totp
from ombud.signin.models import CodeGenerator, Happening, RecoveryCode, Session

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
SIGN_IN, SECOND, SET_UP = "/desk/sign-in/", "/desk/sign-in/second/", "/desk/sign-in/set-up/"
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # of RFC 6238


def make(name: str, *roles: str) -> Person:
    person = Person(username=name, name=name.title(), email=f"{name}@example.com")
    person.set_password(PASSWORD)
    person.save()
    Membership.objects.bulk_create([Membership(person=person, role=role) for role in roles])
    return person


@pytest.fixture
def lin() -> Person:
    return make("lin", MANAGER)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def browser(**kept: Any) -> Client:
    return Client(headers={"accept-language": "en"}, **kept)


def password(client: Client, name: str = "lin", **more: str) -> Any:
    return client.post(SIGN_IN, {"username": name, "password": PASSWORD, **more})


def send(client: Client, code: str, page: str = SECOND) -> Any:
    return client.post(page, {"recovery_or_code": code})


def code(shift: int = 0) -> str:
    return totp.code_at(SECRET, totp.step_of(datetime.now(UTC)) + shift)


def with_app(person: Person) -> list[str]:
    """Set up an app a minute ago, and return the recovery codes."""
    codes = factors.set_up_codes(person, SECRET, code(), now=datetime.now(UTC))
    CodeGenerator.objects.update(last_step=0)
    return codes


def is_in(client: Client) -> bool:
    return client.get("/desk/sessions/").status_code == 200


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(59, "94287082"), (1111111109, "07081804"), (1234567890, "89005924"), (20000000000, "65353130")],
)
def test_codes_are_those_of_rfc_6238(seconds: int, said: str) -> None:
    assert totp.code_at(SECRET, seconds // totp.STEP) == said[-totp.DIGITS :]


def test_without_a_second_factor_nobody_is_asked_for_one(lin: Person) -> None:
    client = browser()
    assert password(client)["Location"] == "/desk/board/"
    assert is_in(client)


def test_after_the_password_a_code_is_asked_for_and_leads_to_where_one_wanted(clock: Any, lin: Person) -> None:
    with_app(lin)
    client = browser()
    assert password(client, next="/desk/cases/")["Location"] == SECOND
    assert not is_in(client)
    assert client.get(SECOND).status_code == 200
    wrong = send(client, "000000")
    assert (wrong.status_code, is_in(client)) == (422, False)
    assert send(client, code())["Location"] == "/desk/cases/"
    assert is_in(client)


def test_a_code_is_good_once_and_for_half_a_minute_around(clock: Any, lin: Person) -> None:
    with_app(lin)
    used = code()
    for shown, status in ((code(-1), 302), (code(-1), 422), (used, 302), (used, 422), (code(2), 422), (code(1), 302)):
        client = browser()
        password(client)
        assert send(client, shown).status_code == status


def test_a_recovery_code_lets_in_once_is_told_and_may_be_typed_as_it_comes(clock: Any, lin: Person) -> None:
    codes = with_app(lin)
    assert len(codes) == factors.RECOVERY_CODES
    for typed, status in ((codes[0].upper().replace("-", " "), 302), (codes[0], 422), (codes[1], 302)):
        client = browser()
        password(client)
        assert send(client, typed).status_code == status
    assert RecoveryCode.objects.filter(person=lin).count() == factors.RECOVERY_CODES - 2
    assert Happening.objects.filter(kind=Happening.Kind.RECOVERY_USED, available_at__isnull=False).count() == 2
    assert not RecoveryCode.objects.filter(digest__in=codes).exists()  # only digests lie there


def test_codes_are_throttled_and_a_right_password_forgets_no_wrong_code(clock: Any, lin: Person) -> None:
    with_app(lin)
    for _attempt in range(PER_NAME):
        client = browser()
        assert password(client)["Location"] == SECOND
        send(client, "000000")
    refused = send(client, code())
    assert "Too many attempts" in refused.content.decode()
    elsewhere = browser(REMOTE_ADDR="198.51.100.7")  # who guesses locks nobody else out
    clock.shift(61)
    password(elsewhere)
    assert send(elsewhere, code()).status_code == 302


def test_half_way_ends_after_ten_minutes_and_with_the_password(clock: Any, lin: Person) -> None:
    with_app(lin)
    slow, other = browser(), browser()
    password(slow)
    password(other)
    clock.shift(601)
    assert send(slow, code())["Location"] == SIGN_IN
    password(other)
    lin.set_password("another long one")
    lin.save()
    assert send(other, code())["Location"] == SIGN_IN
    assert not is_in(other)
    for page in (SECOND, SET_UP):
        assert browser().get(page)["Location"] == SIGN_IN


def test_whose_role_needs_one_sets_it_up_before_they_are_in(clock: Any, lin: Person) -> None:
    mo = make("mo", ADMINISTRATOR)
    rules.ask([f"/{MANAGER}"], by=mo, now=NOON)
    client = browser()
    assert password(client)["Location"] == SET_UP
    page = client.get(SET_UP).content.decode()
    assert not is_in(client)
    secret = "".join(re.search(r'<code class="break">([A-Z2-7 ]+)</code>', page)[1].split())
    assert "svg" in page
    assert send(client, "000000", SET_UP).status_code == 422
    step = totp.step_of(NOON)
    done = send(client, totp.code_at(secret, step), SET_UP)
    shown = re.findall(r"<code>([0-9a-z-]{14})</code>", done.content.decode())
    assert (done.status_code, len(shown), is_in(client)) == (200, factors.RECOVERY_CODES, True)
    kept = CodeGenerator.objects.get(person=lin)
    assert secret not in str(kept.secret)  # sealed
    again = browser()
    assert password(again)["Location"] == SECOND
    assert send(again, totp.code_at(secret, step)).status_code == 422  # it was shown when it was set up
    assert send(again, shown[0]).status_code == 302
    other = browser()
    assert password(other, "mo")["Location"] == "/desk/people/"  # a role of which nothing is asked


def test_one_sets_it_up_renews_and_takes_it_away_unless_a_role_needs_it(clock: Any, lin: Person) -> None:
    client = browser()
    password(client)
    page = client.get("/desk/sessions/codes/").content.decode()
    secret = "".join(re.search(r'<code class="break">([A-Z2-7 ]+)</code>', page)[1].split())
    send(client, totp.code_at(secret, totp.step_of(NOON)), "/desk/sessions/codes/")
    assert factors.ways(lin) == {factors.CODE, factors.RECOVERY}
    before = set(RecoveryCode.objects.values_list("digest", flat=True))
    assert client.post("/desk/sessions/recovery-codes/").status_code == 200
    assert not before & set(RecoveryCode.objects.values_list("digest", flat=True))
    rules.ask([f"/{MANAGER}"], by=lin, now=NOON)
    client.post("/desk/sessions/take-away/")
    assert CodeGenerator.objects.filter(person=lin).exists()
    rules.ask([], by=lin, now=NOON)
    client.post("/desk/sessions/take-away/")
    assert factors.ways(lin) == frozenset()
    assert not RecoveryCode.objects.exists()
    told = list(Happening.objects.filter(person=lin).values_list("kind", flat=True).order_by("id"))
    assert told == ["codes_on", "recovery_new", "codes_off"]


def test_an_administrator_resets_somebody_elses_never_their_own(clock: Any, lin: Person) -> None:
    with_app(lin)
    mo = make("mo", ADMINISTRATOR)
    signed_in, admin = browser(), browser()
    password(signed_in)
    send(signed_in, code())
    password(admin, "mo")
    assert "Reset" in admin.get(f"/desk/people/{lin.pk}/").content.decode()
    assert admin.post(f"/desk/people/{lin.pk}/second-factor/").status_code == 302
    assert (factors.ways(lin), is_in(signed_in)) == (frozenset(), False)
    told = Happening.objects.get(person=lin, kind=Happening.Kind.RESET)
    assert (told.by, told.available_at) == (mo, NOON)
    assert Change.objects.filter(key=lin.key, by=mo, content__has_key="second_factor").exists()
    assert "second factor" in admin.get(f"/desk/people/{lin.pk}/").content.decode()
    CodeGenerator.objects.create(person=mo, secret=factors.seal(mo, SECRET), added_at=NOON)
    admin.post(f"/desk/people/{mo.pk}/second-factor/")
    assert CodeGenerator.objects.filter(person=mo).exists()
    password(signed_in)
    assert signed_in.post(f"/desk/people/{mo.pk}/second-factor/").status_code == 403


def test_whoever_has_the_server_lets_the_last_administrator_in(
    clock: Any, lin: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    with_app(lin)
    assert admit_command.run(["lin"]) == 0
    link = re.search(r"/desk/password/\S+", capsys.readouterr().out)[0]
    assert browser().get(link, follow=True).context["validlink"]
    assert factors.ways(lin) == frozenset()
    assert Happening.objects.get(kind=Happening.Kind.RESET).by is None
    Person.objects.update(is_active=False)
    assert [admit_command.run([name]) for name in ("lin", "nobody")] == [2, 2]
    assert "'nobody' is nobody's user name" in capsys.readouterr().err


def test_sessions_hold_no_secret_in_clear(clock: Any, lin: Person) -> None:
    client = browser()
    password(client)
    page = client.get("/desk/sessions/codes/").content.decode()
    secret = "".join(re.search(r'<code class="break">([A-Z2-7 ]+)</code>', page)[1].split())
    assert all(secret not in str(row.get_decoded()) for row in Session.objects.all())
