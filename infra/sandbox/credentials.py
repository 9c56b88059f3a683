"""Whom the stand-in knows. Every value is made up and opens nothing but this server."""

from __future__ import annotations

APP_ID = "wx5a0db0c0ffee0001"
TAOBAO_APP_KEY = "23000000"
ADZONE_ID = "110595300001"
"""The affiliate position of the demo programme's room `main`."""

CREDENTIALS: dict[str, str] = {
    f"wechat:{APP_ID}": "5a0db0c0ffee4b1d8e7f60718293a4b5",
    f"taobao:{TAOBAO_APP_KEY}": "c0ffee5a0db04d1e9f80a1b2c3d4e5f6",
}
"""`platform:<app id or app key>` → secret."""
