"""The fields a client may rely on, as http-api.md lists them."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from typing import Any, get_args

import msgspec
import pytest

from huixue.edge import wire
from huixue.orders.model import ClaimStatus, Reason

RELIED_ON = {
    wire.Session: {"token", "expires_at", "member"},
    wire.SessionMember: {"member_id", "is_new"},
    wire.Claim: {
        "claim_id", "platform", "order_hint", "paid_on", "status", "lines", "reason",
        "next_check_at",
    },
    wire.OrderLine: {
        "line_id", "title", "amount_fen", "status", "points", "reason", "release_on",
        "explanation",
    },
    wire.OrderSyncStarted: {"sync_id", "status"},
    wire.OrderSync: {
        "status", "lines_found", "lines_credited", "lines_pending", "lines_skipped", "reason",
    },
    wire.Points: {"available", "pending", "held", "debt", "lifetime", "expiring"},
    wire.ExpiringPoints: {"points", "expires_on"},
    wire.Entry: {
        "entry_id", "points", "balance_after", "scene", "note", "source", "business_date",
        "recorded_at", "explanation",
    },
    wire.ClaimList: {"items", "next_cursor"},
    wire.EntryList: {"items", "next_cursor"},
}  # fmt: skip
SENT = {
    wire.SessionRequest: {"code": True, "programme_id": False},
    wire.OrderRequest: {
        "platform": True, "order_number": True, "account": False, "room_level": False,
    },
    wire.OrderSyncRequest: {
        "platform": True, "account": True, "order_number": True, "paid_amount_fen": True,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "names"), RELIED_ON.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_what_clients_rely_on_is_there(kind: type[msgspec.Struct], names: set[str]) -> None:
    assert names <= {field.encode_name for field in msgspec.structs.fields(kind)}


@pytest.mark.parametrize(
    ("kind", "names"), SENT.items(), ids=lambda each: getattr(each, "__name__", "")
)
def test_what_clients_send_is_taken(kind: type[msgspec.Struct], names: dict[str, bool]) -> None:
    found = {field.encode_name: field.required for field in msgspec.structs.fields(kind)}

    assert found == names


def test_claims_have_the_contracts_words() -> None:
    assert set(get_args(ClaimStatus)) == {
        "waiting", "unpaid", "pending", "parked", "credited", "partially_clawed_back",
        "clawed_back", "rejected",
    }  # fmt: skip
    assert set(get_args(Reason)) == {
        "NOT_IN_POOL", "OUT_OF_WINDOW", "NOT_OUR_ROOM", "CLOSED", "REFUNDED", "EXCLUDED_TYPE",
        "RATE_CAPPED", "OWNED_BY_OTHER", "ACCOUNT_BOUND_ELSEWHERE", "PROOF_FAILED",
    }  # fmt: skip


def test_what_is_not_known_is_left_out_and_times_carry_their_offset() -> None:
    at = datetime(2026, 11, 20, 12, 0, tzinfo=timezone(timedelta(hours=8)))
    bare = wire.Claim(
        claim_id="c", platform="p", order_hint="h", claimed_at=at, status="waiting", lines=[]
    )
    whole: dict[str, Any] = json.loads(msgspec.json.encode(bare))

    assert whole == {
        "claim_id": "c", "platform": "p", "order_hint": "h",
        "claimed_at": "2026-11-20T12:00:00+08:00", "status": "waiting", "lines": [],
    }  # fmt: skip


def test_business_dates_are_days() -> None:
    soon = wire.ExpiringPoints(points=1, expires_on=date(2026, 11, 30))

    assert msgspec.json.encode(soon) == b'{"points":1,"expires_on":"2026-11-30"}'
