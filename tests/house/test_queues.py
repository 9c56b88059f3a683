"""Rules 3 to 6: every trigger is bounded, and what fails is kept and rings."""

from __future__ import annotations

from tests.house.checkout import OBSERVABILITY, TEMPLATE, load_template, nothing_to_mend
from tests.house.rules import queues


def test_queue_events_answer_in_part_are_bounded_and_have_time_for_six_tries() -> None:
    nothing_to_mend(queues.queue_events(load_template(TEMPLATE)))


def test_every_queue_parks_what_fails_where_it_is_kept_and_rings() -> None:
    problems = queues.dead_letters(load_template(TEMPLATE), load_template(OBSERVABILITY))

    nothing_to_mend(problems)


def test_scheduled_functions_have_bounded_attempts_and_a_place_to_fail_to() -> None:
    nothing_to_mend(queues.asynchronous(load_template(TEMPLATE)))
