"""AWS clients and secrets: built on first use, kept for the life of the container."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import urllib3
from botocore.config import Config
from botocore.session import Session

from huixue.edge.session_tokens import SessionKeys
from huixue.edge.settings import settings
from huixue.kernel.calendar import SystemClock
from huixue.kernel.errors import MisconfiguredError
from huixue.kernel.ids import KeyedHash

SECRET_LIFETIME = timedelta(minutes=5)
"""A rotated session key or a new platform credential works after this at the latest."""

_secrets: dict[str, tuple[datetime, str]] = {}


@cache
def _session() -> Session:
    return Session()


def _config(read_timeout_s: float) -> Config:
    # A call must fail well before its function does; botocore's own defaults are 60 s.
    return Config(
        connect_timeout=1,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": 4},
        tcp_keepalive=True,
        max_pool_connections=20,
    )


@cache
def dynamodb_client() -> Any:
    return _session().create_client("dynamodb", config=_config(3))


@cache
def sqs_client() -> Any:
    return _session().create_client("sqs", config=_config(5))


@cache
def s3_client() -> Any:
    return _session().create_client("s3", config=_config(30))


@cache
def secrets_client() -> Any:
    return _session().create_client("secretsmanager", config=_config(3))


@cache
def http_pool() -> urllib3.PoolManager:
    """Outgoing HTTP to platforms; every call names its own timeouts."""
    return urllib3.PoolManager(num_pools=4, maxsize=4)


def secret_text(secret_id: str) -> str:
    """The secret's text, at most SECRET_LIFETIME old."""
    now = SystemClock().now()
    kept = _secrets.get(secret_id)
    if kept is None or now - kept[0] > SECRET_LIFETIME:
        answer = secrets_client().get_secret_value(SecretId=secret_id)
        kept = _secrets[secret_id] = (now, answer["SecretString"])
    return kept[1]


@cache
def keyed_hash() -> KeyedHash:
    """The deployment's permanent key: `{"key_id": …, "key": …}`, made once in infra/data.yaml."""
    text = secret_text(settings().need("order_hash_key_secret_id").order_hash_key_secret_id)
    try:
        content = json.loads(text)
        return KeyedHash(key_id=content["key_id"], key=content["key"].encode())
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MisconfiguredError("OrderHashKeySecret is not {key_id, key}") from None


def session_keys() -> SessionKeys:
    secret_id = settings().need("session_keys_secret_id").session_keys_secret_id
    return SessionKeys.from_secret(secret_text(secret_id))


def platform_secret(name: str) -> str:
    """The secret of `wechat:<app id>` or `taobao:<app key>`. Raises MisconfiguredError where there is none."""
    secret_id = settings().need("platform_credentials_secret_id").platform_credentials_secret_id
    try:
        secret = json.loads(secret_text(secret_id))[name]
    except (ValueError, KeyError, TypeError):
        raise MisconfiguredError(
            f"no credential for {name}: run `huixue credentials set {name}`"
        ) from None
    return str(secret)
