"""The parts of a running process: its worker, and the first tenant of an empty database."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from doorstep.api import configure_logs
from doorstep.assembly import Platform, keep_what_is_loaded
from doorstep.connectors.mqtt import Subscription, settings_of
from doorstep.connectors.nats import NatsRelay
from doorstep.connectors.webhooks import Sender
from doorstep.domain import Retailer
from doorstep.foundation import ConflictError
from doorstep.operations.access import Shown, create_key, create_tenant, find_tenants
from doorstep.operations.caller import Caller
from doorstep.operations.corridor.plan_day import plan_day
from doorstep.operations.housekeeping import Kept
from doorstep.operations.intake.network import live_network
from doorstep.operations.intake.stock_index import stock_index
from doorstep.operations.onboarding import import_retailer
from doorstep.settings import Settings
from doorstep.simulation.sample import find_city, sample_retailer
from doorstep.storage.jobs import LEASE_S
from doorstep.worker import PERIODIC, Periodic, Publisher, Worker, WorkerSettings
from doorstep.worker.access import Count, uncounted
from doorstep.worker.carriers import CALL_CARRIERS, CallsCarriers
from doorstep.worker.notices import Notices
from doorstep.worker.periodic import calling_carriers, offering, planning, reoptimising, stock_planning
from doorstep.worker.phones import Phones

MOST_NETWORKS = 64
CITY, STORES, FCS, ORDERS, SEED = "Chicago, US", 12, 1, 1_000, 1
"""The retailer that an empty database starts with: enough to try everything, loaded in a few seconds."""


def start_logs(settings: Settings) -> None:
    """Begin to log as the settings say."""
    configure_logs(level=settings.log_level, form=settings.log_format)


def warm_up() -> None:
    """Compile what decides before anybody waits for a decision: half a minute once, then about a second from disk."""
    print("Loading what decides (compiled once, with the first start)...", flush=True)
    plan_day(sample_retailer(find_city(CITY), 2, 1, 10, np.random.default_rng(SEED)), iterations=1)


def load_stock(platform: Platform) -> None:
    """Copy the free stock of the tenants into memory before anybody asks what can be promised."""
    with platform.database.reading() as connection:
        for tenant_id in list(find_tenants(connection))[:MOST_NETWORKS]:
            stock_index(connection, tenant_id, live_network(connection, tenant_id))


def load_networks(platform: Platform) -> None:
    """Build the networks of the tenants before anybody waits for them, and keep what is loaded by now."""
    with platform.database.reading() as connection:
        for tenant_id in list(find_tenants(connection))[:MOST_NETWORKS]:
            live_network(connection, tenant_id)
    keep_what_is_loaded()


@contextmanager
def working(platform: Platform, name: str, *, count: Count = uncounted, speed: float = 1.0) -> Iterator[Worker]:
    """Run a worker beside what the caller does, and let it finish what it is at.

    Parameters
    ----------
    speed
        Seconds of the platform's clock in a second.
    """
    address = platform.settings.nats_url.get_secret_value()
    publisher = NatsRelay(address) if address else None
    worker = worker_of(platform, name, count=count, publisher=publisher, speed=speed)
    with _hearing(platform, count):
        worker.start()
        try:
            yield worker
        finally:
            worker.stop()
            if publisher is not None:
                publisher.close()


def worker_of(
    platform: Platform,
    name: str,
    *,
    count: Count = uncounted,
    publisher: Publisher | None = None,
    speed: float = 1.0,
) -> Worker:
    """Return a worker that does everything as the settings say, once it is started."""
    settings = platform.settings
    notices = Notices(channels=platform.channels, public_url=settings.public_url)
    return Worker(
        platform.database,
        platform.writer,
        clock=platform.clock.now,
        rng=np.random.default_rng(),
        sender=Sender(allow_loopback=settings.webhook_allow_loopback),
        publisher=publisher,
        wake=platform.made_work,
        name=name,
        count=count,
        handlers={CALL_CARRIERS: CallsCarriers(platform.carriers, settings.compare_quotes), **notices.handlers},
        periodic=(*_coming_again(settings), *_calling(platform), *notices.periodic),
        settings=WorkerSettings(
            lease_s=round(LEASE_S * speed),
            speed=speed,
            kept=Kept(
                contacts_s=settings.retention_contacts_days * 86_400,
                replies_s=settings.idempotency_hours * 3600,
                tracking_details_s=settings.retention_other_days * 86_400,
                positions_s=settings.retention_positions_days * 86_400,
            ),
        ),
    )


@contextmanager
def _hearing(platform: Platform, count: Count) -> Iterator[None]:
    """Listen to phones by MQTT meanwhile, if a broker is set."""
    settings = platform.settings
    address = settings.mqtt_url.get_secret_value()
    if not address:
        yield
        return
    broker = settings_of(address, topic=settings.mqtt_topic, client_id=settings.mqtt_client_id)
    phones = Phones(platform.database, platform.writer, Subscription(broker), clock=platform.clock.now, count=count)
    phones.start()
    try:
        yield
    finally:
        phones.stop()


def _coming_again(settings: Settings) -> tuple[Periodic, ...]:
    """Return what the worker does again and again."""
    plan_s, again_s = settings.plan_routes_minutes * 60, settings.reoptimise_minutes * 60
    within_s, may_wait = settings.plan_ahead_minutes * 60, settings.plan_may_wait
    found = [planning(period_s=plan_s, within_s=within_s, may_wait=may_wait)] if plan_s else []
    if again_s:
        found.append(reoptimising(period_s=again_s, threshold_minor=settings.reoptimise_threshold_minor))
    if settings.plan_stock_days:
        found.append(stock_planning(hour=settings.plan_stock_hour, days=settings.plan_stock_days))
    found.append(offering(offer_s=settings.contractor_offer_s, at_once=settings.contractor_offers_at_once))
    return *PERIODIC, *found


def _calling(platform: Platform) -> tuple[Periodic, ...]:
    """Return the calling of carriers, if any is connected."""
    return (calling_carriers(tuple(sorted(platform.carriers))),) if platform.carriers else ()


def begin_if_empty(platform: Platform, *, with_sample: bool) -> Shown | None:
    """Give an empty database its first tenant, the sample retailer if wanted, and a key; None if it is not empty."""
    with platform.database.reading() as connection:
        if find_tenants(connection):
            return None
    sample = sample_retailer(find_city(CITY), STORES, FCS, ORDERS, np.random.default_rng(SEED)) if with_sample else None
    try:
        return open_first_shop(platform, sample)[1]
    except ConflictError:  # another server that started with this one was first
        return None


def open_first_shop(platform: Platform, retailer: Retailer | None) -> tuple[Caller, Shown]:
    """Make the first tenant of a database, with a retailer's sites, goods and stock but no orders, and a key.

    Raises
    ------
    ConflictError
        If it has a tenant already.
    """
    now = platform.clock.now()
    with platform.database.writing() as connection:
        connection.take_turn()
        if find_tenants(connection):
            raise ConflictError("the database has a tenant already.")
        name = "default" if retailer is None else "Sample Stores"  # shoppers read it
        caller = Caller(create_tenant(connection, name, now=now), "doorstep")
        if retailer is not None:
            empty = replace(retailer, orders=retailer.orders.clear(), order_lines=retailer.order_lines.clear())
            import_retailer(connection, caller, empty, now=now)
        return caller, create_key(connection, caller, name="first", scopes=["admin"], now=now)
