"""Orders of the affiliate account: rows as `taobao.tbk.order.details.get` prints them. The feed names no buyer.

Source: the API's page on open.taobao.com (metadata of 2026-04).
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.sandbox.taobao_errors import TopError
from infra.sandbox.taobao_rows import ABSENT, AffiliateRows, Query, Row, Table, read_position
from infra.sandbox.taobao_wire import Window, number, page_of, printed_ids

_TIME_NAMES = """
    tb_paid_time tk_paid_time tk_create_time tk_earning_time modified_time click_time tb_deposit_time tk_deposit_time
"""
_OTHER_NAMES = """
    trade_id trade_parent_id tk_status item_id item_title item_num item_price item_img item_link alipay_total_price
    pay_price deposit_price refund_tag pub_id site_id site_name adzone_id adzone_name relation_id special_id unid
    talent_pid order_type seller_nick seller_shop_title pub_share_pre_fee pub_share_fee pub_share_rate
    total_commission_fee total_commission_rate tk_order_role tk_total_rate income_rate terminal_type flow_source
    service_fee_dto_list alimama_rate alimama_share_fee subsidy_fee subsidy_rate subsidy_type item_category_name
    is_lx marketing_type
"""
_TIMES = frozenset(_TIME_NAMES.split())


def _key_of(row: Row) -> str | None:
    return str(row["trade_id"]) if "trade_id" in row else None


ORDERS = Table(
    columns=_TIMES | frozenset(_OTHER_NAMES.split()),
    times=_TIMES,
    id_columns=("trade_id", "trade_parent_id"),
    needed=frozenset({"trade_parent_id", "tk_status"}),
    key_name="trade_id must be 1 to 32 digits",
    key_of=_key_of,
    time_by_query_type={
        1: "tk_create_time", 2: "tk_paid_time", 3: "tk_earning_time", 4: "modified_time",
    },
    printed_anyway={
        "refund_tag": 0,
        "tk_order_role": 2,
        "deposit_price": "0.00",
        "tb_deposit_time": ABSENT,
        "tk_deposit_time": ABSENT,
        "flow_source": ABSENT,
    },
)  # fmt: skip


def order_details(fields: Mapping[str, str], window: Window, orders: AffiliateRows) -> Row:
    """What stands below the answer's root. Raises TopError."""
    page_no = number(fields, "page_no", 1, range(1, 101), 1001)
    page_size = number(fields, "page_size", 20, range(1, 101), 1001)
    found = orders.slice(_query(fields, window, page_no, page_size))
    rows = [printed_ids(row, "trade_id", "trade_parent_id") for row in found.rows]
    results: Row = {"publisher_order_dto": rows} if rows else {}
    return {"data": {"results": results} | page_of(found, page_no, page_size)}


def _query(fields: Mapping[str, str], window: Window, page_no: int, page_size: int) -> Query:
    start, end = window(fields.get("start_time"), fields.get("end_time"))
    position = None
    if page_no > 1:
        position = read_position(fields.get("position_index", ""))
        if position is None:
            raise TopError(1008)
    scene = number(fields, "order_scene", 1, range(1, 4), 1001)
    tk_status = number(fields, "tk_status", 0, (0, 3, 11, 12, 13, 14), 1006)
    number(fields, "member_type", 2, (2, 3), 1001)
    return Query(
        query_type=number(fields, "query_type", 1, ORDERS.time_by_query_type, 1001),
        start=start,
        end=end,
        page_size=page_size,
        backwards=number(fields, "jump_type", 1, (1, -1), 1005) == -1,
        position=position,
        tk_status=tk_status or None,
        must_name={2: "relation_id", 3: "special_id"}.get(scene),
    )
