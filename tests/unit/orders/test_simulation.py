"""A draft of the rules on the orders of the last days: what it would cost, and whom it would change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from huixue.kernel.ids import MemberId
from huixue.kernel.snapshots import LineState
from huixue.kernel.terms import Terms
from huixue.orders.model import Line, Order
from huixue.orders.simulation import SHOWN, simulated
from tests.unit.orders.world import HASHES, HER, NOW, OTHER, TERMS, an_order, line, ownership

SINCE = NOW - timedelta(days=30)
DOUBLE = replace(TERMS, rate_milli=2000, programme_version=4)


def owned(name: str, *lines: Line, by: MemberId = HER) -> Order:
    ref = HASHES.order_ref("taobao", name)
    return replace(an_order(*lines, ref=ref), ownership=ownership(by))


def doubled(order: Order, of: Line) -> Terms:
    return DOUBLE


def test_a_higher_rate_costs_what_it_costs() -> None:
    orders = [owned("a", line("confirmed", 10000)), owned("b", line("paid", 5000), by=OTHER)]

    found = simulated(orders, doubled, SINCE, NOW)

    assert (found.lines, found.lines_changed, found.members, found.members_affected) == (2, 2, 2, 2)
    assert (found.points_now, found.points_draft) == (150, 300)
    assert [(each.member_id, each.points) for each in found.gainers] == [(HER, 100), (OTHER, 50)]
    assert found.losers == ()


def test_only_owned_lines_paid_in_the_time_are_looked_at() -> None:
    def paid_at(name: str, at: datetime | None) -> Order:
        return owned(name, line("confirmed", 10000, paid_at=at))

    orders = [
        paid_at("edge", SINCE), paid_at("before", SINCE - timedelta(microseconds=1)),
        paid_at("never", None), replace(paid_at("free", NOW), ownership=None),
    ]  # fmt: skip

    assert simulated(orders, doubled, SINCE, NOW).lines == 1


def test_lines_that_bring_nothing_bring_nothing_under_the_draft() -> None:
    states: list[LineState] = ["unpaid", "closed", "unknown"]
    orders = [owned(state, line(state, 10000)) for state in states]

    found = simulated(orders, doubled, SINCE, NOW)

    assert (found.points_now, found.points_draft, found.members_affected) == (0, 0, 0)
    assert (found.gainers, found.losers) == ((), ())


def test_a_line_the_draft_does_not_take_is_a_loss() -> None:
    found = simulated([owned("a", line("confirmed", 10000))], lambda *_: None, SINCE, NOW)

    assert (found.points_now, found.points_draft) == (100, 0)
    assert [(each.member_id, each.points_now, each.points) for each in found.losers] == [
        (HER, 100, -100)
    ]


def test_who_gains_as_much_as_she_loses_is_not_affected() -> None:
    def swapped(order: Order, of: Line) -> Terms | None:
        return DOUBLE if of.paid_fen == 10000 else None

    orders = [owned("a", line("confirmed", 10000)), owned("b", line("confirmed", 10001))]

    found = simulated(orders, swapped, SINCE, NOW)

    assert (found.lines_changed, found.members_affected) == (2, 0)


def test_the_most_changed_members_are_listed_and_no_more() -> None:
    orders = [
        owned(f"{index}", line("confirmed", 1000 * index), by=MemberId(f"mem_{index:02}"))
        for index in range(1, 40)
    ]

    gains = simulated(iter(orders), doubled, SINCE, NOW)
    losses = simulated(iter(orders), lambda *_: None, SINCE, NOW)

    assert [each.points for each in gains.gainers] == [10 * n for n in range(39, 39 - SHOWN, -1)]
    assert [each.points for each in losses.losers] == [-10 * n for n in range(39, 39 - SHOWN, -1)]
    assert gains.members == 39


def test_the_draft_decides_types_and_campaigns_too() -> None:
    sample = owned("a", line("confirmed", 10000, trade_type="sample"))
    credited = replace(TERMS, credited_types=("sample",))

    found = simulated([sample], lambda *_: credited, SINCE, NOW)

    assert (found.points_now, found.points_draft) == (0, 100)
