from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from huixue.edge import clients
from huixue.kernel.errors import HuixueError, MisconfiguredError, UnavailableError
from tests.engines.cloudformation import REPOSITORY, load_template
from tests.functions.stage import ORDER_KEY, SESSION_KEYS, Stage, running_stage

SHORTEST_FUNCTION_S = load_template(REPOSITORY / "template.yaml")["Globals"]["Function"]["Timeout"]
_BACK_OFF_S = (
    1 + 2
)  # botocore's standard mode waits at most so long before its second and third try


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with running_stage() as running:
        yield running


@pytest.fixture(autouse=True)
def no_secret_is_kept(stage: Stage) -> Iterator[None]:
    clients._secrets.clear()
    clients.keyed_hash.cache_clear()
    stage.calls.clear()
    yield
    clients._secrets.clear()


def change_secret(stage: Stage, name: str, text: str) -> None:
    clients.secrets_client().put_secret_value(SecretId=stage.environment[name], SecretString=text)
    clients._secrets.clear()
    stage.calls.clear()


def test_a_secret_is_read_once_in_five_minutes(stage: Stage) -> None:
    assert clients.session_keys() == clients.session_keys() == SESSION_KEYS

    assert stage.calls == ["secretsmanager.GetSecretValue"]


def test_a_rotated_key_works_after_five_minutes(stage: Stage) -> None:
    clients.session_keys()
    secret_id = stage.environment["SESSION_KEYS_SECRET_ID"]
    rotated = json.dumps({"current": "s3", "s3": "3" * 64})
    before = json.dumps({"current": "s2", "s1": "1" * 64, "s2": "2" * 64})
    clients.secrets_client().put_secret_value(SecretId=secret_id, SecretString=rotated)
    assert clients.session_keys().current == "s2"

    read_at, text = clients._secrets[secret_id]
    clients._secrets[secret_id] = (read_at - clients.SECRET_LIFETIME - timedelta(seconds=1), text)

    assert clients.session_keys().current == "s3"
    change_secret(stage, "SESSION_KEYS_SECRET_ID", before)


def test_the_order_key_is_as_stored(stage: Stage) -> None:
    hashes = clients.keyed_hash()

    assert (hashes.key_id, hashes.key) == (ORDER_KEY["key_id"], ORDER_KEY["key"].encode())


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"key_id":"k1"}', '{"key_id":"k1","key":7}']
)
def test_an_order_key_that_is_none_is_the_operators_business(stage: Stage, text: str) -> None:
    change_secret(stage, "ORDER_HASH_KEY_SECRET_ID", text or " ")

    with pytest.raises(MisconfiguredError) as refused:
        clients.keyed_hash()

    change_secret(stage, "ORDER_HASH_KEY_SECRET_ID", json.dumps(ORDER_KEY))
    assert "OrderHashKeySecret" in refused.value.message


def test_a_credential_that_is_not_there_says_how_to_set_it(stage: Stage) -> None:
    with pytest.raises(MisconfiguredError, match="`huixue set-credential wechat:wx0`"):
        clients.platform_secret("wechat:wx0")


class _Failing:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_secret_value(self, **_: object) -> Any:
        raise self._error


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetSecretValue")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectTimeoutError(endpoint_url="x"), UnavailableError),
        (client_error("InternalServiceError"), UnavailableError),
        (client_error("ThrottlingException"), UnavailableError),
        (client_error("ResourceNotFoundException"), MisconfiguredError),
        (client_error("AccessDeniedException"), MisconfiguredError),
    ],
)
def test_secrets_manager_out_of_reach_is_no_crash(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[HuixueError]
) -> None:
    monkeypatch.setattr(clients, "secrets_client", lambda: _Failing(error))

    with pytest.raises(kind):
        clients.session_keys()


@pytest.mark.parametrize("name", ["dynamodb_client", "sqs_client", "secrets_client"])
def test_a_call_with_all_its_tries_ends_before_its_function_does(stage: Stage, name: str) -> None:
    config = getattr(clients, name)().meta.config

    tries = config.retries["total_max_attempts"]
    longest_s = tries * (config.connect_timeout + config.read_timeout) + _BACK_OFF_S
    assert longest_s < SHORTEST_FUNCTION_S


def test_clients_are_built_once(stage: Stage) -> None:
    assert clients.dynamodb_client() is clients.dynamodb_client()
    assert clients.http_pool() is clients.http_pool()
