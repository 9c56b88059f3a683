"""Orders and points as operators account for them: the two sides agree, drafts are tried out, disputes are decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.demo.member import Member
from infra.demo.seller_export import Row
from tests.engines.cloudformation import REPOSITORY
from tests.journeys.conftest import Place, Season, eventually, number_of, write_rows

pytestmark = pytest.mark.ministack
PROGRAMME = REPOSITORY / "infra" / "demo" / "programme.yaml"
RULE = "refund_ban: {window_days: 90, min_orders: 1, ratio_percent: 100, ban_days: 30}"


@pytest.fixture
def number(kept: Iterator[Row]) -> str:
    return number_of(next(kept))


def credited(member: Member, number: str) -> int:
    taken = member.claim(number)
    claim = member.claimed(taken.body["claim_id"])
    assert claim["status"] == "credited", claim
    return sum(int(line["points"]) for line in claim["lines"])


def told(place: Place, *arguments: str) -> Any:
    return json.loads(place.huixue(*arguments, "--json"))


def agree(place: Place) -> dict[str, Any]:
    """Exit code 0: not one point of difference."""
    found: dict[str, Any] = told(place, "reconcile")
    assert (found["differences"], found["strays"]) == ([], [])
    return found


def test_orders_and_ledger_agree_to_the_point(place: Place, season: Season, number: str) -> None:
    before = sum(day["held_points"] for day in agree(place)["days"])

    points = credited(place.member("duizhang"), number)

    days = agree(place)["days"]
    assert sum(day["held_points"] for day in days) == before + points
    assert sum(day["ingested"] for day in days) >= len(season.rows)
    assert sum(day["kinds"].get("credited", 0) for day in days) > 0


def test_a_draft_with_twice_the_rate_is_tried_out_and_changes_nothing(
    place: Place, season: Season, number: str, tmp_path: Path
) -> None:
    member = place.member("shisuan")
    points = credited(member, number)
    content = PROGRAMME.read_text("utf-8").replace("points_per_yuan: 1\n", "points_per_yuan: 2\n")
    draft = tmp_path / "draft.yaml"
    draft.write_text(content, "utf-8")

    found = told(place, "simulate", str(draft), "--days", "90")

    assert found["points_draft"] >= 2 * found["points_now"] > 0
    assert found["unclaimed_points_draft"] >= 2 * found["unclaimed_points_now"] > 0
    assert (found["losers"], found["members_affected"] > 0) == ([], True)
    assert found["cost_milli_fen"] == (found["points_draft"] - found["points_now"]) * 1000
    assert member.points()["available"] == points
    assert told(place, "simulate", str(PROGRAMME), "--days", "90")["members_affected"] == 0


def test_an_order_somebody_else_claimed_goes_to_her_with_its_points(
    place: Place, season: Season, number: str
) -> None:
    first, hers = place.member("xianlai"), place.member("zhengzhu")
    points = credited(first, number)
    waiting = hers.claim(number).body["claim_id"]
    eventually(lambda: hers.call("GET", f"/v1/orders/{waiting}").status, 200)
    taken = hers.call("POST", f"/v1/orders/{waiting}/appeal", {"message": "这个订单是我的"})
    assert taken.status == 202, taken
    case_id = taken.body["case_id"]

    listed = {each["case_id"] for each in told(place, "cases")}
    evidence = told(place, "case", case_id)
    decided = told(
        place, "decide", case_id, "transfer", "--note-member", "已核对付款记录", "--operator", "ann"
    )

    assert case_id in listed
    assert evidence["owner"]["member_id"] == first.member_id
    assert evidence["a transfer would"]["give_points"] == points
    assert decided["status"] == "transferred"
    assert hers.claimed(waiting)["status"] == "credited"
    assert (first.points()["available"], hers.points()["available"]) == (0, points)
    agree(place)


def test_who_refunds_too_much_is_stopped_appeals_and_is_let_go(
    place: Place, season: Season, kept: Iterator[Row], tmp_path: Path
) -> None:
    row, member = next(kept), place.member("tuikuan")
    credited(member, number_of(row))
    closed = row | {"退款金额": row["总金额"], "买家实际支付金额": "0.00", "订单状态": "交易关闭"}
    place.imported(write_rows(tmp_path / "refunded.csv", [closed]))
    eventually(lambda: member.points()["available"], 0)
    strict = tmp_path / "strict.yaml"
    strict.write_text(PROGRAMME.read_text("utf-8").replace("# refund_ban", "refund_ban").replace(
        RULE.replace("min_orders: 1, ratio_percent: 100", "min_orders: 5, ratio_percent: 60"), RULE
    ), "utf-8")  # fmt: skip
    place.huixue("publish", str(strict))

    try:
        shown = told(place, "ban-refunders")
        banned = told(place, "ban-refunders", "--apply", "--preview", shown["preview"])["banned"]
        frozen = member.points()["frozen"]
        case = member.call("POST", "/v1/points/appeal", {"message": "质量问题"}).body["case_id"]
        place.huixue("decide", case, "lift", "--note-member", "已解除", "--operator", "ann")
        after = told(place, "ban-refunders")
    finally:
        place.huixue("publish", str(PROGRAMME))

    assert member.member_id in {each["member_id"] for each in shown["members"]}
    assert member.member_id in banned
    assert frozen["reason"] == "refunds"
    assert "frozen" not in member.points()
    assert member.member_id not in {each["member_id"] for each in after["members"]}
    agree(place)


def test_after_all_that_every_balance_recomputes(place: Place, season: Season) -> None:
    assert told(place, "audit")["violations"] == []
