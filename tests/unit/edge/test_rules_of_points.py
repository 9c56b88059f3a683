"""What a programme tells the ledger and, about campaigns and staff, the order pool."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huixue.edge.rules import ProgrammeRules
from huixue.kernel.calendar import SystemClock
from huixue.kernel.ids import AccountRef, KeyedHash, MemberId
from huixue.programme.model import ProgrammeNotFoundError, with_hashed_staff
from huixue.programme.rules import programme_from
from huixue.programme.use_cases import CachedProgrammes, publish
from tests.unit.members.fakes import FakeMembers
from tests.unit.programme.fakes import FakeProgrammes
from tests.unit.programme.programmes import full_data

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
KEY = KeyedHash(key_id="k1", key=b"a key of the tests, 32 bytes long")


def in_force(
    at: datetime, zone: str = "Asia/Shanghai"
) -> tuple[ProgrammeRules, MemberId, AccountRef]:
    """Rules of a programme with every part, its clock standing at `at`, for a member without a level."""
    staff = KEY.account_ref("taobao", "林小二")
    programme = with_hashed_staff(programme_from(full_data() | {"zone": zone}), KEY.account_ref)
    store = FakeProgrammes()
    publish(programme, store=store, now=at)
    cached, members = CachedProgrammes(store, SystemClock()), FakeMembers()
    rules = ProgrammeRules(lambda: cached, lambda: members, lambda: at)
    return rules, MemberId("mem_a"), staff


def test_the_ledgers_policy_is_that_of_the_version_in_force() -> None:
    rules, _, _ = in_force(NOW, "Asia/Tokyo")

    policy = rules.policy("demo")

    assert (policy.programme_id, policy.version, policy.zone_name) == ("demo", 1, "Asia/Tokyo")
    assert [cap.cap_id for cap in policy.caps] == ["day", "all"]
    with pytest.raises(ProgrammeNotFoundError):
        rules.policy("none")


def test_staff_are_known_by_their_keyed_account() -> None:
    rules, _, staff = in_force(NOW)

    assert rules.is_staff("demo", staff)
    assert not rules.is_staff("demo", KEY.account_ref("taobao", "别人"))
    with pytest.raises(ProgrammeNotFoundError):
        rules.is_staff("none", staff)


def test_terms_pin_the_campaigns_of_the_payment_or_those_still_possible_now() -> None:
    during, after = datetime(2026, 11, 11, tzinfo=UTC), datetime(2026, 11, 12, tzinfo=UTC)
    found = []
    for now, paid_at in (
        (NOW, during),
        (NOW, after),
        (NOW, None),
        (datetime(2027, 3, 1, tzinfo=UTC), None),
    ):
        rules, member_id, _ = in_force(now)
        terms = rules.terms_for("demo", "demo/main", "taobao", member_id, paid_at=paid_at)
        assert terms is not None
        found.append([each.campaign_id for each in terms.campaigns])

    assert found == [["double"], [], ["double", "plus"], []]
