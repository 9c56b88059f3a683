"""What is known of the lines of an order after every source and every refund had its say. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from huixue.kernel.snapshots import STATE_RANK, LineState, Source, TradeType
from huixue.orders.model import WHOLE_ORDER, Line, Order
from huixue.orders.splits import Whole, paid_fen, refunded_fen, whole

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFacts:
    """A line of the crediting source after all other sources had their say."""

    line_key: str
    line: Line
    state: LineState
    paid_fen: int
    freight_fen: int
    refunded_fen: int
    paid_at: datetime | None = None
    confirmed_at: datetime | None = None
    """Only where the state is confirmed."""
    trade_type: TradeType = "normal"
    moved: bool = False
    """Another line carries its amounts since the platform split the order."""

    @property
    def base_fen(self) -> int:
        return max(0, self.paid_fen - self.freight_fen - self.refunded_fen)

    @property
    def was_paid(self) -> bool:
        return self.paid_fen > 0 or self.line.paid_at is not None


def crediting_source(order: Order) -> Source | None:
    return order.ownership.credit_source if order.ownership else order.first_source


def lines_of(order: Order, source: Source) -> Whole:
    """The lines of one source with their parts and refunds in them: of what a source says it has refunded in all and
    what its refunds come to, the larger counts."""
    refunded = _refunds_by_line(order)
    return whole({
        key: _with_refunds(line, refunded[key]) for key, line in order.sources[source].items()
    })  # fmt: skip


def facts_of(order: Order) -> tuple[LineFacts, ...]:
    """Lines of the crediting source, in the order of their keys; other sources only raise the state, close
    the order, or raise the sum refunded, which is spread over the lines (one purchase, one credit)."""
    source = crediting_source(order)
    if source is None:
        return ()
    own = lines_of(order, source)
    others = [lines_of(order, name) for name in order.sources if name != source]
    lines = list(own.lines.values())
    spread = _spread(_extra_refund(order, own, others), lines)
    return tuple(
        _facts(order, key, line, more, own, others)
        for (key, line), more in zip(own.lines.items(), spread, strict=True)
    )


def _facts(
    order: Order, key: str, line: Line, more_fen: int, own: Whole, others: Sequence[Whole]
) -> LineFacts:
    state = _effective_state(line, others)
    paid = paid_fen(line)
    return LineFacts(
        line_key=key,
        line=line,
        state=state,
        paid_fen=paid,
        freight_fen=line.freight_fen or 0,
        refunded_fen=paid if state == "closed" else refunded_fen(line) + more_fen,
        paid_at=line.paid_at or order.paid_at,
        confirmed_at=_confirmed_at(line, others) if state == "confirmed" else None,
        trade_type=_trade_type(key, line, others),
        moved=key in own.moved,
    )


def _refunds_by_line(order: Order) -> Counter[str]:
    """Sums of the refunds that were paid out, by the line as it is stored."""
    sums: Counter[str] = Counter()
    for refund in order.refunds.values():
        if refund.state == "done":
            sums[refund.line_key] += refund.amount_fen
    return sums


def _with_refunds(line: Line, refunds_fen: int) -> Line:
    if refunds_fen <= (line.refunded_fen or 0):
        return line
    return replace(line, refunded_fen=refunds_fen)


def _order_state(lines: Sequence[Line]) -> tuple[LineState, int]:
    """What a source says about the whole order: closed if every line is, else its least advanced open line."""
    newest = max(line.as_of_ms["state"] for line in lines)
    open_states = [line.state for line in lines if line.state != "closed"]
    if not open_states:
        return "closed", newest
    return min(open_states, key=STATE_RANK.__getitem__), newest


def _effective_state(line: Line, others: Sequence[Whole]) -> LineState:
    """The line's own state, raised to confirmed by any other source, closed by a newer one. Never lowered:
    the clocks of two sources are not one clock. An unknown state stays parked until its own source explains, an
    unpaid one stays unpaid until its own source names the amount."""
    state = line.state
    if state in {"unknown", "closed"}:
        return state
    for said, as_of_ms in (_order_state(other.said()) for other in others):
        if said == "closed" and as_of_ms > line.as_of_ms["state"]:
            return "closed"
        if said == "confirmed" and state != "unpaid":
            state = "confirmed"
    return state


def _confirmed_at(line: Line, others: Sequence[Whole]) -> datetime:
    """The earliest time of those who say so; a source says it of the order with its last open line."""
    said = [_time_of(line)] if line.state == "confirmed" else []
    for other in others:
        if _order_state(other.said())[0] == "confirmed":
            said.append(max(_time_of(each) for each in other.open_lines()))
    return min(said)


def _time_of(line: Line) -> datetime:
    """A confirmation without a time happened at the latest when it was said."""
    if line.confirmed_at is not None:
        return line.confirmed_at
    return _EPOCH + timedelta(milliseconds=line.as_of_ms["state"])


def _trade_type(key: str, line: Line, others: Sequence[Whole]) -> TradeType:
    """What any source calls other than normal is not normal; a feed often does not know."""
    said = [line, *(other.lines.get(each) for other in others for each in (key, WHOLE_ORDER))]
    types = [each.trade_type for each in said if each and each.trade_type]
    return next((each for each in types if each != "normal"), "normal")


def _extra_refund(order: Order, own: Whole, others: Sequence[Whole]) -> int:
    """What others know to be refunded beyond what the crediting source's own lines say."""
    known = sum(map(refunded_fen, own.lines.values()))
    said = [sum(map(refunded_fen, other.lines.values())) for other in others]
    return max([0, *(each - known for each in (*said, _all_refunds(order)))])


def _all_refunds(order: Order) -> int:
    """All refunds that were paid out, those of a line at most what was paid for it; lines nobody printed count too,
    a platform may number the same goods in two ways."""
    paid: dict[str, int] = {}
    for lines in order.sources.values():
        for key, line in lines.items():
            paid[key] = max(paid.get(key, 0), paid_fen(line))
    sums = _refunds_by_line(order)
    return sum(min(paid.get(key, fen), fen) for key, fen in sums.items())


def _spread(extra_fen: int, lines: Sequence[Line]) -> list[int]:
    """Whole fen in proportion to what is left of each line; remainders go to the first lines."""
    left = [paid_fen(line) - refunded_fen(line) for line in lines]
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
