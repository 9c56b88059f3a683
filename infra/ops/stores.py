"""The product's own stores, for commands: the same code the functions run, on a deployment's tables."""

from __future__ import annotations

import json
import sys

from huixue.dynamodb.database import Database
from huixue.kernel.ids import KeyedHash
from huixue.orders.store import OrderStore
from huixue.points.run_store import AuditStore
from huixue.points.store import LedgerStore
from huixue.programme.model import Programme, ProgrammeNotFoundError
from huixue.programme.store import DynamoDbProgrammes
from huixue.programme.use_cases import current
from infra.ops.deployment import Deployment
from infra.ops.errors import OperatorError


def database(deployment: Deployment) -> Database:
    return Database(deployment.client("dynamodb"))


def orders(deployment: Deployment) -> OrderStore:
    return OrderStore(database(deployment), deployment.output("OrdersTableName"))


def ledger(deployment: Deployment) -> LedgerStore:
    return LedgerStore(database(deployment), deployment.output("PointsTableName"))


def audit_book(deployment: Deployment) -> AuditStore:
    """Of one machine that has the memory: no account is too large."""
    table = deployment.output("PointsTableName")
    return AuditStore(database(deployment), table, max_entries=sys.maxsize)


def keyed_hash(deployment: Deployment) -> KeyedHash:
    answer = deployment.client("secretsmanager").get_secret_value(
        SecretId=deployment.output("OrderHashKeySecretArn")
    )
    content = json.loads(answer["SecretString"])
    return KeyedHash(key_id=content["key_id"], key=content["key"].encode())


def published_programme(deployment: Deployment, programme_id: str) -> Programme:
    store = DynamoDbProgrammes(database(deployment), deployment.output("ProgrammesTableName"))
    try:
        _, programme = current(programme_id, store=store)
    except ProgrammeNotFoundError:
        raise OperatorError(
            f"no programme {programme_id} is published in {deployment.stage}",
            next_step="Publish it: `huixue publish FILE.yaml`.",
        ) from None
    return programme
