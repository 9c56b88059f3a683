"""A newer export of the same shop in which one order was refunded in part."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path


def write_refund(export: Path, newer: Path, order_number: str, refund_fen: int) -> None:
    """Writes the header and the order's row of `export` again, with `refund_fen` more refunded. The paid amount is
    printed net of refunds, as the platform does. Raises KeyError where the file has no such order."""
    with export.open(encoding="gbk", newline="") as file:
        reader = csv.reader(file)
        header = next(reader)
        names = [name.strip() for name in header]
        row = next((cells for cells in reader if order_number in cells[0]), None)
    if row is None:
        raise KeyError("no such order in the file")
    for name, fen in (("买家实际支付金额", -refund_fen), ("退款金额", refund_fen)):
        at = names.index(name)
        row[at] = f"{Decimal(row[at] or '0') + Decimal(fen) / 100:.2f}"
    with newer.open("w", encoding="gbk", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, row])
