"""Work that takes longer than a request."""

from typing import Literal

from pydantic import Field

from doorstep.api.models.base import Reply, shown
from doorstep.api.models.fields import Moment, Whole

State = Literal["queued", "running", "done", "failed", "cancelled"]


class Job(Reply):
    """A piece of work and how far it is."""

    model_config = shown(
        id="job_01JNB8X4T5V6W7X8Y9Z0A1B2C3",
        kind="plan_routes",
        state="running",
        attempts=1,
        created_at="2026-03-02T10:00:00Z",
        run_at="2026-03-02T10:00:00Z",
        ended_at=None,
        parent_id=None,
        children={"done": 3, "running": 1},
        error="",
    )

    id: str
    kind: str
    state: State
    attempts: Whole
    created_at: Moment
    run_at: Moment = Field(description="not before then")
    ended_at: Moment | None
    parent_id: str | None
    children: dict[str, int] = Field(description="number of its parts by their state")
    error: str = Field(description="why it failed")
