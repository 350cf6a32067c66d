"""The loop: look for what is due, begin it, keep hold of it while it runs, and carry on whatever the database does."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Event, Lock, Thread

import numpy as np

from doorstep.foundation import InternalError
from doorstep.operations.housekeeping import Kept
from doorstep.storage import Connection, Database, Writer, jobs
from doorstep.storage.jobs import Job, LostLeaseError
from doorstep.worker.access import Access, Count, Crew, uncounted
from doorstep.worker.handlers import usual_handlers
from doorstep.worker.periodic import PERIODIC, Due, Periodic, look
from doorstep.worker.relay import EventCopy, Publisher, SendsWebhooks, WebhookRelay
from doorstep.worker.task import Handler, StoppedError, Task

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """What a worker may be told.

    Parameters
    ----------
    poll_s
        How often it looks for work that nobody woke it for.
    spacing_s
        How long it waits at least between two looks, however often it is woken.
    jobs_at_once, sends_at_once
        Threads that run jobs and send webhooks.
    lease_s
        How long a job is kept without a sign of life, by the worker's clock.
    speed
        Seconds of the worker's clock in a second of its waiting.
    grace_s
        How long jobs may go on when the worker is told to end; then they are given back.
    source
        Of events copied elsewhere, a URI reference.
    """

    poll_s: float = 1.0
    spacing_s: float = 0.1
    jobs_at_once: int = 4
    sends_at_once: int = 32
    lease_s: int = jobs.LEASE_S
    speed: float = 1.0
    grace_s: float = 20.0
    source: str = "/doorstep"
    kept: Kept = field(default_factory=Kept)


class Worker:
    """Does what is due, until it is told to stop.

    Parameters
    ----------
    writer
        The process' writer, if there is one: then everything is written through it.
    clock
        Returns the present [epoch s].
    rng
        Source of chance for the times of retries.
    sender
        Sends webhooks; None: another worker does.
    publisher
        Takes copies of events; None: nobody does.
    wake
        Set by whoever has made work, such as the writer after a commit.
    handlers
        Of further kinds of jobs, or instead of the usual ones.
    count
        Told of everything done, for figures.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer | None = None,
        *,
        clock: Callable[[], int],
        rng: np.random.Generator,
        sender: SendsWebhooks | None = None,
        publisher: Publisher | None = None,
        wake: Event | None = None,
        name: str = "worker",
        settings: WorkerSettings = WorkerSettings(),
        handlers: Mapping[str, Handler] | None = None,
        periodic: tuple[Periodic, ...] = PERIODIC,
        count: Count = uncounted,
    ) -> None:
        self._settings, self._clock, self._name, self._count = settings, clock, name, count
        self._stopping, self._leaving, self._wake = Event(), Event(), wake or Event()
        self._access = Access(database, writer, self._leaving)
        self._handlers = usual_handlers(kept=settings.kept) | dict(handlers or {})
        if publisher is not None:
            self._handlers["relay_events"] = EventCopy(publisher, source=settings.source).copy
        self._periodic = tuple(one for one in periodic if one.kind in self._handlers)
        self._told = {one.kind: one.told for one in self._periodic}
        self._webhooks = sender and WebhookRelay(
            self._access,
            sender,
            clock=clock,
            rng=rng,
            at_once=settings.sends_at_once,
            freed=self._wake,
            count=count,
        )
        self._crew = Crew("jobs", settings.jobs_at_once, self._wake)
        self._running: dict[str, Task] = {}
        self._lock = Lock()
        self._threads: list[Thread] = []

    def start(self) -> None:
        """Begin to work in threads of its own."""
        for target in (self._loop, self._beat_on):
            thread = Thread(target=target, name=f"{self._name}-{target.__name__.strip('_')}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Begin nothing more, let what runs come to its end, and give back what does not in time."""
        self._stopping.set()
        self._wake.set()
        if self._threads:
            self._threads[0].join()
        for task in self._tasks():
            task.interrupt.ask()
        self._crew.wait_idle(self._settings.grace_s)
        if self._webhooks:
            self._try(partial(self._webhooks.end, self._settings.grace_s))
        self._leaving.set()
        for thread in self._threads:
            thread.join()
        self._threads = []
        for task in self._tasks():
            self._try(partial(self._give_back, task))

    def tick(self) -> bool:
        """Begin everything that is due now, and return whether there was anything."""
        found = self._begin_jobs()
        return bool(self._webhooks and self._webhooks.tick()) or found

    def drain(self, timeout_s: float) -> bool:
        """Work until nothing is due any more and nothing runs, and return whether that came to be in time.

        For a clock that stands still: what becomes due later is left.
        """
        crews = [self._crew, *([self._webhooks.crew] if self._webhooks else [])]
        while True:
            may_make_work = any(crew.busy for crew in crews)
            found = self.tick()
            if not all(crew.wait_idle(timeout_s) for crew in crews):
                return False
            if not (found or may_make_work):
                return True

    def beat(self) -> None:
        """Keep the jobs that have run for a while; those that were lost are told so."""
        soon = self._clock() + self._settings.lease_s * 2 // 3
        for task in self._tasks():
            if task.lease_until <= soon and not task.interrupt.asked:
                try:
                    task.write(lambda _connection: None)
                except LostLeaseError:
                    task.interrupt.ask()

    @property
    def running(self) -> int:
        """How many jobs run."""
        return len(self._tasks())

    def _loop(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                self._wake.clear()
                self.tick()
                pause_s = FIRST_PAUSE_S
            except Exception as fault:
                self._count("worker_errors", type(fault).__name__)
                _log.warning("the worker could not look for work: %s", fault)
                self._stopping.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                continue
            self._stopping.wait(self._settings.spacing_s)
            self._wake.wait(self._settings.poll_s)

    def _beat_on(self) -> None:
        while not self._leaving.wait(self._settings.lease_s / 6 / self._settings.speed):
            self._try(self.beat)

    def _try(self, what: Callable[[], None]) -> None:
        try:
            what()
        except Exception as fault:
            _log.warning("%s: %s", self._name, fault)

    def _tasks(self) -> list[Task]:
        with self._lock:
            return list(self._running.values())

    def _begin_jobs(self) -> bool:
        free, now = self._crew.free, self._clock()
        if free < 1 or self._stopping.is_set():
            return False
        others = [kind for kind in self._handlers if kind not in {one.kind for one in self._periodic}]
        room = max(1, free - 1)  # long jobs leave a thread for what comes again and again

        def survey(connection: Connection) -> tuple[Due, bool]:
            due = look(connection, self._periodic, now=now)
            return due, bool(jobs.due(connection, others, now=now, limit=1))

        again, any_other = self._access.read(survey)
        if not (again.job_ids or again.missing or any_other):
            return False

        def take(connection: Connection) -> list[Job]:
            ids = again.job_ids + [jobs.enqueue(connection, new, now=now) for new in again.missing]
            kinds = [one.kind for one in self._periodic]
            settings, owner = self._settings, self._name
            mine = jobs.claim(connection, owner, kinds, now=now, limit=free, lease_s=settings.lease_s, among=ids)
            left = min(room, free - len(mine))
            if any_other and left > 0:
                mine += jobs.claim(connection, owner, others, now=now, limit=left, lease_s=settings.lease_s)
            return mine

        claimed = self._access.write(take)
        for job in claimed:
            self._begin(job)
        return bool(claimed)

    def _begin(self, job: Job) -> None:
        job = replace(
            job, payload=job.payload | self._told.get(job.kind, {})
        )  # as it is set now, not when its row was made
        task = Task(job, self._access, clock=self._clock, lease_s=self._settings.lease_s)
        with self._lock:
            self._running[f"{job.job_id}/{job.token}"] = task
        self._count("jobs_claimed", job.kind)
        self._crew.start(partial(self._run, task))

    def _run(self, task: Task) -> None:
        kind = task.job.kind
        try:
            self._handlers[kind](task)
            if not task.settled:
                raise InternalError(f"the handler of {kind} did not settle its job.")
            self._count("jobs_done", kind)
        except LostLeaseError:
            self._count("jobs_lost", kind)
        except StoppedError:
            self._give_back(task)
        except Exception as fault:
            _log.warning("job %s of kind %s failed", task.job.job_id, kind, exc_info=fault)
            self._count("jobs_failed", kind)
            self._fail(task, f"{type(fault).__name__}: {fault}")
        finally:
            with self._lock:
                self._running.pop(f"{task.job.job_id}/{task.job.token}", None)

    def _fail(self, task: Task, error: str) -> None:
        def store(connection: Connection) -> None:
            if task.is_periodic:
                jobs.repeat(connection, task.job, run_at=task.next_period_at(), error=error)
            else:
                jobs.fail(connection, task.job, error, now=self._clock())

        self._if_still_mine(store)

    def _give_back(self, task: Task) -> None:
        self._if_still_mine(lambda connection: jobs.give_back(connection, task.job, now=self._clock()))

    def _if_still_mine(self, change: Callable[[Connection], None]) -> None:
        try:
            self._access.write_patiently(change)
        except LostLeaseError:
            self._count("jobs_lost", "late")
