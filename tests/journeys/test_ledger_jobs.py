"""The jobs over the ledger in a running deployment: schedules, queues and workers, on what members really earned."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from huixue.dynamodb.database import Database
from huixue.points.audit_runs import SEGMENTS, Progress
from huixue.points.run_store import AuditStore
from infra.demo.seller_export import Row
from tests.journeys.conftest import Place, Season, eventually, number_of

pytestmark = pytest.mark.ministack


def progress_of(place: Place) -> list[Progress]:
    database = Database(place.deployment.client("dynamodb"))
    return list(AuditStore(database, place.deployment.output("PointsTableName")).runs("2", "3"))


def test_a_day_of_audit_judges_the_ledger_and_finds_nothing(
    place: Place, season: Season, kept: Iterator[Row]
) -> None:
    member = place.member("audited")
    row = next(kept)
    member.claim(number_of(row))
    eventually(lambda: member.points()["available"] > 0, True)

    assert place.invoke("StartAudit")["segments"] >= SEGMENTS // 7
    eventually(lambda: sum(each.finished_at is not None for each in progress_of(place)), SEGMENTS)

    done = progress_of(place)
    assert sum(each.accounts for each in done) >= 1
    assert sum(each.violations + each.left_out for each in done) == 0


def test_an_operator_has_everything_audited_now(place: Place, season: Season) -> None:
    run = json.loads(place.huixue("audit", "--now", "--json"))["run"]

    def finished() -> int:
        runs = json.loads(place.huixue("audit", "--last", "--json"))
        return next((each["finished"] for each in runs if each["run"] == run), 0)

    eventually(finished, SEGMENTS)


def test_where_nothing_is_over_nothing_is_sent(place: Place, season: Season) -> None:
    assert place.invoke("StartExpiry") == {"shards": 0}
