"""What order lines are worth, in the simplest words: over everything that was ever said, in no order at all.

The judge of the proof: shares no rule with the product, only the programme's values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from huixue.kernel.terms import Terms
from tests.prove.reference_calendar import midnight_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One statement about a line, or, with `refund`, about one refund of it."""

    order: str
    line: str
    at: datetime
    state: str
    paid: int | None = None
    freight: int | None = None
    refunded: int | None = None
    paid_at: datetime | None = None
    confirmed_at: datetime | None = None
    trade_type: str | None = None
    refund: str | None = None


class Worth(NamedTuple):
    line: str
    status: str
    points: int
    bonus: int


class _Line(NamedTuple):
    state: str
    paid: int
    freight: int
    refunded: int
    paid_at: datetime | None
    confirmed_at: datetime
    trade_type: str


def worth_of(said: Sequence[Said], terms: Terms, now: datetime) -> list[Worth]:
    """Each printed line, by its key."""
    refunds = _refunds(said)
    keys = sorted({each.line for each in said if each.refund is None})
    lines = {key: _line([s for s in said if s.line == key and s.refund is None]) for key in keys}
    refunded = {
        key: line.paid if line.state == "closed"
        else min(line.paid, max(line.refunded, refunds.get(key, 0)))
        for key, line in lines.items()
    }  # fmt: skip
    # refunds of lines that nobody printed yet belong to this purchase all the same
    everything = sum(
        min(lines[key].paid, fen) if key in lines else fen for key, fen in refunds.items()
    )
    _spread(max(0, everything - sum(refunded.values())), lines, refunded)
    return [_worth(key, line, refunded[key], terms, now) for key, line in lines.items()]


def _newest(said: Sequence[Said], field: str) -> Said | None:
    named = [each for each in said if getattr(each, field) is not None]
    return max(named, key=lambda each: each.at, default=None)


def _line(said: Sequence[Said]) -> _Line:
    newest = max(said, key=lambda each: each.at)
    amounts, freight = _newest(said, "paid"), _newest(said, "freight")
    kind = _newest([each for each in said if each.trade_type != "normal"], "trade_type")
    paid_at = _newest([each for each in said if each.state != "unpaid"], "paid_at")
    confirmed = [
        each.confirmed_at or each.at
        for each in said
        if each.confirmed_at is not None or each.state == "confirmed"
    ]
    was_paid = amounts is not None and "unpaid" not in (newest.state, amounts.state)
    return _Line(
        state=newest.state,
        paid=amounts.paid or 0 if amounts is not None and was_paid else 0,
        freight=freight.freight or 0 if freight is not None else 0,
        refunded=amounts.refunded or 0 if amounts is not None else 0,
        paid_at=paid_at.paid_at if paid_at is not None else None,
        confirmed_at=min(confirmed, default=newest.at),
        trade_type=str(kind.trade_type) if kind is not None else "normal",
    )


def _refunds(said: Sequence[Said]) -> dict[str, int]:
    """Paid out in all, by line."""
    newest: dict[str, Said] = {}
    for each in said:
        if each.refund is not None:
            before = newest.get(each.refund)
            newest[each.refund] = each if before is None or each.at > before.at else before
    sums: dict[str, int] = {}
    for each in newest.values():
        if each.state == "done":
            sums[each.line] = sums.get(each.line, 0) + (each.refunded or 0)
    return sums


def _spread(extra: int, lines: Mapping[str, _Line], refunded: dict[str, int]) -> None:
    left = {key: line.paid - refunded[key] for key, line in lines.items()}
    total = sum(left.values())
    extra = min(extra, total)
    if not extra:
        return
    parts = {key: extra * fen // total for key, fen in left.items()}
    missing = extra - sum(parts.values())
    for key, part in parts.items():
        more = min(missing, left[key] - part)
        refunded[key] += part + more
        missing -= more


def _worth(key: str, line: _Line, refunded: int, terms: Terms, now: datetime) -> Worth:
    base = line.paid - line.freight - refunded
    points = _points(base, line, terms, [])
    with_all = _points(base, line, terms, terms.campaigns)
    return Worth(key, _status(line, terms, now), with_all, max(0, with_all - points))


def _points(base: int, line: _Line, terms: Terms, campaigns: Any) -> int:
    if base <= 0:
        return 0
    product, divisor, fixed = base * terms.rate_milli * terms.multiplier_percent, 10_000_000, 0
    percent, scale = 1, 1
    for each in campaigns:
        if line.paid_at is None or not each.starts_at <= line.paid_at < each.ends_at:
            continue
        if each.kind == "multiply":
            percent, scale = percent * each.value, scale * 100
        elif each.kind == "add":
            percent, scale = percent * 100 + each.value * scale, scale * 100
        else:
            fixed += each.value
    return product * percent // (divisor * scale) + fixed


def _status(line: _Line, terms: Terms, now: datetime) -> str:
    if line.state == "unknown":
        return "parked"
    if line.state in {"unpaid", "closed"}:
        return "void"
    if line.trade_type != "normal" and line.trade_type not in terms.credited_types:
        return "void"
    released = midnight_before(line.confirmed_at) + timedelta(days=terms.release_after_days)
    if line.state != "confirmed" or (terms.release_after_days and now < released):
        return "pending"
    return "due"
