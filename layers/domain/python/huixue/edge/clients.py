"""AWS clients and secrets: built on first use, kept for the life of the container."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import urllib3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from huixue.edge.session_tokens import SessionKeys
from huixue.edge.settings import settings
from huixue.kernel.calendar import SystemClock
from huixue.kernel.errors import MisconfiguredError, UnavailableError
from huixue.kernel.ids import KeyedHash

SECRET_LIFETIME = timedelta(minutes=5)
"""A rotated session key or a new platform credential works after this at the latest."""

CALL_TIMEOUT_S = 2.5

_NO_SECRET = frozenset({"ResourceNotFoundException", "AccessDeniedException"})
_secrets: dict[str, tuple[datetime, str]] = {}


@cache
def _session() -> Session:
    return Session()


def _config(read_timeout_s: float) -> Config:
    # With all its tries a call must fail before its function does (15 s), or the gateway answers in its own
    # form instead of our 503; botocore's defaults are 60 s a try.
    return Config(
        connect_timeout=1,
        read_timeout=read_timeout_s,
        retries={"mode": "standard", "total_max_attempts": 3},
        tcp_keepalive=True,
        max_pool_connections=20,
    )


@cache
def dynamodb_client() -> Any:
    return _session().create_client("dynamodb", config=_config(CALL_TIMEOUT_S))


@cache
def sqs_client() -> Any:
    return _session().create_client("sqs", config=_config(CALL_TIMEOUT_S))


@cache
def s3_client() -> Any:
    return _session().create_client("s3", config=_config(30))


@cache
def secrets_client() -> Any:
    return _session().create_client("secretsmanager", config=_config(CALL_TIMEOUT_S))


@cache
def http_pool() -> urllib3.PoolManager:
    """Outgoing HTTP to platforms; every call names its own timeouts."""
    return urllib3.PoolManager(num_pools=4, maxsize=4)


def secret_text(secret_id: str) -> str:
    """The secret's text, at most SECRET_LIFETIME old. Raises UnavailableError, or MisconfiguredError where there
    is none for us."""
    now = SystemClock().now()
    kept = _secrets.get(secret_id)
    if kept is None or now - kept[0] > SECRET_LIFETIME:
        kept = _secrets[secret_id] = (now, _read_secret(secret_id))
    return kept[1]


def _read_secret(secret_id: str) -> str:
    try:
        return str(secrets_client().get_secret_value(SecretId=secret_id)["SecretString"])
    except KeyError:
        raise MisconfiguredError("a secret holds bytes, not text") from None
    except ClientError as error:
        if error.response["Error"]["Code"] in _NO_SECRET:
            raise MisconfiguredError("a secret is missing, or may not be read") from error
        raise UnavailableError("Secrets Manager refuses the call") from error
    except BotoCoreError as error:
        raise UnavailableError("Secrets Manager does not answer") from error


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
            f"no credential for {name}: run `huixue set-credential {name}`"
        ) from None
    return str(secret)
