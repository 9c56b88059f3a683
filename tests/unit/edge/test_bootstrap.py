"""What the functions are made of, put together on first use."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from huixue.edge import bootstrap, clients
from huixue.kernel.errors import MisconfiguredError
from huixue.kernel.events import LinePosting
from huixue.kernel.ids import MemberId
from tests.engines.cloudformation import REPOSITORY
from tests.functions.orders import bring, number, order
from tests.functions.stage import Stage, forget_everything, running_stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    with running_stage() as running:
        yield running


def test_nothing_happens_at_import() -> None:
    """No client, no environment, no file: an empty environment imports everything at the edge."""
    code = (
        "import huixue.edge.bootstrap, huixue.edge.pool_desks, huixue.edge.clients as c\n"
        "print(c._session.cache_info().currsize, c.dynamodb_client.cache_info().currsize)"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, check=False, timeout=60, cwd=REPOSITORY,
        env={"PYTHONPATH": "layers/domain/python", "PATH": os.environ["PATH"]},
    )  # fmt: skip

    assert finished.stdout.split() == ["0", "0"], finished.stderr


@pytest.mark.parametrize(
    "part",
    ["database", "orders", "ledger", "members", "programmes", "rules", "outbox", "claim_desk",
     "sync_desk"],
)  # fmt: skip
def test_a_part_is_built_once(stage: Stage, part: str) -> None:
    assert getattr(bootstrap, part)() is getattr(bootstrap, part)()


@pytest.mark.parametrize(
    ("part", "missing"),
    [
        ("orders", "ORDERS_TABLE_NAME"),
        ("ledger", "POINTS_TABLE_NAME"),
        ("members", "MEMBERS_TABLE_NAME"),
        ("programmes", "PROGRAMMES_TABLE_NAME"),
    ],
)
def test_what_is_not_set_is_named_when_it_is_needed(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, part: str, missing: str
) -> None:
    forget_everything()
    monkeypatch.delenv(missing)

    with pytest.raises(MisconfiguredError, match=missing):
        getattr(bootstrap, part)()


def test_a_member_nobody_knows_is_her_own_lineage(stage: Stage) -> None:
    assert bootstrap.lineage(MemberId("mem_x")) == ("mem_x",)


def test_members_ids_are_random_and_say_nothing() -> None:
    ids = {bootstrap.new_member_id() for _ in range(100)}

    assert len(ids) == 100
    assert all(each.startswith("mem_") and len(each) == 30 for each in ids)


def test_quotes_come_in_the_order_asked_for_and_leave_out_what_is_not_there(stage: Stage) -> None:
    bring([order(number(n)) for n in (1, 2)])
    refs = [clients.keyed_hash().order_ref("taobao", number(n)) for n in (2, 9, 1)]

    assert bootstrap.quotes(refs) == []  # nobody's yet
    assert set(bootstrap.orders().orders(refs)) == {refs[0], refs[2]}


def test_the_clock_is_utc() -> None:
    now = bootstrap.now()

    assert now.tzinfo is UTC
    assert now <= datetime.now(UTC)


def test_what_the_ledger_holds_for_lines_nobody_has_is_nothing(stage: Stage) -> None:
    assert bootstrap.postings(MemberId("mem_x"), ["lin_1"]) == {"lin_1": LinePosting()}
    assert bootstrap.settle_orders(MemberId("mem_x"), ["taobao:k1:none"]) == 0
