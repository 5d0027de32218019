"""Letters that nobody can get."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from ombud.checks.rules.addressees import check_addressees
from ombud.policy.loader import shipped
from ombud.policy.model.acts import Act
from ombud.policy.model.pack import Pack
from ombud.policy.vocabulary import DEPARTMENT
from shipped_packs import pack_of

Change = Callable[[Act], Act]


def changed(pack: Pack, change: Change, to: str | None = None) -> Pack:
    """Return a pack with its acts changed, and with a role to whom all of its letters go."""
    main = replace(pack.main, acts={id: change(act) for id, act in pack.main.acts.items()})
    names = {id: main if procedure is pack.main else procedure for id, procedure in pack.procedures.items()}
    documents = {id: replace(each, to=to or each.to) for id, each in pack.documents.items()}
    return replace(pack, procedures=names, documents=documents)


def without(*fields: str) -> Change:
    def change(act: Act) -> Act:
        needs, may = (tuple(name for name in names if name not in fields) for names in (act.needs, act.may))
        return replace(act, needs=needs, may=may, sets=tuple(each for each in act.sets if each.fact not in fields))

    return change


@pytest.mark.parametrize("policy", shipped())
def test_every_letter_of_every_shipped_pack_can_reach_somebody(policy: str) -> None:
    assert list(check_addressees(pack_of(policy))) == []


def test_letters_to_complainants_of_whom_no_address_is_ever_asked() -> None:
    pack = pack_of("user-complaints")
    [found] = check_addressees(changed(pack, without("email", "phone")))
    assert (found.code, found.place) == ("unaddressed", pack.documents["acknowledgement"].at)
    assert found.witness["en"] == "No act ever asks for an e-mail address or phone number of Complainant"
    assert found.message["en"].endswith("Notice of the end, Closing notice")
    assert list(check_addressees(changed(pack, without("email")))) == []  # an SMS reaches them


def test_letters_to_an_authority_that_no_case_can_name_an_address_of() -> None:
    [found] = check_addressees(changed(pack_of("overseas-customers"), without("regulator_email")))
    assert found.message["zh"].startswith("写给“监管机构”的函件无人可收：")


def test_letters_to_somebody_of_a_department_that_no_act_names() -> None:
    pack = pack_of("customer-complaints")
    assert list(check_addressees(changed(pack, without(), to="contact"))) == []
    [found] = check_addressees(changed(pack, without(DEPARTMENT), to="contact"))
    assert "no act ever sets the case's department" in found.witness["en"]
