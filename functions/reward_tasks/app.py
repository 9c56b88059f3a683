"""Queue: points for what a member did, where a task is for it, once in its period."""

from __future__ import annotations

from huixue.edge import check_in_desk
from huixue.edge.batch import queue_entry
from huixue.kernel.events import TaskDone


def act(message: TaskDone, redelivered: bool) -> int:
    del redelivered  # a task is entered once in its period, whoever asks
    return check_in_desk.reward(message)


handler = queue_entry(TaskDone, act)
