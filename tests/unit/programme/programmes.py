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


def full_data() -> dict[str, Any]:
    """The same with every part that may be left out."""
    data = demo_data()
    data["rooms"][0]["platforms"][0] |= {
        "release_after_days": 7,
        "credited_types": ["gift", "virtual"],
    }
    return data | {
        "points": {
            "expiry": {"method": "quarter_end", "after": 12},
            "expiry_of": {
                "bonus": {"method": "days", "after": 30},
                "grant": {"method": "fixed_date", "on": "2027-06-30"},
                "check_in": {"method": "never"},
            },
            "grace_days": 3,
            "notice_days": [14, 1],
            "clawback": {"other_lots": False, "shortfall": "freeze"},
            "caps": [
                {"cap_id": "day", "window": "day", "points": 100, "rules": ["main/taobao"]},
                {"cap_id": "all", "per": "programme", "window": "total", "points": 10**6,
                 "scenes": ["grant"]},
            ],
            "tiers": {
                "period": "lifetime",
                "downgrade": "by_points",
                "tiers": [{"tier": "silver", "from_points": 0}, {"tier": "gold", "from_points": 9, "title": "金卡"}],
            },
            "four_eyes_above_points": 50,
            "cost_fen_per_point": "0.25",
            "refund_ban": {
                "window_days": 90, "min_orders": 5, "ratio_percent": 60, "ban_days": 30,
            },
        },
        "campaigns": [
            {"campaign_id": "double", "title": "双倍", "kind": "multiply", "value": 200,
             "starts_at": "2026-11-10 20:00", "ends_at": "2026-11-11"},
            {"campaign_id": "plus", "title": "加十", "kind": "add", "value": 10,
             "starts_at": "2026-11-10", "ends_at": "2026-11-10 23:59:59", "rooms": ["main"],
             "platforms": ["taobao"]},
        ],
        "staff_accounts": [
            {"platform": "taobao", "account": "林小二"},
            {"platform": "douyin", "account": "林小二"},
        ],
    }  # fmt: skip


def demo() -> Programme:
    return programme_from(demo_data())
