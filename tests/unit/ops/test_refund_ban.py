"""`huixue ban-refunders`: shown first, done as it was shown, once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.dynamodb.database import Database
from huixue.kernel.calendar import business_date
from huixue.kernel.ids import MemberId
from huixue.orders.model import Order
from huixue.points.ban_store import BanStore
from huixue.points.bans import Ban
from huixue.points.model import Frozen
from huixue.programme.rules import programme_from
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import publish
from infra.ops.order_walk import walked
from infra.ops.refund_ban import ban_desk
from infra.ops.refund_judging import BanDesk, impose, judged, preview_of, to_ban
from tests.engines.tables import TableNames
from tests.unit.ops.operating import Operated, operated
from tests.unit.ops.shop import Shop, refusing_writes
from tests.unit.orders.world import line
from tests.unit.programme.programmes import demo_data

A, B, C, D = (MemberId(f"mem_{name}") for name in "abcd")
RULE = {"window_days": 90, "min_orders": 2, "ratio_percent": 50, "ban_days": 30}
NOW = datetime.now(UTC)
"""The commands' clock is the machine's."""
PAID_AT = NOW - timedelta(days=10)


@pytest.fixture
def stage(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operated:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return operated(dynamodb, tables)


@pytest.fixture
def shop(stage: Operated) -> Shop:
    """A refunded two of three, B one of three, C none of two."""
    publish_rule(stage, RULE)
    shop = Shop(stage)
    for member, states in ((A, "paid closed closed"), (B, "paid paid closed"), (C, "paid paid")):
        for state in states.split():
            order = shop.settled(line("paid", paid_at=PAID_AT), member=member)
            if state == "closed":
                shop.settle(shop.say(order, line("closed", paid_at=PAID_AT)))
    return shop


def publish_rule(stage: Operated, rule: dict[str, int]) -> None:
    programme = programme_from(demo_data() | {"points": {"refund_ban": rule}})
    store = DynamoDbProgrammes(stage.database, stage.deployment.output("ProgrammesTableName"))
    publish(programme, store=store, now=NOW)


def seen(stage: Operated, *arguments: str) -> dict[str, Any]:
    done = stage.run("ban-refunders", "--json", *arguments)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def standings(found: dict[str, Any]) -> dict[str, str]:
    return {each["member_id"]: each["standing"] for each in found["members"]}


def bans(stage: Operated, shop: Shop) -> BanStore:
    table = stage.deployment.output("PointsTableName")
    return BanStore(stage.database, table, shop.ledger.posting)


def desk_of(stage: Operated, database: Database | None = None) -> BanDesk:
    return ban_desk(stage.deployment, database or stage.database, "demo")


def test_without_apply_it_shows_who_would_be_banned_and_who_is_near_and_writes_nothing(
    stage: Operated, shop: Shop
) -> None:
    before = stage.everything()

    found, shown = seen(stage, "--dry-run"), stage.run("ban-refunders")

    assert [
        (each["member_id"], each["standing"], each["paid"], each["refunded"], each["percent"])
        for each in found["members"]
    ] == [(A, "ban", 3, 2, 66), (B, "near", 3, 1, 33)]
    assert (found["banned"], found["rule"]) == ([], RULE)
    assert f"--apply --preview {found['preview']}" in shown.stdout
    assert stage.everything() == before
    reading = desk_of(stage, Database(refusing_writes(stage.dynamodb)))
    assert to_ban(judged(all_orders(stage), NOW, desk=reading))


def test_applied_as_shown_it_stops_redemptions_for_the_days_of_the_ban_and_leaves_the_rest(
    stage: Operated, shop: Shop
) -> None:
    preview = seen(stage)["preview"]
    before = shop.ledger.standing(A, []).account

    found = seen(stage, "--apply", "--preview", preview)

    after = shop.ledger.standing(A, []).account
    assert found["banned"] == [A]
    assert after.frozen is not None
    assert after.frozen.until == after.frozen.since + timedelta(days=30)
    assert replace(after, frozen=None, version=before.version) == before
    assert after.frozen.reason == "refunds"
    assert shop.ledger.standing(B, []).account.frozen is None


def test_a_member_who_was_erased_is_not_banned(stage: Operated, shop: Shop) -> None:
    desk = desk_of(stage)
    shown = next(each for each in to_ban(judged(all_orders(stage), NOW, desk=desk)))
    shop.ledger.erase(MemberId(A), NOW)

    found = seen(stage)

    assert standings(found)[A] == "no_account"
    assert not impose(shown, "preview", NOW, desk=desk)


def test_again_it_finds_her_banned_and_changes_nothing(stage: Operated, shop: Shop) -> None:
    preview = seen(stage)["preview"]
    seen(stage, "--apply", "--preview", preview)
    before = stage.everything()

    again = seen(stage, "--apply", "--preview", preview)

    assert again["banned"] == []
    assert standings(again) == {A: "banned", B: "near"}
    assert standings(seen(stage)) == {A: "banned", B: "near"}
    assert stage.everything() == before


def test_what_was_not_shown_is_not_done(stage: Operated, shop: Shop) -> None:
    preview = seen(stage)["preview"]
    order = shop.settled(line("paid", paid_at=PAID_AT), member=B)
    shop.settle(shop.say(order, line("closed", paid_at=PAID_AT)))
    before = stage.everything()

    refused = stage.run("ban-refunders", "--apply", "--preview", preview)

    assert refused.exit_code == 1
    assert "new --preview" in refused.stderr
    assert stage.everything() == before


def test_another_rule_is_another_preview(stage: Operated, shop: Shop) -> None:
    preview = seen(stage)["preview"]

    publish_rule(stage, RULE | {"ban_days": 300})

    assert seen(stage)["preview"] != preview


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--apply"], "as it was shown before"),
        (["--preview", "x"], "as it was shown before"),
        (["--apply", "--dry-run", "--preview", "x"], "contradict"),
    ],
)
def test_applying_needs_a_preview(stage: Operated, arguments: list[str], said: str) -> None:
    refused = stage.run("ban-refunders", *arguments)

    assert refused.exit_code == 1
    assert said in refused.stderr


def test_a_programme_without_the_rule_bans_nobody(stage: Operated) -> None:
    refused = stage.run("ban-refunders")

    assert refused.exit_code == 1
    assert "points.refund_ban" in refused.stderr


def test_a_run_that_died_half_way_is_finished_with_the_same_preview(
    stage: Operated, shop: Shop
) -> None:
    for _ in range(2):
        order = shop.settled(line("paid", paid_at=PAID_AT), member=D)
        shop.settle(shop.say(order, line("closed", paid_at=PAID_AT)))
    preview = seen(stage)["preview"]
    desk = desk_of(stage)
    found = judged(all_orders(stage), NOW, desk=desk)
    first, *_ = to_ban(found)
    assert preview_of(found, desk.rule) == preview
    impose(first, preview, NOW, desk=desk)

    done = seen(stage, "--apply", "--preview", preview)

    assert {first.member_id, *done["banned"]} == {A, D}
    assert len(done["banned"]) == 1


def all_orders(stage: Operated) -> list[Order]:
    table = stage.deployment.output("OrdersTableName")
    return [order for page in walked(stage.database, table, lambda _: None) for order in page]


def test_who_is_stopped_for_another_reason_is_left_alone(stage: Operated, shop: Shop) -> None:
    audit = Frozen(reason="audit", since=NOW)
    preview = seen(stage)["preview"]
    found = judged(all_orders(stage), NOW, desk=desk_of(stage))
    shop.ledger.freeze(A, audit)

    assert standings(seen(stage))[A] == "frozen"
    assert not impose(to_ban(found)[0], preview, NOW, desk=desk_of(stage))
    assert shop.ledger.standing(A, []).account.frozen == audit


def test_after_a_ban_the_refunds_before_its_end_do_not_count_again(
    stage: Operated, shop: Shop
) -> None:
    account = shop.ledger.standing(A, []).account
    over = NOW - timedelta(days=5)
    ban = Ban(
        member_id=A, since=over - timedelta(days=30), until=over, paid=3, refunded=2, preview="p"
    )
    bans(stage, shop).impose(account, ban)

    assert A not in standings(seen(stage))

    since = NOW - timedelta(days=4)
    for _ in range(2):
        order = shop.settled(line("paid", paid_at=since), member=A)
        shop.settle(shop.say(order, line("closed", paid_at=since)))
    [found] = [each for each in seen(stage)["members"] if each["member_id"] == A]
    assert (found["standing"], found["paid"], found["refunded"], found["forgiven"]) == ("ban", 3, 2, 2)  # fmt: skip


def test_a_ban_that_was_lifted_without_a_word_counts_as_ended_and_the_next_run_writes_it_down(
    stage: Operated, shop: Shop
) -> None:
    seen(stage, "--apply", "--preview", seen(stage)["preview"])
    shop.ledger.freeze(A, None)

    found = seen(stage)
    seen(stage, "--apply", "--preview", found["preview"])

    assert standings(found) == {B: "near"}
    noted = bans(stage, shop).newest([A])
    assert noted is not None
    assert noted.lifted_at is not None
    assert business_date(noted.lifted_at) == business_date(datetime.now(UTC))


def test_members_who_were_merged_are_one(stage: Operated, shop: Shop) -> None:
    stage.database.transact(shop.ledger.merge_writes(B, A, shop.desk.policy_of, NOW, max))

    [found] = seen(stage)["members"]

    assert (found["member_id"], found["paid"], found["refunded"]) == (A, 6, 3)
