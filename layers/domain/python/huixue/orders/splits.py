"""Orders that a platform split: their parts lie beside the original lines and are folded into them (OC-E8).

A part is kept under the key of its line and a piece of the number it goes under now, `line@part`. What is quoted are
lines: the keys before the `@`. A key that was ever quoted is quoted for ever, whatever comes in later; so what the
ledger holds for it is never forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from huixue.kernel.snapshots import STATE_RANK
from huixue.orders.model import Line

_MARK = "@"
_PART_CHARS = 8  # 40 bits: no two of an order's few parts meet


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Lines of one source, each with its parts folded into it."""

    lines: Mapping[str, Line]
    moved: frozenset[str] = frozenset()
    """Keys whose amounts another line carries; worth nothing themselves."""

    def open_lines(self) -> list[Line]:
        return [line for line in self.said() if line.state != "closed"]

    def said(self) -> list[Line]:
        return [line for key, line in self.lines.items() if key not in self.moved]


def stored_key(line_key: str, part_ref: str | None) -> str:
    if part_ref is None or _MARK in line_key:
        return line_key  # a part of a part is known by its own number already
    return f"{line_key}{_MARK}{part_ref.rpartition(':')[2][:_PART_CHARS]}"


def paid_fen(line: Line) -> int:
    return 0 if line.state == "unpaid" else line.paid_fen or 0


def refunded_fen(line: Line) -> int:
    """A closed line is refunded in full, whether its source prints a sum or not."""
    paid = paid_fen(line)
    return paid if line.state == "closed" else min(paid, line.refunded_fen or 0)


def whole(stored: Mapping[str, Line]) -> Whole:
    """Every original line with the sum of its parts. Parts under keys that no original has (a platform that numbered
    its lines anew) are carried by the first original that has no parts of its own; the others of those are gone."""
    originals = {key: line for key, line in sorted(stored.items()) if _MARK not in key}
    parts: dict[str, list[Line]] = {}
    for key, line in sorted(stored.items()):
        if _MARK in key:
            parts.setdefault(key.partition(_MARK)[0], []).append(line)
    if not parts:
        return Whole(lines=originals)
    strays = [key for key in parts if key not in originals]
    bare = [key for key in originals if key not in parts]
    moved: list[str] = []
    if strays and bare:
        parts[bare[0]] = [line for key in strays for line in parts[key]]
        moved = [*bare[1:], *strays]
    lines = dict(originals)
    lines |= {key: _folded(found, originals.get(key)) for key, found in parts.items()}
    lines |= {key: _gone(lines[key]) for key in moved}
    return Whole(lines=dict(sorted(lines.items())), moved=frozenset(moved))


def _folded(parts: Sequence[Line], original: Line | None) -> Line:
    """One line of all parts: sums of amounts, the least advanced open part's state. The shop's freight of a part
    counts only as far as that part was kept."""
    kept = [part for part in parts if part.state != "closed"]
    least = min(kept or parts, key=lambda part: STATE_RANK[part.state])
    known = [*parts, *([original] if original is not None else [])]
    confirmed = [part.confirmed_at for part in kept if part.confirmed_at is not None]
    return replace(
        original or parts[0],
        state=least.state,
        printed_state=least.printed_state,
        paid_fen=None
        if any(part.paid_fen is None for part in parts)
        else sum(map(paid_fen, parts)),
        refunded_fen=sum(map(refunded_fen, parts)),
        freight_fen=sum(_kept_freight(part) for part in parts),
        account_ref=next((each.account_ref for each in known if each.account_ref), None),
        room=next((each.room for each in known if each.room), None),
        paid_at=min((each.paid_at for each in known if each.paid_at), default=None),
        confirmed_at=max(confirmed, default=None) if least.state == "confirmed" else None,
        title=next((each.title for each in reversed(known) if each.title), None),
        trade_type=next((each.trade_type for each in known if each.trade_type), None),
        as_of_ms={"state": max(part.as_of_ms["state"] for part in parts)},
    )


def _kept_freight(part: Line) -> int:
    return min(part.freight_fen or 0, paid_fen(part) - refunded_fen(part))


def _gone(line: Line) -> Line:
    return replace(line, state="closed", paid_fen=0, refunded_fen=0, freight_fen=0)
