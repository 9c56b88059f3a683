"""Invented buyers of the demo and which order is whose; nobody here exists.

A few buyers have many orders, most one to four. The busiest one can prove her account: she is plain, and
has confirmed orders, a partial refund and more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from infra.demo.orders import DemoOrder, Outcome

MIN_ORDERS = 200
"""Fewer cannot hold every example the walk-through shows."""
BUSIEST: tuple[tuple[Outcome, int], ...] = (
    ("kept", 21), ("partly_refunded", 1), ("refunded", 2), ("unpaid", 2),
)  # fmt: skip
REGULARS = (14, 11, 9, 7, 6)
FEW_ORDERS, FEW_WEIGHTS = (1, 2, 3, 4), (62, 22, 10, 6)
MASKED_PERCENT = 15
_SURNAMES = "甲乙丙丁戊己庚辛壬癸"
_WORDS = (
    "xiaoyu", "mianhua", "tangguo", "yueliang", "ningmeng", "budd", "qingcheng", "luobo", "maomi", "haitang",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    account: str
    masked: bool
    name: str
    phone: str
    tail: str
    """The last six digits of all her order numbers, as on Taobao."""
    orders: list[int] = field(default_factory=list)
    """Positions in the list of orders, newest first."""

    @property
    def printed_account(self) -> str:
        return f"{self.account[0]}**{self.account[-1]}" if self.masked else self.account


def assigned(orders: Sequence[DemoOrder], random: Random) -> list[Buyer]:
    """Buyers that together have every order once; the first is the busiest and plain.

    Raises ValueError where the orders are too few, or of too few kinds, for the walk-through's examples.
    """
    if len(orders) < MIN_ORDERS:
        raise ValueError(f"the demo needs at least {MIN_ORDERS} orders, not {len(orders)}")
    left = list(range(len(orders)))
    random.shuffle(left)
    groups = [_busiest(orders, left)]
    taken = set(groups[0])
    left = [position for position in left if position not in taken]
    sizes = iter(REGULARS)
    while left:
        size = next(sizes, 0) or random.choices(FEW_ORDERS, FEW_WEIGHTS)[0]
        groups.append(left[:size])
        left = left[size:]
    return [
        invented(serial, random, orders=sorted(group), may_mask=serial > len(REGULARS))
        for serial, group in enumerate(groups)
    ]


def _busiest(orders: Sequence[DemoOrder], shuffled: Sequence[int]) -> list[int]:
    group: list[int] = []
    for outcome, count in BUSIEST:
        fitting = [position for position in shuffled if orders[position].outcome == outcome]
        if len(fitting) <= count:
            raise ValueError(f"the demo needs more than {count} orders that are {outcome}")
        group += fitting[:count]
    return group


def invented(serial: int, random: Random, *, orders: list[int], may_mask: bool) -> Buyer:
    """A buyer nobody is: names of sequence characters, phones with a prefix no carrier has."""
    return Buyer(
        account=f"{random.choice(_WORDS)}_{serial:05}{random.choice('abcdefghijkmnpqrstuvwxyz')}",
        masked=may_mask and random.randrange(100) < MASKED_PERCENT,
        name=f"演示{random.choice(_SURNAMES)}{random.choice(_SURNAMES)}",
        phone=f"100{random.randrange(10**8):08}",
        tail=f"{random.randrange(10**6):06}",
        orders=orders,
    )
