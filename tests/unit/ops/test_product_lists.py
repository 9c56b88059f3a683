"""Product lists: every column by any of its names, every bad row with its line, the same slots in whatever order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.ops.product_lists import (
    Product,
    ProductListError,
    Selection,
    product_key,
    read_products,
    selected,
    wrong_addresses,
)


def listed(folder: Path, text: str, encoding: str = "utf-8") -> tuple[Product, ...]:
    file = folder / "list.csv"
    file.write_bytes(text.encode(encoding))
    return read_products(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_headers_and_encodings_of_spreadsheets_are_read(
    tmp_path: Path, encoding: str
) -> None:
    found = listed(
        tmp_path, "商品编号,店名,标题,价格,原价,销量\nA1,麦垛与猫,小酥饼,19.9,25,300\n", encoding
    )

    assert found == (
        Product(
            product_id="a1", brand="麦垛与猫", title="小酥饼", price_fen=1990, list_price_fen=2500,
            sales=300,
        ),
    )  # fmt: skip


def test_of_rows_with_one_id_the_newest_counts_else_the_last(tmp_path: Path) -> None:
    dated = "id,brand,title,price,update_time\nA,b,t,3,2016/11/14\na,b,t,1,2016/11/5\nA,b,t,2,2016/11/9\n"
    plain = "id,brand,title,price\nA,b,t,3\nB,b,u,5\na,b,t,1\n"

    assert [each.price_fen for each in listed(tmp_path, dated)] == [300]
    assert [each.price_fen for each in listed(tmp_path, plain)] == [100, 500]


def test_every_bad_row_is_told_with_its_line(tmp_path: Path) -> None:
    text = (
        "brand,title,price,sales,url\nb,t,free,1,\n,t,1,1,\nb,t,2,many,http://x\nb,t,3,4,http://x\n"
    )

    with pytest.raises(ProductListError) as error:
        listed(tmp_path, text)

    told = [line.partition("list.csv:")[2] for line in error.value.lines]
    assert [line.partition(":")[0] for line in told] == ["2", "3", "4"]
    assert "price: expected an amount in yuan such as 19.9, found 'free'" in told[0]
    assert "nothing was published" in error.value.next_step


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must name a column brand or 品牌"),
        ("brand,title\nb,t\n", "must name a column price or 价格"),
        ("brand,title,price\n", "it has no rows"),
        ('brand,title,price\n"b,t,1\n', "is no CSV"),
        ("brand,title,price\nb,t\n", "price: expected an amount"),
        ("brand,title,price\nb,Serum 5,9,199\n", "2: expected 3 cells, found 4; put a text with"),
        ("brand,title,price,Price\nb,t,1,2\n", "names the column price twice"),
        ("brand,title,price\nb,t,-1\n", "price: expected an amount"),
        ("brand,title,price\nb,t,1.999\n", "price: expected an amount"),
    ],
)
def test_what_is_no_product_list_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ProductListError, match=said):
        listed(tmp_path, text)


@pytest.mark.parametrize(
    ("address", "is_right"),
    [
        ("https://x.example/a", True),
        ("https://x.example?a=1", True),
        ("https://x.example#a", True),
        ("https://x.example:443/", True),
        ("https://img_1.x.example/a", True),
        ("https://图片.example/a", True),
        ("https://u@x.example/", False),
        ("https://x.example\\@y/", False),
        ("https://x.example/a b", False),
        ("https:///a", False),
        ("http://x.example/", False),
    ],
)
def test_an_address_is_https_with_a_plain_host(address: str, *, is_right: bool) -> None:
    product = Product(
        product_id="a", brand="b", title="t", price_fen=1, image_url=address, url=address
    )

    wrong = list(wrong_addresses(product))

    assert [name for name, _, _ in wrong] == ([] if is_right else ["image", "url"])
    assert all(found == repr(address) for _, _, found in wrong)


def test_an_address_that_is_too_long_is_told_how_long_it_may_be() -> None:
    fits = "https://x/".ljust(500, "y")
    product = Product(
        product_id="a", brand="b", title="t", price_fen=1, image_url=fits, url=fits + "y"
    )

    ((name, expected, found),) = wrong_addresses(product)

    assert (name, found) == ("url", "501 characters")
    assert expected.endswith("at most 500 characters")


def test_empty_cells_beyond_the_header_and_unused_columns_named_twice_are_no_mistake(
    tmp_path: Path,
) -> None:
    found = listed(tmp_path, "brand,title,price,note,note\nb,t,1,x,y,,\n")

    assert [each.title for each in found] == ["t"]


def test_a_title_may_hold_an_emoji_of_several_signs(tmp_path: Path) -> None:
    (found,) = listed(tmp_path, "brand,title,price\nb,面霜👩\u200d🦰,1\n")

    assert found.title == "面霜👩\u200d🦰"


def test_many_bad_rows_are_counted(tmp_path: Path) -> None:
    with pytest.raises(ProductListError) as error:
        listed(tmp_path, "brand,title,price\n" + "b,t,x\n" * 50)

    assert len(error.value.lines) == 21
    assert error.value.lines[-1].endswith("and 30 more")


def test_a_product_without_an_id_is_named_by_what_it_is() -> None:
    assert product_key("", "麦垛与猫", "小酥饼") == product_key("", "麦垛与猫", " 小酥饼 ")
    assert product_key("", "麦垛与猫", "小酥饼") != product_key("", "麦垛与", "猫小酥饼")
    assert product_key("A_7#", "b", "t") == product_key("a_7#", "c", "u")
    assert len(product_key("货号一", "b", "t")) == 8


PRODUCTS = tuple(
    Product(
        product_id=f"p{n}", brand=f"b{n % 3}", title=f"t{n} {'红' if n % 2 else '蓝'}",
        price_fen=100 * (n % 7), sales=n % 5,
    )
    for n in range(40)
)  # fmt: skip


def test_every_condition_that_is_given_must_hold() -> None:
    found = selected(
        PRODUCTS,
        Selection(brands=["b1"], words=["红"], price_fen=(100, 500), order_by="price", at_most=3),
    )

    assert len(found) == 3
    assert all(each.brand == "b1" and "红" in each.title for each in found)
    assert [each.price_fen for each in found] == sorted(each.price_fen for each in found)
    assert all(100 <= each.price_fen <= 500 for each in found)


def test_named_products_come_in_the_order_they_are_named() -> None:
    found = selected(PRODUCTS, Selection(products=["P7", "p3", "gone"]))

    assert [each.product_id for each in found] == ["p7", "p3"]


def test_what_is_in_the_stream_already_is_not_taken_again() -> None:
    first = selected(PRODUCTS, Selection(at_most=5))
    rest = selected(PRODUCTS, Selection(), frozenset(each.product_id for each in first))

    assert not {each.product_id for each in first} & {each.product_id for each in rest}
    assert len(first) + len(rest) == 40


@given(st.randoms(use_true_random=False), st.sampled_from(["sales", "price"]), st.integers(1, 40))
def test_the_order_of_rows_changes_nothing(
    shuffle: random.Random, order_by: str, at_most: int
) -> None:
    rows = list(PRODUCTS)
    shuffle.shuffle(rows)
    by = Selection(order_by=order_by, at_most=at_most)

    assert selected(rows, by) == selected(PRODUCTS, by)


def test_ordered_by_the_list_the_file_decides() -> None:
    found = selected(PRODUCTS[::-1], Selection(order_by="list", at_most=2))

    assert [each.product_id for each in found] == ["p39", "p38"]
