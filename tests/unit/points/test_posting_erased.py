"""An erased member's account: her points may still expire, nothing else happens to them, and nobody is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from huixue.kernel.errors import MemberErasedError
from huixue.points import moving
from huixue.points.due import due_at
from huixue.points.merging import merged
from huixue.points.model import Account
from huixue.points.notices import due_notices
from huixue.points.ports import LedgerDesk
from huixue.points.posting import as_of, posted
from huixue.points.transfers import settled
from huixue.points.use_cases import settle
from tests.unit.points.fakes import (
    ANNA,
    BERTA,
    MAIN,
    NOW,
    POLICY,
    clawback,
    credit,
    local,
    quote,
)
from tests.unit.points.granting_office import GrantOffice, grant, rows
from tests.unit.points.histories import History, assert_sound
from tests.unit.points.job_fakes import expiries, jobs_at, run_expiry

UNTIL = NOW + timedelta(days=1)


@pytest.fixture
def history() -> History:
    """100 granted points, an open hold of 30, a line of 50, a spend of 10; and then she was erased."""
    history = History(POLICY)
    moving.grant(ANNA, MAIN, "g", 100, {}, desk=history.desk)
    moving.open_hold(ANNA, MAIN, "h", 30, UNTIL, {}, desk=history.desk)
    moving.spend(ANNA, MAIN, "s", 10, {}, desk=history.desk)
    history.pool.say(quote("a", "due", 50))
    settle(ANNA, ["o1"], quotes=history.pool, desk=history.desk)
    history.ledger.erase(ANNA, history.clock.now)
    return history


MOVES: list[Callable[[LedgerDesk], object]] = [
    lambda desk: moving.spend(ANNA, MAIN, "t", 10, {}, desk=desk),
    lambda desk: moving.spend(ANNA, MAIN, "t", 10**6, {}, desk=desk),
    lambda desk: moving.open_hold(ANNA, MAIN, "i", 10, UNTIL, {}, desk=desk),
    lambda desk: moving.capture(ANNA, MAIN, "h", 10, {}, desk=desk),
    lambda desk: moving.release(ANNA, MAIN, "h", {}, desk=desk),
    lambda desk: moving.give_back(ANNA, MAIN, "spend#s", "r", 10, {}, desk=desk),
    # what the account would say of the request does not matter any more
    lambda desk: moving.give_back(ANNA, MAIN, "spend#none", "r", 10, {}, desk=desk),
    lambda desk: moving.adjust(ANNA, MAIN, "a", 10, {}, desk=desk),
    lambda desk: moving.grant(ANNA, MAIN, "i", 10, {}, desk=desk),
    lambda desk: moving.entered(ANNA, MAIN, "k", {}, lambda *_: [credit(0, key="k")], desk=desk),
]


@pytest.mark.parametrize("move", MOVES)
def test_every_movement_says_that_she_was_erased_and_enters_nothing(
    history: History, move: Callable[[LedgerDesk], object]
) -> None:
    before = history.account

    with pytest.raises(MemberErasedError):
        move(history.desk)

    assert history.account == before


def test_a_movement_of_before_is_still_found_done(history: History) -> None:
    assert moving.spend(ANNA, MAIN, "s", 10, {}, desk=history.desk).repeated


def test_who_is_erased_between_reading_and_posting_gets_nothing(history: History) -> None:
    del history
    late = History(POLICY)
    late.ledger.before_post = [lambda: late.ledger.erase(ANNA, NOW)]

    with pytest.raises(MemberErasedError):
        moving.grant(ANNA, MAIN, "g", 10, {}, desk=late.desk)

    assert (late.account.balance, late.entries) == (0, [])


def test_a_line_that_changes_is_not_settled_and_no_failure(history: History) -> None:
    before = history.account
    for said in (quote("a", "void", 0), quote("b", "due", 7), quote("a", "due", 9, owner=BERTA)):
        history.pool.say(said)
        assert settle(ANNA, ["o1"], quotes=history.pool, desk=history.desk) == []
        assert settled(ANNA, ["o1"], quotes=history.pool, desk=history.desk) == []

    assert history.account == before


def test_an_erasure_between_the_price_and_the_posting_ends_the_settlement() -> None:
    history = History(POLICY)
    history.pool.say(quote("a", "due", 50))
    history.ledger.before_post = [lambda: history.ledger.erase(ANNA, NOW)]

    assert settled(ANNA, ["o1"], quotes=history.pool, desk=history.desk) == []
    assert history.account.balance == 0


def test_what_happens_by_itself_goes_on(history: History) -> None:
    history.clock.later(days=900)

    gone = moving.enter_due(ANNA, desk=history.desk)

    assert [entry.scene for entry in gone] == ["hold_timeout", "expiry"]
    assert (history.account.balance, history.account.held) == (0, 0)
    assert history.account.erased_at == NOW
    assert moving.enter_due(ANNA, desk=history.desk) == []
    assert_sound(history)


def test_a_read_shows_what_is_due_and_raises_nothing(history: History) -> None:
    history.clock.later(days=900)

    assert history.now.balance == 0
    assert as_of(history.account, POLICY, NOW) == history.account


def test_no_change_of_whatever_kind_is_posted() -> None:
    erased = Account(member_id=ANNA, version=1, erased_at=NOW)

    for change in (credit(1, key="a"), clawback(1, key="b")):
        with pytest.raises(MemberErasedError):
            posted(erased, [change], policy=POLICY, now=NOW)
    assert posted(erased, [], policy=POLICY, now=NOW) == (erased, [])


def test_no_notice_is_due_and_nobody_looks_for_one() -> None:
    lots = {"2026-12-31|order": 70}
    held = Account(member_id=ANNA, programme_id=MAIN, version=1, lots=lots, balance=70)
    erased = replace(held, erased_at=NOW)
    since, now = local("2026-12-01 00:00"), local("2026-12-01 00:00")

    assert due_notices(held, POLICY, since=since, now=now)
    assert due_notices(erased, POLICY, since=since, now=now) == []
    assert due_at(held, POLICY, NOW) == local("2026-12-01 00:00")
    assert due_at(erased, POLICY, NOW) == local("2027-01-01 00:00")
    assert due_at(held, POLICY, now, since=since) == since
    assert due_at(erased, POLICY, now, since=since) == local("2027-01-01 00:00")


def test_the_job_enters_her_expiry_and_records_no_notice() -> None:
    jobs = jobs_at("2026-11-20 12:00", POLICY)
    jobs.given(ANNA, 70, "2026-12-31|order")
    jobs.ledger.erase(ANNA, jobs.clock())

    for day in ("2026-12-01 01:00", "2026-12-24 01:00", "2027-01-01 01:00"):
        jobs.clock.now = local(day)
        run_expiry(jobs)

    assert [points for points, _, _ in expiries(jobs)] == [-70]
    assert jobs.notices == {}


def test_neither_side_of_a_merger_may_be_erased() -> None:
    plain = Account(member_id=BERTA, version=1)
    erased = Account(member_id=ANNA, version=1, erased_at=NOW)

    for old, new in ((plain, erased), (erased, plain)):
        with pytest.raises(MemberErasedError):
            merged(old, new, policy=POLICY, now=NOW, join_sheets=max)


def test_a_bulk_grant_leaves_her_out_unless_she_had_her_row_before() -> None:
    office, done = GrantOffice(), GrantOffice()
    office.ledger.erase(ANNA, NOW)

    seen = office.preview(rows(anna=10, berta=20))

    assert [each.row.member_id for each in seen.results] == [BERTA]
    assert seen.unknown == (ANNA,)
    first = done.preview(rows(anna=10, berta=20))
    done.run_or_die(grant(rows(anna=10, berta=20)), first.hash)
    done.ledger.erase(ANNA, NOW)
    assert done.preview(rows(anna=10, berta=20)).hash == first.hash
    assert done.ledger.account(ANNA).balance == 10
