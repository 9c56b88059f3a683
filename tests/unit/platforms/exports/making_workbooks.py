"""Workbooks made for these tests, sound ones and tampered ones."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

from openpyxl import Workbook

HEADER = ["订单编号", "订单付款时间 ", "买家实际支付金额", "退款金额"]
PAID_AT = datetime(2026, 2, 20, 23, 56, 40)  # noqa: DTZ001 - a spreadsheet's wall clock


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    book, target = Workbook(write_only=True), io.BytesIO()
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(list(row))
    book.save(target)
    return target.getvalue()


def repacked(data: bytes, **changes: bytes) -> bytes:
    """The same archive with other content in some parts."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for part in source.infolist():
            archive.writestr(part.filename, changes.pop(part.filename, source.read(part)))
        for name, content in changes.items():
            archive.writestr(name, content)
    return target.getvalue()
