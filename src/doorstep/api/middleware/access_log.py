"""One line of log for every exchange, without anything personal."""

import structlog

from doorstep.api.middleware.observing import Exchange

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that machines ask every few seconds: their lines are for debugging."""
SILENT = ("/ingest/", "/dispatch/vehicles.json", "/t/{token}/map.json")
"""Phones tell by the thousand each second where they are, and maps ask: what goes well is in the figures, and gets no
line."""

log = structlog.get_logger("doorstep.access")


def log_exchange(exchange: Exchange) -> None:
    """Write the access line of an exchange."""
    if exchange.status < 400 and exchange.route.startswith(SILENT):
        return
    write = log.debug if exchange.route in QUIET and exchange.status < 400 else log.info
    write(
        "request",
        method=exchange.method,
        route=exchange.route,
        status=exchange.status,
        ms=round(exchange.duration_s * 1000, 1),
        key_id=exchange.key_id,
        request_id=exchange.request_id,
    )
