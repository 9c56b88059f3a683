from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from huixue.edge.import_files import errors_key
from huixue.kernel.events import ExportUploaded, RowsPlanned
from huixue.orders.imports import ROWS_PER_CHUNK, Import, chunk_message
from infra.ops.uploads import Upload
from tests.engines.tables import TableNames
from tests.unit.ops.operating import BUCKET, NOW, Operated, operated
from tests.unit.platforms.exports.making_exports import csv_bytes, seller_row

COUNTS = ("rows", "row_errors", "orders_new", "orders_changed", "orders_unchanged", "status")


@pytest.fixture
def stage(
    dynamodb: Any, tables: TableNames, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operated:
    monkeypatch.setenv("HUIXUE_STATE_DIR", str(tmp_path / "state"))
    return operated(dynamodb, tables)


def export_of(folder: Path, count: int, **changes: str) -> Path:
    file = folder / "导出.csv"
    rows = [seller_row(订单编号=f"26{at:017}", **changes) for at in range(count)]
    file.write_bytes(csv_bytes(rows, encoding="gbk"))
    return file


def counts(printed: str) -> Sequence[object]:
    totals = json.loads(printed)
    return [totals[name] for name in COUNTS]


def upload_of(file: Path) -> Upload:
    return Upload(
        file=file, platform="taobao", programme_id="demo", room_id="main", exported_at=None
    )


def started_before(stage: Operated, file: Path, **changes: Any) -> Import:
    """An import of the file that somebody began and did not see to its end."""
    import_id = upload_of(file).import_id()
    known: dict[str, Any] = {
        "import_id": import_id, "object_key": f"imports/{import_id}/upload/{file.name}",
        "filename": file.name, "platform": "taobao", "programme_id": "demo", "room_id": "main",
        "exported_at": NOW, "requested_at": NOW,
    }  # fmt: skip
    return stage.imports.add(Import(**known | changes))


def test_an_import_tells_its_totals_and_the_same_file_again_does_nothing(
    stage: Operated, tmp_path: Path
) -> None:
    file = export_of(tmp_path, 3)

    with stage.workers():
        first = stage.import_orders(file, "--json")
    before = stage.everything()
    again = stage.import_orders(file, "--json")
    shown = stage.import_orders(file)

    assert first.exit_code == again.exit_code == shown.exit_code == 0
    assert counts(first.stdout) == [3, 0, 3, 0, 0, "done"]
    assert again.stdout == first.stdout
    assert "imported before" in again.stderr
    assert "orders new" in shown.stderr
    assert stage.everything() == before


def test_row_errors_are_written_beside_the_file_or_where_one_likes(
    stage: Operated, tmp_path: Path
) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(csv_bytes([seller_row(), seller_row(订单编号="合计")]))
    elsewhere = tmp_path / "elsewhere.csv"

    with stage.workers():
        first = stage.import_orders(file, "--json")
    again = stage.import_orders(file, "--errors-file", str(elsewhere))

    assert counts(first.stdout) == [1, 1, 1, 0, 0, "done"]
    assert again.exit_code == 0
    for path in (tmp_path / "broken.csv.row-errors.csv", elsewhere):
        with path.open(encoding="utf-8", newline="") as opened:
            assert list(csv.reader(opened)) == [
                ["line_number", "column", "code"], ["3", "订单编号", "ORDER_NUMBER"],
            ]  # fmt: skip


def test_row_errors_that_are_gone_with_the_upload_are_said_to_be_gone(
    stage: Operated, tmp_path: Path
) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(csv_bytes([seller_row(订单编号="合计")]))
    with stage.workers():
        assert stage.import_orders(file).exit_code == 0
    (tmp_path / "broken.csv.row-errors.csv").unlink()
    stage.s3.delete_object(Bucket=BUCKET, Key=errors_key(upload_of(file).import_id()))

    again = stage.import_orders(file)

    assert again.exit_code == 0
    assert "kept for a day" in again.stderr
    assert not (tmp_path / "broken.csv.row-errors.csv").exists()


def test_an_import_that_was_cut_off_after_its_plan_goes_on(stage: Operated, tmp_path: Path) -> None:
    file = export_of(tmp_path, ROWS_PER_CHUNK + 3)
    known = started_before(stage, file)
    stage.s3.put_object(Bucket=BUCKET, Key=known.object_key, Body=file.read_bytes())
    stage.plan(ExportUploaded(import_id=known.import_id, correlation_id="x"))
    stage.outbox.sent.clear()  # and lost
    stage.apply(chunk_message(known.import_id, 1))

    with stage.workers():
        done = stage.import_orders(file, "--json")

    assert counts(done.stdout) == [ROWS_PER_CHUNK + 3, 0, ROWS_PER_CHUNK + 3, 0, 0, "done"]
    assert "imported before" not in done.stderr
    found = stage.imports.load(known.import_id)
    assert found is not None
    assert found.exported_at == NOW


def test_an_upload_that_was_gone_is_sent_again_even_under_another_name(
    stage: Operated, tmp_path: Path
) -> None:
    file = export_of(tmp_path, 3)
    known = started_before(stage, file)
    stage.plan(ExportUploaded(import_id=known.import_id, correlation_id="x"))
    failed = stage.imports.load(known.import_id)
    assert failed is not None
    assert (failed.status, failed.failure_code) == ("failed", "UPLOAD_GONE")
    renamed = file.rename(tmp_path / "renamed.csv")

    with stage.workers():
        done = stage.import_orders(renamed, "--json")

    assert counts(done.stdout) == [3, 0, 3, 0, 0, "done"]


def test_a_file_that_is_no_export_is_refused_each_time_and_nothing_is_imported(
    stage: Operated, tmp_path: Path
) -> None:
    file = tmp_path / "phones.csv"
    file.write_text("姓名,电话\n演示,1\n", "utf-8")

    with stage.workers():
        refused = [stage.import_orders(file) for _ in range(2)]

    for each in refused:
        assert each.exit_code == 1
        assert "订单编号" in each.stderr
        assert "Export it again" in each.stderr
    kinds = {item["sk"]["S"] for item in stage.dynamodb.scan(
        TableName=stage.deployment.output("OrdersTableName"))["Items"]}  # fmt: skip
    assert kinds == {"IMPORT"}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--room", "nowhere"], "Rooms there: main"),
        (["--room", "guest"], "Rooms there: main"),
        (["--programme", "other"], "huixue publish"),
        (["--platform", "amazon"], "Rooms there: none"),
        (["--exported-at", "yesterday"], "Write it like 2026"),
        (["--exported-at", "2999-01-01T00:00:00+08:00"], "lies in the future"),
    ],
)
def test_what_cannot_be_imported_is_refused_before_anything_is_sent(
    stage: Operated, tmp_path: Path, more: list[str], told: str
) -> None:
    before = stage.everything()

    refused = stage.import_orders(export_of(tmp_path, 1), *more)

    assert refused.exit_code == 1
    assert told in refused.stderr
    assert stage.everything() == before


def test_a_file_that_is_not_there_is_a_usage_error(stage: Operated, tmp_path: Path) -> None:
    assert stage.import_orders(tmp_path / "none.csv").exit_code == 2


def test_the_same_instant_in_another_zone_is_the_same_import_and_a_bare_time_is_chinas(
    stage: Operated, tmp_path: Path
) -> None:
    file = export_of(tmp_path, 1)
    times = ["2026-01-02T11:00:00+08:00", "2026-01-02T03:00:00+00:00", "2026-01-02 11:00:00"]

    with stage.workers():
        done = [stage.import_orders(file, "--json", "--exported-at", each) for each in times]

    ids = {json.loads(each.stdout)["import_id"] for each in done}
    assert len(ids) == 1
    found = stage.imports.load(ids.pop())
    assert found is not None
    assert found.exported_at.isoformat() == "2026-01-02T03:00:00+00:00"


def test_an_older_export_by_its_time_changes_nothing_that_a_newer_one_said(
    stage: Operated, tmp_path: Path
) -> None:
    newer = export_of(tmp_path, 2, 订单状态="交易成功")
    at = (NOW - timedelta(days=300)).isoformat()
    with stage.workers():
        stage.import_orders(newer)
        older = export_of(tmp_path, 2, 订单状态="卖家已发货，等待买家确认")
        done = stage.import_orders(older, "--json", "--exported-at", at)

    assert counts(done.stdout) == [2, 0, 0, 0, 2, "done"]


def test_nothing_of_a_person_lies_in_what_workers_are_told(stage: Operated, tmp_path: Path) -> None:
    file = export_of(tmp_path, 1)
    known = started_before(stage, file)
    stage.s3.put_object(Bucket=BUCKET, Key=known.object_key, Body=file.read_bytes())

    stage.plan(ExportUploaded(import_id=known.import_id, correlation_id="x"))

    key = f"imports/{known.import_id}/chunks/00000000.json"
    chunk = stage.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().decode()
    assert [type(each) for each in stage.outbox.sent] == [RowsPlanned]
    for secret in (f"26{0:017}", "演示账号", "nobody@example.invalid", "演示甲"):
        assert secret not in chunk
        assert secret not in repr(stage.outbox.sent)
