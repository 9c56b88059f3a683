"""Uploads, chunks and row errors as objects of the imports bucket; all of them expire a day after the upload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, BinaryIO, cast

from botocore.exceptions import BotoCoreError, ClientError

from huixue.edge.aws_errors import code_of
from huixue.kernel.errors import NotFoundError, UnavailableError
from huixue.kernel.snapshots import RowError
from huixue.orders.model import PoolRow
from huixue.orders.records import row_from, row_record

PREFIX = "imports"


class UploadGoneError(NotFoundError):
    code = "UPLOAD_GONE"


def upload_key(import_id: str, filename: str) -> str:
    return f"{PREFIX}/{import_id}/upload/{filename}"


def errors_key(import_id: str) -> str:
    return f"{PREFIX}/{import_id}/row-errors.json"


def _chunk_key(import_id: str, chunk: int) -> str:
    return f"{PREFIX}/{import_id}/chunks/{chunk:08d}.json"


class S3ImportFiles:
    """The `ImportFiles` port of orders."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def open_upload(self, object_key: str) -> BinaryIO:
        return cast("BinaryIO", self._get(object_key))

    def write_chunk(self, import_id: str, chunk: int, rows: Sequence[PoolRow]) -> None:
        self._put(_chunk_key(import_id, chunk), [row_record(row) for row in rows])

    def read_chunk(self, import_id: str, chunk: int) -> list[PoolRow]:
        body = self._get(_chunk_key(import_id, chunk))
        try:
            rows = json.loads(body.read())
        except BotoCoreError as error:
            raise UnavailableError("S3 broke off its answer", reason=code_of(error)) from error
        return [row_from(row) for row in rows]

    def write_row_errors(self, import_id: str, errors: Sequence[RowError]) -> None:
        content = [
            {"line_number": each.line_number, "column": each.column, "code": each.code}
            for each in errors
        ]
        self._put(errors_key(import_id), content)

    def _get(self, key: str) -> Any:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                raise UploadGoneError("the object is gone: upload the file again") from error
            raise UnavailableError("S3 does not answer", reason=code_of(error)) from error
        except BotoCoreError as error:
            raise UnavailableError("S3 does not answer", reason=code_of(error)) from error

    def _put(self, key: str, content: object) -> None:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        try:
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json"
            )
        except (BotoCoreError, ClientError) as error:
            raise UnavailableError("S3 does not take the object", reason=code_of(error)) from error
