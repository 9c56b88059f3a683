"""The main job through the real doors of a real deployment; every sum is recomputed from the files themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.kernel.calendar import SHANGHAI
from infra.demo.member import Member
from infra.demo.recompute import paid_fen, recompute
from infra.demo.seller_export import Row
from infra.ops import stores
from infra.sandbox.server import ADZONE_ID
from tests.journeys.conftest import ORDERS, Place, Season, eventually, number_of, write_rows

pytestmark = pytest.mark.ministack
DONE = frozenset({"credited"})


def points_of(season: Season, *numbers: str) -> int:
    return recompute(season.file, order_numbers=set(numbers), today=season.manifest.today).points


def credited(member: Member, number: str) -> dict[str, Any]:
    taken = member.claim(number)
    assert taken.status == 202, taken
    claim = member.claimed(taken.body["claim_id"])
    assert claim["status"] == "credited", claim
    return claim


def test_the_export_is_imported_whole(season: Season) -> None:
    rows = season.manifest.rows

    assert rows == ORDERS + 20
    assert season.totals | {"import_id": ""} == {
        "import_id": "", "rows": rows, "row_errors": 0, "orders_new": rows, "orders_changed": 0,
        "orders_unchanged": 0, "status": "done",
    }  # fmt: skip


def test_the_same_file_again_writes_to_no_order(place: Place, season: Season) -> None:
    hashes, store = stores.keyed_hash(place.deployment), stores.orders(place.deployment)
    refs = [hashes.order_ref("taobao", number_of(row)) for row in season.rows]
    before = store.orders(refs)

    assert place.imported(season.file) == season.totals
    twice = place.imported(season.file, "--exported-at", "2020-01-01T00:00:00+08:00")

    assert len(before) == len(season.rows)
    assert (twice["orders_unchanged"], twice["orders_changed"]) == (len(season.rows), 0)
    assert store.orders(refs) == before


def test_a_member_claims_one_order_and_can_recompute_why(
    place: Place, season: Season, kept: Iterator[Row]
) -> None:
    number = number_of(next(kept))
    member = place.member("anmei")

    claim = credited(member, number)
    again = member.claim(number)

    expected = points_of(season, number)
    [line] = claim["lines"]
    why = line["explanation"]
    assert expected > 0
    assert (line["points"], member.points()["available"]) == (expected, expected)
    assert (why["paid_fen"] - why["freight_fen"] - why["refunded_fen"]) // 100 == expected
    assert (again.status, again.headers["idempotency-hit"]) == (200, "true")
    [entry] = member.entries()
    assert (entry["points"], entry["balance_after"]) == (expected, expected)
    assert number not in json.dumps([claim, entry])


def test_a_claim_made_before_the_order_is_known_is_credited_when_the_export_comes(
    place: Place, season: Season, kept: Iterator[Row], tmp_path: Path
) -> None:
    number = "9" + number_of(row := next(kept))[1:]
    member = place.member("zaolai")
    early = member.claim(number)
    eventually(lambda: member.call("GET", f"/v1/orders/{early.body['claim_id']}").status, 200)
    file = write_rows(tmp_path / "late.csv", [row | {"订单编号": f'="{number}"'}])

    totals = place.imported(file)

    assert (totals["orders_new"], totals["rows"]) == (1, 1)
    claim = member.claimed(early.body["claim_id"])
    expected = recompute(file, today=season.manifest.today).points
    assert (claim["status"], member.points()["available"]) == ("credited", expected)


def test_a_member_syncs_her_account_and_pages_through_her_entries(
    place: Place, season: Season
) -> None:
    proof = season.manifest.proof
    member = place.member("beibei")
    expected = recompute(season.file, account=proof.account, today=season.manifest.today)

    found = member.sync(str(proof.account), proof.order_number, proof.paid_fen)

    assert (found["status"], found["lines_credited"]) == ("done", expected.credited)
    assert member.points()["available"] == expected.points
    pages: list[list[dict[str, Any]]] = []
    cursor = ""
    while True:
        page = member.call("GET", f"/v1/points/entries?limit=4{cursor}").body
        pages.append(page["items"])
        if "next_cursor" not in page:
            break
        cursor = f"&cursor={page['next_cursor']}"
    entries = [entry for page in pages for entry in page]
    assert [len(page) for page in pages[:-1]] == [4] * (len(pages) - 1)
    assert len({entry["entry_id"] for entry in entries}) == len(entries)
    accruals = [entry for entry in entries if entry["scene"] == "order_accrual"]
    assert len(accruals) == expected.credited
    assert sum(entry["points"] for entry in entries) == expected.points
    assert entries[0]["balance_after"] == expected.points

    thief = place.member("xiaotou")
    stolen = thief.sync(str(proof.account), proof.order_number, proof.paid_fen)
    assert stolen["status"] == "failed"
    assert thief.points()["available"] == 0


def test_a_masked_account_proves_nothing_and_its_order_is_credited_by_number(
    place: Place, season: Season
) -> None:
    masked = season.manifest.masked
    buyer = next(
        each for each in season.manifest.buyers if masked.order_number in each.order_numbers
    )
    member = place.member("mianju")

    paid = paid_fen(season.file, masked.order_number)
    tried = member.sync(buyer.printed_account, masked.order_number, paid)

    assert tried["status"] in {"failed", "refused"}
    credited(member, masked.order_number)
    assert member.points()["available"] == points_of(season, masked.order_number)


def test_a_refund_in_a_newer_export_takes_the_points_back_and_an_older_one_does_not_bring_them(
    place: Place, season: Season, kept: Iterator[Row], tmp_path: Path
) -> None:
    whole, partly, stays = next(kept), next(kept), next(kept)
    member = place.member("tuikuan")
    for row in (whole, partly, stays):
        credited(member, number_of(row))
    left = f"{float(partly['买家实际支付金额']) - 5:.2f}"
    refunded = [
        whole | {"退款金额": whole["总金额"], "买家实际支付金额": "0.00", "订单状态": "交易关闭"},
        partly | {"退款金额": "5.00", "买家实际支付金额": left},
        stays,
    ]
    newer = write_rows(tmp_path / "newer.csv", refunded)
    expected = recompute(newer, today=season.manifest.today).points

    totals = place.imported(newer)
    eventually(lambda: member.points()["available"], expected)

    yesterday = (datetime.now(SHANGHAI) - timedelta(days=1)).isoformat()
    older = place.imported(
        write_rows(tmp_path / "older.csv", [whole, partly, stays]), "--exported-at", yesterday
    )
    assert totals["orders_changed"] == 3
    assert older["orders_changed"] == 0
    assert member.points()["available"] == expected > 0
    statuses = {each["points"] for each in member.entries()}
    assert any(points < 0 for points in statuses)
    claims = {
        item["status"] for item in member.call("GET", "/v1/orders?limit=50").body["items"]
    }  # fmt: skip
    assert claims == {"credited", "clawed_back", "partially_clawed_back"}


def test_a_verified_level_multiplies_later_claims_only(
    place: Place, season: Season, kept: Iterator[Row]
) -> None:
    before, after = number_of(next(kept)), number_of(next(kept))
    member = place.member("jinka")
    credited(member, before)
    place.huixue("set-level", member.member_id, "main", "gold")

    claim = credited(member, after)

    row = next(row for row in season.rows if number_of(row) == after)
    fen = round(float(row["买家实际支付金额"]) * 100)
    plain, multiplied = points_of(season, before), fen * 120 // 10_000
    assert claim["lines"][0]["explanation"]["multiplier_percent"] == 120
    assert claim["lines"][0]["points"] == multiplied
    assert member.points()["available"] == plain + multiplied


def test_affiliate_rows_credit_a_claim_once_and_the_export_of_the_same_order_adds_nothing(
    place: Place, season: Season, kept: Iterator[Row], tmp_path: Path
) -> None:
    number = "8" + number_of(row := next(kept))[1:]
    member = place.member("lianmeng")
    taken = member.claim(number)
    now = datetime.now(SHANGHAI)

    def tell(tk_status: int, at: datetime) -> None:
        printed = at.strftime("%Y-%m-%d %H:%M:%S")
        rows = [
            {
                "trade_id": f"{number[:-1]}{part}", "trade_parent_id": number,
                "tk_status": tk_status, "alipay_total_price": price, "tb_paid_time": printed,
                "modified_time": printed, "adzone_id": ADZONE_ID, "item_title": "演示", "item_num": 1,
            }
            for part, price in ((1, "60.50"), (2, "40.25"))
        ]  # fmt: skip
        reply = place.http.request(
            "POST", f"{place.address}/sandbox/taobao/orders", body=json.dumps(rows).encode()
        )
        assert reply.status == 200, reply.data

    tell(12, now - timedelta(minutes=9))
    pulled = place.invoke("PullTaobaoOrders")
    assert [each["rows"] for each in pulled.values()] == [2, 0]
    waiting = member.claimed(taken.body["claim_id"], until=frozenset({"pending"}))
    tell(14, now - timedelta(minutes=5))
    again = place.invoke("PullTaobaoOrders")
    claim = member.claimed(taken.body["claim_id"])

    assert ([each["lag_s"] for each in pulled.values()], waiting["status"]) == ([0, 0], "pending")
    assert [each["rows"] for each in again.values()] == [2, 0]
    assert claim["status"] == "credited"
    assert sorted(line["points"] for line in claim["lines"]) == [40, 60]
    exported = row | {
        "订单编号": f'="{number}"', "总金额": "100.75", "买家实际支付金额": "100.75",
    }  # fmt: skip
    totals = place.imported(write_rows(tmp_path / "same.csv", [exported]))
    assert totals["orders_changed"] == 1
    eventually(lambda: member.points()["available"], 100)
    refund = exported | {"退款金额": "50.75", "买家实际支付金额": "50.00"}
    place.imported(write_rows(tmp_path / "refund.csv", [refund]))
    eventually(lambda: member.points()["available"], 49)  # each line is floored by itself
