"""Figures of a running platform beside those of its requests, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from doorstep.assembly import Platform
from doorstep.operations.webhooks.messages import open_messages
from doorstep.worker.access import Count

UNKNOWN = float("nan")


def worker_figures(platform: Platform, registry: CollectorRegistry) -> Count:
    """Return what counts the work of a worker into a registry, and let it show what waits.

    What waits is asked of the database with each look at the figures; it is not a number while that does not answer.
    """
    done = Counter("doorstep_worker_events", "What the worker did, by name and kind.", ["name", "kind"],
                   registry=registry)  # fmt: skip
    Gauge("doorstep_writer_backlog", "Requests that wait to be written.", registry=registry).set_function(
        lambda: platform.writer.backlog
    )
    Gauge("doorstep_webhooks_open", "Webhook messages that wait to be sent.", registry=registry).set_function(
        lambda: _open_webhooks(platform)
    )

    def count(name: str, kind: str) -> None:
        done.labels(name, kind).inc()

    return count


def _open_webhooks(platform: Platform) -> float:
    try:
        with platform.database.reading() as connection:
            return float(open_messages(connection))
    except Exception:  # whatever it is, the other figures are still wanted
        return UNKNOWN
