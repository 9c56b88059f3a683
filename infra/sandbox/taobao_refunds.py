"""Refunds (维权) of the affiliate account: rows as `taobao.tbk.order.refund.get` prints them.

Source: the API's page on open.taobao.com (apiId 65180): all questions are one JSON object in one parameter, the odd
name of the wrapper's element, `result_code` beside the data, `biz_error_code` 101 for a missing time. It names no
limits of windows: the orders' are kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from infra.sandbox.taobao_errors import TopError
from infra.sandbox.taobao_rows import AffiliateRows, Query, Row, Table, read_position
from infra.sandbox.taobao_wire import Window, number, page_of, printed_ids

_TIMES = frozenset({
    "tb_trade_create_time", "earning_time", "tk_refund_time", "tk_refund_suit_time", "modified_time",
})  # fmt: skip
_OTHER_NAMES = """
    refund_suit_id tb_trade_parent_id tb_trade_id item_title tk_order_role refund_status tb_trade_finish_price
    refund_fee pub_share_fee tk_commission_fee_refund tk_subsidy_fee_refund tk_commission_alimm_refund_fee
    tk_subsidy_alimm_refund_fee tk_commission_agent_refund_fee tk_subsidy_agent_refund_fee show_return_fee relation_id
    special_id
"""


def _key_of(row: Row) -> str | None:
    """Its own number, or the sub-order and when it was asked for (rows without a number exist to be read)."""
    if row.get("refund_suit_id"):
        return str(row["refund_suit_id"])
    if row.get("tb_trade_id") and row.get("tk_refund_time"):
        return f"{row['tb_trade_id']} {row['tk_refund_time']}"
    return None


REFUNDS = Table(
    columns=_TIMES | frozenset(_OTHER_NAMES.split()),
    times=_TIMES,
    id_columns=("tb_trade_id", "tb_trade_parent_id"),
    needed=frozenset({"tb_trade_id", "tb_trade_parent_id", "refund_status", "refund_fee"}),
    key_name="it needs a refund_suit_id, or a tb_trade_id and a tk_refund_time",
    key_of=_key_of,
    time_by_query_type={
        1: "tk_refund_time", 2: "earning_time", 3: "tk_refund_suit_time", 4: "tb_trade_create_time",
        5: "modified_time",
    },
)  # fmt: skip
_FROM_THE_ORDER = {
    "tb_trade_parent_id": "trade_parent_id",
    "item_title": "item_title",
    "tb_trade_create_time": "tk_create_time",
    "earning_time": "tk_earning_time",
    "tb_trade_finish_price": "pay_price",
}


def with_their_orders(refunds: list[Row], orders: list[Row]) -> list[Row]:
    """What a refund does not say of its order is taken from it, where the stand-in knows the order."""
    known = {str(order["trade_id"]): order for order in orders}
    completed = []
    for refund in refunds:
        order = known.get(str(refund.get("tb_trade_id")), {})
        named = {name: order[column] for name, column in _FROM_THE_ORDER.items() if column in order}
        completed.append(named | refund)
    return completed


def order_refunds(fields: Mapping[str, str], window: Window, refunds: AffiliateRows) -> Row:
    """What stands below the answer's root. Raises TopError."""
    option = _option(fields.get("publisher_refund_order_query_option"))
    for name, text in (("start_time", "开始时间不能为空"), ("end_time", "结束时间不能为空")):
        if not option.get(name):
            return {"result_code": 500, "biz_error_code": 101, "biz_error_desc": text}
    page_no = number(option, "page_no", 1, range(1, 101), 1001)
    page_size = number(option, "page_size", 20, range(1, 101), 1001)
    found = refunds.slice(_query(option, window, page_no, page_size))
    rows = [printed_ids(row, "tb_trade_id", "tb_trade_parent_id") for row in found.rows]
    result: Row = {"publisher_refund_order_d_t_o": rows} if rows else {}
    neighbours = {"pre_page": page_no - 1, "next_page": page_no + 1}
    data: Row = {"result": result} | page_of(found, page_no, page_size) | neighbours
    return {"data": data, "result_code": 200}


def _query(option: Mapping[str, str], window: Window, page_no: int, page_size: int) -> Query:
    start, end = window(option["start_time"], option["end_time"])
    position = None
    if page_no > 1:
        position = read_position(option.get("position_index", ""))
        if position is None:
            raise TopError(1008)
    number(option, "order_scene", 1, (1,), 1001)
    number(option, "member_type", 4, (1, 2, 4), 1001)
    return Query(
        query_type=number(option, "query_type", 1, REFUNDS.time_by_query_type, 1001),
        start=start,
        end=end,
        page_size=page_size,
        backwards=number(option, "jump_type", 1, (1, -1), 1005) == -1,
        position=position,
    )


def _option(text: str | None) -> dict[str, str]:
    """The one parameter: a flat JSON object of numbers and texts."""
    if not text:
        raise TopError(40, "publisher_refund_order_query_option is required")
    try:
        value = json.loads(text, parse_int=str)
    except (ValueError, RecursionError) as error:
        raise TopError(41, "publisher_refund_order_query_option must be JSON") from error
    if not isinstance(value, dict):
        raise TopError(41, "publisher_refund_order_query_option must be a JSON object")
    for name, part in value.items():
        if not isinstance(part, str) or re.search(r"[\x00-\x1f]", part):
            raise TopError(41, f"{name} must be a number or a text")
    return value
