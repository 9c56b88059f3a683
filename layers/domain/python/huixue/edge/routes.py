"""Every route of the API as data: the OpenAPI document is made from this, and a test holds the template to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from huixue.edge import check_in_wire, erasure_wire, member_wire, month_wire, season_wire, wire


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
    query: tuple[str, ...] = ()
    """Query parameters of its own, all optional: dates and months as text."""
    media_type: str = "application/json"
    needs_session: bool = True
    refusals: tuple[str, ...] = field(default=())
    """Codes of problem documents beside those every route may answer."""


_BODY = ("BODY_MALFORMED", "FIELDS_INVALID", "BODY_TOO_LARGE", "BODY_NOT_JSON")
_SEASON = ("SEASON_NOT_FOUND",)
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
        method="GET", path="/v1/me/export", function="export_me", query=("cursor",),
        summary="All that is known of the member; goes on in further parts where there is much",
        answers={200: erasure_wire.Export}, refusals=("CURSOR_INVALID", "PROGRAMME_NOT_FOUND"),
    ),
    Route(
        method="DELETE", path="/v1/me", function="erase_me",
        summary="Erases the member at once and for good; her sessions end with it",
        answers={200: erasure_wire.ErasureReceipt},
    ),
    Route(
        method="GET", path="/v1/me", function="get_me",
        summary="Her profile, what the programme knows of her, what she allows", answers={200: member_wire.Me},
    ),
    Route(
        method="PUT", path="/v1/me", function="put_me",
        summary="Change the profile and decide about consents; absent fields stay, null clears one",
        body=member_wire.MeRequest, answers={200: member_wire.Me},
        refusals=(*_BODY, "CONSENT_REQUIRED", "PROGRAMME_NOT_FOUND"),
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
        method="POST", path="/v1/check-ins", function="check_in",
        summary="Check in for today; 201 the first time, 200 with Idempotency-Hit afterwards",
        answers={201: check_in_wire.CheckIn, 200: check_in_wire.CheckIn}, refusals=_SEASON,
    ),
    Route(
        method="PUT", path="/v1/check-ins/{date}", function="make_up",
        summary="Make up for a missed day (YYYY-MM-DD); 200 with Idempotency-Hit where it is marked already",
        answers={201: check_in_wire.MadeUpDay, 200: check_in_wire.MadeUpDay},
        refusals=(
            "FIELDS_INVALID", *_SEASON, "MAKE_UP_NOT_ALLOWED", "INSUFFICIENT_POINTS", "IN_DEBT",
            "ACCOUNT_FROZEN",
        ),
    ),
    Route(
        method="GET", path="/v1/tasks", function="list_tasks",
        summary="What can be done for points, and what of it is done in its present period",
        answers={200: check_in_wire.MemberTaskList},
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
    Route(
        method="GET", path="/v1/calendar", function="get_calendar", query=("month",),
        summary="A month (YYYY-MM, else this one): her check-ins, streams, member days, milestones, the streak",
        answers={200: month_wire.Calendar, 304: None}, refusals=("FIELDS_INVALID", *_SEASON),
    ),
    Route(
        method="GET", path="/v1/calendar/{feed_key}", function="get_calendar_feed", needs_session=False,
        summary="The streams as iCalendar (RFC 5545), for phones to subscribe to; the last segment ends in .ics",
        answers={200: None, 304: None}, media_type="text/calendar", refusals=("NOT_FOUND", *_SEASON),
    ),
    Route(
        method="GET", path="/v1/home", function="get_home",
        summary="What the home page shows this member now, with tonight's stream",
        answers={200: season_wire.Home, 304: None}, refusals=_SEASON,
    ),
    Route(
        method="GET", path="/v1/blocks/{block_id}", function="get_block",
        summary="One block of the home page by its link; one that has ended or is gone says so",
        answers={200: season_wire.BlockPage, 304: None}, refusals=("NOT_FOUND", *_SEASON),
    ),
    Route(
        method="GET", path="/v1/streams", function="list_streams", query=("from", "to"),
        paged=True,
        summary="The streams of the business days from … to, at most 92; else from today to 30 days later",
        answers={200: season_wire.StreamList, 304: None}, refusals=("FIELDS_INVALID", *_SEASON),
    ),
    Route(
        method="GET", path="/v1/streams/{stream_id}", function="get_stream",
        summary="One stream with its slots", answers={200: season_wire.Stream, 304: None},
        refusals=("NOT_FOUND", *_SEASON),
    ),
    Route(
        method="GET", path="/v1/guides", function="list_guides",
        summary="The guides that are open", answers={200: season_wire.GuideList, 304: None},
        refusals=_SEASON,
    ),
    Route(
        method="GET", path="/v1/guides/{guide_id}", function="get_guide",
        summary="One guide, its rows with the slots as they stand now; one that has ended says so",
        answers={200: season_wire.Guide, 304: None}, refusals=("NOT_FOUND", *_SEASON),
    ),
    Route(
        method="POST", path="/v1/guides/{guide_id}/read", function="read_guide",
        summary="She has read a guide that is open; may be repeated, a task for it is rewarded once",
        answers={202: season_wire.GuideRead}, refusals=("NOT_FOUND", *_SEASON),
    ),
)  # fmt: skip
