from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.edge.messages import VERSION, MessageMalformedError, decoded, encoded
from huixue.kernel.check_ins import TaskKind
from huixue.kernel.events import ClaimSubmitted, Message, OrdersChanged
from tests.unit.sandbox.running import UNTIMED

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXTS,
    "str | None": st.none() | TEXTS,
    "TaskKind": st.sampled_from(get_args(TaskKind)),
    "int": st.integers(-(2**63), 2**63 - 1),
    "datetime": st.datetimes(timezones=st.just(UTC)),
    "tuple[str, ...]": st.lists(TEXTS).map(tuple),
    "tuple[str, str] | None": st.none() | st.tuples(TEXTS, TEXTS),
    "tuple[datetime, str] | None": st.none()
    | st.tuples(st.datetimes(timezones=st.just(UTC)), TEXTS),
}


@pytest.mark.parametrize("kind", get_args(Message))
@UNTIMED
@given(data=st.data())
def test_what_is_encoded_is_decoded_the_same(kind: Any, data: st.DataObject) -> None:
    strategies = {each.name: BY_TYPE[str(each.type)] for each in fields(kind)}
    sent = data.draw(st.builds(kind, **strategies))

    assert decoded(encoded(sent), kind) == sent


@UNTIMED
@given(body=st.text())
def test_whatever_comes_is_a_message_or_malformed(body: str) -> None:
    with pytest.raises(MessageMalformedError) as refused:
        decoded(body, OrdersChanged)

    assert refused.value.message == "not a OrdersChanged"


def test_the_wire_form_is_name_version_and_detail() -> None:
    sent = OrdersChanged(member_id="m", order_refs=("r",), correlation_id="c")

    assert json.loads(encoded(sent)) == {
        "name": "OrdersChanged",
        "version": VERSION,
        "detail": {"member_id": "m", "order_refs": ["r"], "correlation_id": "c"},
    }


def test_a_field_of_tomorrow_is_no_harm() -> None:
    body = json.loads(encoded(OrdersChanged(member_id="m", order_refs=(), correlation_id="c")))
    body["detail"]["new"] = {"a": 1}

    assert decoded(json.dumps(body), OrdersChanged).member_id == "m"


def test_another_kind_and_version_say_what_was_expected() -> None:
    body = encoded(OrdersChanged(member_id="m", order_refs=(), correlation_id="c"))

    with pytest.raises(MessageMalformedError, match="expected ClaimSubmitted version 1"):
        decoded(body, ClaimSubmitted)
