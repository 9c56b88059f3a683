"""The sentence a member reads beside an entry: what happened, with the amounts that its numbers alone do not tell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from huixue.points.lots import last_day_of
from huixue.points.model import Entry, Scene

MEMBER_NOTE = "member_note"
"""Where an adjustment or a grant keeps the operator's words for the member; no other field of theirs is shown."""
_REWARDS = frozenset({"check_in", "check_in_streak", "check_in_total", "task"})
"""Scenes whose entry stands also where a cap kept all of it back."""


def note(entry: Entry) -> str:
    """The operator's words come last: what is said after them would read as his."""
    told = "，".join([_NOTES[entry.scene](entry), *_more(entry)])
    words = _words(entry)
    return f"{told}：{words}" if words else told


def _more(entry: Entry) -> list[str]:
    """What else a change of points brought about, in the order in which it counts."""
    said = []
    if entry.bonus > 0:
        said.append(f"含活动加赠 {entry.bonus} 积分")
    if entry.capped > 0 and entry.points > 0:
        said.append(f"超出上限 {entry.capped} 积分未发放")
    if entry.capped > 0 and entry.points == 0 and entry.scene in _REWARDS:
        said.append(f"已达积分上限，{entry.capped} 积分未发放")
    if entry.debt > 0:
        brought = "欠款一并转入，欠" if entry.scene == "merge_in" else "积分不足，新增欠款"
        said.append(f"{brought} {entry.debt} 积分")
    if entry.debt < 0 and entry.scene != "merge_out":
        said.append(f"其中 {-entry.debt} 积分抵扣欠款")
    if entry.written_off > 0:
        said.append(f"其中 {entry.written_off} 积分不再扣回")
    return said


def _order(entry: Entry) -> str:
    source: Mapping[str, Any] = entry.source
    hint = source.get("order_hint", "")
    return f"订单 {hint}" if hint else "订单"


def _cause(entry: Entry) -> str:
    """Why a line is worth less: a refund, as far as its explanation tells."""
    explanation: Mapping[str, Any] = entry.explanation or {}
    return "退款" if explanation.get("refunded_fen", 1) else "状态变更"


def _pending(entry: Entry) -> str:
    if entry.pending >= 0:
        return f"{_order(entry)} 预计获得 {entry.pending} 积分，待入账"
    return f"{_order(entry)} {_cause(entry)}，待入账积分减少 {-entry.pending}"


def _accrual(entry: Entry) -> str:
    if entry.points == 0 and entry.capped > 0:
        return f"{_order(entry)} 已达积分上限，{entry.capped} 积分未发放"
    return f"{_order(entry)} 获得积分"


def _clawback(entry: Entry) -> str:
    return f"{_order(entry)} {_cause(entry)}，扣回积分"


def _capped(entry: Entry) -> str:
    return f"{_order(entry)} {_cause(entry)}，超出上限的部分减少 {abs(entry.capped)} 积分，余额不变"


def _write_off(entry: Entry) -> str:
    return f"{_order(entry)} 积分恢复 {abs(entry.written_off)}，抵消之前没有扣回的部分，余额不变"


def _transfer_out(entry: Entry) -> str:
    return f"{_order(entry)} 经核实属于其他会员，{_moved(entry)}转出"


def _transfer_in(entry: Entry) -> str:
    return f"{_order(entry)} 经核实归你所有，{_moved(entry)}转入"


def _moved(entry: Entry) -> str:
    return "待入账积分" if entry.points == 0 and entry.pending else "积分"


def _expiry(entry: Entry) -> str:
    return f"{-entry.points} 积分有效期至 {entry.business_date}，已过期"


def _hold(entry: Entry) -> str:
    return f"兑换占用 {entry.held} 积分"


def _capture(entry: Entry) -> str:
    used = -entry.held - entry.points
    back = f"，退回 {entry.points} 积分" if entry.points else ""
    return f"兑换成功，使用 {used} 积分{back}"


def _release(entry: Entry) -> str:
    return f"兑换取消，退回占用的 {-entry.held} 积分"


def _timeout(entry: Entry) -> str:
    return f"兑换超时，退回占用的 {-entry.held} 积分"


def _spend(entry: Entry) -> str:
    return f"兑换使用 {-entry.points} 积分"


def _return(entry: Entry) -> str:
    """Points whose lot is over by now come back for the days of grace, into a lot the spend did not know."""
    source: Mapping[str, Any] = entry.source
    known = source.get("from_lots", {})
    days = [last_day_of(key) for key in entry.lots if key not in known]
    until = max((day for day in days if day is not None), default=None)
    grace = f"，原积分已过期，宽限至 {until}" if until is not None else ""
    return f"兑换退回 {entry.points} 积分{grace}"


def _adjustment(entry: Entry) -> str:
    change = f"增加 {entry.points}" if entry.points >= 0 else f"扣减 {-entry.points}"
    return f"客服调整，{change} 积分"


def _grant(entry: Entry) -> str:
    if entry.points == 0 and entry.capped > 0:
        return f"已达积分上限，{entry.capped} 积分未发放"
    return f"获赠 {entry.points} 积分"


def _check_in(entry: Entry) -> str:
    source: Mapping[str, Any] = entry.source
    made_up = source.get("made_up")
    return f"补签 {source.get('date', '')} 的签到奖励" if made_up else "每日签到"


def _streak(entry: Entry) -> str:
    return f"连续签到{_days(entry)}奖励"


def _total(entry: Entry) -> str:
    return f"本期累计签到{_days(entry)}奖励"


def _days(entry: Entry) -> str:
    days = entry.source.get("days")
    return f" {days} 天" if days else ""


def _make_up(entry: Entry) -> str:
    day, price = entry.source.get("date"), -entry.points
    return f"补签{f' {day}' if day else ''}{f'，使用 {price} 积分' if price else ''}"


def _task(entry: Entry) -> str:
    title = entry.source.get("title")
    return f"完成任务 {title}" if title else "完成任务"


def _words(entry: Entry) -> str:
    source: Mapping[str, Any] = entry.source
    words = source.get(MEMBER_NOTE) if entry.scene in {"adjustment", "grant"} else None
    return words if isinstance(words, str) else ""


def _tier(entry: Entry) -> str:
    source: Mapping[str, Any] = entry.source
    tier = source.get("title") or source.get("to")
    if not tier:
        return "会员等级已失效"
    return f"会员等级{'保持' if source.get('from') == source['to'] else '变为'} {tier}"


def _merge_in(entry: Entry) -> str:
    del entry
    return "合并账号，积分转入"


def _merge_out(entry: Entry) -> str:
    del entry
    return "合并账号，积分转出"


_NOTES: Mapping[Scene, Callable[[Entry], str]] = {
    "order_pending": _pending,
    "order_accrual": _accrual,
    "order_clawback": _clawback,
    "order_capped": _capped,
    "order_write_off": _write_off,
    "transfer_out": _transfer_out,
    "transfer_in": _transfer_in,
    "merge_out": _merge_out,
    "merge_in": _merge_in,
    "expiry": _expiry,
    "hold": _hold,
    "capture": _capture,
    "release": _release,
    "hold_timeout": _timeout,
    "spend": _spend,
    "spend_return": _return,
    "adjustment": _adjustment,
    "grant": _grant,
    "tier": _tier,
    "check_in": _check_in,
    "check_in_streak": _streak,
    "check_in_total": _total,
    "make_up": _make_up,
    "task": _task,
}
