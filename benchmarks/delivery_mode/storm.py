"""A fault storm of carriers' events: late, twice, out of order and after lost answers; both sides' books are compared.

Orders are placed, packed and booked with four simulated carriers through their connectors; what the carriers tell goes
through the signed webhooks of each into ``take_facts``, by a writer, as the API does it. Orders come in waves: when all
that a wave has begun is over, the judge compares, and the carriers of the next wave start with empty books.
"""

import heapq
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from sqlalchemy import select

from benchmarks.delivery_mode.storm_judge import Verdict, journal_after, judge_books, our_books, replay, their_books
from benchmarks.delivery_mode.storm_town import Town, draw_orders, open_shop, open_town
from benchmarks.operations.shop import postgresql_url, sqlite_url
from doorstep.domain.lifecycles import IllegalTransitionError
from doorstep.foundation import DoorstepError, InputError
from doorstep.operations.bring import plan_routes
from doorstep.operations.bring.change import Decided, change_delivery
from doorstep.operations.caller import Caller
from doorstep.operations.carriers import take_facts
from doorstep.operations.fulfil import pack_shipment, release_wave, route_orders
from doorstep.operations.intake.draft import Intake
from doorstep.operations.intake.take import take_orders
from doorstep.operations.money import keep_books
from doorstep.ports import CarrierFact
from doorstep.simulation.carriers import VirtualClock
from doorstep.simulation.carriers.serving import Message
from doorstep.storage import Connection, Database, Writer
from doorstep.storage.check import check_books
from doorstep.storage.ids import IdSource
from doorstep.storage.migrations import upgrade
from doorstep.storage.schema.carriers import carrier_bookings
from doorstep.storage.schema.fulfilment import deliveries, shipments
from doorstep.worker import Worker
from doorstep.worker.carriers import CALL_CARRIERS, CallsCarriers
from doorstep.worker.periodic import calling_carriers

Row = dict[str, object]
START_AT = 1_772_546_400
TICK_S, MOST_TICKS = 60, 480
WAVE = 1_000
"""Orders of a wave, each with seven to ten events."""
MOST_BOOKINGS = 100_000
"""Of one carrier in a wave: so no name is given twice."""
TWICE, LATE, CALLED_OFF = 0.10, 0.16, 0.03
"""Share of messages that come twice, of copies that come late, and of deliveries that are called off here."""
LATE_S = (60.0, 6_000.0)
"""How late, drawn so that each factor is as frequent."""


@dataclass(slots=True)
class Post:
    """Carries webhooks from the carriers to us: some twice, some late, so that they overtake each other."""

    rng: np.random.Generator
    counts: Counter[str]
    _under_way: list[tuple[int, int, str, tuple[str, int], Message]] = field(default_factory=list)
    _newest: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    def collect(self, town: Town) -> None:
        """Take what the carriers have to tell."""
        now = int(town.clock())
        for carrier_id, there in town.there.items():
            for news in there.fleet.news():
                for message in there.messages(news):
                    copies = 1 + int(self.rng.random() < TWICE)
                    self.counts["sent_twice"] += copies - 1
                    for _ in range(copies):
                        about = (f"{carrier_id}/{news.booking.ref}", news.number)
                        heapq.heappush(
                            self._under_way, (now + self._late_s(), self._number, carrier_id, about, message)
                        )
                        self._number += 1

    def arriving(self, now: int) -> list[tuple[str, Message]]:
        """Return what arrives by now."""
        found = []
        while self._under_way and self._under_way[0][0] <= now:
            _, _, carrier_id, (ref, number), message = heapq.heappop(self._under_way)
            self.counts["out_of_order"] += number < self._newest.get(ref, -1)
            self._newest[ref] = max(number, self._newest.get(ref, -1))
            found.append((carrier_id, message))
        return found

    @property
    def empty(self) -> bool:
        """Whether nothing is under way."""
        return not self._under_way

    def _late_s(self) -> int:
        if self.rng.random() >= LATE:
            return 0
        self.counts["late"] += 1
        shortest, longest = LATE_S
        return int(shortest * (longest / shortest) ** self.rng.random())


@dataclass(slots=True, kw_only=True)
class Storm:
    """A storm under way: its database and clock, and what was counted and found by the waves that are over."""

    database: Database
    writer: Writer
    caller: Caller
    seed: int
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START_AT))
    counts: Counter[str] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)
    standing: dict[str, str] = field(default_factory=dict)
    audit_no: int = 0
    waves: int = 0

    def wave(self, orders: int) -> None:
        """Let orders be placed, brought and judged."""
        rng = np.random.default_rng([self.seed, self.waves])
        since, counts = int(self.clock()), Counter[str]()
        first = 1 + MOST_BOOKINGS * self.waves
        town = open_town(self.clock, seed=self.seed + 1_000_003 * self.waves, first=first, drawn=counts)
        self._to_the_dock(rng, orders)
        self._live(town, rng, counts)
        counts.update(self.judge(town, since=since))
        counts["quoted"] += len(town.ages)
        self.counts += counts
        self.waves += 1

    def judge(self, town: Town, *, since: int) -> Counter[str]:
        """Post all that has happened, compare both sides, and return our bookings by how they ended."""
        with self.database.writing() as connection:
            while keep_books(connection, now=int(self.clock())):
                pass
        with self.database.reading() as connection:
            ours = our_books(connection, since=since)
            judge_books(self.verdict, their_books(town), ours)
            last = replay(self.verdict, journal_after(connection, self.audit_no), self.standing)
        self.audit_no = max(self.audit_no, last)
        return Counter(f"booking_{row.state}{row.reason and '_'}{row.reason}" for row in ours)

    def _to_the_dock(self, rng: np.random.Generator, count: int) -> None:
        """Take orders, find their sites, pick and pack them, and plan who brings them."""
        now = int(self.clock())
        asked = [Intake(caller=self.caller, order=order, now=now) for order in draw_orders(rng, count, now=now)]
        with self.database.writing() as connection:
            taken = take_orders(connection, asked)
            names = [one.order_id for one in taken if not isinstance(one, DoorstepError)]
            route_orders(connection, self.caller, names, now=now)
            while release_wave(connection, self.caller, now=now, everything=True):
                pass
            picked = select(shipments.c.shipment_id).where(shipments.c.state == "picking")
            for shipment_id in list(connection.execute(picked).scalars()):
                pack_shipment(connection, self.caller, shipment_id, now=now)
            plan_routes(connection, self.caller, now=now, iterations=1)

    def _live(self, town: Town, rng: np.random.Generator, counts: Counter[str]) -> None:
        """Let time pass until everything that was booked is over."""
        worker = Worker(
            self.database,
            self.writer,
            clock=lambda: int(self.clock()),
            rng=rng,
            handlers={CALL_CARRIERS: CallsCarriers(town.carriers)},
            periodic=(calling_carriers(tuple(town.carriers)),),
        )
        post, doomed = Post(rng, counts), self._doomed(rng)
        for tick in range(MOST_TICKS):
            self.clock.advance(TICK_S)
            if not worker.drain(600.0):
                raise InputError("the worker did not come to an end within 600 s.")
            post.collect(town)
            self._hear(town, post.arriving(int(self.clock())), counts)
            for delivery_id in doomed.pop(tick, ()):
                self._call_off(delivery_id, counts)
            if post.empty and not doomed and not self._open():
                break
        counts["ticks"] += tick + 1

    def _hear(self, town: Town, messages: list[tuple[str, Message]], counts: Counter[str]) -> None:
        now, waiting = int(self.clock()), []
        for carrier_id, message in messages:
            counts["events"] += 1
            try:
                facts = town.carriers[carrier_id].read_webhook(message.headers, message.body, now=now)
            except InputError:
                counts["too_old"] += 1
                continue
            waiting.append(self.writer.call(partial(_taken, carrier_id, facts, now)))
        for future in waiting:
            heard = future.result()
            for name in ("applied", "known", "given_back", "unknown"):
                counts[name] += getattr(heard, name)

    def _doomed(self, rng: np.random.Generator) -> dict[int, list[str]]:
        """Return deliveries that will be called off, by the tick of that."""
        mine = select(deliveries.c.delivery_id).where(deliveries.c.state == "booked").order_by(deliveries.c.delivery_id)
        with self.database.reading() as connection:
            booked = list(connection.execute(mine).scalars())
        found: dict[int, list[str]] = {}
        for delivery_id in booked:
            if rng.random() < CALLED_OFF:
                found.setdefault(int(rng.integers(1, 12)), []).append(delivery_id)
        return found

    def _call_off(self, delivery_id: str, counts: Counter[str]) -> None:
        decided = Decided(event="cancel", reason="shopper")
        try:
            with self.database.writing() as connection:
                change_delivery(connection, self.caller, delivery_id, decided, now=int(self.clock()))
            counts["called_off"] += 1
        except IllegalTransitionError:  # it is on its way, or over
            counts["too_late_to_call_off"] += 1

    def _open(self) -> bool:
        """Return whether a booking is not over, or is still to be made."""
        booked = select(deliveries.c.delivery_id).where(deliveries.c.state == "booked").limit(1)
        asked = select(carrier_bookings.c.booking_id).where(carrier_bookings.c.state.in_(("asked", "confirmed")))
        with self.database.reading() as connection:
            return any(connection.execute(query.limit(1)).first() is not None for query in (booked, asked))


def storm_rows(
    *, events: int, seconds: float, seed: int, database: str = "sqlite", say: Callable[[str], None]
) -> list[Row]:
    """Return one row about a storm of so many events or seconds; when interrupted, about the waves that were over.

    None where the database is not installed.
    """
    with sqlite_url() if database == "sqlite" else postgresql_url() as url:
        if url is None:
            return []
        with opened_storm(url, seed=seed) as storm:
            wall, cpu, said = time.perf_counter(), time.process_time(), 0
            try:
                while storm.counts["events"] < events and time.perf_counter() - wall < seconds:
                    left = events - storm.counts["events"]
                    storm.wave(min(WAVE, 1 + left // 7))
                    per_s = storm.counts["events"] / (time.perf_counter() - wall)
                    say(f"storm, {storm.counts['events']:,} of {events:,} events, {per_s:,.0f} a second")
                    for sentence in storm.verdict.said[said:]:
                        say(f"WRONG: {sentence}")
                    said = len(storm.verdict.said)
            except KeyboardInterrupt:
                say("stopped: what follows is about the waves that were over")
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            with storm.database.reading() as connection:
                faults = check_books(connection)
        for fault in faults[:10]:
            say(f"WRONG: {fault}")
        return [_row(storm, database, faults=len(faults), wall_s=wall, cpu_s=cpu)]


def storm_summary(rows: list[Row]) -> Row:
    """Return the summary of the row, nothing if there is none."""
    names = ("events", "double_bookings", "lost", "illegal", "states_differ", "money_off_minor")
    found: Row = {f"storm_{name}": row[name] for row in rows for name in names}
    return found | ({"events_per_cpu_s": rows[0]["events_per_cpu_s"]} if rows else {})


@contextmanager
def opened_storm(url: str, *, seed: int) -> Iterator[Storm]:
    """Open a database with the shop in it, and end with everything closed."""
    logging.disable(logging.WARNING)  # of every answer that does not come
    database = Database(url, ids=IdSource(random.Random(seed).getrandbits))
    upgrade(database)
    writer = Writer(database)
    try:
        yield Storm(database=database, writer=writer, caller=open_shop(database, now=START_AT), seed=seed)
    finally:
        writer.close()
        database.close()
        logging.disable(logging.NOTSET)


def _taken(carrier_id: str, facts: tuple[CarrierFact, ...], now: int, connection: Connection) -> object:
    return take_facts(connection, carrier_id, facts, now=now)


def _row(storm: Storm, database: str, *, faults: int, wall_s: float, cpu_s: float) -> Row:
    found, counts = storm.verdict, storm.counts
    wrong = found.double + found.lost + found.differ + found.illegal + (found.money_off_minor > 0)
    return {
        "instance": f"{database}, four carriers, {storm.waves} waves", "seed": storm.seed, "solver": "doorstep",
        "events": counts["events"], "double_bookings": found.double, "lost": found.lost, "illegal": found.illegal,
        "states_differ": found.differ, "money_off_minor": found.money_off_minor, "violations": faults + wrong,
        "events_per_cpu_s": round(counts["events"] / cpu_s, 1), "cpu_s": cpu_s, "wall_s": wall_s,
        "drawn": {name: count for name, count in sorted(counts.items()) if name != "events"},
        "called_off_too_late": found.late,
    }  # fmt: skip
