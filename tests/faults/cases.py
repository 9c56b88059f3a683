"""What is broken in every possible place: a claim, a sync and a refund, each with what must be true in the end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from huixue.kernel.errors import NotFoundError
from huixue.kernel.ids import MemberId
from huixue.orders.model import OrderSync
from huixue.orders.sync_runs import read
from tests.races.main_job import MainJob, member, order_number, order_ref


@dataclass(slots=True)
class Case:
    """One run: a member and two orders nobody used before."""

    job: MainJob
    number: int
    attempts: int = 0
    sync_id: str | None = None

    @property
    def member_id(self) -> MemberId:
        return member(self.number)

    @property
    def orders(self) -> list[str]:
        return [order_number(2 * self.number), order_number(2 * self.number + 1)]

    @property
    def account(self) -> str:
        return f"buyer_{self.number}"

    @property
    def waits_for_the_sweep(self) -> bool:
        """What nobody delivers again, by design."""
        return False

    def assert_ledger_is_what_the_pool_says(self) -> int:
        """Returns the points she holds."""
        quotes = [
            quote
            for quote in self.job.quotes([order_ref(number) for number in self.orders])
            if quote.owner == self.member_id
        ]
        worth = sum(quote.points for quote in quotes if quote.status == "due")
        self.job.assert_holds(self.member_id, worth)
        return worth


class ClaimCase(Case):
    def prepare(self) -> None:
        self.job.arrive(self.orders[0])

    def request(self) -> object:
        return self.job.submit(self.member_id, self.orders[0])

    def assert_done(self) -> None:
        assert self.assert_ledger_is_what_the_pool_says() == 100
        (entry,) = self.job.entries(self.member_id)
        assert entry.scene == "order_accrual"
        assert self.job.claim_of(self.member_id, self.orders[0]).status == "credited"

    def assert_whole_or_nothing(self) -> None:
        """After a loss and a sweep: what was promised is kept; what was not may be asked for again."""
        try:
            self.job.claim_of(self.member_id, self.orders[0])
        except NotFoundError:
            assert self.assert_ledger_is_what_the_pool_says() == 0
            self.request()
            self.job.deliver_all()
        self.assert_done()


class SyncCase(Case):
    def prepare(self) -> None:
        self.job.arrive(*self.orders, account=self.account)

    def request(self) -> object:
        self.sync_id = self.job.start_sync(self.member_id, self.account, self.orders[0], 10_000)
        return self.sync_id

    @property
    def waits_for_the_sweep(self) -> bool:
        """Died between storing the sync and sending its message: asking again within a minute shows the same sync."""
        return self.sync().status == "running"

    def sync(self) -> OrderSync:
        assert self.sync_id is not None
        return read(self.member_id, self.sync_id, desk=self.job.syncs)

    def assert_done(self) -> None:
        assert self.assert_ledger_is_what_the_pool_says() == 200
        assert len(self.job.entries(self.member_id)) == 2
        sync = self.sync()
        assert (sync.status, sync.lines_found, sync.lines_credited) == ("done", 2, 2)
        for number in self.orders:
            assert self.job.claim_of(self.member_id, number).status == "credited"

    def assert_whole_or_nothing(self) -> None:
        if self.sync_id is None:
            self.job.clock.advance(
                timedelta(minutes=2)
            )  # a sync that seems to run is asked for again after one
            self.request()
            self.job.deliver_all()
        self.assert_done()


class RefundCase(Case):
    def prepare(self) -> None:
        self.job.arrive(self.orders[0])
        self.job.submit(self.member_id, self.orders[0])
        self.job.deliver_all()

    def request(self) -> object:
        """A chunk of an import; delivered again it signals unchanged orders too."""
        self.attempts += 1
        self.job.arrive(
            self.orders[0], state="closed", refunded_fen=6_000, resend=self.attempts > 1
        )
        return None

    def assert_done(self) -> None:
        assert self.assert_ledger_is_what_the_pool_says() == 0
        assert [entry.points for entry in self.job.entries(self.member_id)] == [100, -100]
        assert self.job.claim_of(self.member_id, self.orders[0]).status == "clawed_back"

    def assert_whole_or_nothing(self) -> None:
        if self.assert_ledger_is_what_the_pool_says() == 0:
            self.assert_done()


AnyCase = ClaimCase | SyncCase | RefundCase
CASES: tuple[type[ClaimCase] | type[SyncCase] | type[RefundCase], ...] = (
    ClaimCase,
    SyncCase,
    RefundCase,
)
