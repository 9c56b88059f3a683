"""Whose order it is: windows, accounts, rooms, and when a claim without an order is looked at again."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.ids import AccountRef, MemberId
from huixue.kernel.terms import Terms
from huixue.orders.matching import (
    CHECK_AFTER,
    AlreadyHers,
    Decision,
    Own,
    Reject,
    Wait,
    decided,
    last_check,
    next_check,
)
from huixue.orders.model import Claim, Order
from tests.unit.orders.world import (
    HASHES,
    HER,
    HER_ACCOUNT,
    NOW,
    OTHER,
    ROOM,
    TERMS,
    a_claim,
    an_order,
    line,
    ownership,
    pooled,
    row,
)

GUEST = replace(TERMS, room_id="guest", window_days=30, rate_milli=500)
ANOTHER_ACCOUNT = HASHES.account_ref("taobao", "别人")
EARLIEST = datetime(2026, 8, 21, 16, 0, tzinfo=UTC)
"""00:00:00 of 22 August in Shanghai: 90 business days before the day of NOW, 20 November."""


def terms_for(room: str, paid_at: datetime | None) -> Terms | None:
    return {ROOM: TERMS, "demo/guest": GUEST}.get(room)


def decide(
    order: Order | None, claim: Claim | None = None, *, hers: tuple[MemberId, ...] = (HER,),
    staff: tuple[str, ...] = (),
) -> Decision:  # fmt: skip
    return decided(
        claim or a_claim(), order, hers=hers, terms_for=terms_for, is_staff=staff.__contains__,
        now=NOW,
    )  # fmt: skip


@pytest.fixture(params=["Asia/Shanghai", "America/Los_Angeles"])
def machine_zone(request: pytest.FixtureRequest) -> Iterator[None]:
    """The zone of the machine, which decides nothing."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    time.tzset()
    yield
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.usefixtures("machine_zone")
@pytest.mark.parametrize(
    ("room", "days"), [(ROOM, 90), ("demo/guest", 30)], ids=["90 days", "30 days"]
)
@pytest.mark.parametrize(
    "asked_at",
    [
        NOW,
        datetime(2026, 11, 19, 16, 0, tzinfo=UTC),
        datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC),
    ],
    ids=["noon", "first instant of the day", "last second of the day"],
)
def test_a_window_opens_at_midnight_in_shanghai(room: str, days: int, asked_at: datetime) -> None:
    opens = EARLIEST + timedelta(days=90 - days)
    claim = a_claim(claimed_at=asked_at)

    inside = decide(an_order(line(room=room, paid_at=opens)), claim)
    outside = decide(an_order(line(room=room, paid_at=opens - timedelta(milliseconds=1))), claim)

    assert isinstance(inside, Own)
    assert outside == Reject("OUT_OF_WINDOW")


def test_a_pool_that_was_late_does_not_cost_her_the_window() -> None:
    claim = a_claim(claimed_at=EARLIEST + timedelta(days=80))

    decision = decide(an_order(line(paid_at=EARLIEST - timedelta(days=5))), claim)

    assert isinstance(decision, Own)


def test_the_other_clock_measures_from_the_confirmed_receipt() -> None:
    by_receipt = replace(TERMS, window_clock="confirmed_at", window_days=30)
    opens = EARLIEST + timedelta(days=60)

    def on(confirmed_at: datetime | None) -> Decision:
        said = line(paid_at=EARLIEST)
        said = replace(
            said, confirmed_at=confirmed_at, as_of_ms={**said.as_of_ms, "confirmed_at": 1}
        )
        return decided(
            a_claim(), an_order(said), hers=[HER], terms_for=lambda _, __: by_receipt,
            is_staff=lambda _: False, now=NOW,
        )  # fmt: skip

    assert isinstance(on(opens), Own)
    assert isinstance(on(None), Own)
    assert on(opens - timedelta(milliseconds=1)) == Reject("OUT_OF_WINDOW")


def test_an_order_that_is_not_paid_yet_is_inside() -> None:
    assert isinstance(decide(an_order(line("unpaid", 0, paid_at=None))), Own)


@pytest.mark.parametrize(
    ("said", "printed", "is_own"),
    [
        (None, "小满1990", True),
        (None, None, True),
        (HER_ACCOUNT, "小满1990", True),
        (ANOTHER_ACCOUNT, "小满1990", False),
        (HER_ACCOUNT, None, False),
    ],
    ids=["none said", "none said, masked", "the same", "another", "said, but masked"],
)
def test_an_account_where_given_must_be_the_pools(
    said: AccountRef | None, printed: str | None, is_own: bool
) -> None:
    decision = decide(an_order(line(account=printed)), a_claim(account_ref=said))

    assert isinstance(decision, Own) if is_own else decision == Wait()


@pytest.mark.parametrize("room", [None, "other/main", "demo/closed-room"])
def test_an_order_of_no_room_of_hers_is_refused(room: str | None) -> None:
    assert decide(an_order(line(room=room))) == Reject("NOT_OUR_ROOM")


def test_terms_are_those_of_the_first_line_that_is_ours() -> None:
    order = an_order(line(room="other/main"), line(room="demo/guest"), line(room=ROOM))

    decision = decide(order)

    assert isinstance(decision, Own)
    assert decision.ownership.terms == GUEST


def test_an_order_is_credited_by_the_first_source_that_knows_our_room() -> None:
    roomless = row(line(room=None), source="affiliate")

    export, affiliate = row(line()), row(line(), source="affiliate")
    decisions = {
        "export": [[roomless, export], [export, affiliate], [export, roomless]],
        "affiliate": [[affiliate, export]],
    }
    for source, orders in decisions.items():
        for rows in orders:
            decision = decide(pooled(rows))
            assert isinstance(decision, Own)
            assert decision.ownership.credit_source == source


def test_what_is_not_there_and_what_is_somebody_elses_are_decided_alike() -> None:
    stub = replace(an_order(), sources={}, first_source=None)
    taken = replace(an_order(), ownership=ownership(OTHER))

    assert decide(None) == decide(stub) == decide(taken) == Wait()


def test_an_order_of_a_member_who_was_merged_into_her_is_hers() -> None:
    order = replace(an_order(), ownership=ownership(OTHER))

    assert decide(order, hers=(HER, OTHER)) == AlreadyHers()


def test_owning_pins_the_terms_the_source_and_that_no_account_is_proven() -> None:
    decision = decide(an_order())

    assert isinstance(decision, Own)
    assert decision.ownership == replace(ownership(), via=f"clm_{HER}", owned_at=NOW)


@pytest.mark.parametrize("state", ["unknown", "closed", "unpaid"])
def test_a_state_never_refuses_a_claim(state: str) -> None:
    said = {"unknown": line("unknown"), "closed": line("closed"), "unpaid": line("unpaid", 0)}

    assert isinstance(decide(an_order(said[state])), Own)


WINDOWS = st.integers(0, 120)
ELAPSED = st.timedeltas(timedelta(0), timedelta(days=130))


@given(ELAPSED, WINDOWS)
def test_the_next_check_is_ahead_and_never_after_the_last(elapsed: timedelta, days: int) -> None:
    due = next_check(NOW, NOW + elapsed, days)

    if due is not None:
        assert NOW + elapsed < due <= last_check(NOW, days)


@given(ELAPSED, ELAPSED, WINDOWS)
def test_the_next_check_never_goes_back(one: timedelta, two: timedelta, days: int) -> None:
    earlier, later = (next_check(NOW, NOW + each, days) for each in sorted([one, two]))

    if later is not None:
        assert earlier is not None
        assert earlier <= later


def test_checks_come_at_5_minutes_30_minutes_2_12_24_hours_and_then_daily() -> None:
    def schedule(days: int) -> Iterator[timedelta]:
        due = next_check(NOW, NOW, days)
        while due is not None:
            yield due - NOW
            due = next_check(NOW, due, days)

    seen = list(schedule(5))

    assert seen == [*CHECK_AFTER, *(timedelta(days=n) for n in range(2, 6))]
    assert (
        tuple(timedelta(minutes=minutes) for minutes in (5, 30, 2 * 60, 12 * 60, 24 * 60))
        == CHECK_AFTER
    )


def test_a_check_that_comes_late_or_twice_changes_nothing() -> None:
    def at(hours: float) -> datetime | None:
        return next_check(NOW, NOW + timedelta(hours=hours), 90)

    assert at(0.5) == at(0.7) == at(1.9) == NOW + timedelta(hours=2)
    assert at(11) == NOW + timedelta(hours=12)
    assert at(25) == at(47.9) == NOW + timedelta(hours=48)
