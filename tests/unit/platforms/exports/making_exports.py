"""Small exports made by hand for these tests, and the reading of them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from huixue.kernel.snapshots import OrderSnapshot, RowError
from huixue.platforms.exports.reading import ExportReading, read_export

AS_OF = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
NUMBER = ("1234567890" * 2)[:19]
SELLER_ROW: Mapping[str, str] = {
    "订单编号": NUMBER,
    "买家会员名": "演示账号",
    "买家支付宝账号": "nobody@example.invalid",
    "买家应付货款": "178.80",
    "买家应付邮费": "8.00",
    "总金额": "186.80",
    "买家实际支付金额": "150.30",
    "订单状态": "交易成功",
    "收货人姓名": "演示甲",
    "收货地址 ": "演示省演示市",
    "联系手机": "'10000000000",
    "订单创建时间": "2026-02-20 23:56:36",
    "订单付款时间 ": "2026-02-20 23:56:40",
    "宝贝标题 ": "演示面膜",
    "宝贝总数量": "2",
    "确认收货时间": "2026-02-25 10:00:00",
    "退款金额": "36.50",
}
REPORT_ROW: Mapping[str, str] = {
    "订单编号": "6",
    "总金额": "327.7",
    "买家实际支付金额": "148.9",
    "收货地址 ": "演示省",
    "订单创建时间": "2020-02-20 23:56:39",
    "订单付款时间 ": "2020-02-20 23:56:53",
    "退款金额": "178.8",
}


def csv_bytes(
    rows: Sequence[Mapping[str, str]],
    *,
    encoding: str = "utf-8",
    delimiter: str = ",",
    newline: str = "\r\n",
    header: Sequence[str] | None = None,
) -> bytes:
    """Cells as they are given: nothing is quoted."""
    names = list(header or rows[0])
    lines = [delimiter.join(names), *(delimiter.join(row[name] for name in names) for row in rows)]
    return "".join(line + newline for line in lines).encode(encoding)


def reading_of(data: bytes, *, filename: str = "export.csv") -> ExportReading:
    return read_export(io.BytesIO(data), filename=filename, platform="taobao", as_of=AS_OF)


def rows_of(data: bytes) -> list[tuple[int, OrderSnapshot | RowError]]:
    return list(reading_of(data).rows)


def only_snapshot(data: bytes) -> OrderSnapshot:
    [(_, row)] = rows_of(data)
    assert isinstance(row, OrderSnapshot), row
    return row


def errors_of(data: bytes) -> list[tuple[int, str, str]]:
    return [
        (row.line_number, row.column, row.code)
        for _, row in rows_of(data)
        if isinstance(row, RowError)
    ]


def seller_row(**changes: str) -> dict[str, str]:
    """The model row with other cells; names are the printed ones."""
    unknown = changes.keys() - SELLER_ROW.keys()
    assert not unknown, unknown
    return {**SELLER_ROW, **changes}
