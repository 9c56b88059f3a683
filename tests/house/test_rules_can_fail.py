"""Each house rule against something that breaks it: a rule that cannot fail protects nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.rules import code, deployment, documents, functions, permissions, queues, settings
from tests.house.rules.reach import reached_from, read_module


def template(
    *, outputs: dict[str, Any] | None = None, **resources: dict[str, Any]
) -> dict[str, Any]:
    shared = {"Runtime": "python3.13", "Handler": "app.handler", "Timeout": 10}
    return {"Globals": {"Function": shared}, "Resources": resources, "Outputs": outputs or {}}


def function(**properties: Any) -> dict[str, Any]:
    return {"Type": functions.FUNCTION, "Properties": properties}


def queue(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::SQS::Queue", "Properties": properties}


def statement(action: Any, resource: Any) -> dict[str, Any]:
    body = {"Effect": "Allow", "Action": action, "Resource": resource}
    return function(Policies=[{"Statement": [body]}])


def consumer(**event: Any) -> dict[str, Any]:
    whole = {
        "Queue": {"Fn::GetAtt": ["WorkQueue", "Arn"]},
        "BatchSize": 10,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": {"MaximumConcurrency": 2},
    }
    kept = {key: value for key, value in (whole | event).items() if value is not None}
    return function(Events={"Messages": {"Type": "SQS", "Properties": kept}})


WORK = queue(
    VisibilityTimeout=60,
    RedrivePolicy={"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 5},
)
DEAD = queue(MessageRetentionPeriod=queues.DEAD_LETTERS_KEPT_S)
RUNG = {"DeadName": {"Value": {"Fn::GetAtt": ["Dead", "QueueName"]}}}
ALARM = {
    "Type": "AWS::CloudWatch::Alarm",
    "Properties": {
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": {"Ref": "DeadName"}}],
    },
}
WATCHED = {"Resources": {"DeadAlarm": ALARM}}
SCHEDULE = {"Tick": {"Type": "Schedule", "Properties": {}}}
TABLE_KEYS = [{"AttributeName": "pk"}, {"AttributeName": "sk"}]
INDEX = {"IndexName": "ByDay", "KeySchema": [{"AttributeName": "day"}]}
TABLE = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {"KeySchema": TABLE_KEYS, "GlobalSecondaryIndexes": [INDEX]},
}
NO_REASONS: dict[str, str] = {}


def broken_functions() -> Iterator[tuple[Iterator[str], str]]:
    good = function(CodeUri="functions/sign_in/")
    yield functions.pairs(template(SignInFunction=good), []), "an existing folder"
    yield functions.pairs(template(LoginFunction=good), ["sign_in"]), "call it SignInFunction"
    yield functions.pairs(template(), ["sign_in"]), "has no resource"
    other = function(CodeUri="functions/sign_in/", Handler="main.run")
    yield functions.pairs(template(SignInFunction=other), ["sign_in"]), "must be app.handler"
    yield functions.pairs(template(A=good, B=good), ["sign_in"]), "share one folder"
    yield functions.one_runtime(template(), "3.12"), "compiled for python3.12"
    yield functions.one_runtime(template(A=function(Runtime="x")), "3.13"), "take Runtime out"


def broken_queues() -> Iterator[tuple[Iterator[str], str]]:
    yield queues.queue_events(template(WorkQueue=WORK, F=consumer(BatchSize=None))), "a BatchSize"
    for key in ("FunctionResponseTypes", "ScalingConfig"):
        yield queues.queue_events(template(WorkQueue=WORK, F=consumer(**{key: None}))), key
    slow = consumer(MaximumBatchingWindowInSeconds=5)
    yield queues.queue_events(template(WorkQueue=WORK, F=slow)), "needs at least 65 s"
    yield queues.queue_events(template(F=consumer())), "not in this template"
    hasty = queue(RedrivePolicy=WORK["Properties"]["RedrivePolicy"] | {"maxReceiveCount": 2})
    yield queues.dead_letters(template(W=hasty, Dead=DEAD, outputs=RUNG), WATCHED), "at least 5"
    yield queues.dead_letters(template(W=WORK, Dead=DEAD, outputs=RUNG), {}), "has no alarm"
    yield queues.dead_letters(template(W=WORK, Dead=queue(), outputs=RUNG), WATCHED), "14 days"
    yield queues.dead_letters(template(W=DEAD), {}), "nobody's dead-letter queue"
    yield queues.dead_letters(template(W=WORK), {}), "is not in this template"
    for key in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "OnFailure"):
        yield queues.asynchronous(template(F=function(Events=SCHEDULE))), key
    stream = {"Changes": {"Type": "DynamoDB"}}
    yield queues.asynchronous(template(F=function(Events=stream))), "no streams"


def broken_permissions() -> Iterator[tuple[Iterator[str], str]]:
    table_arn = {"Ref": "OrdersTableArn"}
    for action in ("*", "dynamodb:*", ["dynamodb:Get*"]):
        yield permissions.wildcards(template(F=statement(action, table_arn)), NO_REASONS), "exact"
    yield permissions.wildcards(template(F=statement("s3:GetObject", "*")), NO_REASONS), "exact"
    open_policy = {"Statement": {"Effect": "Allow", "NotAction": "iam:*"}}
    yield permissions.wildcards(template(F=function(Policies=open_policy)), NO_REASONS), "NotAction"
    yield permissions.roles(template(F=function(Role="x"))), "take Role out"
    yield permissions.roles(template(F=function(Policies="AdministratorAccess"))), "managed policy"
    crud: dict[str, Any] = {"DynamoDBCrudPolicy": {}}
    yield permissions.roles(template(F=function(Policies=[crud]))), "instead of DynamoDBCrudPolicy"
    reading = template(F=statement(["dynamodb:GetItem", "dynamodb:Scan"], table_arn))
    yield permissions.unused(reading, {"F": {"get_item"}}, {}), "take dynamodb:Scan out"
    yield permissions.partitions("t.yaml", "Resource: arn:aws:s3:::x"), "t.yaml:1"


def broken_settings() -> Iterator[tuple[Iterator[str], str]]:
    handed = template(F=function(Environment={"Variables": {"STAGE": "", "AWS_X": "", "LOST": ""}}))
    yield settings.variables(handed, ["STAGE"]), "LOST is read by nobody"
    yield settings.variables(handed, ["STAGE", "LOST", "WANTED"]), "Settings.wanted"
    reached = {"sign_in": {"stage", "told"}}
    yield settings.read_per_function({"sign_in": {"extra"}}, reached, {}), "never reads"
    yield settings.read_per_function({"sign_in": {"stage"}}, reached, {}), "its code reads TOLD"
    excuse = {"sign_in": {"gone": "…"}}
    yield (
        settings.read_per_function({"sign_in": {"stage", "told"}}, reached, excuse),
        "named no more",
    )
    stored = template(T=TABLE)
    both, words = {"pk", "sk"}, {"ByDay", "day"}
    yield settings.tables(stored, {"id"}, set(), words), "the stores' items have ['id']"
    yield settings.tables(stored, both, set(), {"day"}), "no store uses the index ByDay"
    yield settings.tables(stored, both, set(), {"ByDay"}), "no store writes day"
    yield settings.tables(stored, both, {"ByWeek"}, words), "no table has the index ByWeek"


def broken_documents() -> Iterator[tuple[Iterator[str], str]]:
    def files(**events: list[str]) -> Iterator[str]:
        return documents.event_files(events, ["sign_in"], NO_REASONS, "sign_in/accepted")

    yield files(), "has no accepted"
    yield files(sign_in=["accepted"]), "has no refused"
    yield files(sign_in=["accepted", "refused"]), "sign_in/refused.json is unused"
    yield files(gone=["accepted"]), "belongs to no function"
    yield documents.table("R", "Functions", [], ["a"]), "has no table"
    yield documents.table("R", "Functions", ["a"], ["a", "b"]), "`b` is missing"
    yield documents.table("R", "Functions", ["a", "b"], ["a"]), "the code has it no more"
    yield documents.table("R", "Functions", ["a", "a"], ["a"]), "listed twice"
    yield documents.unique_codes([("X", "a.py A"), ("X", "b.py B")]), "X is the code of a.py A and"


def broken_deployment() -> Iterator[tuple[Iterator[str], str]]:
    yield deployment.equal_pins({"msgspec": "1"}, {"msgspec": "2"}), "msgspec is 1 in"
    yield deployment.equal_pins(deployment.pins(["msgspec>=1"]), {}), "exactly"
    yield deployment.imported_packages(["pyjwt"], {"jwt", "requests"}, NO_REASONS), "requests"
    yield deployment.imported_packages(["pyjwt"], set(), NO_REASONS), "no runtime code imports"


def broken_code() -> Iterator[tuple[Iterator[str], str]]:
    yield code.grab_bag(Path("huixue/edge/string_utils.py")), "`utils`"
    yield code.grab_bag(Path("huixue/common/x.py")), "`common`"
    yield code.order_numbers(Path("x.py"), f"number = '{'1' * 19}'"), "x.py:1"
    yield code.mirrored(["orders/claims"], ["tests/unit/points/test_claims.py"], {}), "has no test"
    yield code.mirrored([], [], {"orders/claims": "…"}), "is gone"
    mirrored = ["tests/unit/orders/test_claims.py"]
    yield code.mirrored(["orders/claims"], mirrored, {"orders/claims": "…"}), "has a test now"


BROKEN = [
    *broken_functions(),
    *broken_queues(),
    *broken_permissions(),
    *broken_settings(),
    *broken_documents(),
    *broken_deployment(),
    *broken_code(),
]


@pytest.mark.parametrize(
    ("problems", "expected"), BROKEN, ids=[f"{n} {said}" for n, (_, said) in enumerate(BROKEN)]
)
def test_what_breaks_a_rule_is_named(problems: Iterator[str], expected: str) -> None:
    assert expected in "\n".join(problems)


def test_what_keeps_the_rules_of_queues_is_not_complained_about() -> None:
    kept = template(WorkQueue=WORK, Dead=DEAD, F=consumer(), outputs=RUNG)

    assert [*queues.queue_events(kept), *queues.dead_letters(kept, WATCHED)] == []


@pytest.mark.parametrize(
    "test",
    [
        "tests/unit/orders/test_claims.py",
        "tests/unit/orders/test_claims_of_two_members.py",
        "tests/journeys/test_orders_claims.py",
    ],
)
def test_a_module_is_mirrored_by_room_and_name(test: str) -> None:
    assert list(code.mirrored(["orders/claims"], [test], {})) == []


def python_file(folder: Path, name: str, *, statements: int, blank_lines: int = 0) -> Path:
    path = folder / name
    body = ["    pass"] * statements
    path.write_text("\n".join(["def long() -> None:", *body, *[""] * blank_lines, "end = 1"]))
    return path


def test_a_long_file_and_a_long_function_are_named(tmp_path: Path) -> None:
    small = python_file(tmp_path, "small.py", statements=69, blank_lines=229)
    long_function = python_file(tmp_path, "function.py", statements=70)
    long_file = python_file(tmp_path, "file.py", statements=1, blank_lines=298)

    assert list(code.sizes(small)) == []
    assert "long has 71 lines" in "".join(code.sizes(long_function))
    assert "has 301 lines" in "".join(code.sizes(long_file))


def test_a_function_folder_with_more_than_one_short_handler_is_named(tmp_path: Path) -> None:
    python_file(tmp_path, "app.py", statements=16, blank_lines=60)
    problems = "\n".join(functions.one_short_file(tmp_path))

    assert "lines, at most 60" in problems
    assert "long has a body of 16 lines" in problems
    assert "has no `handler`" in problems
    (tmp_path / "other.py").touch()
    assert "not app.py, other.py" in "".join(functions.one_short_file(tmp_path))


def test_codes_and_metrics_are_found_where_code_names_them() -> None:
    module = ast.parse(
        "class GoneError(HuixueError):\n    code = 'GONE'\n    other = 'NOT_IT'\n"
        "metrics.add_metric(name='OrderSubmitted', unit=Count, value=1)\n"
        "counts.count('MessageParked' if permanent else 'MessageFailed', 2)\n"
        "text.count('x')\n"
    )

    assert documents.error_codes({"m.py": module}) == [("GONE", "m.py GoneError")]
    assert documents.metric_names([module]) == {"OrderSubmitted", "MessageParked", "MessageFailed"}


def test_reach_follows_functions_modules_and_methods_and_nothing_else() -> None:
    sources = {
        "functions.f": "from huixue.edge import parts\ndef act(): return parts.desk().send(1)\nhandler = act",
        "huixue.edge.parts": (
            "from huixue.edge.box import Box\n"
            "def desk(): return Box(need('wanted'))\n"
            "def other(): return need('unwanted')"
        ),
        "huixue.edge.box": (
            "class Box:\n"
            "    def __init__(self, x): self.x = 'made'\n"
            "    def send(self, x): return self._go('sent')\n"
            "    def _go(self, x): return 'gone'\n"
            "    def stay(self): return 'stayed'"
        ),
    }
    modules = {name: read_module(ast.parse(text), sources) for name, text in sources.items()}

    found = reached_from(modules, ("functions.f", "handler"))

    assert found.strings == {"wanted", "made", "sent", "gone"}
    assert ("huixue.edge.box", "_go") in found.attributes


def test_a_table_is_read_below_its_heading_only() -> None:
    readme = "## Functions\n\n| name | does |\n|---|---|\n| `a` | x |\n\n## Other\n\n| b | y |\n"

    assert documents.first_cells(readme, "Functions") == ["a"]
    assert documents.first_cells(readme, "Metrics") == []


def test_the_newest_version_of_a_changelog_is_its_first_heading() -> None:
    assert deployment.newest_version("# News\n\n## 1.2.0 (2026)\n\n## 1.1.0\n") == "1.2.0"
    assert deployment.newest_version("# News\n") is None
