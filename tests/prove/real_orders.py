"""The real orders of the design data as three statements each: paid, confirmed, and, where they were, refunded.

The file prints what is left after the refund; what was paid is that and the refund together. Nothing of it is kept:
members and the order of arrival are made up.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zlib import crc32

from huixue.kernel.calendar import from_local_text
from huixue.kernel.ids import MemberId
from huixue.kernel.money import fen_from_yuan
from huixue.kernel.snapshots import OrderSnapshot, RefundSnapshot
from huixue.orders.model import Row
from huixue.orders.pool import pool_row, refund_row
from tests.races.main_job import HASHES

REPORT = "tmall_order_report.csv"
MEMBERS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class RealOrder:
    number: str
    paid_fen: int
    """Before the refund; 0 where it was never paid."""
    refunded_fen: int
    created_at: datetime
    paid_at: datetime | None

    @property
    def is_refunded_in_full(self) -> bool:
        return 0 < self.refunded_fen == self.paid_fen

    @property
    def member_id(self) -> MemberId:
        return member_of(self.number)


def member_of(number: str) -> MemberId:
    return MemberId(f"mem_{crc32(number.encode()) % MEMBERS:04}")


def real_orders(folder: Path) -> list[RealOrder]:
    with (folder / REPORT).open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        names = [name.strip() for name in next(rows)]
        return [_order(dict(zip(names, cells, strict=True))) for cells in rows]


def _order(row: dict[str, str]) -> RealOrder:
    refunded_fen = fen_from_yuan(row["退款金额"])
    paid_on = row["订单付款时间"].strip()
    return RealOrder(
        number=row["订单编号"],
        paid_fen=fen_from_yuan(row["买家实际支付金额"]) + refunded_fen if paid_on else 0,
        refunded_fen=refunded_fen,
        created_at=from_local_text(row["订单创建时间"]),
        paid_at=from_local_text(paid_on) if paid_on else None,
    )


def statements(order: RealOrder, *, as_objects: bool) -> Iterator[Row]:
    """What the platform says, one after the other; a refund as an object of its own or as a sum in an export."""
    if order.paid_at is None:
        yield _row(order, "unpaid", order.created_at, 0)
        return
    yield _row(order, "paid", order.paid_at, 0)
    yield _row(order, "confirmed", order.paid_at + timedelta(days=7), 0)
    if not order.refunded_fen:
        return
    at = order.paid_at + timedelta(days=9)
    if as_objects:
        refund = RefundSnapshot(
            platform="taobao", source="affiliate", refund_number=f"r{order.number}",
            order_number=order.number, as_of=at, state="done", amount_fen=order.refunded_fen,
        )  # fmt: skip
        yield refund_row(refund, HASHES)
        return
    state = "closed" if order.is_refunded_in_full else "confirmed"
    yield _row(order, state, at, order.refunded_fen)


def _row(order: RealOrder, state: str, as_of: datetime, refunded_fen: int) -> Row:
    snapshot = OrderSnapshot(
        platform="taobao", source="export", order_number=order.number, as_of=as_of,
        state=state, paid_fen=order.paid_fen, refunded_fen=refunded_fen, freight_fen=0,  # type: ignore[arg-type]  # one of its words
        created_at=order.created_at, paid_at=order.paid_at,
    )  # fmt: skip
    return pool_row(snapshot, room="demo/main", hashes=HASHES)


def shuffled(orders: list[RealOrder], random: Random) -> list[tuple[RealOrder, Row]]:
    """All statements of all orders in any order, one in ten of them twice."""
    said = [
        (order, row)
        for order in orders
        for row in statements(order, as_objects=random.random() < 0.5)
    ]
    said += random.sample(said, len(said) // 10)
    random.shuffle(said)
    return said
