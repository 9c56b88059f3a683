from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec

from huixue.edge import presenting, wire
from huixue.kernel.ids import AccountRef, ClaimId, LineId, MemberId, OrderRef
from huixue.orders.disputes import claim_case, decided_case
from huixue.orders.model import Claim, OrderSync
from huixue.orders.views import ClaimView, LineView
from huixue.points.model import Account, Entry, Frozen, TierStanding
from huixue.points.statements import SceneSum, Statement, Sums

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
    pending=0, lots={"2027-11-30|order": 1}, balance_after=8, lot=None,
    business_date=date(2026, 11, 21), effective_at=AT, recorded_at=AT,
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


def test_a_line_that_waits_says_when_it_is_released_and_a_claim_shows_its_appeal() -> None:
    line = replace(LINE, status="pending", release_on=date(2026, 12, 1))
    appeal = claim_case(CLAIM, "是我的订单", AT)

    found = shown(
        presenting.claim(
            ClaimView(claim=CLAIM, status="pending", lines=(line,)), english=False, appeal=appeal
        )
    )

    assert found["lines"][0]["release_on"] == "2026-12-01"
    assert (found["appeal"]["case_id"], found["appeal"]["status"]) == ("cas_1", "open")


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

    assert shown(presenting.points(account, now=AT, english=False)) == {
        "available": 0, "pending": 2, "held": 0, "debt": 5, "lifetime": 9, "expiring": [],
    }  # fmt: skip


def test_a_tier_and_a_stop_of_redemptions_are_shown_while_they_last() -> None:
    frozen = Frozen(reason="refunds", since=AT, until=AT + timedelta(days=1))
    standing = TierStanding(period="2026", tier="gold")
    account = Account(member_id=MemberId("m"), frozen=frozen, standing=standing)

    found = shown(presenting.points(account, now=AT, english=False))
    later = shown(presenting.points(account, now=AT + timedelta(days=1), english=False))

    assert (found["tier"], later["tier"]) == ("gold", "gold")
    assert found["frozen"] == {
        "reason": "refunds", "reason_detail": "近期退款较多，暂时不能兑换", "since": LOCAL,
        "until": "2026-11-22T01:30:00+08:00",
    }  # fmt: skip
    assert "frozen" not in later


def test_what_operators_keep_beside_an_entry_is_not_shown() -> None:
    source = {
        "kind": "adjustment", "adjustment_id": "adj_1", "points": -5, "reason": "DOUBLE",
        "member_note": "更正", "internal_note": "secret", "by": "op-1", "approved_by": "op-2",
    }  # fmt: skip

    found = presenting.entry(replace(ENTRY, scene="adjustment", source=source, explanation=None))

    assert shown(found)["source"] == {"kind": "adjustment", "adjustment_id": "adj_1"}
    assert "secret" not in str(shown(found))
    assert "op-1" not in str(shown(found))


def test_an_expiry_entered_late_says_when_it_happened() -> None:
    found = presenting.entry(
        replace(
            ENTRY, scene="expiry", points=-1, lots={"2026-11-20|order": -1}, explanation=None,
            effective_at=AT - timedelta(hours=1, minutes=30),
            source={"kind": "expiry", "expires_on": "2026-11-20"},
        )
    )  # fmt: skip

    assert shown(found)["effective_at"] == "2026-11-21T00:00:00+08:00"
    assert shown(found)["source"] == {"kind": "expiry", "expires_on": "2026-11-20"}


def test_holds_debts_limits_and_bonuses_are_numbers_too() -> None:
    found = presenting.entry(
        replace(ENTRY, points=-50, lots={"2027-11-30|order": -20}, held=3, capped=-4, bonus=-5)
    )

    named = ("held_points", "debt_points", "capped_points", "bonus_points")
    assert [shown(found)[name] for name in named] == [3, 30, -4, -5]


def test_a_tier_names_what_it_is_now_and_campaigns_are_explained() -> None:
    source = {"kind": "tier", "from": None, "to": "gold", "period": "2026", "floor": None}
    campaigns = [{"campaign_id": "c1", "kind": "multiply", "value": 200}]

    tier = presenting.entry(replace(ENTRY, scene="tier", source=source, explanation=None))
    credited = presenting.entry(replace(ENTRY, explanation={"campaigns": campaigns}))

    assert shown(tier)["source"] == {"kind": "tier", "tier": "gold"}
    assert shown(credited)["explanation"] == {"campaigns": campaigns}


def test_a_statement_is_whole_numbers_at_both_ends() -> None:
    rows = (SceneSum(scene="spend", points=-30, pending=0, held=0, count=2),)
    made = Statement(
        month=date(2026, 11, 1), opening=Sums(balance=50, available=80), by_scene=rows,
        closing=Sums(balance=20, available=50, held=3),
    )  # fmt: skip

    assert shown(presenting.statement(made)) == {
        "month": "2026-11", "opening": 50, "closing": 20,
        "by_scene": [{"scene": "spend", "points": -30, "count": 2}],
        "at_opening": {"available": 80, "pending": 0, "held": 0, "debt": 30},
        "at_closing": {"available": 50, "pending": 0, "held": 3, "debt": 30},
    }  # fmt: skip


def test_a_case_shows_the_verdict_and_not_who_gave_it() -> None:
    case = decided_case(claim_case(CLAIM, "是我的订单", AT), "uphold", "op-1", "已核对", AT)

    assert shown(presenting.case(case)) == {
        "case_id": "cas_1", "claim_id": "clm_1", "status": "upheld", "created_at": LOCAL,
        "message": "是我的订单", "note": "已核对", "decided_at": LOCAL,
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
