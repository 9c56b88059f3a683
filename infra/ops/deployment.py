"""What is deployed where: the one thing every other command asks before it does anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.ops.errors import OperatorError
from infra.ops.packaging import write_whole
from infra.ops.project import state_folder

if TYPE_CHECKING:
    import boto3

    from infra.ops.stacks import Stacks

LOCAL = "local"
LOCAL_REGION = "us-east-1"  # the engine's own; any other would only change names


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """`outputs` are those of all three stacks, by name; see Outputs in template.yaml and infra/data.yaml."""

    stage: str
    region: str
    endpoint_url: str | None
    outputs: Mapping[str, str] = field(default_factory=dict)

    def output(self, name: str) -> str:
        """Raises `OperatorError` where the deployed stacks are too old to know the name."""
        try:
            return self.outputs[name]
        except KeyError:
            raise OperatorError(
                f"the deployment {self.stage} has no output {name}",
                next_step=f"Deploy it again: {_how_to_deploy(self.stage)}.",
            ) from None

    def client(self, service: str, **options: Any) -> Any:
        """A boto3 client that reaches this deployment; each stage with its own credentials and address."""
        return session(self.stage, self.region).client(
            service,  # type: ignore[call-overload]  # any of the services the commands use
            endpoint_url=self.endpoint_url,
            **options,
        )


def session(stage: str, region: str | None) -> boto3.Session:
    """Local needs no account; AWS takes what boto3 finds (profile, environment, role)."""
    if stage == LOCAL:
        return _local_session(region or LOCAL_REGION)
    import boto3  # noqa: PLC0415 - a fifth of a second that `huixue --help` need not wait for

    return boto3.Session(region_name=region)


@cache
def _local_session(region: str) -> boto3.Session:
    """Kept: each session reads the descriptions of its services anew, a tenth of a second for each client."""
    import boto3  # noqa: PLC0415 - as above

    return boto3.Session(
        region_name=region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - the engine asks for some, and checks none
    )


def stack_names(stage: str) -> dict[str, str]:
    """Names of the three stacks, in the order they are deployed."""
    return {
        "data": f"huixue-{stage}-data",
        "main": f"huixue-{stage}",
        "observability": f"huixue-{stage}-observability",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRecord:
    """What `huixue up` writes down (`.huixue/local.json`) while it serves."""

    deployment: Deployment
    address: str
    sandbox_url: str
    port: int
    pid: int
    engine_pid: int

    def written(self) -> bytes:
        content = {
            "stage": self.deployment.stage,
            "region": self.deployment.region,
            "endpoint_url": self.deployment.endpoint_url,
            "address": self.address,
            "sandbox_url": self.sandbox_url,
            "port": self.port,
            "pid": self.pid,
            "engine_pid": self.engine_pid,
            "outputs": dict(self.deployment.outputs),
        }
        return json.dumps(content, indent=2, sort_keys=True).encode() + b"\n"


def record_path() -> Path:
    return state_folder() / "local.json"


def save_local(record: LocalRecord) -> None:
    write_whole(record_path(), record.written())


def load_local() -> LocalRecord | None:
    """None where nothing was started from this checkout. Says nothing about whether it still runs."""
    try:
        content = json.loads(record_path().read_text("utf-8"))
        return LocalRecord(
            deployment=Deployment(
                stage=content["stage"],
                region=content["region"],
                endpoint_url=content["endpoint_url"],
                outputs=content["outputs"],
            ),
            address=content["address"],
            sandbox_url=content["sandbox_url"],
            port=content["port"],
            pid=content["pid"],
            engine_pid=content["engine_pid"],
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise OperatorError(
            f"{record_path()} cannot be read ({error})",
            next_step="Remove the file, then run `huixue up`.",
        ) from error


def load(stage: str, *, region: str | None = None) -> Deployment:
    """The deployment of a stage: local from its record, AWS from the outputs of its stacks.

    May be repeated. Raises `OperatorError` where the stage is not deployed, or cannot be asked.
    """
    if stage == LOCAL:
        record = load_local()
        if record is None:
            raise OperatorError("nothing runs locally", next_step="Start it: `huixue up --detach`.")
        return record.deployment
    return _load_aws(stage, region)


def _load_aws(stage: str, region: str | None) -> Deployment:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - with boto3

    from infra.ops.stacks import Stacks  # noqa: PLC0415 - with boto3

    account = session(stage, region)
    try:
        stacks = Stacks(client=account.client("cloudformation"))
        return from_stacks(stage, account.region_name or "", stacks)
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS could not be asked about the stage {stage}: {error}",
            next_step="Check the credentials and --region (or AWS_PROFILE and AWS_REGION).",
        ) from error


def from_stacks(stage: str, region: str, stacks: Stacks) -> Deployment:
    """The deployment as its stacks tell it. Raises `OperatorError` where the first two are not there."""
    found = {kind: stacks.outputs(name) for kind, name in stack_names(stage).items()}
    if found["data"] is None or found["main"] is None:
        raise OperatorError(
            f"the stage {stage} is not deployed in {region}",
            next_step=f"Deploy it: {_how_to_deploy(stage)}.",
        )
    outputs = {name: value for part in found.values() for name, value in (part or {}).items()}
    return Deployment(stage=stage, region=region, endpoint_url=None, outputs=outputs)


def _how_to_deploy(stage: str) -> str:
    return "`huixue up`" if stage == LOCAL else f"`huixue deploy --stage {stage}`"
