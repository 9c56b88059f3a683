"""`huixue deploy`: the three stacks on AWS, with boto3 alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from infra.ops import packaging, project, release, vendor_layer
from infra.ops.deployment import LOCAL, session
from infra.ops.errors import OperatorError
from infra.ops.stacks import Stacks

if TYPE_CHECKING:
    from infra.ops.templates import Template
    from infra.ops.terminal import TerminalWatcher


def deploy(
    stage: str, region: str | None, chosen: Mapping[str, str], watcher: TerminalWatcher
) -> dict[str, str]:
    """Outputs of the three stacks. May be repeated: what is as wanted stays untouched.

    Raises `OperatorError` for the stage `local`, for missing credentials, and where a stack is refused or fails.
    """
    if stage == LOCAL:
        raise OperatorError(
            "the stage local lives in the engine of this machine, not on AWS",
            next_step="Use `huixue up`, or name another stage.",
        )
    account = session(stage, region)
    interpreter = packaging.find_interpreter(project.LAMBDA_PYTHON)
    if interpreter is None:
        watcher.warn(
            f"python{project.LAMBDA_PYTHON} is not on the path: code goes without bytecode, and every cold start"
            f" takes about 2.4 times as long. Install Python {project.LAMBDA_PYTHON} and deploy again."
        )
    try:
        identity = account.client("sts").get_caller_identity()
        watcher.step(f"account {identity['Account']}, region {account.region_name}, stage {stage}")
        destination = release.Destination(
            stage=stage,
            stacks=Stacks(client=account.client("cloudformation")),
            s3=account.client("s3"),
            target=vendor_layer.LAMBDA_TARGET,
            interpreter=interpreter,
            adapt=_as_it_is,
            chosen=chosen,
        )
        return release.deploy(destination, watcher)
    except (BotoCoreError, ClientError) as error:
        raise OperatorError(
            f"AWS refused: {error}",
            next_step="Check the credentials and --region (or AWS_PROFILE and AWS_REGION), then run it again.",
        ) from error


def _as_it_is(template: Template, parameters: Mapping[str, str]) -> Template:
    del parameters
    return template
