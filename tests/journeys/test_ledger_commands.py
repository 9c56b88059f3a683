"""What operators do to the ledger of a running deployment, and what its members see of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from huixue.kernel.calendar import business_date, to_text
from infra.demo.member import Member
from tests.journeys.conftest import Place

pytestmark = pytest.mark.ministack

NOTES = ("--reason", "goodwill", "--note-member", "感谢支持", "--note-internal", "ticket 7")


def told(place: Place, *arguments: str) -> Any:
    return json.loads(place.huixue(*arguments, "--json"))


def test_an_adjustment_reaches_the_member_once_and_a_large_one_only_by_two(place: Place) -> None:
    her = place.member("ledger")
    small = ("adjust", her.member_id, "50", *NOTES, "--id", "journey-1", "--operator", "zoe")
    for _ in range(2):
        assert told(place, *small)["state"] == "done"
    assert available(her) == 50

    large = told(place, "adjust", her.member_id, "5000", *NOTES, "--id", "journey-2", "--operator", "zoe")  # fmt: skip
    assert (large["state"], available(her)) == ("proposed", 50)
    refused = place.huixue("approve", "journey-2", "--operator", "ZOE@corp.example", code=1)
    assert "SAME_OPERATOR" in refused
    assert told(place, "approve", "journey-2", "--operator", "yan")["balance"] == 5050

    assert available(her) == 5050
    [second, first] = told(place, "entries", her.member_id)
    assert (first["source"]["internal_note"], second["source"]["approved_by"]) == ("ticket 7", "yan")  # fmt: skip
    assert all("ticket" not in json.dumps(entry) for entry in her.entries())


def test_a_grant_is_entered_as_it_was_previewed_and_again_enters_nothing(
    place: Place, tmp_path: Path
) -> None:
    them = [place.member(f"granted{number}") for number in range(3)]
    file = tmp_path / "grant.csv"
    rows = [f"{each.member_id},{number + 1}" for number, each in enumerate(them)]
    file.write_text("\n".join(["member_id,points", *rows, "mem_nobody,9"]), "utf-8")
    command = (
        "grant",
        str(file),
        "--reason",
        "campaign",
        "--note-member",
        "补发",
        "--operator",
        "zoe",
    )

    seen = told(place, *command, "--dry-run")
    assert [available(each) for each in them] == [0, 0, 0]
    done = told(place, *command, "--preview", seen["preview"])
    again = told(place, *command, "--preview", seen["preview"])

    assert (done["entered"], again["entered"], seen["unknown"]) == (3, 0, ["mem_nobody"])
    assert [available(each) for each in them] == [1, 2, 3]
    assert "PREVIEW_STALE" in place.huixue(*command, "--preview", "0" * 16, code=1)


def test_a_corrupted_balance_is_found_frozen_and_mended(place: Place) -> None:
    her = place.member("corrupted")
    told(place, "adjust", her.member_id, "80", *NOTES, "--operator", "zoe")
    corrupt(place, her, 9_999)

    found = place.huixue("audit", "--freeze", code=1)
    assert her.member_id in found
    assert told(place, "balance", her.member_id)["frozen"] == "audit"
    differs = place.huixue("rebuild", her.member_id, "--apply")

    assert "9999" in differs
    assert (available(her), told(place, "balance", her.member_id)["frozen"]) == (80, None)
    place.huixue("rebuild", her.member_id)
    place.huixue("audit")


def test_what_finance_sees_sums_to_every_balance(place: Place) -> None:
    her = place.member("owed")
    before = to_text(datetime.now(UTC))
    told(place, "adjust", her.member_id, "80", *NOTES, "--operator", "zoe")
    month = f"{business_date(datetime.now(UTC)):%Y-%m}"

    [owed] = told(place, "liability")["programmes"]
    statement = told(place, "statement", her.member_id, month)

    assert owed["balance"] == told(place, "audit")["points"]
    assert sum(each["points"] for each in owed["buckets"]) - owed["debt"] == owed["balance"]
    assert (statement["opening"]["balance"], statement["closing"]["balance"]) == (0, 80)
    assert told(place, "balance", her.member_id, "--at", before)["balance"] == 0


def available(member: Member) -> Any:
    return member.points()["available"]


def corrupt(place: Place, member: Member, balance: int) -> None:
    place.deployment.client("dynamodb").update_item(
        TableName=place.deployment.output("PointsTableName"),
        Key={"pk": {"S": member.member_id}, "sk": {"S": "ACCOUNT"}},
        UpdateExpression="SET balance = :balance",
        ConditionExpression="attribute_exists(balance)",
        ExpressionAttributeValues={":balance": {"N": str(balance)}},
    )
