"""What happens to an account by itself: each event at its own instant, in order of time, however late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from huixue.kernel.policies import Expiry, LedgerPolicy, Tiers
from huixue.points import moving
from huixue.points.due import due_at, expiring, next_due
from huixue.points.model import Account, Hold, TierStanding
from huixue.points.posting import InsufficientPointsError, as_of, posted
from tests.unit.points.fakes import ANNA, MAIN, NOW, POLICY, credit, local
from tests.unit.points.histories import SILVER_GOLD, History, assert_sound

LAST_DAYS = ("2027-01-31", "2028-02-29", "2026-12-31")


def holding(**lots: int) -> Account:
    return Account(
        member_id=ANNA, lots={key.replace("_", "-") + "|order": n for key, n in lots.items()},
        balance=sum(lots.values()), version=1,
    )  # fmt: skip


@pytest.mark.parametrize("last_day", LAST_DAYS)
def test_points_can_be_spent_to_the_last_instant_and_not_a_moment_longer(last_day: str) -> None:
    history = History(POLICY)
    lot = f"{last_day}|order"
    account, entries = posted(
        history.account, [credit(10, key="c", lot=lot)], policy=POLICY, now=NOW
    )
    history.ledger.post(history.account, account, entries, policy=POLICY, shared={})

    history.clock.now = local(f"{last_day} 23:59:59.999")
    moving.spend(ANNA, MAIN, "s", 1, {}, desk=history.desk)
    history.clock.now += timedelta(milliseconds=1)
    with pytest.raises(InsufficientPointsError):
        moving.spend(ANNA, MAIN, "t", 1, {}, desk=history.desk)

    assert history.now.available == 0
    assert history.account.available == 9, "nobody has entered it yet"


@pytest.mark.parametrize("last_day", LAST_DAYS)
def test_an_expiry_belongs_to_the_last_day_of_its_lots(last_day: str) -> None:
    account, _ = posted(
        Account(member_id=ANNA),
        [credit(10, key="c", lot=f"{last_day}|order")],
        policy=POLICY,
        now=NOW,
    )
    late = local("2030-01-01 09:00:00")

    after, (entry,) = posted(account, [], policy=POLICY, now=late)

    assert (entry.scene, entry.points, after.balance) == ("expiry", -10, 0)
    assert entry.business_date.isoformat() == last_day
    assert entry.effective_at == local(f"{last_day} 00:00:00") + timedelta(days=1)
    assert entry.recorded_at == late
    assert entry.source_key == f"expiry#{last_day}#2"
    assert (after.lifetime, after.due_at) == (10, None)


def test_lots_of_one_month_expire_in_one_entry_and_months_in_entries_of_their_own() -> None:
    account = holding(**{"2026_11_21": 1, "2026_11_25": 2, "2026_12_05": 4, "2027_01_01": 8})

    after, entries = posted(account, [], policy=POLICY, now=local("2026-12-31 00:00:00"))

    assert [(entry.business_date.isoformat(), entry.points) for entry in entries] == [
        ("2026-11-25", -3), ("2026-12-05", -4),
    ]  # fmt: skip
    assert [(day.isoformat(), points) for day, points in expiring(after)] == [("2027-01-01", 8)]


def test_an_expiry_takes_exactly_its_own_lots_whatever_else_she_has() -> None:
    account = replace(holding(**{"2026_11_21": 5, "2027_11_21": 7}), balance=12)

    after, (entry,) = posted(account, [], policy=POLICY, now=local("2026-11-22 00:00:00"))

    assert entry.lots == {"2026-11-21|order": -5}
    assert after.lots == {"2027-11-21|order": 7}


def test_events_come_in_the_order_of_time_not_of_kind() -> None:
    account = replace(
        holding(**{"2026_11_30": 5, "2027_01_15": 5}), held=3,
        holds={"h": Hold(until=local("2026-12-20 10:00:00"), lots={"2027-01-15|order": 3})},
        standing=TierStanding(period="2026", tier="gold"), qualifying={"2026": 0},
    )  # fmt: skip
    policy = LedgerPolicy(programme_id=MAIN, tiers=Tiers(tiers=SILVER_GOLD))

    after, entries = posted(account, [], policy=policy, now=local("2027-02-01 00:00:00"))

    assert [(entry.scene, entry.effective_at) for entry in entries] == [
        ("expiry", local("2026-12-01 00:00:00")),
        ("hold_timeout", local("2026-12-20 10:00:00")),
        ("tier", local("2027-01-01 00:00:00")),
        ("expiry", local("2027-01-16 00:00:00")),
    ]
    assert (after.available, after.held, after.holds) == (0, 0, {})
    assert entries[-1].points == -8, "what came back from the hold expires with its lot"


def test_of_two_events_at_one_instant_lots_expire_before_a_hold_gives_back() -> None:
    end = local("2026-12-01 00:00:00")
    account = replace(
        holding(**{"2026_11_30": 5}), held=3,
        holds={"h": Hold(until=end, lots={"2026-11-30|order": 3})},
    )  # fmt: skip

    after, entries = posted(account, [], policy=POLICY, now=end)

    assert [entry.scene for entry in entries] == ["expiry", "hold_timeout"]
    assert after.lots == {"2026-12-08|order": 3}, "with the days of grace"


def test_a_hold_is_not_over_because_something_else_is_due() -> None:
    hold = Hold(until=local("2027-06-01 00:00:00"), lots={"never|order": 1})
    account = replace(
        holding(), held=1, holds={"h": hold}, qualifying={"2026": 100},
        standing=TierStanding(period="2026", tier="gold"),
    )  # fmt: skip
    policy = LedgerPolicy(programme_id=MAIN, tiers=Tiers(tiers=SILVER_GOLD))

    after, entries = posted(account, [], policy=policy, now=local("2027-02-01 00:00:00"))

    assert [entry.scene for entry in entries] == ["tier"]
    assert after.holds == {"h": hold}


def test_two_holds_that_end_together_end_in_a_fixed_order() -> None:
    one = Hold(until=NOW, lots={"never|order": 1})
    account = replace(Account(member_id=ANNA), held=2, holds={"b": one, "a": one})

    _, entries = posted(account, [], policy=POLICY, now=NOW)

    assert [entry.source_key for entry in entries] == ["resolve#a", "resolve#b"]


def test_nothing_is_due_a_moment_before() -> None:
    account = replace(
        holding(**{"2026_11_30": 5}),
        holds={"h": Hold(until=NOW, lots={"never|order": 1})}, held=1,
    )  # fmt: skip

    assert next_due(account, POLICY, NOW - timedelta(microseconds=1)) is None
    assert next_due(account, POLICY, NOW) is not None
    assert as_of(account, POLICY, NOW - timedelta(microseconds=1)) == account


def test_the_next_look_is_the_soonest_of_ends_holds_turns_and_notices() -> None:
    policy = LedgerPolicy(notice_days=(7,), tiers=Tiers(tiers=SILVER_GOLD))
    bare = holding(**{"2027_03_10": 5})
    standing = replace(bare, standing=TierStanding(period="2026", tier="gold"))
    held = replace(
        standing, holds={"h": Hold(until=local("2026-12-01 08:00:00"), lots={"never|order": 1})}
    )

    assert due_at(bare, policy, NOW) == local("2027-03-03 00:00:00")
    assert due_at(bare, policy, local("2027-03-03 00:00:00")) == local("2027-03-11 00:00:00")
    assert due_at(standing, policy, NOW) == local("2027-01-01 00:00:00")
    assert due_at(held, policy, NOW) == local("2026-12-01 08:00:00")
    assert due_at(holding(), policy, NOW) is None


def test_points_that_never_expire_are_looked_at_by_nobody() -> None:
    policy = LedgerPolicy(programme_id=MAIN, expiry=Expiry(method="never"))
    account, _ = posted(
        Account(member_id=ANNA), [credit(5, key="c", lot="never|order")], policy=policy, now=NOW
    )

    assert account.due_at is None
    assert list(expiring(account)) == []
    assert as_of(account, policy, local("2126-01-01 00:00:00")) == account


def test_the_calendars_last_day_is_no_trap() -> None:
    fixed = Expiry(method="fixed_date", on=date.max)
    history = History(LedgerPolicy(programme_id=MAIN, expiry=fixed))

    moving.grant(ANNA, MAIN, "g", 5, {}, desk=history.desk)

    assert history.account.lots == {"never|grant": 5}
    assert_sound(history)


def test_a_lifetime_tier_and_no_tier_have_no_turn() -> None:
    plan = Tiers(tiers=SILVER_GOLD)
    for standing, tiers in (
        (TierStanding(period="2020", tier=None), plan),
        (TierStanding(period="lifetime", tier="gold"), plan),
        (TierStanding(period="2020", tier="gold"), replace(plan, period="lifetime")),
        (TierStanding(period="2020", tier="gold"), None),
    ):
        account = replace(holding(), standing=standing)
        assert next_due(account, LedgerPolicy(tiers=tiers), NOW) is None


def test_points_are_told_by_their_last_day_over_all_classes() -> None:
    account = replace(
        holding(),
        lots={"2027-01-31|order": 5, "2027-01-31|bonus": 2, "2026-12-31|x": 1, "never|y": 9},
    )

    assert [(day.isoformat(), points) for day, points in expiring(account)] == [
        ("2026-12-31", 1), ("2027-01-31", 7),
    ]  # fmt: skip


def test_days_and_years_are_those_of_the_programmes_zone() -> None:
    tokyo = LedgerPolicy(
        programme_id=MAIN, zone_name="Asia/Tokyo", notice_days=(),
        tiers=Tiers(tiers=SILVER_GOLD, downgrade="by_points"),
    )  # fmt: skip
    account = replace(
        holding(**{"2026_12_31": 5}), standing=TierStanding(period="2026", tier="gold")
    )
    midnight = local("2026-12-31 23:00:00")

    assert due_at(account, tokyo, NOW) == midnight
    assert next_due(account, tokyo, midnight - timedelta(microseconds=1)) is None
    _, entries = posted(account, [], policy=tokyo, now=midnight)
    assert [(entry.scene, entry.effective_at) for entry in entries] == [
        ("expiry", midnight), ("tier", midnight),
    ]  # fmt: skip
