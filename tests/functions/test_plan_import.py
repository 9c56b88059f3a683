from __future__ import annotations

import json

import pytest

from huixue.edge.import_files import errors_key
from tests.functions.http import event_of
from tests.functions.orders import failed, names, number, pump, sqs_event, waiting
from tests.functions.stage import Stage
from tests.functions.uploads import csv_of, register, row, state_of, uploaded


def test_the_accepted_event_names_an_upload(shared_stage: Stage) -> None:
    event = event_of("plan_import/accepted")
    import_id = json.loads(event["Records"][0]["body"])["detail"]["import_id"]
    uploaded(shared_stage, import_id, csv_of([row(number(1)), row(number(2))]))

    assert failed(shared_stage.invoke("plan_import", event)) == []

    planned = state_of(import_id)
    assert (planned.rows, planned.row_errors, planned.chunks) == (2, 0, 1)
    assert names(waiting(shared_stage, "import_chunks_queue_url")) == ["RowsPlanned"]


def test_an_import_nobody_announced_comes_back(shared_stage: Stage) -> None:
    body = json.loads(event_of("plan_import/accepted")["Records"][0]["body"])
    body["detail"]["import_id"] = "imp_of_nobody"

    assert failed(shared_stage.invoke("plan_import", sqs_event([json.dumps(body)]))) == ["0"]


def test_a_message_of_another_queue_comes_back(shared_stage: Stage) -> None:
    event = event_of("plan_import/refused")

    assert failed(shared_stage.invoke("plan_import", event)) == [event["Records"][0]["messageId"]]


def test_broken_rows_are_reported_and_the_rest_is_imported(shared_stage: Stage) -> None:
    content = csv_of([row(number(10)), row("no number"), row(number(11), paid="many")])
    message = uploaded(shared_stage, "imp_broken", content)

    assert failed(shared_stage.invoke("plan_import", sqs_event([message]))) == []
    pump(shared_stage)

    done = state_of("imp_broken")
    assert (done.status, done.rows, done.row_errors, done.orders_new) == ("done", 1, 2, 1)
    bucket = shared_stage.environment["IMPORTS_BUCKET_NAME"]
    found = shared_stage.s3.get_object(Bucket=bucket, Key=errors_key("imp_broken"))
    errors = json.loads(found["Body"].read())
    assert [error["line_number"] for error in errors] == [3, 4]
    assert all(set(error) == {"line_number", "column", "code"} for error in errors)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n", b"a,b\r\n1,2\r\n", b"PK\x03\x04broken"])
def test_a_file_that_is_no_export_ends_the_import(shared_stage: Stage, content: bytes) -> None:
    import_id = f"imp_none{len(content)}"
    message = uploaded(shared_stage, import_id, content)

    assert failed(shared_stage.invoke("plan_import", sqs_event([message]))) == []

    ended = state_of(import_id)
    assert (ended.status, ended.failure_code) == ("failed", "NOT_AN_EXPORT")
    assert ended.failure
    assert waiting(shared_stage, "import_chunks_queue_url") == []


def test_an_upload_that_is_gone_ends_the_import(shared_stage: Stage) -> None:
    message = uploaded(shared_stage, "imp_there", b"")
    register("imp_gone", "imports/imp_gone/upload/export.csv")

    gone = message.replace("imp_there", "imp_gone")
    assert failed(shared_stage.invoke("plan_import", sqs_event([gone]))) == []

    assert state_of("imp_gone").failure_code == "UPLOAD_GONE"
