"""What all tests share: engines, tables, the clock, the design data. Started once, stopped for certain."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from moto import mock_aws

from tests.engines import dynamodb_local, ministack
from tests.engines.clients import ACCESS_KEY_ID, REGION, SECRET_ACCESS_KEY, make_client
from tests.engines.clock import FrozenClock
from tests.engines.cloudformation import REPOSITORY
from tests.engines.tables import TableNames, create_tables, delete_tables

EXACT_ENGINES = ("dynamodb_local", "ministack")


# A slow machine is no counterexample: hypothesis's own limit of 200 ms per example is off.
hypothesis.settings.register_profile("huixue", deadline=None)
hypothesis.settings.load_profile("huixue")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "exact_engines: runs once on DynamoDB Local and once on ministack (races, transactions);"
        " without it `dynamodb` is moto in process, which is no judge of races",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that ask for `dynamodb` run on the engines their markers name."""
    if "dynamodb_engine" not in metafunc.fixturenames:
        return
    marked = {mark.name for mark in metafunc.definition.iter_markers()}
    if "exact_engines" in marked:
        # the marks make `-m "not dynamodb_local"` leave out that engine's half alone
        engines = [pytest.param(name, marks=getattr(pytest.mark, name)) for name in EXACT_ENGINES]
    else:
        engines = [pytest.param(name) for name in EXACT_ENGINES if name in marked]
    metafunc.parametrize("dynamodb_engine", engines or ["moto"], indirect=True)


@pytest.fixture(autouse=True)
def no_real_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test can reach an account: made-up credentials, no profile, no instance metadata."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


@pytest.fixture(scope="session")
def dynamodb_local_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    dynamodb_local.skip_or_fail_if_missing()
    with dynamodb_local.started(tmp_path_factory.mktemp("dynamodb_local")) as url:
        yield url


@pytest.fixture(scope="session")
def ministack_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ministack.started(tmp_path_factory.mktemp("ministack")) as url:
        yield url


@pytest.fixture
def dynamodb_engine(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The address of the engine under test; None is moto in process."""
    if request.param == "moto":
        with mock_aws():
            yield None
    else:
        yield request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def dynamodb(dynamodb_engine: str | None) -> Iterator[Any]:
    """A low-level DynamoDB client on the engine under test."""
    client = make_client("dynamodb", dynamodb_engine)
    yield client
    client.close()


@pytest.fixture
def tables(dynamodb: Any) -> Iterator[TableNames]:
    """Empty tables of this test alone, shaped by `infra/data.yaml`."""
    names = create_tables(dynamodb, uuid.uuid4().hex[:12])
    yield names
    delete_tables(dynamodb, names)


@pytest.fixture
def sqs(ministack_url: str) -> Iterator[Any]:
    """A low-level SQS client on ministack (DynamoDB Local has no queues)."""
    client = make_client("sqs", ministack_url)
    yield client
    client.close()


@pytest.fixture
def frozen_clock() -> FrozenClock:
    """Noon in Shanghai on a working day; tests that need another instant make their own FrozenClock."""
    return FrozenClock(datetime(2026, 11, 20, 4, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def design_data() -> Path:
    """The folder of real exports; skips where it is absent, because it is never copied into the repository."""
    named = os.environ.get("HUIXUE_DESIGN_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"left out: no design data at {folder} (set HUIXUE_DESIGN_DATA to its folder)")
    return folder
