"""However many credits a member had, her lots stay few and one spend touches two items (LG-E4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from huixue.dynamodb.items import encoded
from huixue.kernel.policies import Expiry
from huixue.points.lots import lot_key, new_lot
from huixue.points.model import Account
from huixue.points.movements import spend
from huixue.points.posting import posted
from huixue.points.records import account_item, entry_item
from tests.bench.sizes import item_bytes
from tests.unit.points.fakes import ANNA, NOW, POLICY, credit


def test_many_small_credits_of_one_class_are_one_lot_and_one_spend_is_two_items() -> None:
    """10,000 check-ins in one month of expiry; a spend touches the account and its entry."""
    account = Account(member_id=ANNA)
    for number in range(400):
        changes = [credit(1, key=f"c{number}#{each}") for each in range(25)]
        account, _ = posted(account, changes, policy=POLICY, now=NOW)

    after, entries = posted(account, [spend("s", 9_999, {})], policy=POLICY, now=NOW)

    assert account.balance == 10_000
    assert len(account.lots) == len(entries) == 1
    assert after.lots == {"2027-11-30|order": 1}
    assert item_bytes(encoded(account_item(after))) < 1024


def test_a_year_of_daily_expiry_stays_small_enough_for_one_spend_in_one_posting() -> None:
    """The most lots a class can have: one for each day. The account grows, what a spend writes does not."""
    policy = replace(POLICY, expiry_of={"check_in": Expiry(method="days", after=365)})
    account, now = Account(member_id=ANNA), NOW
    for day in range(366):
        now = NOW + timedelta(days=day)
        lot = new_lot("check_in", now.date(), policy)
        account, _ = posted(account, [credit(1, key=f"c{day}", lot=lot)], policy=policy, now=now)

    after, entries = posted(
        account, [spend("s", account.available - 1, {})], policy=policy, now=now
    )

    assert len(account.lots) == 366
    assert len(entries) == 1
    assert len(after.lots) == 1
    assert item_bytes(encoded(account_item(account))) < 12 * 1024
    assert item_bytes(encoded(entry_item(entries[0]))) < 12 * 1024


def test_a_year_away_with_daily_expiry_is_a_posting_of_a_few_items() -> None:
    policy = replace(POLICY, expiry_of={"check_in": Expiry(method="days", after=365)})
    lots = {lot_key(NOW.date() + timedelta(days=day), "check_in"): 1 for day in range(366)}
    account = replace(Account(member_id=ANNA), version=1, balance=366, lots=lots)

    after, entries = posted(account, [], policy=policy, now=NOW + timedelta(days=400))

    assert after.lots == {}
    assert len(entries) == 13
