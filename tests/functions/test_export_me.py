from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from huixue.edge import bootstrap, exporting
from huixue.edge.requests import cursor_of
from huixue.edge.session_tokens import Session
from huixue.kernel.ids import MemberId, ProgrammeId
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.ledgers import given
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage, running_stage

HER = "mem_exports"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """With five claims and eight entries of hers."""
    with running_stage() as running:
        token = running.token(HER)
        bring([order(number(of)) for of in range(80, 85)])
        for of in range(80, 85):
            body = {"platform": "taobao", "order_number": number(of)}
            call(running, "submit_order", token=token, body=body)
        pump(running)
        for size in (1, 2, 3):
            at = datetime.now(UTC) + timedelta(milliseconds=size)
            given(HER, size, "2030-01-31|adjust", at=at)
        yield running


def exported(stage: Stage, cursor: str | None = None) -> dict[str, Any]:
    query = {} if cursor is None else {"cursor": cursor}
    found = call(stage, "export_me", token=stage.token(HER), query=query)
    assert found.status == 200, found.text
    body = found.body
    assert isinstance(body, dict)
    return body


def parts(**limits: int) -> list[Any]:
    """All parts, under limits small enough to need several."""
    desk = replace(exporting.export_desk(), **limits)  # type: ignore[arg-type]  # whole numbers alone
    session = Session(member_id=MemberId(HER), programme_id=ProgrammeId("demo"))
    found, place = [], None
    while True:
        made, place = exporting.export(session, start=place, english=False, desk=desk)
        found.append(made)
        if place is None:
            return found
        assert len(found) < 50


def test_it_is_one_file_that_nobody_keeps_on_the_way(stage: Stage) -> None:
    found = call(stage, "export_me", token=stage.token(HER))

    assert found.headers["content-disposition"].startswith("attachment; ")
    assert found.headers["cache-control"] == "no-store"
    assert len(found.body["claims"]) == 5
    assert len(found.body["entries"]) == 8
    assert found.body["points"][0]["summary"]["available"] == 5 * 178 + 6
    assert "next_cursor" not in found.body


def test_claims_and_entries_are_newest_first(stage: Stage) -> None:
    body = exported(stage)

    for name, at in (("claims", "claimed_at"), ("entries", "recorded_at")):
        times = [each[at] for each in body[name]]
        assert times == sorted(times, reverse=True)


@pytest.mark.parametrize(
    "limits",
    [
        {"max_claims": 2}, {"max_entries": 3}, {"max_claims": 1, "max_entries": 1},
        {"max_bytes": 1}, {"max_bytes": 1_500}, {"max_bytes": 4_000},
    ],
    ids=str,
)  # fmt: skip
def test_parts_together_are_the_whole_once(stage: Stage, limits: dict[str, int]) -> None:
    del stage
    (whole,) = parts()

    found = parts(**limits)

    assert len(found) > 1
    assert [each for part in found for each in part.claims] == whole.claims
    assert [each for part in found for each in part.entries] == whole.entries
    assert found[0].profile is not None
    assert all(part.profile is None for part in found[1:])


def test_somebody_without_anything_gets_her_empty_file(stage: Stage) -> None:
    body = call(stage, "export_me", token=stage.token("mem_empty")).body

    assert body["profile"]["member_id"] == "mem_empty"
    assert (body["claims"], body["entries"]) == ([], [])


@pytest.mark.parametrize(
    "place", ["claims:", "claims:clm_none", "entries:mem_exports:99", "entries:x", "other:1", "x"]
)
def test_a_cursor_of_no_export_of_hers_opens_nothing(stage: Stage, place: str) -> None:
    query = {"cursor": str(cursor_of(place))}

    found = call(stage, "export_me", token=stage.token(HER), query=query)

    assert_problem(found, 400, "CURSOR_INVALID")


def test_it_writes_nothing(stage: Stage) -> None:
    before = stage.contents()
    stage.calls.clear()

    exported(stage)

    reads = {"dynamodb.GetItem", "dynamodb.BatchGetItem", "dynamodb.Query"}
    assert {each for each in stage.calls if not each.startswith("secrets")} <= reads
    assert stage.contents() == before
    assert bootstrap.ledger().account(MemberId(HER)).balance == 5 * 178 + 6


def test_the_events_of_the_repository_are_understood(stage: Stage) -> None:
    for name in ("export_me/accepted", "export_me/refused"):
        assert_problem(asked(stage, "export_me", event_of(name)), 401, "UNAUTHENTICATED")
