"""Figures of the API for Prometheus, in a registry that is handed in."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from doorstep.api.middleware.observing import Exchange

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class RequestMetrics:
    """Counts requests and their latency by route template; ids never become labels, so the figures stay few."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "doorstep_http_requests", "Requests by route.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "doorstep_http_request_seconds",
            "Seconds from request to end of response.",
            ("method", "route"),
            buckets=LATENCY_BUCKETS_S,
            registry=registry,
        )
        self._found: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def __call__(self, exchange: Exchange) -> None:
        """Count one exchange."""
        kind = (exchange.method, exchange.route, exchange.status)
        found = self._found.get(kind)
        if found is None:
            requests = self._requests.labels(exchange.method, exchange.route, str(exchange.status))
            found = self._found[kind] = (requests, self._seconds.labels(exchange.method, exchange.route))
        found[0].inc()
        found[1].observe(exchange.duration_s)
