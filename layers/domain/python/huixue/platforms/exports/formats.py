"""The tables of the platforms' exports: another platform's export is one `ExportFormat` more.

Columns and states of Taobao's seller centre as its order export (订单报表) prints them. Only the columns
named here are ever read; addresses, phones, payment accounts and notes are not.

No column of that export tells samples, draws, gifts or orders that were split. `交易类型` and `原订单编号` are
ours: whoever knows more than the export adds them to the file. `运送方式` is the platform's; 虚拟发货 is its word
for shipping without a parcel (`shipping_type=virtual`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Literal

from huixue.kernel.snapshots import LineState, TradeType

ExportKind = Literal["seller_export", "order_report"]
"""`seller_export` prints a state per order; `order_report` only when it was paid."""
Field = Literal[
    "order_number", "account", "printed_paid", "freight", "state", "created_at", "paid_at",
    "title", "quantity", "confirmed_at", "refunded", "shipping", "split_from", "trade_type",
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
    optional: frozenset[Field] = field(default=frozenset())
    """Columns that most files are without: nobody misses them."""
    virtual_shipping: frozenset[str] = field(default=frozenset())
    """Printed ways of shipping that send no parcel."""
    trade_types: Mapping[str, TradeType] = field(default_factory=dict)
    """Words of the trade type's column."""
    unread_columns: frozenset[str] = field(default=frozenset())
    """Further names of the header: they tell that a line is a header, their cells are never read."""

    def column_of(self, wanted: Field) -> str:
        return next(name for name, known in self.columns.items() if known == wanted)


PRESALE_STATES: Mapping[str, LineState] = MappingProxyType(
    dict.fromkeys(
        ("定金未付尾款未付", "定金已付尾款未付", "定金未付,尾款未付", "定金已付,尾款未付", "等待买家付定金",
         "等待买家付尾款", "定金已付,等待买家付尾款"),
        "unpaid",
    )
)  # fmt: skip
"""The first two are what Taobao's open platform calls the steps of a presale (`step_trade_status`); there its trade is
`WAIT_BUYER_PAY` (等待买家付款) until the balance is paid. The others are near forms: whether an export ever prints one
is not known, and without a line here such an order would be parked, which credits nothing either."""

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
            "运送方式": "shipping",
            "原订单编号": "split_from",
            "交易类型": "trade_type",
        }
    ),
    optional=frozenset({"shipping", "split_from", "trade_type"}),
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
            **PRESALE_STATES,
        }
    ),
    virtual_shipping=frozenset({"虚拟发货", "虚拟物品"}),
    trade_types=MappingProxyType(
        {
            "普通": "normal",
            "样品": "sample",
            "0元": "zero_yuan",
            "抽奖": "draw",
            "虚拟": "virtual",
            "赠品": "gift",
        }
    ),
    unread_columns=frozenset({
        "买家支付宝账号", "买家应付货款", "买家支付积分", "总金额", "返点积分", "买家实际支付积分",
        "买家留言", "收货人姓名", "收货地址", "联系电话", "联系手机", "宝贝种类",
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
