"""A seller's order export made of demo orders, as the seller centre of Taobao prints and downloads it.

GBK, the full header, numbers as `="…"`, states in the platform's words; amounts, hours and intervals are the
orders' own, days are moved so that the last payment was yesterday. Repeatable: same orders, seed and `now`,
same bytes. Every person in it is invented.

    python -m infra.demo.seller_export --orders REPORT.csv export.csv
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from infra.demo import buyers as people
from infra.demo.manifest import Manifest, manifest_of
from infra.demo.orders import (
    DEFAULT_COUNT,
    DEFAULT_SEED,
    DemoOrder,
    generate,
    read_report,
    yuan,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
OLD_ORDERS = 20
OLD_DAYS = range(100, 401)
HEADER = (
    "订单编号", "买家会员名", "买家支付宝账号", "买家应付货款", "买家应付邮费", "买家支付积分", "总金额",
    "返点积分", "买家实际支付金额", "买家实际支付积分", "订单状态", "买家留言", "收货人姓名", "收货地址 ",
    "运送方式", "联系电话 ", "联系手机", "订单创建时间", "订单付款时间 ", "宝贝标题 ", "宝贝种类 ",
    "物流单号 ", "物流公司", "订单备注", "宝贝总数量", "店铺Id", "店铺名称", "订单关闭原因", "卖家服务费",
    "买家服务费", "发票抬头", "是否手机订单", "分阶段订单信息", "定金排名", "修改后的sku",
    "修改后的收货地址", "异常信息", "天猫卡券抵扣", "集分宝抵扣", "是否是O2O交易", "退款金额", "预约门店",
    "确认收货时间", "打款商家金额",
)  # fmt: skip
CONFIRMED, CLOSED, UNPAID = "交易成功", "交易关闭", "等待买家付款"
PENDING = ("卖家已发货，等待买家确认", "买家已付款，等待卖家发货")
_TITLES = (
    "演示 玻尿酸补水面膜 10片装", "演示 氨基酸洁面乳 120g", "演示 烟酰胺精华液 30ml", "演示 防晒霜 SPF50+ 60ml",
    "演示 丝绒哑光口红 3.5g", "演示 卸妆膏 100ml", "演示 修护面霜 50g", "演示 旅行套装（四件）",
)  # fmt: skip
_NOTES = ("请尽快发货, 谢谢", "不要放快递柜\n请打电话", '要"正装", 不要小样')
Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One order with everything that was made up for it."""

    order: DemoOrder
    number: str
    buyer: people.Buyer
    state: str
    old: bool = False


def make(
    orders: Sequence[DemoOrder], *, now: datetime, seed: int = DEFAULT_SEED, with_pending: int = 0
) -> tuple[list[Line], Manifest]:
    """The export's lines, newest first, and what the walk-through needs to know of them.

    `now` is aware. `with_pending` kept orders are not confirmed yet: they stay outside the sums, as do
    the 20 old ones. Raises ValueError where the orders cannot hold the examples.
    """
    random = Random(seed)  # noqa: S311 - a repeatable demo, no secret
    today = now.astimezone(SHANGHAI).date()
    recent = _moved(orders, today=datetime(today.year, today.month, today.day))  # noqa: DTZ001 - wall clock
    buyers = people.assigned(recent, random)
    old, old_buyers = _old_orders(recent, len(buyers), random)
    everything = [*recent, *old]
    buyer_of = {at: buyer for buyer in [*buyers, *old_buyers] for at in buyer.orders}
    numbers = _numbers(everything, buyer_of, random)
    lines = [
        Line(order=order, number=numbers[at], buyer=buyer_of[at], state=_state(order),
             old=at >= len(recent))
        for at, order in enumerate(everything)
    ]  # fmt: skip
    lines, pending = _with_pending(lines, with_pending, busiest=buyers[0])
    made = manifest_of(lines, pending=pending, busiest=buyers[0], today=today)
    return sorted(lines, key=lambda line: line.order.created_at, reverse=True), made


def _moved(orders: Sequence[DemoOrder], *, today: datetime) -> list[DemoOrder]:
    """Whole days later or earlier, so that hours stay: the last payment falls on yesterday."""
    last = max((order.paid_at for order in orders if order.paid_at), default=None)
    if last is None:
        raise ValueError("none of the orders was paid")
    by = timedelta(days=(today.date() - last.date()).days - 1)
    return [
        replace(
            order, created_at=order.created_at + by, paid_at=order.paid_at and order.paid_at + by
        )
        for order in orders
    ]


def _old_orders(
    recent: Sequence[DemoOrder], first_serial: int, random: Random
) -> tuple[list[DemoOrder], list[people.Buyer]]:
    """Orders paid 100 to 400 days before the last ones, each of a plain buyer with no other order."""
    yesterday = max(order.paid_at for order in recent if order.paid_at).date()
    kept = [order for order in recent if order.outcome == "kept"]
    old: list[DemoOrder] = []
    for days in random.sample(OLD_DAYS, OLD_ORDERS):
        order = random.choice(kept)
        assert order.paid_at is not None  # noqa: S101 - kept orders were paid
        by = timedelta(days=(order.paid_at.date() - yesterday).days + days - 1)
        old.append(replace(order, created_at=order.created_at - by, paid_at=order.paid_at - by))
    owners = [
        people.invented(first_serial + at, random, orders=[len(recent) + at], may_mask=False)
        for at in range(OLD_ORDERS)
    ]
    return old, owners


def _numbers(
    orders: Sequence[DemoOrder], buyer_of: dict[int, people.Buyer], random: Random
) -> list[str]:
    """19 digits that grow with time and end as all numbers of the buyer do."""
    numbers = [""] * len(orders)
    running = 4_000_000_000_000
    for at in sorted(range(len(orders)), key=lambda position: orders[position].created_at):
        running += random.randrange(1, 9_999_999)
        numbers[at] = f"{running}{buyer_of[at].tail}"
    return numbers


def _state(order: DemoOrder) -> str:
    return {"unpaid": UNPAID, "refunded": CLOSED}.get(order.outcome, CONFIRMED)


def _with_pending(
    lines: list[Line], count: int, *, busiest: people.Buyer
) -> tuple[list[Line], list[str]]:
    """The newest kept orders of buyers with several orders: the examples stay as they are."""
    chosen = [
        at
        for at, line in enumerate(lines)
        if line.order.outcome == "kept" and not line.old and len(line.buyer.orders) > 1
        and line.buyer is not busiest
    ][:count]  # fmt: skip
    if len(chosen) < count:
        raise ValueError(f"only {len(chosen)} orders could be pending, not {count}")
    for place, at in enumerate(chosen):
        lines[at] = replace(lines[at], state=PENDING[place % len(PENDING)])
    return lines, [lines[at].number for at in chosen]


def rows(lines: Sequence[Line], *, now: datetime, seed: int = DEFAULT_SEED) -> Iterator[Row]:
    """One row per line, every column of HEADER as text."""
    random = Random(seed + 1)  # noqa: S311 - a repeatable demo, no secret
    local_now = now.astimezone(SHANGHAI).replace(tzinfo=None)
    for line in lines:
        yield _row(line, random, local_now)


def _row(line: Line, random: Random, local_now: datetime) -> Row:
    order, buyer = line.order, line.buyer
    left_fen = 0 if order.paid_at is None else order.total_fen - order.refunded_fen
    quantity = random.choices((1, 2, 3), (80, 15, 5))[0]
    row = dict.fromkeys(HEADER, "")
    row |= {
        "订单编号": f'="{line.number}"', "买家会员名": buyer.printed_account,
        "买家支付宝账号": f"{buyer.account}@example.invalid", "买家应付货款": yuan(order.total_fen),
        "买家应付邮费": "0.00", "买家支付积分": "0", "总金额": yuan(order.total_fen), "返点积分": "0",
        "买家实际支付金额": yuan(left_fen), "买家实际支付积分": "0", "订单状态": line.state,
        "买家留言": random.choice(_NOTES) if random.randrange(50) == 0 else "null",
        "收货人姓名": buyer.name, "收货地址 ": f"演示省 演示市 演示区 虚构路{int(buyer.tail) % 900 + 1}号(000000)",
        "运送方式": "快递", "联系手机": f"'{buyer.phone}", "订单创建时间": str(order.created_at),
        "订单付款时间 ": str(order.paid_at or ""), "宝贝标题 ": random.choice(_TITLES), "宝贝种类 ": "1",
        "宝贝总数量": str(quantity), "店铺Id": "0", "店铺名称": "演示旗舰店",
        "订单关闭原因": "退款" if line.state == CLOSED else "订单未关闭", "卖家服务费": "0元",
        "买家服务费": "0元", "是否手机订单": "手机订单", "天猫卡券抵扣": "0", "集分宝抵扣": "0",
        "退款金额": yuan(order.refunded_fen), "打款商家金额": f"{yuan(left_fen)}元",
    }  # fmt: skip
    if order.paid_at and line.state != PENDING[1]:
        row |= {"物流单号 ": f"No:DEMO{int(line.number) % 10**10:010}", "物流公司": "演示快递"}
    if order.paid_at and line.state == CONFIRMED:
        row["确认收货时间"] = str(_confirmed_at(order.paid_at, local_now, random))
    return row


def _confirmed_at(paid_at: datetime, local_now: datetime, random: Random) -> datetime:
    """Three to ten days after the payment, but not in the future."""
    wait = timedelta(seconds=random.randrange(3 * 86_400, 10 * 86_400))
    confirmed_at = min(paid_at + wait, paid_at + (local_now - paid_at) * 0.9)
    return confirmed_at.replace(microsecond=0)


def csv_text(printed: Iterator[Row], header: Sequence[str] = HEADER) -> Iterator[str]:
    """Lines as downloaded: CRLF, quotes only where needed, `="…"` bare."""
    yield ",".join(header) + "\r\n"
    for row in printed:
        yield ",".join(_quoted(row[name]) for name in header) + "\r\n"


def _quoted(text: str) -> str:
    if text.startswith('="') or not any(mark in text for mark in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


def write_export(
    orders: Sequence[DemoOrder],
    path: Path,
    *,
    now: datetime,
    seed: int = DEFAULT_SEED,
    with_pending: int = 0,
) -> Manifest:
    """Writes the export to `path` in GBK and returns its manifest; an existing file is replaced."""
    lines, made = make(orders, now=now, seed=seed, with_pending=with_pending)
    with path.open("w", encoding="gbk", newline="") as file:
        file.writelines(csv_text(rows(lines, now=now, seed=seed)))
    return made


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m infra.demo.seller_export",
        description="Writes a seller export of demo orders.",
    )
    parser.add_argument("export", type=Path, help="the CSV file to write")
    parser.add_argument(
        "--orders", type=Path, help="a report of real orders; else they are generated"
    )
    parser.add_argument("--count", type=int, default=DEFAULT_COUNT, help="how many to generate")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="same seed, same export")
    parser.add_argument(
        "--now", type=datetime.fromisoformat, help="with offset; default: the clock"
    )
    parser.add_argument("--with-pending", type=int, default=0, help="orders not confirmed yet")
    parser.add_argument(
        "--manifest", type=Path, help="a JSON file to write, of who has which order"
    )
    options = parser.parse_args(arguments)
    now = options.now or datetime.now(SHANGHAI)
    if now.tzinfo is None:
        parser.error("--now needs an offset, such as 2026-11-21T12:00:00+08:00")
    orders = (
        read_report(options.orders)
        if options.orders
        else generate(options.count, seed=options.seed)
    )
    made = write_export(
        orders, options.export, now=now, seed=options.seed, with_pending=options.with_pending
    )
    if options.manifest:
        text = json.dumps(made.as_json(), ensure_ascii=False, indent=1)
        options.manifest.write_text(text + "\n", encoding="utf-8")
    print(f"{made.rows} orders written to {options.export}, the last paid {made.last_paid_at}")


if __name__ == "__main__":
    main()
