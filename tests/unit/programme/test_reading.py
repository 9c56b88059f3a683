from __future__ import annotations

import re

import pytest

from huixue.programme.reading import ABSENT, Node, Problem, Reader


def test_every_problem_is_collected_with_its_path() -> None:
    reader = Reader()

    of = reader.map_of(Node({"a": 5, "x": 1}, ("top",)), ("a", "b"))
    text = reader.text(of["a"], re.compile("[a-z]+"), "a word")
    number = reader.whole(of["b"], 1, 9)

    assert (text, number) == ("", 0)
    assert [str(problem) for problem in reader.problems] == [
        "top.x: expected one of the keys a, b, found 'x'",
        "top.a: expected a word, found 5",
        "top.b: expected a whole number from 1 to 9, found nothing",
    ]


def test_a_map_that_is_none_is_one_problem_whatever_is_read_from_it() -> None:
    reader = Reader()

    of = reader.map_of(Node(["no", "map"], ()), ("a",))
    reader.whole(of["a"], 1, 9)
    reader.items(of["a"], at_least=1, at_most=2)
    reader.map_of(of["a"], ("b",))

    found = [str(problem) for problem in reader.problems]
    assert found == ["top level: expected a map with the keys a, found a list of 2"]


@pytest.mark.parametrize("value", [None, {}, "text", [], [1, 2, 3]])
def test_a_list_of_the_wrong_kind_or_length_reads_as_empty(value: object) -> None:
    reader = Reader()

    assert reader.items(Node(value, ("a",)), at_least=1, at_most=2) == []
    assert [problem.path for problem in reader.problems] == [("a",)]


def test_an_absent_list_is_empty_where_none_is_needed() -> None:
    reader = Reader()

    assert reader.items(Node(ABSENT, ("a",)), at_least=0, at_most=2) == []
    assert reader.problems == []


@pytest.mark.parametrize("value", [True, 0, 10, "5", 5.0, None, ABSENT])
def test_only_a_whole_number_within_bounds_is_one(value: object) -> None:
    reader = Reader()

    assert reader.whole(Node(value, ("n",)), 1, 9) == 0
    assert len(reader.problems) == 1


def test_a_value_twice_is_a_problem_where_it_stands_the_second_time() -> None:
    reader = Reader()

    reader.all_different([Node("a", (0,)), Node("b", (1,)), Node("a", (2,))], "each id")

    assert reader.problems == [Problem(path=(2,), expected="each id only once", found="'a'")]


def test_what_was_found_is_shown_short() -> None:
    reader = Reader()

    reader.choice(Node("x" * 500, ("a",)), ("b", "c"))

    assert len(reader.problems[0].found) == 40
