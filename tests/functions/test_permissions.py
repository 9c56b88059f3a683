from __future__ import annotations

import copy
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.engines.cloudformation import REPOSITORY, load_template
from tests.functions.http import event_of, request
from tests.functions.orders import bring, number, order, sqs_event, waiting
from tests.functions.permissions import (
    NEEDS,
    Need,
    Permissions,
    grants,
    is_allowed,
    places_of,
    resolved,
)
from tests.functions.stage import Stage, running_stage
from tests.house.rules.functions import functions_of, logical_id_of

TEMPLATE = load_template(REPOSITORY / "template.yaml")
ENVIRONMENT = {
    "ORDERS_TABLE_NAME": "orders-1",
    "POINTS_TABLE_NAME": "points-1",
    "POINTS_CREDIT_QUEUE_URL": "https://sqs.test/123/points-credit",
    "SESSION_KEYS_SECRET_ID": "arn:aws:secretsmanager:r:1:secret:keys",
    "IMPORTS_BUCKET_NAME": "a-bucket",
}
TABLE = "arn:aws:dynamodb:ap-east-1:123456789012:table/"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Of each test alone: its policies are changed."""
    with running_stage() as running:
        yield running


def without(function: str, action: str) -> dict[str, Any]:
    """The template, had somebody forgotten one action of a function."""
    template = copy.deepcopy(TEMPLATE)
    for policy in functions_of(template)[logical_id_of(function)]["Policies"]:
        for statement in policy["Statement"]:
            statement["Action"] = [each for each in statement["Action"] if each != action]
    return template


def fails(stage: Stage, function: str, event: object) -> str:
    with pytest.raises(pytest.fail.Exception) as failure:
        stage.invoke(function, event)
    return str(failure.value)


def test_a_forgotten_action_fails_whoever_makes_the_call_though_the_handler_answers(
    stage: Stage,
) -> None:
    event = request("get_points", token=stage.token())
    assert stage.invoke("get_points", event)["statusCode"] == 200
    stage.permissions.template = without("get_points", "dynamodb:GetItem")

    told = fails(stage, "get_points", event)

    assert told == (
        "template.yaml: GetPointsFunction may not dynamodb:GetItem on PointsTableArn,"
        " but functions/get_points calls dynamodb.GetItem"
    )


def test_what_another_function_has_read_each_must_be_allowed_to_read_itself(stage: Stage) -> None:
    body = {"platform": "taobao", "order_number": number(1)}
    proof = body | {"account": "a_buyer", "paid_amount_fen": 17_880}
    stage.invoke("start_order_sync", request("start_order_sync", token=stage.token(), body=proof))
    stage.permissions.template = without("submit_order", "dynamodb:GetItem")

    told = fails(stage, "submit_order", request("submit_order", token=stage.token(), body=body))

    assert "may not dynamodb:GetItem on ProgrammesTableArn" in told


@pytest.mark.parametrize(
    ("function", "action", "place"),
    [
        ("submit_order", "dynamodb:PutItem", "OrdersTableArn"),
        ("submit_order", "sqs:SendMessage", "ClaimsToMatchQueue.Arn"),
        ("submit_order", "secretsmanager:GetSecretValue", "SessionKeysSecretArn"),
        ("run_order_sync", "dynamodb:Query", "OrdersTableArn/index/AccountOrders"),
        ("run_order_sync", "dynamodb:UpdateItem", "PointsTableArn"),
    ],
)
def test_each_kind_of_call_is_judged(stage: Stage, function: str, action: str, place: str) -> None:
    bring([order(number(1))])
    stage.permissions.template = without(function, action)
    body = {"platform": "taobao", "order_number": number(1)}
    event = request("submit_order", token=stage.token(), body=body)
    if function == "run_order_sync":
        proof = body | {"account": "a_buyer", "paid_amount_fen": 17_880}
        asked = request("start_order_sync", token=stage.token(), body=proof)
        assert stage.invoke("start_order_sync", asked)["statusCode"] == 202
        event = sqs_event(waiting(stage, "order_syncs_queue_url"))

    told = fails(stage, function, event)

    assert f"{logical_id_of(function)} may not {action} on {place}, " in told


def test_an_upload_that_is_gone_needs_the_right_to_list(stage: Stage) -> None:
    stage.permissions.template = without("import_rows", "s3:ListBucket")

    told = fails(stage, "import_rows", event_of("import_rows/accepted"))

    assert "may not s3:ListBucket on arn:aws:s3:::imports-of-tests" in told


def test_what_tests_do_themselves_is_not_judged(stage: Stage) -> None:
    stage.permissions.template = {"Resources": {}}

    bring([order(number(1))])

    assert stage.permissions.refused == []


def test_the_next_function_starts_with_a_clean_record(stage: Stage) -> None:
    template = stage.permissions.template
    stage.permissions.template = without("get_points", "dynamodb:GetItem")
    fails(stage, "get_points", request("get_points", token=stage.token()))
    stage.permissions.template = template

    answer = stage.invoke("get_points", request("get_points", token=stage.token()))

    assert answer["statusCode"] == 200


def test_a_service_nobody_has_described_is_no_silent_yes() -> None:
    permissions = Permissions(TEMPLATE, {}, function="get_points")
    model = SimpleNamespace(service_model=SimpleNamespace(service_name="sns"), name="Publish")

    permissions._before({}, model, {})

    assert permissions.refused == ["tests/functions/permissions.py does not know sns yet"]


@pytest.mark.parametrize(
    ("call", "params", "needs"),
    [
        ("dynamodb.Scan", {"TableName": "t"}, [("dynamodb:Scan", "t")]),
        (
            "dynamodb.Query",
            {"TableName": "t", "IndexName": "I"},
            [("dynamodb:Query", "t/index/I")],
        ),
        (
            "dynamodb.BatchGetItem",
            {"RequestItems": {"t": {}, "u": {}}},
            [("dynamodb:BatchGetItem", "t"), ("dynamodb:BatchGetItem", "u")],
        ),
        (
            "dynamodb.TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "t"}},
                    {"Update": {"TableName": "u"}},
                    {"ConditionCheck": {"TableName": "v"}},
                    {"Delete": {"TableName": "t"}},
                ]
            },
            [
                ("dynamodb:PutItem", "t"),
                ("dynamodb:UpdateItem", "u"),
                ("dynamodb:ConditionCheckItem", "v"),
                ("dynamodb:DeleteItem", "t"),
            ],
        ),
    ],
)
def test_a_call_of_dynamodb_needs_what_its_parts_need(
    call: str, params: dict[str, Any], needs: list[tuple[str, str]]
) -> None:
    found = list(NEEDS["dynamodb"](call, params))

    assert found == [Need(action, TABLE + name) for action, name in needs]


def test_a_batch_of_messages_needs_the_right_to_send_one() -> None:
    (found,) = NEEDS["sqs"]("sqs.SendMessageBatch", {"QueueUrl": "https://sqs.test/123/a-queue"})

    assert found == Need("sqs:SendMessage", "arn:aws:sqs:ap-east-1:123456789012:a-queue")


def test_a_table_is_not_its_index_nor_a_bucket_another_folder() -> None:
    granted = [Need("dynamodb:Query", f"{TABLE}t"), Need("s3:GetObject", "arn:aws:s3:::b/in/*")]

    assert is_allowed(Need("dynamodb:Query", f"{TABLE}t"), granted)
    assert not is_allowed(Need("dynamodb:Query", f"{TABLE}t/index/I"), granted)
    assert not is_allowed(Need("dynamodb:Scan", f"{TABLE}t"), granted)
    assert is_allowed(Need("s3:GetObject", "arn:aws:s3:::b/in/a/b.csv"), granted)
    assert not is_allowed(Need("s3:GetObject", "arn:aws:s3:::b/out/a.csv"), granted)


def test_the_templates_names_stand_for_the_things_of_the_stage() -> None:
    places = places_of(ENVIRONMENT)

    assert resolved({"Ref": "OrdersTableArn"}, places) == f"{TABLE}orders-1"
    index = {"Fn::Sub": "${PointsTableArn}/index/DueAccounts"}
    assert resolved(index, places) == f"{TABLE}points-1/index/DueAccounts"
    queue = {"Fn::GetAtt": ["PointsCreditQueue", "Arn"]}
    assert resolved(queue, places) == "arn:aws:sqs:ap-east-1:123456789012:points-credit"
    secret = resolved({"Ref": "SessionKeysSecretArn"}, places)
    assert secret == ENVIRONMENT["SESSION_KEYS_SECRET_ID"]
    folder = {"Fn::Sub": "arn:${AWS::Partition}:s3:::${ImportsBucketName}/imports/*"}
    assert resolved(folder, places) == "arn:aws:s3:::a-bucket/imports/*"


@pytest.mark.parametrize(
    "expression",
    [{"Ref": "NoTableArn"}, {"Fn::Sub": "${NoTableArn}/x"}, {"Fn::Join": ["", []]}, None],
)
def test_what_stands_for_nothing_is_an_error(expression: object) -> None:
    with pytest.raises(LookupError, match="nothing on the stage stands for"):
        resolved(expression, places_of(ENVIRONMENT))


def test_a_statement_with_a_condition_is_not_counted_on() -> None:
    statement = {"Action": "sqs:SendMessage", "Resource": {"Ref": "OrdersTableArn"}}
    template = {"Resources": {"GetPointsFunction": {"Properties": {"Statement": [statement]}}}}
    places = places_of(ENVIRONMENT)
    assert len(list(grants(template, "get_points", places))) == 1

    statement["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}

    assert list(grants(template, "get_points", places)) == []


def test_every_resource_of_every_function_is_one_of_the_stage(stage: Stage) -> None:
    folders = [path.name for path in (REPOSITORY / "functions").iterdir() if path.is_dir()]
    places = stage.permissions.places

    found = {name: list(grants(TEMPLATE, name, places)) for name in folders}

    assert sum(map(len, found.values())) > len(folders)
