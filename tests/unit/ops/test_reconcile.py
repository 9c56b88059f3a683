"""What `huixue reconcile` says of a stage whose every point is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from huixue.kernel.events import LinePosting
from huixue.kernel.ids import MemberId
from huixue.orders.model import Order
from infra.ops import ledger_strays
from infra.ops.errors import OperatorError
from infra.ops.order_walk import read_only
from infra.ops.reconcile import Doors, Span, compared, reconciliation, span_of
from tests.engines.tables import TableNames
from tests.unit.ops.operating import NOW, Operated, operated
from tests.unit.ops.shop import Shop, days_ago
from tests.unit.orders.world import TERMS, line

A, B, C = MemberId("mem_a"), MemberId("mem_b"), MemberId("mem_c")
QUIET = Console(quiet=True)


@pytest.fixture
def stage(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operated:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return operated(dynamodb, tables)


@pytest.fixture
def shop(stage: Operated) -> Shop:
    """Two days: credited, pending, taken back, parked, excluded, refused, unpaid and unclaimed lines."""
    shop = Shop(stage)
    monday, tuesday = days_ago(11), days_ago(10)
    shop.settled(line(paid_at=monday), line("shipped", 900, paid_at=monday), member=A)
    back = shop.settled(line(paid_at=tuesday), member=A)
    shop.settle(shop.say(back, line(refunded_fen=7880, paid_at=tuesday)))
    for state in ("unknown", "closed"):
        shop.settled(line(state, paid_at=tuesday), member=B)
    shop.settled(line("unpaid", paid_at=None), member=B)
    shop.settled(line(trade_type="gift", paid_at=tuesday), member=B)
    shop.put(line(paid_at=tuesday), member=None)
    return shop


def test_lines_are_counted_by_day_and_kind_and_the_sums_of_both_sides_agree(
    stage: Operated, shop: Shop
) -> None:
    done, shown = stage.run("reconcile", "--json"), stage.run("reconcile")

    assert (done.exit_code, shown.exit_code) == (0, 0), done.output
    found = json.loads(done.stdout)
    by_day = {each["paid_on"]: each for each in found["days"]}
    assert by_day["2026-11-09"] == {
        "platform": "taobao", "paid_on": "2026-11-09", "ingested": 2, "eligible": 2,
        "kinds": {"credited": 1, "pending": 1}, "due_points": 178, "held_points": 178,
        "pending_points": 9, "held_pending_points": 9,
    }  # fmt: skip
    assert by_day["2026-11-10"]["kinds"] == {
        "clawed_back": 1, "parked": 1, "refused": 1, "excluded": 1, "unclaimed": 1,
    }  # fmt: skip
    assert (by_day["2026-11-10"]["due_points"], by_day["2026-11-10"]["held_points"]) == (100, 100)
    assert by_day[None]["kinds"] == {"unpaid": 1}
    assert (found["differences"], found["strays"]) == ([], [])
    assert "equal" in shown.stdout


def test_one_point_of_difference_is_named_and_the_exit_code_is_1(
    stage: Operated, shop: Shop
) -> None:
    order = shop.settled(line(paid_at=days_ago(10)), member=C)
    entry = f"E#line#{order.line_id('order')}#0001"
    stage.dynamodb.update_item(
        TableName=stage.deployment.output("PointsTableName"),
        Key={"pk": {"S": C}, "sk": {"S": entry}},
        UpdateExpression="SET points = :points",
        ConditionExpression="points = :before",
        ExpressionAttributeValues={":points": {"N": "179"}, ":before": {"N": "178"}},
    )
    before = stage.everything()

    done, shown = (stage.run("reconcile", "--wait", "0", *more) for more in (["--json"], []))

    assert (done.exit_code, shown.exit_code) == (1, 1)
    [difference] = json.loads(done.stdout)["differences"]
    assert difference["line_id"] == order.line_id("order")
    assert (difference["due_points"], difference["held_points"]) == (178, 179)
    assert "huixue logs --failures" in shown.stdout
    assert stage.everything() == before


def test_a_credit_that_never_came_is_a_difference(stage: Operated, shop: Shop) -> None:
    shop.put(line(), member=C)

    found = compared(stage.deployment, Span(), console=QUIET, wait_s=0)

    assert [(each.due_points, each.held_points) for each in found.differences] == [(178, 0)]


def test_platform_and_days_choose_what_is_reported(stage: Operated, shop: Shop) -> None:
    def days(*arguments: str) -> list[str]:
        found = stage.run("reconcile", "--json", *arguments)
        assert found.exit_code == 0, found.output
        return [each["paid_on"] for each in json.loads(found.stdout)["days"]]

    assert days("--day", "2026-11-09") == ["2026-11-09"]
    assert days("--from", "2026-11-10") == ["2026-11-10"]
    assert days("--to", "2026-11-09", "--platform", "taobao") == ["2026-11-09"]
    assert days("--platform", "douyin") == []


def test_a_misspelt_platform_is_refused_and_never_equal(stage: Operated) -> None:
    found = stage.run("reconcile", "--platform", "taobo")

    assert found.exit_code == 1
    assert "is no platform" in found.stderr
    assert "equal" not in found.stdout


def test_the_days_can_be_read_in_a_narrow_terminal(
    stage: Operated, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    found = stage.run("reconcile")

    assert "2026-11-09" in found.stdout
    assert "…" not in found.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((None, "2026-13-01", None, None), "no day"),
        ((None, "2026-11-01", "2026-11-01", None), "both ends"),
        ((None, None, "2026-11-02", "2026-11-01"), "before"),
    ],
)
def test_days_that_make_no_sense_are_refused(arguments: Any, said: str) -> None:
    with pytest.raises(OperatorError, match=said) as refused:
        span_of(*arguments)

    assert refused.value.next_step


def test_a_line_settled_a_moment_ago_is_read_once_more_before_it_counts(
    stage: Operated, shop: Shop
) -> None:
    late = shop.put(line(paid_at=days_ago(10)), member=C)

    found = reconciliation(doors(shop, [late], pause=lambda: shop.settle(late)), Span())

    [day] = found.days
    assert found.differences == ()
    assert (day.ingested, day.due_points, day.held_points) == (1, 178, 178)


def test_an_order_released_while_the_walk_goes_on_is_judged_by_the_time_it_is_read(
    stage: Operated, shop: Shop
) -> None:
    terms = replace(TERMS, release_after_days=7)
    confirmed = line(paid_at=days_ago(10), confirmed_at=days_ago(7))
    order = shop.settled(confirmed, member=C, terms=terms)
    walk = doors(shop, [order], pause=lambda: None)

    found = reconciliation(replace(walk, now=iter([days_ago(1), NOW]).__next__), Span())

    assert found.differences == ()
    assert found.days[0].held_points == 178


def doors(shop: Shop, page: list[Order], pause: Callable[[], None]) -> Doors:
    def postings(member_id: MemberId, line_ids: Sequence[str]) -> Mapping[str, LinePosting]:
        held = shop.ledger.standing(member_id, line_ids).postings
        return {line_id: each.told() for line_id, each in held.items()}

    return Doors(
        pages=[page], pool=shop.stage.orders, postings=postings, now=lambda: NOW, pause=pause
    )


def test_orders_of_an_erased_member_are_left_out_whatever_becomes_of_them(
    stage: Operated, shop: Shop
) -> None:
    order = shop.settled(line(paid_at=days_ago(10)), member=C)
    before = json.loads(stage.run("reconcile", "--json").stdout)
    shop.ledger.erase(C, NOW)
    shop.say(order, line(refunded_fen=7880, paid_at=days_ago(10)))

    done = stage.run("reconcile", "--json")

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) != before
    assert json.loads(done.stdout)["differences"] == []


def strays(stage: Operated) -> list[ledger_strays.Stray]:
    return ledger_strays.strays(stage.deployment, read_only(stage.deployment), lambda _: None)


def test_points_for_a_line_of_no_order_are_found(stage: Operated, shop: Shop) -> None:
    order = shop.settled(line(), member=C)
    stage.dynamodb.delete_item(
        TableName=stage.deployment.output("OrdersTableName"),
        Key={"pk": {"S": f"O#{order.order_ref}"}, "sk": {"S": "ORDER"}},
    )

    done, shown = (stage.run("reconcile", "--wait", "0", *more) for more in (["--json"], []))

    assert (done.exit_code, shown.exit_code) == (1, 1)
    assert json.loads(done.stdout)["strays"] == [{
        "line_id": order.line_id("order"), "member_id": C, "points": 178, "pending_points": 0,
        "owner": None,
    }]  # fmt: skip
    assert "no order has this line" in shown.stdout


def test_points_that_stayed_with_somebody_who_lost_the_order_are_found(
    stage: Operated, shop: Shop
) -> None:
    order = shop.settled(line(), member=C)
    assert order.ownership is not None
    moved = stage.orders.save(replace(order, ownership=replace(order.ownership, member_id=B)))
    shop.settle(moved)

    [stray] = strays(stage)

    assert (stray.member_id, stray.points, stray.owner) == (C, 178, B)


def test_points_of_a_merged_account_are_no_strays(stage: Operated, shop: Shop) -> None:
    order = shop.settled(line(), member=C)
    writes = shop.ledger.merge_writes(C, A, shop.desk.policy_of, NOW, max)
    stage.database.transact(writes)
    assert strays(stage) == []

    shop.settle(shop.say(order, line(refunded_fen=7880)))

    assert strays(stage) == []
    assert compared(stage.deployment, Span(), console=QUIET, wait_s=0).differences == ()
