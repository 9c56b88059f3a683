"""The made export looks like a downloaded one, keeps the orders' sums, and its manifest tells the truth."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from huixue.kernel.calendar import SHANGHAI, window_start
from huixue.kernel.snapshots import OrderSnapshot
from huixue.platforms.exports.reading import read_export
from huixue.platforms.numbers import order_number_form
from infra.demo import seller_export
from infra.demo.manifest import Manifest
from infra.demo.orders import DemoOrder, generate, read_report
from infra.demo.recompute import recompute

NOW = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)  # already the 21st in Shanghai
TODAY = date(2026, 11, 21)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Made:
    path: Path
    manifest: Manifest
    snapshots: dict[str, OrderSnapshot]
    printed: list[dict[str, str]]


def made(orders: list[DemoOrder], folder: Path, *, with_pending: int = 0) -> Made:
    path = folder / "export.csv"
    manifest = seller_export.write_export(orders, path, now=NOW, with_pending=with_pending)
    with path.open("rb") as stream:
        reading = read_export(stream, filename=path.name, platform="taobao", as_of=NOW)
        rows = [row for _, row in reading.rows]
    snapshots = {row.order_number: row for row in rows if isinstance(row, OrderSnapshot)}
    assert len(snapshots) == len(rows), "all rows are sound, all numbers different"
    with path.open(encoding="gbk", newline="") as file:
        printed = list(csv.DictReader(file))
    return Made(path=path, manifest=manifest, snapshots=snapshots, printed=printed)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return made(generate(), tmp_path_factory.mktemp("export"))


def test_the_header_is_the_seller_centres(export: Made) -> None:
    first_line = export.path.read_bytes().split(b"\r\n")[0].decode("gbk")

    assert first_line.startswith(
        "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,"
        "买家实际支付金额,买家实际支付积分,订单状态,"
    )
    assert {"订单付款时间 ", "收货地址 ", "退款金额", "确认收货时间"} <= set(first_line.split(","))


def test_numbers_are_dressed_have_19_digits_and_end_alike_for_one_buyer(export: Made) -> None:
    for buyer in export.manifest.buyers:
        assert len({number[-6:] for number in buyer.order_numbers}) == 1
    for number in export.snapshots:
        assert len(number) == 19
        assert order_number_form("taobao", number)
    assert b'\n="4' in export.path.read_bytes()


def test_the_last_payment_was_yesterday_and_nothing_lies_in_the_future(export: Made) -> None:
    paid = [s.paid_at for s in export.snapshots.values() if s.paid_at]

    assert str(max(paid).astimezone(SHANGHAI)).startswith("2026-11-20")
    for snapshot in export.snapshots.values():
        if snapshot.confirmed_at and snapshot.paid_at:
            assert snapshot.paid_at <= snapshot.confirmed_at <= NOW


def test_twenty_orders_are_older_than_the_window_and_no_others(export: Made) -> None:
    since = window_start(NOW, 90)
    old = {n for n, s in export.snapshots.items() if s.paid_at and s.paid_at < since}

    assert old == set(export.manifest.out_of_window)
    assert len(old) == 20
    for number in old:
        paid_at = export.snapshots[number].paid_at
        assert paid_at is not None
        days = (TODAY - paid_at.astimezone(SHANGHAI).date()).days
        assert 100 <= days <= 400


def test_states_and_amounts_are_those_of_the_orders(export: Made) -> None:
    orders = generate()
    outcomes = Counter(order.outcome for order in orders)
    states = Counter(snapshot.state for snapshot in export.snapshots.values())

    assert states == {
        "unpaid": outcomes["unpaid"],
        "closed": outcomes["refunded"],
        "confirmed": outcomes["kept"] + outcomes["partly_refunded"] + 20,
    }
    old = set(export.manifest.out_of_window)
    recent = [s for n, s in export.snapshots.items() if n not in old]
    assert sum(s.paid_fen or 0 for s in recent) == sum(o.total_fen for o in orders if o.paid_at)
    assert sum(s.refunded_fen or 0 for s in recent) == sum(o.refunded_fen for o in orders)


def test_the_recomputation_agrees_with_the_orders_themselves(export: Made) -> None:
    expected = sum(
        (order.total_fen - order.refunded_fen) // 100 for order in generate() if order.paid_at
    )

    assert recompute(export.path, today=TODAY).points == expected
    assert recompute(export.path).points > expected


def test_accounts_are_skewed_and_some_are_masked(export: Made) -> None:
    sizes = Counter(len(buyer.order_numbers) for buyer in export.manifest.buyers)
    masked = [buyer for buyer in export.manifest.buyers if buyer.masked]
    few = sum(count for size, count in sizes.items() if size <= 4)

    assert few / sizes.total() > 0.9
    assert 0.05 < len(masked) / sizes.total() < 0.3
    for buyer in masked:
        assert all(export.snapshots[number].account is None for number in buyer.order_numbers)
        assert "*" in buyer.printed_account
    assert sum(len(buyer.order_numbers) for buyer in export.manifest.buyers) == len(
        export.snapshots
    )


def test_the_busiest_buyer_can_prove_her_account(export: Made) -> None:
    busiest, proof = export.manifest.buyers[0], export.manifest.proof
    hers = [s for s in export.snapshots.values() if s.account == busiest.account]

    assert {s.order_number for s in hers} == set(busiest.order_numbers)
    assert sum(s.state == "confirmed" for s in hers) >= 20
    assert any(0 < (s.refunded_fen or 0) < (s.paid_fen or 0) for s in hers)
    assert proof.account == busiest.account
    assert export.snapshots[proof.order_number].paid_fen == proof.paid_fen
    assert export.snapshots[proof.order_number].state == "confirmed"


def test_every_example_is_what_its_name_says(export: Made) -> None:
    m, read = export.manifest, export.snapshots

    assert read[m.unpaid.order_number].state == "unpaid"
    assert read[m.fully_refunded.order_number].state == "closed"
    assert read[m.fully_refunded.order_number].paid_fen == m.fully_refunded.refunded_fen > 0
    partly = read[m.partly_refunded.order_number]
    assert 0 < (partly.refunded_fen or 0) < (partly.paid_fen or 0)
    assert m.old.order_number in m.out_of_window
    assert read[m.masked.order_number].account is m.masked.account is None
    assert read[m.lone.order_number].account == m.lone.account
    assert [b.order_numbers for b in m.buyers if b.account == m.lone.account] == [
        (m.lone.order_number,)
    ]


def test_examples_belong_to_different_buyers_and_their_points_are_recomputed(export: Made) -> None:
    m = export.manifest
    owner = {number: buyer.account for buyer in m.buyers for number in buyer.order_numbers}
    examples = [m.unpaid, m.fully_refunded, m.partly_refunded, m.old, m.masked, m.lone, m.proof]

    assert len({owner[example.order_number] for example in examples}) == len(examples)
    for example in examples:
        found = recompute(export.path, order_numbers={example.order_number})
        assert found.points == example.points


@pytest.mark.parametrize("seed", [15, 20, 41, 44, 60])  # where one buyer has two of the kinds
def test_examples_belong_to_different_buyers_in_a_crowd_too(seed: int) -> None:
    _, m = seller_export.make(generate(200, seed=seed), now=NOW, seed=seed)
    owner = {number: buyer.account for buyer in m.buyers for number in buyer.order_numbers}
    examples = [m.unpaid, m.fully_refunded, m.partly_refunded, m.old, m.masked, m.lone, m.proof]

    assert len({owner[example.order_number] for example in examples}) == len(examples)


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for path in (one, other):
        seller_export.write_export(generate(300), path, now=NOW, seed=5)

    assert one.read_bytes() == other.read_bytes()


def test_pending_orders_are_marked_and_outside_the_sums(tmp_path: Path, export: Made) -> None:
    pending = made(generate(), tmp_path, with_pending=6)

    states = Counter(pending.snapshots[number].state for number in pending.manifest.pending)
    assert states == {"shipped": 3, "paid": 3}
    without = recompute(pending.path, today=TODAY).points
    lost = sum((pending.snapshots[n].paid_fen or 0) // 100 for n in pending.manifest.pending)
    assert without + lost == recompute(export.path, today=TODAY).points
    assert all(pending.snapshots[n].confirmed_at is None for n in pending.manifest.pending)


def test_everybody_in_it_is_invented(export: Made) -> None:
    for row in export.printed:
        assert row["买家支付宝账号"].endswith("@example.invalid")
        assert row["收货人姓名"].startswith("演示")
        assert row["收货地址 "].startswith("演示省")
        assert row["联系手机"].startswith("'100")


@pytest.mark.parametrize("count", [1, 199])
def test_too_few_orders_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match="at least 200"):
        seller_export.make(generate(count), now=NOW)


def test_orders_without_a_needed_kind_are_refused_by_its_name() -> None:
    kept = [order for order in generate(600) if order.outcome == "kept"]

    with pytest.raises(ValueError, match="partly_refunded"):
        seller_export.make(kept, now=NOW)


def test_two_hundred_orders_hold_every_example(tmp_path: Path) -> None:
    assert made(generate(200), tmp_path).manifest.rows == 220


def test_the_commands_write_export_and_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export, manifest = tmp_path / "export.csv", tmp_path / "manifest.json"

    seller_export.main(
        [str(export), "--count", "300", "--manifest", str(manifest), "--now", NOW.isoformat()]
    )

    assert "320 orders written" in capsys.readouterr().out
    assert json.loads(manifest.read_text(encoding="utf-8"))["rows"] == 320


def test_the_real_orders_keep_their_points(design_data: Path, tmp_path: Path) -> None:
    real = made(read_report(design_data / "tmall_order_report.csv"), tmp_path)

    assert len(real.snapshots) == 28_010 + 20
    assert recompute(real.path, today=TODAY).points == 1_901_029
    since = window_start(NOW, 90)
    points = sum(
        ((s.paid_fen or 0) - (s.refunded_fen or 0)) // 100
        for s in real.snapshots.values()
        if s.state == "confirmed" and s.paid_at and s.paid_at >= since
    )
    assert points == 1_901_029
