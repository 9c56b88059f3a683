"""Members of a stage who signed in: they have a row."""

from __future__ import annotations

from huixue.edge import bootstrap
from huixue.kernel.ids import MemberId
from tests.functions.stage import Stage
from tests.unit.members.signing_in import door_of, identity


def signed_in(
    openid: str, unionid: str | None = None, app_id: str = "wx1", *, programme: str = "demo"
) -> MemberId:
    door = door_of(bootstrap.members())
    found = identity(openid, unionid, app_id=app_id, programme=programme)
    return door.sign_in(found).member_id


def row_of(stage: Stage, member_id: str) -> dict[str, object]:
    key = {"pk": {"S": f"M#{member_id}"}, "sk": {"S": "MEMBER"}}
    found = stage.dynamodb.get_item(TableName=stage.tables.members, Key=key)
    item: dict[str, object] = found["Item"]
    return item
