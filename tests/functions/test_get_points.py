from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

from huixue.kernel.calendar import month_end_after
from tests.engines.cloudformation import REPOSITORY
from tests.functions.http import asked, assert_problem, call, event_of
from tests.functions.orders import bring, number, order, pump
from tests.functions.stage import Stage

FIELDS = {"available", "pending", "held", "debt", "lifetime", "expiring"}


def balance(stage: Stage, member: str) -> dict[str, object]:
    event = event_of("get_points/accepted")
    event["headers"]["authorization"] = f"Bearer {stage.token(member)}"
    found = asked(stage, "get_points", event)
    assert found.status == 200
    assert set(found.body) == FIELDS
    assert isinstance(found.body, dict)
    return found.body


def claim(stage: Stage, member: str, order_number: str) -> None:
    body = {"platform": "taobao", "order_number": order_number}
    call(stage, "submit_order", token=stage.token(member), body=body)
    pump(stage)


def test_before_her_first_entry_everything_is_nought(shared_stage: Stage) -> None:
    assert balance(shared_stage, "mem_new") == {
        "available": 0, "pending": 0, "held": 0, "debt": 0, "lifetime": 0, "expiring": [],
    }  # fmt: skip


def test_points_and_when_they_expire(shared_stage: Stage) -> None:
    bring([order(number(1)), order(number(2), state="shipped", paid_fen=5_099)])
    claim(shared_stage, "mem_a", number(1))
    claim(shared_stage, "mem_a", number(2))

    day = month_end_after(datetime.now(UTC), 12).isoformat()
    assert balance(shared_stage, "mem_a") == {
        "available": 178, "pending": 50, "held": 0, "debt": 0, "lifetime": 178,
        "expiring": [{"points": 178, "expires_on": day}],
    }  # fmt: skip


def test_a_balance_costs_one_read_of_one_item(shared_stage: Stage) -> None:
    balance(shared_stage, "mem_a")
    shared_stage.calls.clear()

    balance(shared_stage, "mem_a")

    assert shared_stage.calls == ["dynamodb.GetItem"]


def test_without_a_session_there_is_no_balance(shared_stage: Stage) -> None:
    found = asked(shared_stage, "get_points", event_of("get_points/refused"))

    assert_problem(found, 401, "UNAUTHENTICATED")


HEAVY = (
    "openpyxl", "boto3", "huixue.platforms.exports", "huixue.edge.pool_desks", "jsonschema", "yaml",
    "icalendar", "dateutil.rrule",
)  # fmt: skip


MEMBERS_DOORS = (
    "get_points", "list_entries", "get_statement", "get_order", "list_orders", "submit_order",
    "appeal_order", "appeal_freeze", "sign_in", "get_home", "list_streams", "get_stream",
    "list_guides", "get_guide", "read_guide", "get_calendar", "get_block",
)  # fmt: skip


def test_members_doors_load_no_parser_of_exports() -> None:
    """What is imported is paid by every cold start; `make bench` shows how much."""
    code = (
        "import sys, importlib\n"
        "from huixue.edge import bootstrap\n"
        f"for name in {MEMBERS_DOORS!r}:\n"
        "    app = importlib.import_module(f'functions.{name}.app')\n"
        "    app.handler({'headers': {'authorization': 'Bearer a.b.c'}}, None)\n"
        f"print([name for name in sys.modules if name.startswith({HEAVY!r})])"
    )
    layer = str(REPOSITORY / "layers" / "domain" / "python")
    finished = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=False,
        env=os.environ | {"POWERTOOLS_METRICS_NAMESPACE": "Huixue", "PYTHONPATH": layer},
    )  # fmt: skip

    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines()[-1] == "[]"
