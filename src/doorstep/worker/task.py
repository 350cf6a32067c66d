"""A job in the hands of a handler: everything that it writes counts only as long as the job is still this worker's."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from doorstep.foundation import DoorstepError, Interrupt
from doorstep.operations.caller import Caller
from doorstep.storage import Connection, jobs
from doorstep.storage.jobs import Job, NewJob
from doorstep.worker.access import Access

T = TypeVar("T")
Result = Mapping[str, object]
Handler = Callable[["Task"], None]
"""Does the work of one kind of job, and settles it by ``complete``, ``repeat`` or ``rest``."""
WORKER = "worker"
PERIOD_S, AT_S = "period_s", "at_s"


class StoppedError(DoorstepError):
    """The worker ends, or the job has gone to another: what is left is for the next attempt."""


class Task:
    """A claimed job; its ``interrupt`` is asked when the worker ends or has lost it, for searches to heed."""

    def __init__(self, job: Job, access: Access, *, clock: Callable[[], int], lease_s: int) -> None:
        self.job = job
        self.settled = False
        self.interrupt = Interrupt()
        self.lease_until = job.lease_until or 0
        self._access = access
        self._clock = clock
        self._lease_s = lease_s
        self._checkpoint = dict(job.checkpoint)

    @property
    def caller(self) -> Caller:
        """On whose behalf the job runs."""
        return Caller(self.job.tenant_id, WORKER)

    @property
    def checkpoint(self) -> dict[str, object]:
        """How far this job has come, attempts before this one included."""
        return dict(self._checkpoint)

    def now(self) -> int:
        """Return the present [epoch s]."""
        return self._clock()

    def check(self) -> None:
        """Raise ``StoppedError`` when it is time to leave the rest to another; ask this between two pieces of work."""
        if self.interrupt.asked:
            raise StoppedError(f"job {self.job.job_id} is left to its next attempt.")

    def read(self, operation: Callable[[Connection], T]) -> T:
        """Run an operation on one moment of the database."""
        return self._access.read(operation)

    def write(self, operation: Callable[[Connection], T]) -> T:
        """Run an operation that is rolled back if the job is no longer ours; keeps the job for another while."""

        def fenced(connection: Connection) -> tuple[T, int]:
            now = self._clock()
            jobs.prolong(connection, self.job, now=now, lease_s=self._lease_s)
            return operation(connection), now + self._lease_s

        answer, self.lease_until = self._access.write(fenced)
        return answer

    def write_checkpoint(self, operation: Callable[[Connection], T], checkpoint: Callable[[T], Result]) -> T:
        """Run an operation and remember, in the same transaction, how far the job has come with what it returned."""

        def marked(connection: Connection) -> tuple[T, dict[str, object]]:
            answer = operation(connection)
            reached = dict(checkpoint(answer))
            jobs.save_checkpoint(connection, self.job, reached)
            return answer, reached

        answer, self._checkpoint = self.write(marked)
        return answer

    def complete(self, operation: Callable[[Connection], Result]) -> None:
        """Run the last operation of the job and end it with what that returns."""

        def last(connection: Connection) -> None:
            jobs.prolong(connection, self.job, now=self._clock(), lease_s=self._lease_s)
            jobs.complete(connection, self.job, operation(connection), now=self._clock())

        self._access.write(last)
        self.settled = True

    def repeat(self, operation: Callable[[Connection], Result], *, error: str = "") -> None:
        """Run the last operation of a periodic job and queue it for its next period."""

        def last(connection: Connection) -> None:
            jobs.prolong(connection, self.job, now=self._clock(), lease_s=self._lease_s)
            jobs.repeat(connection, self.job, run_at=self.next_period_at(), result=operation(connection), error=error)

        self._access.write(last)
        self.settled = True

    def rest(self, children: Sequence[NewJob]) -> None:
        """Queue children and wait for them; without any the job ends at once."""

        def hand_on(connection: Connection) -> None:
            now = self._clock()
            jobs.prolong(connection, self.job, now=now, lease_s=self._lease_s)
            for child in children:
                jobs.enqueue(connection, child, now=now)
            jobs.wait_for_children(connection, self.job, now=now)

        self._access.write(hand_on)
        self.settled = True

    @property
    def is_periodic(self) -> bool:
        """Whether the job is one that comes again."""
        return PERIOD_S in self.job.payload

    def next_period_at(self) -> int:
        """Return when the next period of a periodic job begins [epoch s]."""
        payload = self.job.payload
        return next_period_at(self._clock(), int(str(payload[PERIOD_S])), int(str(payload.get(AT_S, 0))))


def next_period_at(now: int, period_s: int, at_s: int) -> int:
    """Return when the next period begins; each begins ``at_s`` after a whole number of them since 1970 [epoch s]."""
    return ((now - at_s) // period_s + 1) * period_s + at_s
