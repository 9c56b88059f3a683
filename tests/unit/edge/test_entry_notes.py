from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from huixue.edge.entry_notes import note
from huixue.kernel.ids import MemberId
from huixue.points.model import Entry, Scene

AT = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
ORDER = {"kind": "order_line", "line_id": "lin_1", "platform": "taobao", "order_hint": "3000…01"}


def said(scene: Scene, points: int = 0, **changes: Any) -> str:
    source: Mapping[str, object] = changes.pop("source", ORDER)
    lots = changes.pop("lots", {"2027-11-30|order": points} if points else {})
    entry = Entry(
        member_id=MemberId("m"), source_key="k", number=7, scene=scene, points=points, lots=lots,
        balance_after=0, business_date=date(2026, 11, 21), effective_at=AT, recorded_at=AT,
        previous=(), source=source, **changes,
    )  # fmt: skip
    return note(entry)


@pytest.mark.parametrize("scene", get_args(Scene))
def test_every_scene_says_something_in_chinese(scene: Scene) -> None:
    text = said(scene)

    assert any("\u4e00" <= char <= "\u9fff" for char in text)
    assert "None" not in text
    assert "{" not in text


REFUND = {"refunded_fen": 100}


SENTENCES: list[tuple[str, dict[str, Any]]] = [
    ("订单 3000…01 预计获得 178 积分，待入账", {"scene": "order_pending", "pending": 178}),
    (
        "订单 3000…01 退款，待入账积分减少 50",
        {"scene": "order_pending", "pending": -50, "explanation": REFUND},
    ),
    (
        "订单 3000…01 状态变更，待入账积分减少 50",
        {"scene": "order_pending", "pending": -50, "explanation": {"refunded_fen": 0}},
    ),
    ("订单 3000…01 获得积分", {"scene": "order_accrual", "points": 178}),
    (
        "订单 3000…01 获得积分，含活动加赠 20 积分",
        {"scene": "order_accrual", "points": 120, "bonus": 20},
    ),
    (
        "订单 3000…01 获得积分，超出上限 20 积分未发放",
        {"scene": "order_accrual", "points": 80, "capped": 20},
    ),
    (
        "订单 3000…01 已达积分上限，100 积分未发放",
        {"scene": "order_accrual", "capped": 100},
    ),
    (
        "订单 3000…01 获得积分，其中 30 积分抵扣欠款",
        {"scene": "order_accrual", "points": 100, "lots": {"2027-11-30|order": 70}},
    ),
    (
        "订单 3000…01 退款，扣回积分",
        {"scene": "order_clawback", "points": -50, "explanation": REFUND},
    ),
    (
        "订单 3000…01 退款，扣回积分，积分不足，新增欠款 30 积分",
        {"scene": "order_clawback", "points": -50, "lots": {"2027-11-30|order": -20}},
    ),
    (
        "订单 3000…01 退款，扣回积分，其中 30 积分不再扣回",
        {"scene": "order_clawback", "points": -20, "written_off": 30},
    ),
    (
        "订单 3000…01 退款，超出上限的部分减少 20 积分，余额不变",
        {"scene": "order_capped", "capped": -20, "explanation": REFUND},
    ),
    (
        "订单 3000…01 积分恢复 30，抵消之前没有扣回的部分，余额不变",
        {"scene": "order_write_off", "written_off": -30},
    ),
    (
        "订单 3000…01 经核实属于其他会员，积分转出，积分不足，新增欠款 30 积分",
        {"scene": "transfer_out", "points": -50, "lots": {"2027-11-30|order": -20}},
    ),
    (
        "订单 3000…01 经核实归你所有，待入账积分转入",
        {"scene": "transfer_in", "pending": 50},
    ),
    ("订单 3000…01 经核实归你所有，积分转入", {"scene": "transfer_in", "points": 50}),
    (
        "50 积分有效期至 2026-11-21，已过期",
        {"scene": "expiry", "points": -50, "source": {"kind": "expiry"}},
    ),
    ("兑换占用 40 积分", {"scene": "hold", "points": -40, "held": 40}),
    ("兑换成功，使用 40 积分", {"scene": "capture", "held": -40}),
    (
        "兑换成功，使用 30 积分，退回 10 积分",
        {"scene": "capture", "points": 10, "held": -40},
    ),
    ("兑换取消，退回占用的 40 积分", {"scene": "release", "points": 40, "held": -40}),
    (
        "兑换超时，退回占用的 40 积分，其中 40 积分抵扣欠款",
        {"scene": "hold_timeout", "points": 40, "held": -40, "lots": {}},
    ),
    ("兑换使用 40 积分", {"scene": "spend", "points": -40}),
    (
        "兑换退回 40 积分",
        {
            "scene": "spend_return",
            "points": 40,
            "source": {"kind": "spend", "from_lots": {"2027-11-30|order": 40}},
        },
    ),
    (
        "兑换退回 40 积分，原积分已过期，宽限至 2026-11-28",
        {
            "scene": "spend_return",
            "points": 40,
            "lots": {"2026-11-28|order": 40},
            "source": {"kind": "spend", "from_lots": {"2026-10-31|order": 40}},
        },
    ),
    (
        "客服调整，扣减 40 积分：重复发放更正",
        {
            "scene": "adjustment",
            "points": -40,
            "source": {"member_note": "重复发放更正", "internal_note": "secret", "by": "op"},
        },
    ),
    (
        "客服调整，扣减 80 积分，积分不足，新增欠款 30 积分：更正。",
        {
            "scene": "adjustment",
            "points": -80,
            "lots": {"2027-11-30|adjust": -50},
            "source": {"member_note": "更正。"},
        },
    ),
    ("客服调整，增加 40 积分", {"scene": "adjustment", "points": 40, "source": {}}),
    (
        "获赠 40 积分，超出上限 10 积分未发放：周年礼",
        {"scene": "grant", "points": 40, "capped": 10, "source": {"member_note": "周年礼"}},
    ),
    ("会员等级变为 gold", {"scene": "tier", "source": {"from": "silver", "to": "gold"}}),
    ("会员等级保持 gold", {"scene": "tier", "source": {"from": "gold", "to": "gold"}}),
    (
        "会员等级变为 金卡会员",
        {
            "scene": "tier",
            "source": {"from": "silver", "to": "gold", "title": "金卡会员"},
        },
    ),
    ("会员等级已失效", {"scene": "tier", "source": {"from": "silver", "to": None}}),
    (
        "合并账号，积分转入，欠款一并转入，欠 30 积分",
        {"scene": "merge_in", "points": -30, "lots": {}, "source": {"kind": "merge"}},
    ),
    ("每日签到", {"scene": "check_in", "points": 2, "source": {"date": "2026-11-20"}}),
    ("每日签到", {"scene": "check_in", "source": {"date": "2026-11-20"}}),
    (
        "每日签到，超出上限 3 积分未发放",
        {"scene": "check_in", "points": 2, "capped": 3, "source": {}},
    ),
    ("每日签到，已达积分上限，5 积分未发放", {"scene": "check_in", "capped": 5, "source": {}}),
    (
        "每日签到，其中 2 积分抵扣欠款",
        {"scene": "check_in", "points": 2, "lots": {}, "source": {}},
    ),
    (
        "补签 2026-11-20 的签到奖励",
        {
            "scene": "check_in",
            "points": 2,
            "source": {"date": "2026-11-20", "made_up": True},
        },
    ),
    ("连续签到 7 天奖励", {"scene": "check_in_streak", "points": 20, "source": {"days": 7}}),
    (
        "本期累计签到 15 天奖励，已达积分上限，50 积分未发放",
        {"scene": "check_in_total", "capped": 50, "source": {"days": 15}},
    ),
    ("补签 2026-11-20", {"scene": "make_up", "source": {"date": "2026-11-20", "price": 0}}),
    (
        "补签 2026-11-20，使用 10 积分",
        {"scene": "make_up", "points": -10, "source": {"date": "2026-11-20", "price": 10}},
    ),
    (
        "完成任务 关注公众号",
        {"scene": "task", "points": 30, "source": {"kind": "task", "title": "关注公众号"}},
    ),
    (
        "合并账号，积分转出",
        {"scene": "merge_out", "points": 30, "lots": {}, "source": {"kind": "merge"}},
    ),
]


@pytest.mark.parametrize(("text", "entry"), SENTENCES)
def test_a_note_tells_what_the_numbers_alone_do_not(text: str, entry: dict[str, Any]) -> None:
    assert said(**entry) == text
