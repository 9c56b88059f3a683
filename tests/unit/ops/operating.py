"""A local stage on moto with the demo programme, and workers that do what the import functions do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from typer.testing import CliRunner, Result

from huixue.dynamodb.database import Database
from huixue.edge.import_files import S3ImportFiles
from huixue.edge.messages import decoded
from huixue.edge.pool_desks import read_export_rows
from huixue.kernel.events import ExportUploaded, RowsPlanned
from huixue.orders.import_store import ImportStore
from huixue.orders.imports import ImportDesk, apply_chunk, plan
from huixue.orders.pool import PoolDesk
from huixue.orders.store import OrderStore
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import publish
from infra.ops import stores
from infra.ops.cli import app
from infra.ops.deployment import Deployment, save_local
from tests.engines.clients import REGION, make_client
from tests.engines.tables import TableNames
from tests.stores.stages import local_stage
from tests.unit.orders.fakes import FakeMetrics, FakeOutbox
from tests.unit.orders.pool_fakes import one_by_one
from tests.unit.programme.programmes import demo

BUCKET = "imports"
NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@dataclass(slots=True)
class Operated:
    """The stage, and what an operator types."""

    deployment: Deployment
    dynamodb: Any
    s3: Any
    sqs: Any
    outbox: FakeOutbox = field(default_factory=FakeOutbox)

    @property
    def database(self) -> Database:
        return Database(self.dynamodb)

    @property
    def imports(self) -> ImportStore:
        return ImportStore(self.database, self.deployment.output("OrdersTableName"))

    @property
    def orders(self) -> OrderStore:
        return OrderStore(self.database, self.deployment.output("OrdersTableName"))

    @property
    def files(self) -> S3ImportFiles:
        return S3ImportFiles(self.s3, BUCKET)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    def import_orders(self, file: object, *more: str, room: str = "main") -> Result:
        command = ["import-orders", str(file), "--platform", "taobao", "--room", room]
        return self.run(*command, *more)

    def everything(self) -> tuple[object, ...]:
        """All that a command might have written."""
        tables = [self.deployment.output(name) for name in ("OrdersTableName", "PointsTableName")]
        items = [self.dynamodb.scan(TableName=table)["Items"] for table in tables]
        objects = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return items, [each["Key"] for each in objects], self.messages_waiting()

    def messages_waiting(self) -> int:
        url = self.deployment.output("ImportsQueueUrl")
        names = ["ApproximateNumberOfMessages"]
        found = self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)
        return int(found["Attributes"][names[0]])

    def plan(self, message: ExportUploaded) -> None:
        plan(
            message, desk=self._desk(), read_export=read_export_rows,
            hashes=stores.keyed_hash(self.deployment),
        )  # fmt: skip

    def apply(self, message: RowsPlanned) -> None:
        pool = PoolDesk(
            pool=self.orders,
            book=self.orders,
            outbox=self.outbox,
            in_parallel=one_by_one,
            now=lambda: NOW,
        )
        apply_chunk(message, desk=self._desk(), pool=pool, redelivered=False)

    def _desk(self) -> ImportDesk:
        return ImportDesk(
            imports=self.imports, files=self.files, outbox=self.outbox, metrics=FakeMetrics(),
            now=lambda: NOW,
        )  # fmt: skip

    @contextmanager
    def workers(self) -> Iterator[None]:
        """While the block lasts, uploads are planned and applied."""
        stop = threading.Event()
        failures: list[BaseException] = []

        def work() -> None:
            while not stop.wait(0.02):
                try:
                    self._work()
                except Exception as error:  # noqa: BLE001 - shown by the block's end
                    failures.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
        assert failures == []

    def _work(self) -> None:
        url = self.deployment.output("ImportsQueueUrl")
        found = self.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=0).get("Messages", [])
        for each in found:
            self.plan(decoded(each["Body"], ExportUploaded))
            self.sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        sent, self.outbox.sent = self.outbox.sent, []
        for message in _planned(sent):
            self.apply(message)


def _planned(messages: Sequence[object]) -> list[RowsPlanned]:
    return [each for each in messages if isinstance(each, RowsPlanned)]


def operated(dynamodb: Any, tables: TableNames) -> Operated:
    """The stage with its record in HUIXUE_STATE_DIR; inside moto only."""
    s3, sqs, secrets = (make_client(name) for name in ("s3", "sqs", "secretsmanager"))
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    )  # fmt: skip
    key = {"key_id": "k1", "key": "a key of the tests alone, 64 bytes"}
    secret = secrets.create_secret(Name="order-hash-key", SecretString=json.dumps(key))
    record = local_stage({
        "OrdersTableName": tables.orders, "PointsTableName": tables.points,
        "ProgrammesTableName": tables.programmes, "MembersTableName": tables.members,
        "SeasonsTableName": tables.seasons, "ApiUrl": "https://api.huixue.example",
        "ImportsBucketName": BUCKET,
        "ImportsQueueUrl": sqs.create_queue(QueueName="imports")["QueueUrl"],
        "OrderHashKeySecretArn": secret["ARN"],
    })  # fmt: skip
    save_local(record)
    publish(demo(), store=DynamoDbProgrammes(Database(dynamodb), tables.programmes), now=NOW)
    return Operated(record.deployment, dynamodb, s3, sqs)
