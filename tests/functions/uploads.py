"""Exports as an operator uploads them: an object in the bucket, a record, a message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from huixue.edge import pool_desks
from huixue.edge.import_files import upload_key
from huixue.edge.messages import encoded
from huixue.kernel.events import ExportUploaded
from huixue.orders.imports import Import
from tests.functions.stage import Stage

HEADER = "订单编号,买家会员名,买家实际支付金额,订单状态,订单创建时间,订单付款时间 ,宝贝标题"


def row(order_number: str, *, paid: str = "178.80", state: str = "交易成功") -> str:
    day = datetime.now(UTC).date()
    return f'="{order_number}",a_buyer,{paid},{state},{day} 08:00:00,{day} 08:00:01,保湿精华液'


def uploaded(stage: Stage, import_id: str, content: bytes, *, filename: str = "export.csv") -> str:
    """The message that announces it."""
    key = upload_key(import_id, filename)
    stage.s3.put_object(Bucket=stage.environment["IMPORTS_BUCKET_NAME"], Key=key, Body=content)
    register(import_id, key, filename)
    return encoded(ExportUploaded(import_id=import_id, correlation_id=import_id))


def register(import_id: str, key: str, filename: str = "export.csv") -> None:
    now = datetime.now(UTC)
    pool_desks.imports().add(
        Import(
            import_id=import_id,
            object_key=key,
            filename=filename,
            platform="taobao",
            programme_id="demo",
            room_id="main",
            exported_at=now,
            requested_at=now,
        )
    )


def csv_of(rows: Sequence[str]) -> bytes:
    return "\r\n".join([HEADER, *rows, ""]).encode("gbk")


def state_of(import_id: str) -> Import:
    found = pool_desks.imports().load(import_id)
    assert found is not None
    return found
