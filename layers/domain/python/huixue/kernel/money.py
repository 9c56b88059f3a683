"""Money in fen and points, both integers; floats never appear."""

from __future__ import annotations

import re
from decimal import Decimal

MAX_FEN = 10_000_000_000  # 100 million yuan: above any order, below any overflow

_YUAN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


def fen_from_yuan(text: str) -> int:
    """`178.8` → 17880. Raises ValueError for what is no amount of yuan with at most 2 decimals, or out of range."""
    plain = text.strip().replace(",", "").lstrip("¥￥")
    if not _YUAN.fullmatch(plain):
        raise ValueError("not an amount in yuan")
    fen = Decimal(plain) * 100
    if fen != fen.to_integral_value() or fen > MAX_FEN:
        raise ValueError("not an amount in yuan")
    return int(fen)


def points_for(
    base_fen: int, *, rate_milli: int, multiplier_percent: int, times: int = 1, over: int = 1
) -> int:
    """Points of a line: floor once, at the very end.

    `rate_milli` is points per yuan × 1000, `multiplier_percent` 100 for none: at 1000 and 100 it is
    floor(base_fen / 100), the rule of `product.md`. `times / over` is what campaigns make of it, as a fraction.
    """
    if base_fen <= 0:
        return 0
    return base_fen * rate_milli * multiplier_percent * times // (100 * 1000 * 100 * over)
