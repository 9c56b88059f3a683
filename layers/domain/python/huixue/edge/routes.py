"""Every route of the API as data: the OpenAPI document is made from this, and a test holds the template to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from huixue.edge import wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    method: str
    path: str
    function: str
    """The folder in `functions/` that answers it."""
    summary: str
    answers: Mapping[int, type[msgspec.Struct] | None]
    body: type[msgspec.Struct] | None = None
    paged: bool = False
    needs_session: bool = True
    refusals: tuple[str, ...] = field(default=())
    """Codes of problem documents beside those every route may answer."""


_BODY = ("BODY_MALFORMED", "FIELDS_INVALID", "BODY_TOO_LARGE", "BODY_NOT_JSON")
_ORDER = ("PLATFORM_NOT_OFFERED", "ORDER_NUMBER_FORMAT", "TOO_MANY_TRIES", "PROGRAMME_NOT_FOUND")

ROUTES: tuple[Route, ...] = (
    Route(
        method="GET", path="/v1/health", function="get_health", needs_session=False,
        summary="Whether the service answers", answers={200: wire.Health},
    ),
    Route(
        method="GET", path="/v1/openapi.json", function="get_openapi", needs_session=False,
        summary="This document", answers={200: None, 304: None},
    ),
    Route(
        method="POST", path="/v1/sessions", function="sign_in", needs_session=False,
        summary="Sign in with a code from wx.login; the token lasts at most two hours",
        body=wire.SessionRequest, answers={200: wire.Session},
        refusals=(*_BODY, "LOGIN_CODE_INVALID", "LOGIN_BLOCKED", "PROGRAMME_NOT_FOUND"),
    ),
    Route(
        method="POST", path="/v1/orders", function="submit_order",
        summary="Claim an order by its number; 202 the first time, 200 with Idempotency-Hit afterwards",
        body=wire.OrderRequest, answers={202: wire.Claim, 200: wire.Claim},
        refusals=(*_BODY, *_ORDER, "IDEMPOTENCY_MISMATCH"),
    ),
    Route(
        method="GET", path="/v1/orders", function="list_orders", paged=True,
        summary="The member's claims, newest first", answers={200: wire.ClaimList},
        refusals=("PROGRAMME_NOT_FOUND",),
    ),
    Route(
        method="GET", path="/v1/orders/{claim_id}", function="get_order",
        summary="One claim and what became of its lines", answers={200: wire.Claim},
        refusals=("NOT_FOUND", "PROGRAMME_NOT_FOUND"),
    ),
    Route(
        method="POST", path="/v1/orders/{claim_id}/appeal", function="appeal_order",
        summary="Open a case about a claim that waits or was rejected; 200 with its state afterwards",
        body=wire.AppealRequest, answers={202: wire.Case, 200: wire.Case},
        refusals=(*_BODY, "NOT_FOUND", "PROGRAMME_NOT_FOUND", "NOT_APPEALABLE", "IDEMPOTENCY_MISMATCH"),
    ),
    Route(
        method="POST", path="/v1/order-syncs", function="start_order_sync",
        summary="Prove a platform account with one confirmed order and bring all orders of the window",
        body=wire.OrderSyncRequest, answers={202: wire.OrderSyncStarted, 200: wire.OrderSyncStarted},
        refusals=(*_BODY, *_ORDER),
    ),
    Route(
        method="GET", path="/v1/order-syncs/{sync_id}", function="get_order_sync",
        summary="How far a sync is", answers={200: wire.OrderSync}, refusals=("NOT_FOUND",),
    ),
    Route(
        method="GET", path="/v1/points", function="get_points",
        summary="The member's balance", answers={200: wire.Points},
    ),
    Route(
        method="GET", path="/v1/points/entries", function="list_entries", paged=True,
        summary="Every change of the balance, newest first", answers={200: wire.EntryList},
    ),
    Route(
        method="GET", path="/v1/points/statements/{month}", function="get_statement",
        summary="What a month (YYYY-MM) opened with, what every scene changed, what it closed with",
        answers={200: wire.Statement}, refusals=("FIELDS_INVALID", "NOT_FOUND"),
    ),
    Route(
        method="POST", path="/v1/points/appeal", function="appeal_freeze",
        summary="Open a case about redemptions that are stopped; 200 with its state afterwards",
        body=wire.AppealRequest, answers={202: wire.Case, 200: wire.Case},
        refusals=(*_BODY, "NOT_FROZEN", "IDEMPOTENCY_MISMATCH"),
    ),
)  # fmt: skip
