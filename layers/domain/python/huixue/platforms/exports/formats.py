"""The tables of the platforms' exports: another platform's export is one `ExportFormat` more.

Columns and states of Taobao's seller centre as its order export (订单报表) prints them. Only the columns
named here are ever read; addresses, phones, payment accounts and notes are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from huixue.kernel.snapshots import LineState

ExportKind = Literal["seller_export", "order_report"]
"""`seller_export` prints a state per order; `order_report` only when it was paid."""
Field = Literal[
    "order_number", "account", "printed_paid", "freight", "state", "created_at", "paid_at",
    "title", "quantity", "confirmed_at", "refunded",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFormat:
    """One platform's export: printed column → field, printed state → state, forms of numbers by kind.

    The printed paid amount is net of refunds, as on Taobao.
    """

    platform: str
    columns: Mapping[str, Field]
    recognised_by: Mapping[ExportKind, frozenset[Field]]
    """Fields a file of that kind cannot be without; the first kind that fits is taken."""
    number_forms: Mapping[ExportKind, re.Pattern[str]]
    states: Mapping[str, LineState]
    unread_columns: frozenset[str] = field(default=frozenset())
    """Further names of the header: they tell that a line is a header, their cells are never read."""

    def column_of(self, wanted: Field) -> str:
        return next(name for name, known in self.columns.items() if known == wanted)


TAOBAO = ExportFormat(
    platform="taobao",
    columns=MappingProxyType(
        {
            "订单编号": "order_number",
            "买家会员名": "account",
            "买家应付邮费": "freight",
            "买家实际支付金额": "printed_paid",
            "订单状态": "state",
            "订单创建时间": "created_at",
            "订单付款时间": "paid_at",
            "宝贝标题": "title",
            "宝贝总数量": "quantity",
            "确认收货时间": "confirmed_at",
            "退款金额": "refunded",
        }
    ),
    recognised_by=MappingProxyType(
        {
            "seller_export": frozenset({"order_number", "state"}),
            "order_report": frozenset({"order_number", "paid_at", "printed_paid"}),
        }
    ),
    number_forms=MappingProxyType(
        {
            "seller_export": re.compile(r"[0-9]{10,20}"),
            "order_report": re.compile(r"[0-9]{1,20}"),  # published reports number their rows
        }
    ),
    states=MappingProxyType(
        {
            "交易成功": "confirmed",
            "卖家已发货,等待买家确认": "shipped",
            "买家已付款,等待卖家发货": "paid",
            "等待买家付款": "unpaid",
            "交易关闭": "closed",
        }
    ),
    unread_columns=frozenset({
        "买家支付宝账号", "买家应付货款", "买家支付积分", "总金额", "返点积分", "买家实际支付积分",
        "买家留言", "收货人姓名", "收货地址", "运送方式", "联系电话", "联系手机", "宝贝种类",
        "物流单号", "物流公司", "订单备注", "店铺Id", "店铺名称", "订单关闭原因",
    }),
)  # fmt: skip

FORMATS: Mapping[str, ExportFormat] = MappingProxyType({"taobao": TAOBAO})


@lru_cache(maxsize=1024)
def squeezed(text: str) -> str:
    """Names compared regardless of width, blanks and invisible marks: `订单付款时间 ` = `订单付款时间`."""
    return "".join(
        mark
        for mark in unicodedata.normalize("NFKC", text)
        if not mark.isspace() and unicodedata.category(mark) not in {"Cf", "Cc"}
    ).strip("\"'")
