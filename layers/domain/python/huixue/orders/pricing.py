"""What the lines of an owned order are worth now. Pure: an order in, quotes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from huixue.kernel.events import LineQuote
from huixue.kernel.money import points_for
from huixue.kernel.snapshots import STATE_RANK, LineState, Source
from huixue.orders.model import Line, Order

QuoteStatus = Literal["pending", "due", "void", "parked"]
_STATUS: dict[LineState, QuoteStatus] = {
    "unknown": "parked", "unpaid": "void", "paid": "pending", "shipped": "pending",
    "confirmed": "due", "closed": "void",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """A line of the crediting source after all other sources had their say."""

    line_key: str
    line: Line
    state: LineState
    paid_fen: int
    freight_fen: int
    refunded_fen: int

    @property
    def base_fen(self) -> int:
        return max(0, self.paid_fen - self.freight_fen - self.refunded_fen)

    @property
    def was_paid(self) -> bool:
        return self.paid_fen > 0 or self.line.paid_at is not None


def crediting_source(order: Order) -> Source | None:
    return order.ownership.credit_source if order.ownership else order.first_source


def facts_of(order: Order) -> tuple[LineFacts, ...]:
    """Lines of the crediting source, in the order of their keys; other sources only raise the state, close
    the order, or raise the sum refunded, which is spread over the lines (one purchase, one credit)."""
    source = crediting_source(order)
    if source is None:
        return ()
    lines = sorted(order.sources[source].items())
    others = [found for name, found in order.sources.items() if name != source]
    extra = _extra_refund(dict(lines), others)
    facts = []
    for (key, line), spread in zip(lines, _spread(extra, [each for _, each in lines]), strict=True):
        state = _effective_state(line, others)
        paid = _paid_fen(line)
        refunded = paid if state == "closed" else _refunded_fen(line) + spread
        facts.append(
            LineFacts(
                line_key=key, line=line, state=state, paid_fen=paid,
                freight_fen=line.freight_fen or 0, refunded_fen=refunded,
            )
        )  # fmt: skip
    return tuple(facts)


def _paid_fen(line: Line) -> int:
    return 0 if line.state == "unpaid" else line.paid_fen or 0


def _refunded_fen(line: Line) -> int:
    """A closed line is refunded in full, whether its source prints a sum or not."""
    paid = _paid_fen(line)
    return paid if line.state == "closed" else min(paid, line.refunded_fen or 0)


def _order_state(lines: Mapping[str, Line]) -> tuple[LineState, int]:
    """What a source says about the whole order: closed if every line is, else its least advanced open line."""
    newest = max(line.as_of_ms["state"] for line in lines.values())
    open_states = [line.state for line in lines.values() if line.state != "closed"]
    if not open_states:
        return "closed", newest
    return min(open_states, key=STATE_RANK.__getitem__), newest


def _effective_state(line: Line, others: list[Mapping[str, Line]]) -> LineState:
    """The line's own state, raised to confirmed by any other source, closed by a newer one. Never lowered:
    the clocks of two sources are not one clock. An unknown state stays parked until its own source explains, an
    unpaid one stays unpaid until its own source names the amount."""
    state = line.state
    if state in {"unknown", "closed"}:
        return state
    for said, as_of_ms in map(_order_state, others):
        if said == "closed" and as_of_ms > line.as_of_ms["state"]:
            return "closed"
        if said == "confirmed" and state != "unpaid":
            state = "confirmed"
    return state


def _extra_refund(lines: Mapping[str, Line], others: list[Mapping[str, Line]]) -> int:
    own = sum(map(_refunded_fen, lines.values()))
    said = [sum(map(_refunded_fen, other.values())) for other in others]
    return max([0, *(each - own for each in said)])


def _spread(extra_fen: int, lines: list[Line]) -> list[int]:
    """Whole fen in proportion to what is left of each line; remainders go to the first lines."""
    left = [_paid_fen(line) - _refunded_fen(line) for line in lines]
    total = sum(left)
    extra_fen = min(extra_fen, total)
    if extra_fen == 0:
        return [0] * len(lines)
    shares = [extra_fen * each // total for each in left]
    missing = extra_fen - sum(shares)
    for index, room in enumerate(left):
        taken = min(missing, room - shares[index])
        shares[index] += taken
        missing -= taken
    return shares


def quotes_of(order: Order) -> tuple[LineQuote, ...]:
    """One quote per line of an owned order; none while nobody owns it."""
    owner = order.ownership
    if owner is None:
        return ()
    return tuple(_quote(order, facts) for facts in facts_of(order))


def _quote(order: Order, facts: LineFacts) -> LineQuote:
    owner = order.ownership
    if owner is None:
        raise AssertionError("only owned orders are quoted")
    status = _STATUS[facts.state]
    if status != "parked" and not is_attributed(facts.line, owner.terms.programme_id):
        status = "void"
    explanation = explanation_of(order, facts)
    return LineQuote(
        line_id=order.line_id(facts.line_key),
        order_ref=order.order_ref,
        owner=owner.member_id,
        order_revision=order.revision,
        status=status,
        points=points_of(explanation),
        order_hint=order.order_hint,
        platform=order.platform,
        explanation=explanation,
    )


def is_attributed(line: Line, programme_id: str) -> bool:
    return line.room is not None and line.room.split("/", 1)[0] == programme_id


def explanation_of(order: Order, facts: LineFacts) -> dict[str, object]:
    """Every input of the amount, so that anybody can recompute it (OC-E3). A line of no room of the programme has
    the rate 0 here."""
    owner = order.ownership
    if owner is None:
        raise AssertionError("only owned orders are explained")
    terms = owner.terms
    rate_milli = terms.rate_milli if is_attributed(facts.line, terms.programme_id) else 0
    return {
        "paid_fen": facts.paid_fen,
        "freight_fen": facts.freight_fen,
        "refunded_fen": facts.refunded_fen,
        "base_fen": facts.base_fen,
        "rule": terms.rule,
        "programme_version": terms.programme_version,
        "rate_milli": rate_milli,
        "multiplier_percent": terms.multiplier_percent,
        "level": terms.level,
        "rounding": "floor",
    }


def points_of(explanation: Mapping[str, object]) -> int:
    """The points an explanation comes to; equal to the ledger for every credited line."""
    numbers = {name: value for name, value in explanation.items() if isinstance(value, int)}
    return points_for(
        numbers["paid_fen"] - numbers["freight_fen"] - numbers["refunded_fen"],
        rate_milli=numbers["rate_milli"],
        multiplier_percent=numbers["multiplier_percent"],
    )
