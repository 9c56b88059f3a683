"""What a function may do, held against what it does.

While a handler of a stage runs, every call its clients make is judged by the function's own policies in
template.yaml. A call they do not allow fails the test that made it, whatever the handler does with it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Any

import pytest

from tests.engines.clients import REGION
from tests.house.rules.functions import logical_id_of
from tests.house.rules.permissions import statements

ACCOUNT_ID = "123456789012"
Params = Mapping[str, Any]

TRANSACTED: Mapping[str, str] = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Get": "dynamodb:GetItem",
}
"""Part of a transaction → the action it needs: there is none for the transaction itself.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html"""


@dataclass(frozen=True, slots=True)
class Need:
    action: str
    resource: str
    """An ARN."""


@dataclass(slots=True)
class Permissions:
    """Of all functions of one stage. `places`: what template.yaml calls a thing → what it is on the stage."""

    template: Mapping[str, Any]
    places: Mapping[str, str]
    function: str = ""
    """The one that runs; calls of the tests themselves are not judged."""
    granted: list[Need] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @contextmanager
    def judging(self, function: str) -> Iterator[None]:
        """Fails at the end with every call that was not allowed, so that one run shows all gaps."""
        self.function = function
        self.granted = list(grants(self.template, function, self.places))
        try:
            yield
        finally:
            self.function = ""
            sentences, self.refused = list(dict.fromkeys(self.refused)), []
            if sentences:
                pytest.fail("\n".join(sentences), pytrace=False)

    def listen(self, client: Any) -> None:
        client.meta.events.register("before-parameter-build.*.*", self._before)
        client.meta.events.register("after-call.s3.GetObject", self._after_reading)

    def _before(self, params: Params, model: Any, context: dict[str, Any], **_: Any) -> None:
        if self.function:
            context["asked"] = params
            self._judge(f"{model.service_model.service_name}.{model.name}", params)

    def _after_reading(self, http_response: Any, context: dict[str, Any], **_: Any) -> None:
        if self.function and http_response.status_code == HTTPStatus.NOT_FOUND:
            self._judge("s3.NotFound", context["asked"])

    def _judge(self, call: str, params: Params) -> None:
        service = call.partition(".")[0]
        if service not in NEEDS:
            self.refused.append(f"tests/functions/permissions.py does not know {service} yet")
            return
        self.refused += [
            f"template.yaml: {logical_id_of(self.function)} may not {need.action} on"
            f" {self._called(need.resource)}, but functions/{self.function} calls {call}"
            for need in NEEDS[service](call, params)
            if not is_allowed(need, self.granted)
        ]

    def _called(self, arn: str) -> str:
        """As the template would write it: `OrdersTableArn/index/DueClaims`."""
        for name, place in self.places.items():
            if arn == place or arn.startswith(f"{place}/"):
                return name + arn.removeprefix(place)
        return arn


def is_allowed(need: Need, granted: list[Need]) -> bool:
    """`*` in a resource stands for anything, slashes too, as IAM has it; actions are exact here."""
    return any(
        need.action == each.action and fnmatchcase(need.resource, each.resource) for each in granted
    )


def grants(template: Mapping[str, Any], function: str, places: Mapping[str, str]) -> Iterator[Need]:
    """What the function's policies allow, on this stage. A statement with a condition grants nothing here."""
    for holder, statement in statements(template):
        if holder != logical_id_of(function) or "Condition" in statement:
            continue
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield Need(action, resolved(resource, places))


def resolved(expression: Any, places: Mapping[str, str]) -> str:
    """A `Ref`, `Fn::GetAtt` or `Fn::Sub` as CloudFormation would fill it in. Raises LookupError for any other."""
    match expression:
        case str():
            return expression
        case {"Ref": str(name)} if name in places:
            return places[name]
        case {"Fn::GetAtt": [str(logical_id), "Arn"]} if f"{logical_id}.Arn" in places:
            return places[f"{logical_id}.Arn"]
        case {"Fn::Sub": str(text)} if places.keys() >= set(re.findall(r"\$\{([^}]+)\}", text)):
            return re.sub(r"\$\{([^}]+)\}", lambda found: places[found[1]], text)
    raise LookupError(f"nothing on the stage stands for {json.dumps(expression)}")


def places_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What template.yaml calls the tables, queues, secrets and buckets which a stage's environment names."""
    places = {"AWS::Partition": "aws"}
    for name, value in environment.items():
        stem = "".join(word.capitalize() for word in name.split("_"))
        if name.endswith("_TABLE_NAME"):
            places[f"{stem.removesuffix('Name')}Arn"] = _table(value)
        elif name.endswith("_QUEUE_URL"):
            places[f"{stem.removesuffix('Url')}.Arn"] = _queue(value)
        elif name.endswith("_SECRET_ID"):
            places[f"{stem.removesuffix('Id')}Arn"] = value
        elif name.endswith("_BUCKET_NAME"):
            places[stem] = value
    return places


def _dynamodb_needs(call: str, params: Params) -> Iterator[Need]:
    action = call.replace(".", ":")
    if "TransactItems" in params:
        for part in params["TransactItems"]:
            for kind, request in part.items():
                yield Need(TRANSACTED[kind], _table(request["TableName"]))
    elif "RequestItems" in params:
        yield from (Need(action, _table(name)) for name in params["RequestItems"])
    else:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield Need(action, _table(params["TableName"]) + index)


def _sqs_needs(call: str, params: Params) -> Iterator[Need]:
    """A batch needs what each of its messages needs."""
    yield Need(call.removesuffix("Batch").replace(".", ":"), _queue(params["QueueUrl"]))


def _s3_needs(call: str, params: Params) -> Iterator[Need]:
    """Who reads what is gone must be allowed to list, or S3 says 403 and not 404.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html"""
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    if call == "s3.NotFound":
        yield Need("s3:ListBucket", bucket)
    else:
        yield Need(call.replace(".", ":"), f"{bucket}/{params['Key']}")


def _secret_needs(call: str, params: Params) -> Iterator[Need]:
    yield Need(call.replace(".", ":"), params["SecretId"])


NEEDS: Mapping[str, Callable[[str, Params], Iterator[Need]]] = {
    "dynamodb": _dynamodb_needs,
    "sqs": _sqs_needs,
    "s3": _s3_needs,
    "secretsmanager": _secret_needs,
}
"""Service → what a call of it needs; the call is written `dynamodb.GetItem`."""


def _table(name: str) -> str:
    return f"arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{name}"


def _queue(url: str) -> str:
    return f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{url.rpartition('/')[2]}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
