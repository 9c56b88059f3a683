"""Programmes as data for tests."""

from __future__ import annotations

from typing import Any

from huixue.programme.model import Programme
from huixue.programme.rules import programme_from


def demo_data() -> dict[str, Any]:
    """A valid programme with everything in it; a fresh copy each time, to be spoilt by tests."""
    return {
        "programme_id": "demo",
        "title": "回血",
        "zone": "Asia/Shanghai",
        "wechat_app_ids": ["wx1"],
        "rooms": [
            {
                "room_id": "main",
                "title": "主播间",
                "platforms": [
                    {
                        "platform": "taobao",
                        "window_days": 90,
                        "window_clock": "paid_at",
                        "points_per_yuan": 1,
                        "levels": [
                            {"level": "gold", "multiplier_percent": 120},
                            {"level": "diamond", "multiplier_percent": 150},
                        ],
                        "affiliate_positions": ["111", "112"],
                    }
                ],
            },
            {
                "room_id": "guest",
                "title": "客座",
                "platforms": [
                    {
                        "platform": "douyin",
                        "window_days": 30,
                        "window_clock": "confirmed_at",
                        "points_per_yuan": "0.5",
                    }
                ],
            },
        ],
        "feeds": [{"platform": "taobao", "kind": "affiliate", "app_key": "23"}],
    }


def demo() -> Programme:
    return programme_from(demo_data())
