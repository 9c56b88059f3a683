"""Which mini-program asks; signing in as a whole is in tests/functions/test_sign_in.py."""

from __future__ import annotations

import pytest

from huixue.edge.signing_in import app_of
from huixue.kernel.errors import MisconfiguredError
from huixue.programme.model import Programme

FIRST, SECOND = "wx1111111111111111", "wx2222222222222222"


def programme(*app_ids: str) -> Programme:
    return Programme(programme_id="demo", title="回血", wechat_app_ids=app_ids, rooms=())


@pytest.mark.parametrize("version", ["0", "devtools", "12"])
def test_the_referer_wechat_sets_names_the_app(version: str) -> None:
    referer = f"https://servicewechat.com/{SECOND}/{version}/page-frame.html"

    assert app_of(programme(FIRST, SECOND), referer) == SECOND


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://servicewechat.com/",
        "https://servicewechat.com/wx3333333333333333/1/page-frame.html",
        f"http://servicewechat.com/{SECOND}/1/",
        f"https://servicewechat.com.example.com/{SECOND}/1/",
        f"https://example.com/?https://servicewechat.com/{SECOND}/1/",
        f"https://servicewechat.com/{SECOND}",
        f"https://servicewechat.com/{SECOND}x/1/",
    ],
)
def test_any_other_referer_means_the_first_app(referer: str) -> None:
    assert app_of(programme(FIRST, SECOND), referer) == FIRST


def test_a_programme_without_an_app_is_the_operators_business() -> None:
    with pytest.raises(MisconfiguredError, match="names no WeChat app"):
        app_of(programme(), "")
