from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from moto import mock_aws

from huixue.edge.import_files import PREFIX, S3ImportFiles, UploadGoneError, errors_key, upload_key
from huixue.kernel.errors import UnavailableError
from huixue.kernel.ids import KeyedHash
from huixue.kernel.snapshots import RowError
from huixue.orders.pool import pool_row
from tests.engines.clients import REGION, make_client
from tests.functions.orders import number, order

HASHES = KeyedHash(key_id="k1", key=b"k" * 32)
BUCKET = "imports"


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with mock_aws():
        client = make_client("s3")
        client.create_bucket(
            Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        yield client


def test_a_chunk_is_read_as_it_was_written(s3: Any) -> None:
    files = S3ImportFiles(s3, BUCKET)
    snapshots = [order(number(n), line=str(n)) for n in range(3)]
    snapshots += [order(number(9), state="unpaid", account=None)]
    rows = [pool_row(each, room="demo/main", hashes=HASHES) for each in snapshots]

    files.write_chunk("imp_a", 7, rows)

    assert files.read_chunk("imp_a", 7) == rows


def test_chunks_hold_no_number_and_no_account(s3: Any) -> None:
    files = S3ImportFiles(s3, BUCKET)
    snapshot = order(number(1), account="a_private_buyer")
    files.write_chunk("imp_private", 0, [pool_row(snapshot, room=None, hashes=HASHES)])

    listed = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{PREFIX}/imp_private/")["Contents"]
    stored = s3.get_object(Bucket=BUCKET, Key=listed[0]["Key"])["Body"].read().decode()

    assert len(listed) == 1
    assert number(1) not in stored
    assert "a_private_buyer" not in stored


def test_row_errors_say_where_and_why(s3: Any) -> None:
    errors = [RowError(line_number=2, column="订单编号", code="MISSING")]

    S3ImportFiles(s3, BUCKET).write_row_errors("imp_a", errors)

    body = s3.get_object(Bucket=BUCKET, Key=errors_key("imp_a"))["Body"].read()
    assert json.loads(body) == [{"line_number": 2, "column": "订单编号", "code": "MISSING"}]


def test_an_upload_is_opened_as_a_stream(s3: Any) -> None:
    key = upload_key("imp_a", "export.csv")
    s3.put_object(Bucket=BUCKET, Key=key, Body=b"abc")

    with S3ImportFiles(s3, BUCKET).open_upload(key) as stream:
        assert (stream.read(2), stream.read()) == (b"ab", b"c")


def test_what_is_gone_says_what_to_do(s3: Any) -> None:
    files = S3ImportFiles(s3, BUCKET)

    with pytest.raises(UploadGoneError, match="upload the file again"):
        files.open_upload(upload_key("imp_gone", "export.csv"))
    with pytest.raises(UploadGoneError):
        files.read_chunk("imp_gone", 0)


class _BrokenBody:
    def read(self) -> bytes:
        raise ReadTimeoutError(endpoint_url="s3")


class _FailingS3:
    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_object(self, **_: object) -> Any:
        raise self._error

    put_object = get_object


class _BreakingS3:
    def get_object(self, **_: object) -> Any:
        return {"Body": _BrokenBody()}


@pytest.mark.parametrize(
    "error",
    [
        EndpointConnectionError(endpoint_url="s3"),
        ClientError({"Error": {"Code": "SlowDown", "Message": ""}}, "GetObject"),
        ClientError({"Error": {"Code": "500", "Message": ""}}, "GetObject"),
    ],
)
def test_s3_out_of_reach_may_be_asked_again(error: Exception) -> None:
    files = S3ImportFiles(_FailingS3(error), BUCKET)
    row = pool_row(order(number(1)), room=None, hashes=HASHES)

    for call in (
        lambda: files.open_upload("key"),
        lambda: files.read_chunk("imp_a", 0),
        lambda: files.write_chunk("imp_a", 0, [row]),
        lambda: files.write_row_errors("imp_a", []),
    ):
        with pytest.raises(UnavailableError):
            call()


def test_a_chunk_that_breaks_off_may_be_asked_for_again() -> None:
    with pytest.raises(UnavailableError):
        S3ImportFiles(_BreakingS3(), BUCKET).read_chunk("imp_a", 0)
