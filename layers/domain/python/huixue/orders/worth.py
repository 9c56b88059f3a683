"""Points of a line: every input of the amount in one explanation, and the one way to compute them from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from huixue.kernel.money import points_for
from huixue.kernel.terms import Terms
from huixue.orders.amounts import LineFacts
from huixue.orders.model import Line, Order


def is_attributed(line: Line, programme_id: str) -> bool:
    return line.room is not None and line.room.split("/", 1)[0] == programme_id


def is_excluded(facts: LineFacts, terms: Terms) -> bool:
    """Of a trade type that brings no points under these terms (OC-M7)."""
    return facts.trade_type != "normal" and facts.trade_type not in terms.credited_types


def explanation_of(order: Order, facts: LineFacts) -> dict[str, object]:
    """Every input of the amount, so that anybody can recompute it (OC-E3). A line that is of no room of the programme
    or of an excluded type has the rate 0 here; `campaigns` is there only where one counted."""
    owner = order.ownership
    if owner is None:
        raise AssertionError("only owned orders are explained")
    terms = owner.terms
    earns = is_attributed(facts.line, terms.programme_id) and not is_excluded(facts, terms)
    campaigns = _campaigns(facts, terms) if earns else []
    explanation: dict[str, object] = {
        "paid_fen": facts.paid_fen,
        "freight_fen": facts.freight_fen,
        "refunded_fen": facts.refunded_fen,
        "base_fen": facts.base_fen,
        "rule": terms.rule,
        "programme_version": terms.programme_version,
        "rate_milli": terms.rate_milli if earns else 0,
        "multiplier_percent": terms.multiplier_percent,
        "level": terms.level,
        "rounding": "floor",
    }
    return explanation | {"campaigns": campaigns} if campaigns else explanation


def _campaigns(facts: LineFacts, terms: Terms) -> list[dict[str, object]]:
    """Those in whose time the line was paid, in the order in which they are applied."""
    paid_at = facts.paid_at
    if paid_at is None or facts.base_fen == 0:
        return []
    return [
        {"campaign_id": each.campaign_id, "kind": each.kind, "value": each.value}
        for each in terms.campaigns
        if each.starts_at <= paid_at < each.ends_at
    ]


def points_of(explanation: Mapping[str, Any]) -> int:
    """The points an explanation comes to; equal to the ledger for every credited line, also where a cap kept a part
    back (`capped_points`)."""
    return _worth(explanation, explanation.get("campaigns", ())) - _capped(explanation)


def bonus_of(explanation: Mapping[str, Any]) -> int:
    """The part of these points that campaigns add; a cap cuts it first."""
    return max(0, points_of(explanation) - _worth(explanation, ()))


def _capped(explanation: Mapping[str, Any]) -> int:
    return int(explanation.get("capped_points", 0))


def _worth(explanation: Mapping[str, Any], campaigns: Any) -> int:
    """base × rate × level × campaigns, floored once at the very end, and fixed points on top. `multiply` multiplies
    what the campaigns before it come to, `add` adds percentage points to it; they start at 100 %."""
    base_fen = explanation["paid_fen"] - explanation["freight_fen"] - explanation["refunded_fen"]
    if base_fen <= 0:
        return 0
    factor, one, fixed = 1, 1, 0
    for each in campaigns:
        if each["kind"] == "multiply":
            factor, one = factor * each["value"], one * 100
        elif each["kind"] == "add":
            factor, one = factor * 100 + each["value"] * one, one * 100
        else:
            fixed += each["value"]
    points = points_for(
        base_fen, rate_milli=explanation["rate_milli"],
        multiplier_percent=explanation["multiplier_percent"], times=factor, over=one,
    )  # fmt: skip
    return points + fixed
