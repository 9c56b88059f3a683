"""What is left of third-party packages after trimming, and that what is used is still there."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.ops import packaging, project, vendor_layer
from infra.ops.errors import OperatorError

USED = """
import sys
sys.path[:0] = [sys.argv[1]]
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.batch import BatchProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes import SQSEvent
import botocore.config, botocore.exceptions, botocore.session, jwt, msgspec, urllib3, zoneinfo
zoneinfo.reset_tzpath([])
import icalendar
event = icalendar.Event()
event.add("rrule", {"freq": "weekly", "byday": "we"})
assert b"BYDAY=WE" in event.to_ical()
assert str(zoneinfo.ZoneInfo("Asia/Shanghai"))
session = botocore.session.get_session()
nobody = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=1)
calls = {
    "dynamodb": lambda client: client.get_item(TableName="abc", Key={"pk": {"S": "x"}}),
    "s3": lambda client: client.get_object(Bucket="bucket", Key="key"),
    "secretsmanager": lambda client: client.get_secret_value(SecretId="secret"),
    "sqs": lambda client: client.send_message(QueueUrl="http://127.0.0.1:9/1/q", MessageBody="x"),
    "sts": lambda client: client.get_caller_identity(),
}
assert set(calls) == set(sys.argv[2].split(","))
for region in ("cn-north-1", "eu-west-1"):
    for service, call in calls.items():
        keys = dict(aws_access_key_id="x", aws_secret_access_key="x", config=nobody)
        session.create_client(service, region_name=region, **keys)
        client = session.create_client(
            service, region_name=region, endpoint_url="http://127.0.0.1:9", **keys
        )
        try:
            call(client)
        except botocore.exceptions.EndpointConnectionError:
            continue
        raise AssertionError(service)
assert all(module.__file__.startswith(sys.argv[1]) for module in (botocore, icalendar, jwt, msgspec, urllib3))
"""


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder as an installer leaves it."""
    service = {
        "metadata": {},
        "documentation": "<p>prose</p>",
        "shapes": {"documentation": {"type": "x"}},
    }
    files = {
        "botocore/data/dynamodb/2011-12-05/service-2.json": "{}",
        "botocore/data/dynamodb/2012-08-10/service-2.json": json.dumps(service),
        "botocore/data/dynamodb/2012-08-10/examples-1.json": "{}",
        "botocore/data/dynamodb/2012-08-10/paginators-1.json": "{}",
        "botocore/data/ec2/2016-11-15/service-2.json": "{}",
        "botocore/data/_retry.json": "{}",
        "botocore/data/endpoints.json": json.dumps(
            {
                "partitions": [
                    {"partition": "aws", "services": {"sqs": {}, "ec2": {}}},
                    {"partition": "aws-cn", "services": {"sqs": {}}},
                    {"partition": "aws-iso", "services": {"sqs": {}}},
                ]
            }
        ),
        "openpyxl/tests/test_x.py": "",
        "icalendar/tests/rfc_7265_jcal/test_x.py": "",
        "icalendar/tests/calendars/example.ics": "",
        "openpyxl/__init__.py": "",
        "openpyxl-3.1.5.dist-info/METADATA": "",
        "bin/tool": "",
        "tzdata/zoneinfo/Asia/Shanghai": "",
        "tzdata/zoneinfo/Europe/Paris": "",
        "tzdata/zoneinfo/UTC": "",
    }
    for service_name in vendor_layer.SERVICES[1:]:
        files[f"botocore/data/{service_name}/2020-01-01/service-2.json"] = "{}"
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return tmp_path


def test_only_what_functions_need_is_left(installed: Path) -> None:
    vendor_layer.trim(installed)

    left = {
        path.relative_to(installed).as_posix() for path in installed.rglob("*") if path.is_file()
    }
    assert left == {
        "botocore/data/_retry.json",
        "botocore/data/endpoints.json",
        "botocore/data/dynamodb/2012-08-10/service-2.json",
        "botocore/data/dynamodb/2012-08-10/paginators-1.json",
        *(f"botocore/data/{name}/2020-01-01/service-2.json" for name in vendor_layer.SERVICES[1:]),
        "openpyxl/__init__.py",
        "tzdata/zoneinfo/Asia/Shanghai",
        "tzdata/zoneinfo/UTC",
    }


def test_models_lose_their_prose_but_no_member_that_happens_to_be_called_so(
    installed: Path,
) -> None:
    vendor_layer.trim(installed)

    model = installed / "botocore/data/dynamodb/2012-08-10/service-2.json"
    assert json.loads(model.read_text("utf-8")) == {
        "metadata": {},
        "documentation": "",
        "shapes": {"documentation": {"type": "x"}},
    }


def test_both_partitions_are_kept_and_no_other(installed: Path) -> None:
    vendor_layer.trim(installed)

    endpoints = json.loads((installed / "botocore/data/endpoints.json").read_text("utf-8"))
    assert endpoints["partitions"] == [
        {"partition": "aws", "services": {"sqs": {}}},
        {"partition": "aws-cn", "services": {"sqs": {}}},
    ]


def test_trimming_twice_is_trimming_once(installed: Path) -> None:
    vendor_layer.trim(installed)
    vendor_layer.trim(installed)


def test_packages_that_cannot_be_installed_are_named(tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("./no-such-package\n", "utf-8")

    with pytest.raises(OperatorError, match="no-such-package"):
        vendor_layer.build(
            pins, vendor_layer.local_target(), packaging.this_interpreter(), tmp_path / "build"
        )

    assert not (tmp_path / "build").exists()


def test_the_layer_built_for_this_machine_holds_all_that_is_imported(tmp_path: Path) -> None:
    layer = vendor_layer.build(
        project.VENDOR_REQUIREMENTS,
        vendor_layer.local_target(),
        packaging.this_interpreter(),
        project.BUILD_FOLDER,
    )
    with zipfile.ZipFile(io.BytesIO(layer.content)) as archive:
        archive.extractall(tmp_path)

    command = [sys.executable, "-I", "-c", USED, str(tmp_path / "python")]
    done = subprocess.run(
        [*command, ",".join(vendor_layer.SERVICES)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    modules = {path for path in tmp_path.rglob("*.py") if "__pycache__" not in path.parts}
    assert all(list((path.parent / "__pycache__").glob(f"{path.stem}.*.pyc")) for path in modules)
    assert len(layer.content) < 6_000_000
