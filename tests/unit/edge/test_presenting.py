from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import msgspec
import pytest

from huixue.edge import presenting, wire
from huixue.kernel.ids import AccountRef, ClaimId, LineId, MemberId, OrderRef
from huixue.orders.model import Claim, OrderSync
from huixue.orders.views import ClaimView, LineView
from huixue.points.model import Account, Entry, Scene

AT = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
LOCAL = "2026-11-21T01:30:00+08:00"
CLAIM = Claim(
    claim_id=ClaimId("clm_1"), member_id=MemberId("m"), programme_id="demo", platform="taobao",
    order_ref=OrderRef("taobao:k1:r"), order_hint="3000…01", account_ref=AccountRef("taobao:k1:a"),
    room_level="gold", claimed_at=AT, submission="s",
)  # fmt: skip
LINE = LineView(
    line_id=LineId("lin_1"), title="精华", amount_fen=100, status="credited", points=1, reason=None,
    explanation={"paid_fen": 100, "level": None},
)  # fmt: skip
ENTRY = Entry(
    member_id=MemberId("m"), source_key="line#lin_1#0001", number=7, scene="order_accrual", points=1,
    pending=0, balance_after=8, lot=None, business_date=date(2026, 11, 21), recorded_at=AT,
    previous=(), source={
        "kind": "order_line", "line_id": "lin_1", "platform": "taobao", "order_hint": "3000…01",
    },
    explanation={"paid_fen": 100},
)  # fmt: skip


def shown(body: msgspec.Struct) -> Any:
    return msgspec.json.decode(msgspec.json.encode(body))


def test_a_claim_shows_shanghais_time_and_nothing_that_identifies() -> None:
    view = ClaimView(
        claim=CLAIM, status="credited", paid_on=date(2026, 11, 18), lines=(LINE,),
        next_check_at=AT + timedelta(minutes=5),
    )  # fmt: skip

    assert shown(presenting.claim(view, english=False)) == {
        "claim_id": "clm_1", "platform": "taobao", "order_hint": "3000…01", "claimed_at": LOCAL,
        "paid_on": "2026-11-18", "status": "credited",
        "lines": [{
            "line_id": "lin_1", "title": "精华", "amount_fen": 100, "status": "credited",
            "points": 1, "explanation": {"paid_fen": 100, "level": None},
        }],
        "next_check_at": "2026-11-21T01:35:00+08:00",
    }  # fmt: skip


def test_what_is_not_known_is_left_out() -> None:
    line = replace(LINE, title=None, explanation=None, reason="CLOSED", status="rejected", points=0)
    view = ClaimView(claim=CLAIM, status="rejected", lines=(line,), reason="CLOSED")

    found = shown(presenting.claim(view, english=False))

    assert {"paid_on", "next_check_at"} & set(found) == set()
    assert (found["reason"], set(found["lines"][0])) == (
        "CLOSED",
        {"line_id", "amount_fen", "status", "points", "reason", "reason_detail"},
    )
    assert found["reason_detail"] == "订单没有付款就关闭了"
    english = shown(presenting.claim(view, english=True))
    assert english["lines"][0]["reason_detail"] == "The order was closed before it was paid."


@pytest.mark.parametrize("scene", get_args(Scene))
def test_every_scene_has_a_note_for_members(scene: Scene) -> None:
    found = presenting.entry(replace(ENTRY, scene=scene))

    assert any("\u4e00" <= char <= "\u9fff" for char in found.note)
    assert "{" not in found.note


def test_no_note_is_left_over() -> None:
    assert set(presenting.NOTES) == set(get_args(Scene))


def test_an_entry_shows_its_source_and_what_waits() -> None:
    assert shown(presenting.entry(replace(ENTRY, pending=-5))) == {
        "entry_id": "ent_7", "points": 1, "pending_points": -5, "balance_after": 8,
        "scene": "order_accrual", "note": "订单 3000…01 获得积分",
        "source": {
            "kind": "order_line", "line_id": "lin_1", "platform": "taobao",
            "order_hint": "3000…01",
        },
        "business_date": "2026-11-21", "recorded_at": LOCAL, "explanation": {"paid_fen": 100},
    }  # fmt: skip


def test_a_merge_shows_the_other_account_and_explains_nothing() -> None:
    source = {"kind": "merge", "member_id": "mem_old"}
    found = presenting.entry(
        replace(ENTRY, scene="merge_in", source=source, explanation=None, balance_after=-3)
    )

    assert shown(found)["source"] == source
    assert shown(found)["balance_after"] == -3
    assert "explanation" not in shown(found)


def test_debt_is_shown_as_debt() -> None:
    account = Account(member_id=MemberId("m"), balance=-5, pending=2, held=0, lifetime=9)

    assert shown(presenting.points(account)) == {
        "available": 0, "pending": 2, "held": 0, "debt": 5, "lifetime": 9, "expiring": [],
    }  # fmt: skip


def test_a_sync_shows_its_counts_and_its_reason() -> None:
    sync = OrderSync(
        sync_id="syn_1", member_id=MemberId("m"), programme_id="demo", platform="taobao",
        account_ref=AccountRef("a"), order_ref=OrderRef("r"), paid_amount_fen=1, requested_at=AT,
        run=1, status="failed", reason="PROOF_FAILED",
    )  # fmt: skip

    assert shown(presenting.order_sync(sync, english=False)) == {
        "sync_id": "syn_1", "status": "failed", "lines_found": 0, "lines_credited": 0,
        "lines_pending": 0, "lines_skipped": 0, "reason": "PROOF_FAILED",
        "reason_detail": "账号、订单编号或实付金额不匹配，或订单还没有确认收货",
    }  # fmt: skip


def test_midnight_in_shanghai_is_another_day_there() -> None:
    assert presenting.local(AT).date() == date(2026, 11, 21)
    assert isinstance(
        presenting.claim(ClaimView(claim=CLAIM, status="waiting"), english=False), wire.Claim
    )
