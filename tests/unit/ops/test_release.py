"""Three stacks in order, their outputs handed on; unchanged code is neither uploaded nor deployed again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from infra.ops import packaging, project, release, templates, vendor_layer
from infra.ops.errors import OperatorError
from infra.ops.stacks import ChangeSet, Stacks
from tests.unit.ops.fake_cloudformation import FakeCloudFormation


class FakeBucket:
    meta = SimpleNamespace(endpoint_url="https://s3.example")

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []

    def head_object(self, *, Bucket: str, Key: str) -> None:
        if f"{Bucket}/{Key}" not in self.objects:
            missing = {"Error": {"Code": "404"}, "ResponseMetadata": {"HTTPStatusCode": 404}}
            raise ClientError(cast("Any", missing), "HeadObject")

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:
        self.objects[f"{Bucket}/{Key}"] = Body
        self.puts.append(Key)


class Onlooker:
    def __init__(self, *, agrees: bool = True) -> None:
        self.unchanged_stacks: list[str] = []
        self.shown: list[str] = []
        self._agrees = agrees

    def step(self, text: str) -> None:
        """Nobody listens."""

    def agrees(self, change_set: ChangeSet) -> bool:
        self.shown.append(change_set.stack)
        return self._agrees

    def unchanged(self, stack: str) -> None:
        self.unchanged_stacks.append(stack)

    def event(self, event: object) -> None:
        """Nobody listens."""


def outputs_of(path: Path) -> dict[str, str]:
    return {name: f"the {name}" for name in templates.read(path)["Outputs"]}


@pytest.fixture
def cloud() -> FakeCloudFormation:
    return FakeCloudFormation(
        outputs={
            "huixue-test-data": outputs_of(project.DATA_TEMPLATE),
            "huixue-test": outputs_of(project.MAIN_TEMPLATE),
        }
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The real templates; a small function in every folder and a vendor layer that needs no network."""
    for resource in templates.read(project.MAIN_TEMPLATE)["Resources"].values():
        properties = resource["Properties"]
        folder = properties.get("CodeUri") or properties.get("ContentUri")
        if folder:
            path = tmp_path / folder / "app.py"
            path.parent.mkdir(parents=True)
            path.write_text(f"FOLDER = {folder!r}\n", "utf-8")
    return tmp_path


def destination(
    cloud: FakeCloudFormation, bucket: FakeBucket, chosen: Mapping[str, str] | None = None
) -> release.Destination:
    return release.Destination(
        stage="test",
        stacks=Stacks(client=cast("Any", cloud), sleep=lambda _: None),
        s3=cast("Any", bucket),
        target=vendor_layer.local_target(),
        interpreter=packaging.this_interpreter(),
        adapt=lambda template, _: template,
        chosen=chosen or {},
    )


def test_three_stacks_are_deployed_in_order_and_hand_on_their_outputs(
    cloud: FakeCloudFormation, checkout: Path
) -> None:
    outputs = release.deploy(
        destination(cloud, FakeBucket()), Onlooker(), checkout=checkout, cache=checkout / "build"
    )

    executed = [call for call in cloud.calls if call.startswith("execute")]
    assert executed == [
        "execute huixue-test-data",
        "execute huixue-test",
        "execute huixue-test-observability",
    ]
    main = cloud.stacks["huixue-test"].parameters
    assert main["OrdersTableName"] == "the OrdersTableName"
    assert main["Stage"] == "test"
    watching = cloud.stacks["huixue-test-observability"].parameters
    assert watching["ImportsDeadLetterQueueName"] == "the ImportsDeadLetterQueueName"
    assert outputs["ApiUrl"] == "the ApiUrl"


def test_deploying_again_uploads_and_changes_nothing(
    cloud: FakeCloudFormation, checkout: Path
) -> None:
    bucket, cache = FakeBucket(), checkout / "build"
    release.deploy(destination(cloud, bucket), Onlooker(), checkout=checkout, cache=cache)
    bucket.puts.clear()
    onlooker = Onlooker()

    release.deploy(destination(cloud, bucket), onlooker, checkout=checkout, cache=cache)

    assert bucket.puts == []
    assert onlooker.shown == []
    assert onlooker.unchanged_stacks == [
        "huixue-test-data",
        "huixue-test",
        "huixue-test-observability",
    ]


def test_one_changed_function_uploads_its_archive_and_changes_one_stack(
    cloud: FakeCloudFormation, checkout: Path
) -> None:
    bucket, cache = FakeBucket(), checkout / "build"
    release.deploy(destination(cloud, bucket), Onlooker(), checkout=checkout, cache=cache)
    bucket.puts.clear()
    (checkout / "functions" / "sign_in" / "app.py").write_text("CHANGED = True\n", "utf-8")
    onlooker = Onlooker()

    release.deploy(destination(cloud, bucket), onlooker, checkout=checkout, cache=cache)

    uploaded = [key for key in bucket.puts if key.startswith("code/")]
    assert [key.split("/")[1] for key in uploaded] == ["SignInFunction"]
    assert onlooker.shown == ["huixue-test"]


def test_a_declined_change_set_deploys_nothing(cloud: FakeCloudFormation, checkout: Path) -> None:
    with pytest.raises(OperatorError, match="declined"):
        release.deploy(
            destination(cloud, FakeBucket()),
            Onlooker(agrees=False),
            checkout=checkout,
            cache=checkout / "build",
        )

    assert cloud.stacks == {}


def test_a_missing_function_folder_is_named(cloud: FakeCloudFormation, checkout: Path) -> None:
    (checkout / "functions" / "get_points" / "app.py").unlink()

    with pytest.raises(OperatorError, match="GetPointsFunction"):
        release.deploy(
            destination(cloud, FakeBucket()),
            Onlooker(),
            checkout=checkout,
            cache=checkout / "build",
        )

    assert "huixue-test" not in cloud.stacks


def test_what_was_chosen_once_is_kept_by_later_deployments(
    cloud: FakeCloudFormation, checkout: Path
) -> None:
    bucket, cache = FakeBucket(), checkout / "build"
    chosen = {"DefaultProgrammeId": "spring"}
    release.deploy(destination(cloud, bucket, chosen), Onlooker(), checkout=checkout, cache=cache)

    release.deploy(destination(cloud, bucket), Onlooker(), checkout=checkout, cache=cache)

    assert cloud.stacks["huixue-test"].parameters["DefaultProgrammeId"] == "spring"


def test_a_chosen_value_goes_before_an_output_and_an_output_before_an_old_value() -> None:
    template = {"Parameters": {"A": {}, "B": {}, "C": {}, "D": {"Default": "d"}}}

    values = release.parameters_for(
        template,
        chosen={"A": "chosen"},
        outputs={"A": "output", "B": "output"},
        before={"A": "old", "B": "old", "C": "old"},
    )

    assert values == {"A": "chosen", "B": "output", "C": "old"}


def test_all_parameters_without_a_value_are_named_at_once() -> None:
    template = {"Parameters": {"One": {}, "Two": {}, "Three": {"Default": ""}}}

    with pytest.raises(OperatorError, match="One, Two"):
        release.parameters_for(template, chosen={}, outputs={}, before={})


def test_the_domain_layer_lies_below_python(checkout: Path) -> None:
    template = templates.read(project.MAIN_TEMPLATE)

    archives = release.build(
        template,
        checkout,
        vendor_layer.local_target(),
        packaging.this_interpreter(),
        checkout / "build",
    )
    located = release.with_locations(template, "artifacts", archives)

    files = packaging.source_files(checkout / "layers/domain/python", prefix="python/")
    assert set(files) == {"python/app.py"}
    layer = located["Resources"]["DomainLayer"]["Properties"]
    assert layer["ContentUri"] == f"s3://artifacts/{archives['DomainLayer'].key}"
    assert template["Resources"]["DomainLayer"]["Properties"]["ContentUri"].startswith("layers/")
