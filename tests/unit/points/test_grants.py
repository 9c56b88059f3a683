"""What a bulk grant would come to: caps, mergers, unknown members, and a hash of all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huixue.kernel.ids import MemberId
from huixue.kernel.policies import Cap, Expiry, LedgerPolicy
from huixue.points.adjusting import AdjustmentInvalidError
from huixue.points.granting import run
from huixue.points.grants import Grant, GrantRow, preview
from tests.unit.points.fakes import ANNA, BERTA, MAIN, POLICY
from tests.unit.points.granting_office import CARLA, GrantOffice, grant, rows

DAILY = Cap(cap_id="daily", per="member", window="day", points=100)
ALL = Cap(cap_id="all", per="programme", window="month", points=250, scenes=("grant",))


def test_a_preview_counts_what_every_row_comes_to_and_writes_nothing() -> None:
    office = GrantOffice()

    seen = office.preview(rows(anna=100, berta=50))

    told = [(each.member_id, each.credited, each.capped, each.is_entered) for each in seen.results]
    assert told == [(ANNA, 100, 0, False), (BERTA, 50, 0, False)]
    assert (seen.asked, seen.credited, seen.capped, seen.unknown) == (150, 150, 0, ())
    assert (office.ledger.postings_made, office.register.writes) == (0, 0)


def test_rows_of_nobody_and_of_other_programmes_are_named_and_left_out() -> None:
    office = GrantOffice()
    office.programmes[CARLA] = "other"

    seen = office.preview(rows(anna=1, carla=2, nobody=3))

    assert [each.row.member_id for each in seen.results] == [ANNA]
    assert seen.unknown == (CARLA, MemberId("mem_nobody"))


def test_what_caps_cut_is_said_row_by_row() -> None:
    office = GrantOffice(replace(POLICY, caps=(DAILY,)))

    seen = office.preview(rows(anna=120, berta=100))

    assert [(each.credited, each.capped) for each in seen.results] == [(100, 20), (100, 0)]


def test_a_cap_of_the_whole_programme_is_used_up_in_the_order_of_the_file() -> None:
    office = GrantOffice(replace(POLICY, caps=(ALL,)))

    seen = office.preview(rows(anna=100, berta=100, carla=100))

    assert [(each.credited, each.capped) for each in seen.results] == [(100, 0), (100, 0), (50, 50)]


def test_rows_of_members_who_became_one_are_cut_by_one_cap() -> None:
    office = GrantOffice(replace(POLICY, caps=(DAILY,)))
    office.ledger.merge(BERTA, ANNA, policy=office.policy)

    seen = office.preview(rows(anna=70, berta=70))

    assert [(each.member_id, each.credited) for each in seen.results] == [(ANNA, 70), (ANNA, 30)]


def test_the_hash_tells_every_change_of_the_result() -> None:
    plain = GrantOffice().preview(rows(anna=100, berta=50)).hash
    capped = GrantOffice(replace(POLICY, caps=(DAILY,))).preview(rows(anna=120, berta=50)).hash
    ends = Expiry(method="fixed_date", on=date(2027, 1, 31))
    sooner = GrantOffice(replace(POLICY, expiry=ends)).preview(rows(anna=100, berta=50)).hash
    without = GrantOffice()
    del without.programmes[BERTA]

    hashes = {
        plain, capped, sooner, without.preview(rows(anna=100, berta=50)).hash,
        GrantOffice().preview(rows(anna=101, berta=50)).hash,
        GrantOffice().preview(rows(anna=100, berta=50), member_note="别的").hash,
    }  # fmt: skip

    assert len(hashes) == 6
    assert GrantOffice().preview(rows(anna=100, berta=50)).hash == plain


def test_the_same_rows_in_another_order_are_the_same_grant() -> None:
    one, other = grant(rows(anna=1, berta=2)), grant(rows(berta=2, anna=1))

    assert one.grant_id == other.grant_id
    assert one.grant_id != grant(rows(anna=2, berta=1)).grant_id
    assert one.grant_id != grant(rows(anna=1, berta=2), reason="test").grant_id


@pytest.mark.parametrize("other", [{"reason": "because"}, {"member_note": ""}])
def test_a_grant_needs_a_reason_and_a_note(other: dict[str, str]) -> None:
    with pytest.raises(AdjustmentInvalidError):
        grant(rows(anna=1), **other)


@given(
    st.dictionaries(st.sampled_from(["anna", "berta", "carla", "dora", "ella"]), st.integers(1, 200)),
    st.integers(0, 300), st.integers(0, 600), st.integers(0, 5),
)  # fmt: skip
def test_whatever_the_caps_a_run_enters_exactly_what_was_previewed(
    points: dict[str, int], daily: int, of_all: int, done_before: int
) -> None:
    policy = LedgerPolicy(
        programme_id=MAIN,
        caps=(replace(DAILY, points=daily), replace(ALL, points=of_all)),
        four_eyes_above_points=10_000,
    )
    office = GrantOffice(policy)
    wished = grant(rows(**points))
    seen = preview(wished, at=office.at)
    office.dies_after(done_before)
    office.run_or_die(wished, seen.hash)

    again = preview(wished, at=office.at)
    run(wished, seen.hash, at=office.at, entered=lambda _: None)

    assert again.hash == seen.hash
    for each in seen.results:
        entry = office.ledger.by_key[each.member_id, wished.source_key(each.row)]
        assert (entry.points, entry.capped) == (each.credited, each.capped)
        assert office.ledger.account(each.member_id).balance == each.credited


def test_a_row_has_an_entry_of_its_own_named_after_grant_and_row() -> None:
    wished = grant((GrantRow(member_id=ANNA, points=5),))

    assert wished.source_key(wished.rows[0]) == f"grant#{wished.grant_id}#{ANNA}"
    assert isinstance(wished, Grant)
