"""The rows of a demo export as an XLSX workbook, for trying the other file form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import BinaryIO

from openpyxl import Workbook

from infra.demo.seller_export import HEADER, Row

AMOUNTS = frozenset({"买家应付货款", "买家应付邮费", "总金额", "买家实际支付金额", "退款金额"})
TIMES = frozenset({"订单创建时间", "订单付款时间 ", "确认收货时间"})


def write_workbook(
    printed: Iterable[Row], target: BinaryIO, *, header: Sequence[str] = HEADER
) -> None:
    """Order numbers as text, amounts as numbers, times as dates: as a careful seller keeps them."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("订单")
    sheet.append(list(header))
    for row in printed:
        sheet.append([_cell(name, row[name]) for name in header])
    book.save(target)


def _cell(name: str, text: str) -> str | float | datetime | None:
    if not text:
        return None
    if name == "订单编号":
        return text.lstrip("=").strip('"')
    if name in AMOUNTS:
        return float(text)
    return datetime.fromisoformat(text) if name in TIMES else text
