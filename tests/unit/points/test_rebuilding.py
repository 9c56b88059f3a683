"""The account that its entries come to (LG-E2), and what it was at any instant (LG-E3)."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from huixue.kernel.policies import Cap, LedgerPolicy, Tiers
from huixue.points import movements, moving
from huixue.points.model import Account, Frozen, Hold, TierStanding
from huixue.points.posting import as_of, posted
from huixue.points.rebuilding import CARRIED, at_instant, differences, mended, rebuilt
from huixue.points.use_cases import settle
from tests.unit.points.fakes import ANNA, MAIN, NOW, credit, quote
from tests.unit.points.histories import SILVER_GOLD, History

POLICY = LedgerPolicy(
    programme_id=MAIN,
    caps=(Cap(cap_id="c", per="member", window="month", points=1000),),
    tiers=Tiers(tiers=SILVER_GOLD),
)


@pytest.fixture
def history() -> History:
    """Every field of the account has something in it."""
    history = History(POLICY)
    for number, points in enumerate((300, 80)):
        history.pool.say(quote(str(number), "due", points, bonus=10), quote("p", "pending", 5))
        settle(ANNA, ["o1"], quotes=history.pool, desk=history.desk)
        history.clock.later(hours=1)
    until = history.clock.now + timedelta(days=9)
    moving.open_hold(ANNA, MAIN, "h", 40, until, {}, desk=history.desk)
    history.clock.later(hours=1)
    moving.spend(ANNA, MAIN, "s", 340, {}, desk=history.desk)
    history.clock.later(hours=1)
    moving.adjust(ANNA, MAIN, "a", -25, {}, desk=history.desk)
    for name in ("before", "her days"):
        change = movements.reward(
            f"check_in#{name}", "check_in", 0, NOW.date(), POLICY, {}, check_in_sheet=name
        )
        moving.entered(
            ANNA, MAIN, change.source_key, {}, lambda *_, it=change: [it], desk=history.desk
        )
    return history


BROKEN: dict[str, Any] = {
    "balance": 1000, "pending": 6, "held": 0, "lifetime": 1, "lots": {"never|order": 7},
    "holds": {}, "qualifying": {"2026": 1}, "standing": TierStanding(period="2026", tier="silver"),
    "caps": {"c": ("2026-11", 0)}, "in_debt_since": None, "entry_count": 99, "recent": ("x",),
    "check_in_sheet": "another",
}  # fmt: skip


def test_every_field_that_entries_tell_is_tried() -> None:
    assert set(BROKEN) | set(CARRIED) == {each.name for each in fields(Account)}


@pytest.mark.parametrize("name", BROKEN)
def test_a_field_that_was_broken_is_named_and_mended(history: History, name: str) -> None:
    sound, entries = history.account, history.entries
    broken = replace(sound, **{name: BROKEN[name]})

    found = differences(broken, rebuilt(broken, entries))
    after = mended(broken, entries, POLICY, NOW)

    assert list(found) == [name]
    assert found[name][0] != found[name][1]
    assert replace(after, version=sound.version) == sound
    assert after.version == sound.version + 1


def test_all_fields_at_once_and_the_order_of_entries_do_not_matter(history: History) -> None:
    sound, entries = history.account, history.entries
    broken = replace(sound, **BROKEN, due_at=None)

    after = mended(broken, entries[::-1], POLICY, NOW)

    assert replace(after, version=sound.version) == sound
    assert set(differences(broken, rebuilt(broken, entries))) == set(BROKEN)


def test_a_sound_account_differs_in_nothing(history: History) -> None:
    assert differences(history.account, rebuilt(history.account, history.entries)) == {}


def test_what_entries_do_not_tell_is_carried_over(history: History) -> None:
    frozen = Frozen(reason="audit", since=NOW)
    account = replace(history.account, frozen=frozen)

    assert mended(account, history.entries, POLICY, NOW).frozen == frozen


def test_that_she_was_erased_is_carried_over_and_no_difference(history: History) -> None:
    account = replace(history.account, erased_at=NOW)

    assert mended(account, history.entries, POLICY, NOW).erased_at == NOW
    assert differences(account, rebuilt(account, history.entries)) == {}


def test_an_earlier_instant_shows_the_sheet_of_then(history: History) -> None:
    account, entries = history.account, history.entries

    assert at_instant(account, entries[:-1], history.clock.now).check_in_sheet == "before"
    assert at_instant(account, entries, NOW).check_in_sheet == ""
    assert at_instant(account, entries, history.clock.now).check_in_sheet == "her days"


def test_an_empty_account_is_what_no_entries_come_to() -> None:
    nobody = Account(member_id=ANNA)

    assert rebuilt(nobody, []) == nobody


def test_maps_compare_by_their_content() -> None:
    one = replace(Account(member_id=ANNA), lots={"a|x": 1, "b|x": 2})

    assert differences(one, replace(one, lots={"b|x": 2, "a|x": 1})) == {}


def test_an_instant_between_two_entries_shows_what_was_then(history: History) -> None:
    account, entries = history.account, history.entries
    instants = [NOW + timedelta(hours=hour) for hour in range(-1, 5)]

    then = [at_instant(account, entries, instant) for instant in instants]

    assert [each.balance for each in then] == [0, 300, 380, 340, 0, -25]
    assert [each.held for each in then] == [0, 0, 0, 40, 40, 40]
    assert then[3].holds == {
        "h": Hold(until=NOW + timedelta(days=9, hours=2), lots=account.holds["h"].lots)
    }
    assert then[-1] == account


def test_an_entry_counts_from_the_very_instant_it_took_effect(history: History) -> None:
    account, entries = history.account, history.entries

    assert at_instant(account, entries, NOW).balance == 300
    assert at_instant(account, entries, NOW - timedelta(microseconds=1)).balance == 0


def test_an_expiry_entered_late_counts_from_its_instant() -> None:
    history = History(POLICY)
    moving.grant(ANNA, MAIN, "g", 10, {}, desk=history.desk)
    history.clock.later(days=900)
    moving.enter_due(ANNA, desk=history.desk)
    (gone,) = [entry for entry in history.entries if entry.scene == "expiry"]

    a_moment_before = gone.effective_at - timedelta(microseconds=1)

    assert at_instant(history.account, history.entries, gone.effective_at).balance == 0
    assert at_instant(history.account, history.entries, a_moment_before).balance == 10


def test_with_what_was_due_by_then_an_instant_is_what_a_read_showed_at_it() -> None:
    """Lots of one month that are entered late are one entry, so `as_of` is asked too."""
    history, shown = History(POLICY), dict[int, int]()
    for day in (2, 9):
        change = credit(5, key=f"c{day}", lot=f"2026-12-{day:02}|order")
        account, entries = posted(history.account, [change], policy=POLICY, now=NOW)
        history.ledger.post(history.account, account, entries, policy=POLICY, shared={})
    for day in range(30):
        shown[day] = as_of(history.account, POLICY, NOW + timedelta(days=day)).balance
    history.clock.later(days=60)
    moving.enter_due(ANNA, desk=history.desk)

    for day, expected in shown.items():
        instant = NOW + timedelta(days=day)
        then = at_instant(history.account, history.entries, instant)
        assert as_of(then, POLICY, instant).balance == expected
    assert len([entry for entry in history.entries if entry.scene == "expiry"]) == 1
