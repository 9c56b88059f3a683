from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.edge.caching import MAX_AGE_S, etag_of, is_known, kept, max_age_s
from huixue.edge.requests import Request

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


class Body(msgspec.Struct):
    text: str


def asking(if_none_match: str | None = None) -> Request:
    headers = {} if if_none_match is None else {"If-None-Match": if_none_match}
    return Request({"headers": headers})


def test_equal_bodies_have_equal_etags_and_others_have_others() -> None:
    one, same, other = (
        kept(asking(), Body(text), scope="public", max_age_s=30) for text in ("a", "a", "b")
    )

    assert one.headers["etag"] == same.headers["etag"] != other.headers["etag"]
    content = b'{"text":"a"}'
    assert (one.status, one.body) == (200, content)
    assert one.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()[:32]}"'


@pytest.mark.parametrize("form", ["{}", "W/{}", "*", ' "a" , {}', '{},"b"'])
def test_who_has_it_gets_nothing_again_but_what_renews_her_copy(form: str) -> None:
    first = kept(asking(), b"content", scope="private", max_age_s=7)

    again = kept(
        asking(form.format(first.headers["etag"])), b"content", scope="private", max_age_s=7
    )

    assert (again.status, again.body) == (304, b"")
    assert again.headers == first.headers


@pytest.mark.parametrize("said", ["", '"a"', "**", "W/", "W/*x", '"' * 5000])
def test_who_has_something_else_gets_it(said: str) -> None:
    assert kept(asking(said), b"content", scope="public", max_age_s=30).status == 200


def test_a_copy_is_for_whoever_asked_unless_it_is_everybodys() -> None:
    hers = kept(asking(), b"", scope="public", max_age_s=30)
    everybodys = kept(asking(), b"", scope="public", max_age_s=30, shared_by_all=True)

    assert hers.headers["vary"] == "Authorization"
    assert "vary" not in everybodys.headers


def test_what_is_good_for_no_second_is_asked_again_each_time() -> None:
    found = kept(asking(), b"", scope="private", max_age_s=0)

    assert found.headers["cache-control"] == "private, no-cache"


@given(st.timedeltas(timedelta(seconds=-5), timedelta(days=2)))
def test_no_copy_is_shown_at_the_instant_at_which_it_changes(ahead: timedelta) -> None:
    age_s = max_age_s(NOW, NOW + ahead)

    assert 0 <= age_s <= MAX_AGE_S
    assert age_s == 0 or timedelta(seconds=age_s) <= ahead
    assert age_s == MAX_AGE_S or ahead < timedelta(seconds=age_s + 1)


def test_what_never_changes_by_itself_is_good_for_the_longest() -> None:
    assert max_age_s(NOW, None) == MAX_AGE_S


def test_an_etag_is_known_by_its_whole_text_alone() -> None:
    etag = etag_of(b"x")

    assert is_known(etag, etag)
    assert not is_known(etag, etag.strip('"'))
    assert not is_known(etag, etag[:-2] + '"')
