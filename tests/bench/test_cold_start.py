"""The measurement itself: a fresh process, how far it came, and an endpoint that keeps it waiting for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.cold_start import Contestant, environment, one_line_boto3, race
from tests.bench.stub_endpoint import stub_endpoint
from tests.engines.clients import make_client


def contestant(folder: Path, source: str) -> Contestant:
    (folder / "app.py").write_text(source)
    return Contestant(name="x", paths=[folder], env=environment("http://127.0.0.1:9", {}))


@pytest.mark.parametrize(
    ("source", "outcome"),
    [
        ("def handler(event, context): return {'statusCode': 202}", "202"),
        ("def handler(event, context): return context.aws_request_id", "answered"),
        ("def handler(event, context): return event['body']", "KeyError"),
    ],
)
def test_a_cold_start_says_how_far_the_handler_came(
    tmp_path: Path, source: str, outcome: str
) -> None:
    measured = contestant(tmp_path, source)

    race([measured], 2, tmp_path / "report.json")

    assert measured.outcome == outcome
    assert len(measured.wall_ms) == len(measured.import_ms) == len(measured.call_ms) == 2
    assert all(
        imported + called <= whole
        for imported, called, whole in zip(
            measured.import_ms, measured.call_ms, measured.wall_ms, strict=True
        )
    )


def test_the_handler_to_compare_with_reads_through_the_stub(tmp_path: Path) -> None:
    with stub_endpoint() as url:
        measured = one_line_boto3(tmp_path / "boto3", url)
        race([measured], 1, tmp_path / "report.json")

    assert measured.outcome == "answered"


def test_the_stub_holds_nothing_but_secrets_of_the_right_form() -> None:
    with stub_endpoint() as url:
        dynamodb, secrets = make_client("dynamodb", url), make_client("secretsmanager", url)
        item = dynamodb.get_item(TableName="t", Key={"pk": {"S": "m"}})
        secret = secrets.get_secret_value(SecretId=f"{url}/session_keys_secret_id")
        dynamodb.close()
        secrets.close()

    assert "Item" not in item
    assert '"current": "s1"' in secret["SecretString"]
