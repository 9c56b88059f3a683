from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from huixue.kernel.ids import MemberId
from huixue.members.model import IdentityRefs, VerifiedLevel, newest_level
from tests.unit.members.fakes import FakeMembers
from tests.unit.members.signing_in import NOW, Door, identity


@pytest.mark.parametrize(("openid", "app_id"), [("", "wx1"), (" ", "wx1"), ("o", ""), ("o", "a|b")])
def test_an_identity_without_openid_or_app_is_refused(openid: str, app_id: str) -> None:
    with pytest.raises(ValueError, match="needs an openid"):
        identity(openid, app_id=app_id)


@pytest.mark.parametrize("blank", ["", " ", "\u3000"])
def test_a_blank_unionid_never_makes_two_people_one(blank: str) -> None:
    door = Door(FakeMembers())

    one, other = door.sign_in(identity("o1", blank)), door.sign_in(identity("o2", blank))

    assert one.member_id != other.member_id


def test_an_identity_shows_neither_openid_nor_unionid_when_printed() -> None:
    assert "secret" not in repr(identity("secret1", "secret2"))


def test_refs_are_one_or_two() -> None:
    assert IdentityRefs(openid="a", unionid=None).all() == ("a",)
    assert IdentityRefs(openid="a", unionid="b").all() == ("a", "b")


def test_the_newest_level_is_the_same_in_whatever_order_rows_are_read() -> None:
    rows = [
        VerifiedLevel(
            member_id=MemberId(member),
            room_id="main",
            level=level,
            source="operator",
            set_by="ann",
            set_at=NOW + timedelta(days=days),
        )
        for member, level, days in (("m1", "gold", 1), ("m2", "silver", 1), ("m3", "wood", 0))
    ]

    found = {newest_level(order) for order in permutations(rows)}

    assert found == {rows[1]}
    assert newest_level([]) is None
