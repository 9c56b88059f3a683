"""Three stacks in one order: data → main → observability. What one puts out, the next takes in by name.

The same steps deploy to AWS and to the local engine; a `Destination` holds what differs.
"""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import ClientError

from infra.ops import packaging, project, templates, vendor_layer
from infra.ops.deployment import stack_names
from infra.ops.errors import OperatorError
from infra.ops.stacks import ChangeSet, StackPlan, Stacks

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef
    from mypy_boto3_s3 import S3Client

    from infra.ops.packaging import Archive, Interpreter
    from infra.ops.templates import Template
    from infra.ops.vendor_layer import Target

_LARGEST_BODY_BYTES = 51_200  # CloudFormation's limit for a template that goes along with the call


class Watcher(Protocol):
    """Whoever looks on: a terminal, or nobody."""

    def step(self, text: str) -> None: ...

    def agrees(self, change_set: ChangeSet) -> bool: ...

    def unchanged(self, stack: str) -> None: ...

    def event(self, event: StackEventTypeDef) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    stage: str
    stacks: Stacks
    s3: S3Client
    target: Target
    interpreter: Interpreter | None
    adapt: Callable[[Template, Mapping[str, str]], Template]
    """The last word on a template: nothing for AWS, lowering for the local engine."""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Parameters somebody chose; others come from outputs, from before, or from their defaults."""


def deploy(
    to: Destination,
    watcher: Watcher,
    *,
    checkout: Path = project.CHECKOUT,
    cache: Path = project.BUILD_FOLDER,
) -> dict[str, str]:
    """Outputs of all three stacks. May be repeated: what is as wanted stays untouched.

    Raises `OperatorError` where a change set is refused or declined, or a stack fails.
    """
    names = stack_names(to.stage)
    outputs = {"Stage": to.stage}
    data = templates.read(project.DATA_TEMPLATE)
    outputs |= _stack(to, watcher, names["data"], data, outputs, bucket=None)
    bucket = outputs["ArtifactsBucketName"]
    main = templates.read(project.MAIN_TEMPLATE)
    watcher.step("building layers and functions")
    archives = build(main, checkout, to.target, to.interpreter, cache)
    watcher.step("uploading what changed")
    for archive in archives.values():
        upload(to.s3, bucket, archive.key, archive.content)
    main = with_locations(main, bucket, archives)
    outputs |= _stack(to, watcher, names["main"], main, outputs, bucket=bucket)
    watching = templates.read(project.OBSERVABILITY_TEMPLATE)
    outputs |= _stack(to, watcher, names["observability"], watching, outputs, bucket=bucket)
    return outputs


def build(
    template: Template,
    checkout: Path,
    target: Target,
    interpreter: Interpreter | None,
    cache: Path,
) -> dict[str, Archive]:
    """Archives of all functions and layers, by logical id. What did not change is taken from `cache`."""
    archives: dict[str, Archive] = {}
    for logical_id, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            files = _sources(checkout / properties["CodeUri"], logical_id)
            archives[logical_id] = packaging.built(logical_id, files, interpreter, cache)
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            folder = checkout / properties["ContentUri"]
            pins = folder / project.VENDOR_REQUIREMENTS.name
            if pins.is_file():
                archives[logical_id] = vendor_layer.build(pins, target, interpreter, cache)
            else:
                files = _sources(folder, logical_id, prefix="python/")
                archives[logical_id] = packaging.built(logical_id, files, interpreter, cache)
    return archives


def _sources(folder: Path, logical_id: str, *, prefix: str = "") -> dict[str, bytes]:
    files = packaging.source_files(folder, prefix=prefix)
    if not files:
        raise OperatorError(
            f"{logical_id}: the folder {folder} is missing or empty",
            next_step="Put its code there, or take the resource out of template.yaml.",
        )
    return files


def with_locations(template: Template, bucket: str, archives: Mapping[str, Archive]) -> Template:
    """The template with every folder replaced by where its archive lies. The argument is not changed."""
    located = copy.deepcopy(template)
    for logical_id, archive in archives.items():
        properties = located["Resources"][logical_id]["Properties"]
        key = "CodeUri" if "CodeUri" in properties else "ContentUri"
        properties[key] = f"s3://{bucket}/{archive.key}"
    return located


def upload(s3: S3Client, bucket: str, key: str, content: bytes) -> bool:
    """Put an object whose key is its digest; False where it lies there already."""
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") != 404:
            raise
    else:
        return False
    s3.put_object(Bucket=bucket, Key=key, Body=content)
    return True


def parameters_for(
    template: Template,
    *,
    chosen: Mapping[str, str],
    outputs: Mapping[str, str],
    before: Mapping[str, str],
) -> dict[str, str]:
    """A value for every parameter without one of its own: chosen now, put out by an earlier stack, or as before.

    Raises `OperatorError` naming all that have none.
    """
    values: dict[str, str] = {}
    missing: list[str] = []
    for name, declared in template.get("Parameters", {}).items():
        for source in (chosen, outputs, before):
            if name in source:
                values[name] = source[name]
                break
        else:
            if "Default" not in declared:
                missing.append(name)
    if missing:
        raise OperatorError(
            f"no value for the parameters {', '.join(missing)}",
            next_step="Give each with --parameter NAME=VALUE.",
        )
    return values


def _stack(
    to: Destination,
    watcher: Watcher,
    name: str,
    template: Template,
    outputs: Mapping[str, str],
    *,
    bucket: str | None,
) -> dict[str, str]:
    watcher.step(f"comparing {name}")
    values = parameters_for(template, chosen=to.chosen, outputs=outputs, before=_before(to, name))
    text = json.dumps(to.adapt(template, values), separators=(",", ":"))
    body, url = _template_source(to, text, bucket)
    plan = StackPlan(
        name=name,
        parameters=values,
        template_body=body,
        template_url=url,
        tags={"huixue:stage": to.stage},
    )
    change_set = to.stacks.change_set(plan)
    if change_set is None:
        watcher.unchanged(name)
        return to.stacks.outputs(name) or {}
    if not watcher.agrees(change_set):
        to.stacks.discard(change_set)
        raise OperatorError(
            f"the changes of {name} were declined", next_step="Nothing of this stack was changed."
        )
    watcher.step(f"deploying {name}")
    return to.stacks.execute(change_set, watcher.event)


def _before(to: Destination, name: str) -> dict[str, str]:
    stack = to.stacks.describe(name)
    return {
        parameter["ParameterKey"]: parameter["ParameterValue"]
        for parameter in (stack.get("Parameters", []) if stack else [])
        if "ParameterKey" in parameter and "ParameterValue" in parameter
    }


def _template_source(
    to: Destination, text: str, bucket: str | None
) -> tuple[str | None, str | None]:
    content = text.encode()
    if bucket is None or len(content) <= _LARGEST_BODY_BYTES:
        return text, None
    key = f"templates/{hashlib.sha256(content).hexdigest()[:40]}.json"
    upload(to.s3, bucket, key, content)
    return None, f"{to.s3.meta.endpoint_url}/{bucket}/{key}"
