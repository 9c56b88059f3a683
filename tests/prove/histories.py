"""Made-up histories of one buyer: a programme's policy, what platforms say of her orders and when it arrives.

All drawn from one generator. Statements arrive late, out of order and twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from huixue.kernel.ids import KeyedHash
from huixue.kernel.policies import (
    Cap,
    Clawback,
    Expiry,
    ExpiryMethod,
    LedgerPolicy,
    Tier,
    Tiers,
)
from huixue.kernel.snapshots import LineState, OrderSnapshot, RefundSnapshot, RefundState
from huixue.kernel.terms import CampaignKind, CampaignTerms, Terms
from huixue.orders.model import Row
from huixue.orders.pool import pool_row, refund_row
from tests.prove.reference_calendar import SHANGHAI, midnight_before
from tests.prove.reference_orders import Said

HASHES = KeyedHash(key_id="k1", key=b"a key of the proofs, 32 bytes lon")
BEGINNINGS = (
    datetime(2026, 1, 29, 3, tzinfo=UTC), datetime(2027, 2, 26, 9, tzinfo=UTC),
    datetime(2028, 2, 27, 15, 59, 59, tzinfo=UTC), datetime(2026, 12, 30, 6, tzinfo=UTC),
    datetime(2026, 3, 30, 16, tzinfo=UTC), datetime(2026, 6, 29, 23, tzinfo=UTC),
)  # fmt: skip
"""Ends of months, leap days and years are near."""
LENGTHS = (timedelta(hours=30), timedelta(days=5), timedelta(days=45), timedelta(days=420))
METHODS: tuple[ExpiryMethod, ...] = (
    "never", "days", "days", "month_end", "month_end", "quarter_end", "half_year_end", "year_end",
    "fixed_date",
)  # fmt: skip
CAMPAIGNS: dict[CampaignKind, int] = {"multiply": 200, "add": 50, "fixed": 7}
ODD_STATES: tuple[LineState, ...] = ("paid", "shipped", "confirmed", "closed", "unknown")
ENDS: tuple[list[LineState], ...] = (["closed"], ["closed"], ["closed", "confirmed"])
REFUND_COURSES: tuple[tuple[RefundState, ...], ...] = (
    ("open",), ("open", "done"), ("done",), ("open", "failed"),
)  # fmt: skip
Snapshot = OrderSnapshot | RefundSnapshot
TIERS = Tiers(tiers=(Tier(tier="silver", from_points=60), Tier(tier="gold", from_points=200)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A statement as the pool gets it and as the reference does."""

    at: datetime
    row: Row
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The time a history takes."""

    begin: datetime
    length: timedelta

    def instant(self, random: Random, *, early: bool = False) -> datetime:
        """Any; often right before, at or after midnight in Shanghai."""
        share = random.random()
        at = self.begin + self.length * (share * share if early else share)
        if random.random() < 0.25:
            at = midnight_before(at) + timedelta(milliseconds=random.choice((-1, 0, 1)))
        return max(self.begin, at)


def span(random: Random) -> Span:
    return Span(begin=random.choice(BEGINNINGS), length=random.choice(LENGTHS))


def policy(random: Random, during: Span) -> LedgerPolicy:
    return LedgerPolicy(
        programme_id="demo",
        version=1,
        expiry=expiry(random, during),
        expiry_of={
            kind: expiry(random, during) for kind in ("grant", "check_in") if random.random() < 0.3
        },
        grace_days=random.choice((0, 1, 7)),
        clawback=Clawback(
            other_lots=random.random() < 0.7,
            shortfall=random.choice(("debt", "write_off", "freeze")),
        ),
        caps=tuple(caps(random)),
        tiers=TIERS if random.random() < 0.25 else None,
    )


def expiry(random: Random, during: Span) -> Expiry:
    method = random.choice(METHODS)
    most = 40 if method == "days" else 2
    end = (during.begin + during.length * random.random() + SHANGHAI).date()
    on: date | None = end if method == "fixed_date" else None
    return Expiry(method=method, after=random.randint(0, most), on=on)


def caps(random: Random) -> Iterator[Cap]:
    if random.random() < 0.3:
        yield Cap(
            cap_id="hers", per="member", points=random.randint(0, 150),
            window=random.choice(("day", "week", "month", "year", "total")),
            scenes=random.choice(((), ("order_accrual",), ("grant",), ("check_in", "check_in_streak"))),
            rules=random.choice(((), ("main/taobao",), ("other/taobao",))),
        )  # fmt: skip
    if random.random() < 0.15:
        yield Cap(
            cap_id="all", per="programme", points=random.randint(0, 300),
            window=random.choice(("day", "month")),
        )  # fmt: skip


def terms(random: Random, during: Span) -> Terms:
    return Terms(
        programme_id="demo", programme_version=1, room_id="main", rule="main/taobao",
        rate_milli=random.choice((1000, 1000, 1500, 333)),
        multiplier_percent=random.choice((100, 100, 150)), level=None, window_days=90,
        window_clock="paid_at", release_after_days=random.choice((0, 0, 1, 7)),
        credited_types=random.choice(((), ("gift",))),
        campaigns=tuple(campaigns(random, during)),
    )  # fmt: skip


def campaigns(random: Random, during: Span) -> Iterator[CampaignTerms]:
    for number in range(random.choice((0, 0, 1, 2))):
        starts_at = during.begin - timedelta(days=random.randint(-1, 1))
        kind = random.choice(list(CAMPAIGNS))
        yield CampaignTerms(
            campaign_id=f"c{number}", kind=kind, value=CAMPAIGNS[kind], starts_at=starts_at,
            ends_at=starts_at + during.length * random.random() + timedelta(days=1),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """One line: what stays the same whatever is said about it."""

    order: str
    number: str | None
    paid_fen: int
    freight_fen: int
    paid_at: datetime


def arrivals(random: Random, during: Span) -> list[Arrival]:
    """What is said about one or two orders, in the order in which it arrives."""
    found: list[Arrival] = []
    for number in range(random.choice((1, 1, 2))):
        order = f"{number}"
        for line in (None,) if random.random() < 0.5 else ("a", "b"):
            goods = Goods(
                order=order, number=line, paid_fen=random.randrange(1, 20_000),
                freight_fen=random.choice((0, 0, 600)),
                paid_at=during.instant(random, early=True),
            )  # fmt: skip
            said: list[Snapshot] = [*states(random, goods, during), *refunds(random, goods, during)]
            for snapshot in said:
                for _ in range(random.choice((1, 1, 1, 2))):
                    found.append(arrival(random, snapshot, during))
    return sorted(found, key=lambda each: each.at)


def states(random: Random, goods: Goods, during: Span) -> Iterator[OrderSnapshot]:
    """Created, paid, shipped, confirmed, perhaps closed; platforms also fall back and say what nobody knows."""
    course: list[LineState] = ["unpaid", "paid", "shipped", "confirmed"]
    if random.random() < 0.25:
        course += random.choice(ENDS)
    course = [each for each in course if random.random() < 0.85] or ["confirmed"]
    if random.random() < 0.3:
        course.insert(random.randrange(len(course) + 1), random.choice(ODD_STATES))
    times = sorted(during.instant(random, early=True) for _ in course)
    refunded = 0
    for index, (state, at) in enumerate(zip(course, times, strict=True)):
        if random.random() < 0.25:
            refunded = min(goods.paid_fen, refunded + random.randrange(goods.paid_fen + 1))
        yield OrderSnapshot(
            platform="taobao", source="export" if goods.number is None else "affiliate",
            order_number=goods.order, sub_order_number=goods.number,
            # two statements of one instant would leave open which is newer
            as_of=at + timedelta(milliseconds=index), state=state,
            paid_fen=None if state == "shipped" and random.random() < 0.3 else goods.paid_fen,
            refunded_fen=random.choice((refunded, refunded, None)), freight_fen=goods.freight_fen,
            paid_at=goods.paid_at,
            confirmed_at=at if state == "confirmed" and random.random() < 0.5 else None,
            trade_type=random.choice(("gift", "sample")) if random.random() < 0.03 else None,
        )  # fmt: skip


def refunds(random: Random, goods: Goods, during: Span) -> Iterator[RefundSnapshot]:
    """Up to three refunds with numbers of their own, each asked for and then paid out or closed; by rounding they
    may come to more than was paid."""
    for number in range(random.choice((0, 0, 1, 2, 3))):
        at = during.instant(random)
        course = random.choice(REFUND_COURSES)
        share = random.choice((1.1 / 3, 0.5, 1, random.random()))
        for step, state in enumerate(course):
            yield RefundSnapshot(
                platform="taobao", source="affiliate", order_number=goods.order,
                refund_number=f"{goods.order}{goods.number}{number}",
                sub_order_number=goods.number,
                as_of=at + during.length * 0.1 * step + timedelta(milliseconds=step),
                state=state, amount_fen=round(goods.paid_fen * share),
            )  # fmt: skip


def arrival(random: Random, snapshot: Snapshot, during: Span) -> Arrival:
    late = random.choice((timedelta(0), during.length * 0.02, during.length * 0.5))
    at = snapshot.as_of + late * random.random()
    number = snapshot.sub_order_number
    if isinstance(snapshot, RefundSnapshot):
        refund = refund_row(snapshot, HASHES)
        said = Said(
            order=refund.order_ref, line=refund.refund.line_key, at=snapshot.as_of,
            state=snapshot.state, refunded=snapshot.amount_fen, refund=snapshot.refund_number,
        )  # fmt: skip
        return Arrival(at=at, row=refund, said=said)
    row = pool_row(snapshot, room="demo/main", hashes=HASHES)
    said = Said(
        order=row.order_ref, line="order" if number is None else row.line_key,
        at=snapshot.as_of, state=snapshot.state, paid=snapshot.paid_fen,
        freight=snapshot.freight_fen, refunded=snapshot.refunded_fen, paid_at=snapshot.paid_at,
        confirmed_at=snapshot.confirmed_at, trade_type=snapshot.trade_type,
    )  # fmt: skip
    return Arrival(at=at, row=row, said=said)
