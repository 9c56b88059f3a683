"""The client under test, aimed at the stand-in."""

from __future__ import annotations

from huixue.wechat.code_exchange import CodeExchange
from infra.sandbox.server import APP_ID
from tests.unit.sandbox.running import Sandbox, secret_of

SECRET = secret_of(f"wechat:{APP_ID}")


def exchange(sandbox: Sandbox, *, app_id: str = APP_ID, secret: str = SECRET) -> CodeExchange:
    return CodeExchange(
        pool=sandbox.pool, base_url=sandbox.url("/wechat"), app_id=app_id, app_secret=secret
    )
