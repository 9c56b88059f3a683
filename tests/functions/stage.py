"""A whole stage in process: tables, queues, bucket and secrets of moto, and the real handlers between them."""

from __future__ import annotations

import importlib
import io
import json
import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import _lru_cache_wrapper
from types import ModuleType
from typing import Any

import pytest
from moto import mock_aws
from msgspec.structs import replace

from huixue.check_ins.store import RuleStore
from huixue.edge import (
    bootstrap,
    check_in_desk,
    clients,
    dispute_desk,
    erasing,
    exporting,
    ledger_jobs,
    observability,
    pool_desks,
    season_desk,
    served_document,
    session_tokens,
    settings,
)
from huixue.kernel.calendar import Clock
from huixue.kernel.ids import MemberId, ProgrammeId
from huixue.kernel.policies import Cap
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import publish
from huixue.seasons.store import DynamoDbSeasons
from infra.demo.season import demo_season
from infra.ops.programme_yaml import read_programme
from infra.ops.season_publishing import SeasonDoors, publish_season
from infra.ops.season_yaml import Season
from infra.sandbox.server import CREDENTIALS
from tests.engines.clients import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, make_client
from tests.engines.cloudformation import REPOSITORY, load_template
from tests.engines.tables import TableNames, create_tables
from tests.functions.permissions import Permissions, places_of

SESSION_KEYS = session_tokens.SessionKeys(current="s2", keys={"s1": b"1" * 64, "s2": b"2" * 64})
ORDER_KEY = {"key_id": "k1", "key": "a key of the tests alone, 64 bytes"}
QUEUES: Mapping[str, str] = {
    "claims_to_match_queue_url": "match_claims",
    "points_credit_queue_url": "credit_points",
    "order_syncs_queue_url": "run_order_sync",
    "imports_queue_url": "plan_import",
    "import_chunks_queue_url": "import_rows",
    "points_expiry_queue_url": "expire_points",
    "ledger_audit_queue_url": "audit_ledger",
    "tasks_to_reward_queue_url": "reward_tasks",
    "erasures_queue_url": "erase_again",
}
"""Setting → the function behind the queue."""
SHARED_CAP = Cap(cap_id="all", per="programme", window="year", points=1_000_000_000)
"""Nobody reaches it; whoever credits points must be allowed to count them."""
_KEPT = {"_session", "_writers", "clock"}
"""What may live on from stage to stage: it holds no address."""


@dataclass(slots=True)
class FunctionContext:
    """What Lambda gives a handler beside its event."""

    aws_request_id: str = "a-lambda-request"
    remaining_ms: int = 300_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass(slots=True)
class Stage:
    tables: TableNames
    environment: Mapping[str, str]
    dynamodb: Any
    sqs: Any
    s3: Any
    permissions: Permissions
    container_of: str = ""
    """The function that was invoked last; what it has read is still in memory."""
    log: io.StringIO = field(default_factory=io.StringIO)
    calls: list[str] = field(default_factory=list)
    """`dynamodb.BatchGetItem` and so on, in order: what functions said to AWS."""

    def invoke(self, function: str, event: object, *, remaining_ms: int = 300_000) -> Any:
        """The handler's own answer, as Lambda would pass it on: anything that is no JSON fails here, and any call that
        the function's policies in template.yaml do not allow."""
        handler = importlib.import_module(f"functions.{function}.app").handler
        if self.container_of != function:
            # what another function has read is not there, so that each must be allowed to read it itself
            forget_what_was_read()
            self.container_of = function
        with self.permissions.judging(function):
            answer = handler(event, FunctionContext(remaining_ms=remaining_ms))
        return json.loads(json.dumps(answer))

    @contextmanager
    def at(self, clock: Clock) -> Iterator[None]:
        """Functions go by this clock; sessions by the system's, so that a token works whatever time it is there."""
        container = bootstrap.clock()
        before, container.source = container.source, clock
        try:
            yield
        finally:
            container.source = before

    def token(self, member_id: str = "mem_a", programme_id: str = "demo") -> str:
        return session_tokens.issue(
            MemberId(member_id), ProgrammeId(programme_id), keys=SESSION_KEYS, now=datetime.now(UTC)
        )[0]

    def contents(self) -> dict[str, list[dict[str, Any]]]:
        """Everything that is stored, and every message that waits."""
        tables = {
            name: self.dynamodb.scan(TableName=name)["Items"]
            for name in asdict(self.tables).values()
        }
        for setting in QUEUES:
            url = self.environment[setting.upper()]
            answer = self.sqs.get_queue_attributes(
                QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
            )
            tables[setting] = [answer["Attributes"]]
        return tables

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.getvalue().splitlines()]


@contextmanager
def running_stage(**changes: str) -> Iterator[Stage]:
    """Empty but for the programmes `demo` and `other`. `changes`: settings with another value."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        stage = _made(changes)
        for name, value in stage.environment.items():
            patch.setenv(name, value)
        forget_everything()
        try:
            _publish_programmes()
            _listen(stage)
            yield stage
        finally:
            forget_everything()


def _made(changes: Mapping[str, str]) -> Stage:
    dynamodb, sqs, s3 = (make_client(each) for each in ("dynamodb", "sqs", "s3"))
    tables = create_tables(dynamodb, uuid.uuid4().hex[:12])
    urls = {
        setting.upper(): sqs.create_queue(QueueName=setting.replace("_", "-"))["QueueUrl"]
        for setting in QUEUES
    }
    s3.create_bucket(
        Bucket="imports-of-tests", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    environment = {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "STAGE": "local",
        "POWERTOOLS_METRICS_NAMESPACE": "Huixue",
        "POWERTOOLS_SERVICE_NAME": "tests",
        "POWERTOOLS_LOG_LEVEL": "INFO",
        "MEMBERS_TABLE_NAME": tables.members,
        "PROGRAMMES_TABLE_NAME": tables.programmes,
        "ORDERS_TABLE_NAME": tables.orders,
        "POINTS_TABLE_NAME": tables.points,
        "SEASONS_TABLE_NAME": tables.seasons,
        "IMPORTS_BUCKET_NAME": "imports-of-tests",
        "DEFAULT_PROGRAMME_ID": "demo",
        "WECHAT_ENDPOINT": "http://127.0.0.1:1/wechat",
        "TAOBAO_ENDPOINT": "http://127.0.0.1:1/taobao",
    }
    secrets = _secrets()
    values = environment | urls | secrets | {name.upper(): text for name, text in changes.items()}
    return Stage(
        tables=tables, environment=values, dynamodb=dynamodb, sqs=sqs, s3=s3,
        permissions=Permissions(load_template(REPOSITORY / "template.yaml"), places_of(values)),
    )  # fmt: skip


def _secrets() -> dict[str, str]:
    keys = {kid: key.decode() for kid, key in SESSION_KEYS.keys.items()}
    contents: dict[str, object] = {
        "SESSION_KEYS_SECRET_ID": {"current": SESSION_KEYS.current, **keys},
        "ORDER_HASH_KEY_SECRET_ID": ORDER_KEY,
        "PLATFORM_CREDENTIALS_SECRET_ID": CREDENTIALS,
    }
    client = make_client("secretsmanager")
    return {
        name: client.create_secret(Name=name.lower(), SecretString=json.dumps(content))["ARN"]
        for name, content in contents.items()
    }


def _publish_programmes() -> None:
    demo = read_programme(REPOSITORY / "infra" / "demo" / "programme.yaml")
    points = replace(demo.points, caps=(*demo.points.caps, SHARED_CAP))
    demo = replace(demo, points=points)
    store = DynamoDbProgrammes(bootstrap.database(), settings.settings().programmes_table_name)
    for programme in (demo, replace(demo, programme_id="other")):
        publish(programme, store=store, now=datetime.now(UTC))


def publish_demo_season(today: date) -> Season:
    """The season that ships, with one of its streams on `today` at 20:00, for the programme `demo`; its check-ins begin
    on the business day it is now."""
    season = demo_season(today)
    database, table = bootstrap.database(), settings.settings().seasons_table_name
    doors = SeasonDoors(seasons=DynamoDbSeasons(database, table), rules=RuleStore(database, table))
    publish_season(season, at=doors, now=datetime.now(UTC))
    return season


def _listen(stage: Stage) -> None:
    for client in (
        clients.dynamodb_client(),
        clients.sqs_client(),
        clients.s3_client(),
        clients.secrets_client(),
    ):
        stage.permissions.listen(client)
        client.meta.events.register(
            "before-call.*.*",
            lambda model, **_: stage.calls.append(
                f"{model.service_model.service_name}.{model.name}"
            ),
        )
    for handler in observability.logger().handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stage.log)


def forget_everything() -> None:
    """As in a new container: nothing built, nothing cached."""
    _forget(clients, observability, served_document)
    forget_what_was_read()


def forget_what_was_read() -> None:
    """Programmes, secrets and what holds them; the clients stay."""
    _forget(
        bootstrap, check_in_desk, dispute_desk, erasing, exporting, ledger_jobs, pool_desks, season_desk, settings,
    )  # fmt: skip
    clients.keyed_hash.cache_clear()
    clients._secrets.clear()


def _forget(*modules: ModuleType) -> None:
    for module in modules:
        for name, value in vars(module).items():
            if isinstance(value, _lru_cache_wrapper) and name not in _KEPT:
                value.cache_clear()
