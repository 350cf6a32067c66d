"""What a running platform tells Prometheus beside its requests."""

from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from doorstep.assembly import assembled
from doorstep.cli import figures
from doorstep.cli.figures import worker_figures
from doorstep.settings import Settings


def told(registry: CollectorRegistry) -> dict[str, str]:
    lines = generate_latest(registry).decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def gone(_: object) -> int:
    raise OSError("the server has gone away")


def test_work_done_and_work_waiting_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    registry = CollectorRegistry()
    with assembled(Settings.model_validate({"database_url": f"sqlite:///{tmp_path / 'shop.db'}"})) as platform:
        count = worker_figures(platform, registry)
        count("jobs_done", "route_orders")
        count("jobs_done", "route_orders")
        found = told(registry)
        assert found['doorstep_worker_events_total{kind="route_orders",name="jobs_done"}'] == "2.0"
        assert (found["doorstep_writer_backlog"], found["doorstep_webhooks_open"]) == ("0.0", "0.0")
        monkeypatch.setattr(figures, "open_messages", gone)
        assert told(registry)["doorstep_webhooks_open"] == "NaN", "figures are told although the database is away"
