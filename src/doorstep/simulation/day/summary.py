"""What became of a day, in figures of the platform's own."""

from collections import Counter

from doorstep.simulation.day.board import THERE
from doorstep.simulation.day.day import Day

COSTS = ("pick", "carton", "line_haul", "last_mile", "failure")


def summary(day: Day) -> list[tuple[str, str]]:
    """Return the figures of a day, each with its name."""
    board, api = day.board, day.world.api
    states = Counter(board.orders.values())
    served = len({board.order_of.get(name) for name in board.came_at})
    modes = Counter(delivery["mode"] for delivery in api.pages("/v1/deliveries") if delivery["state"] in THERE)
    brought = ", ".join(f"{count} by {mode.replace('_', ' ')}" for mode, count in modes.most_common())
    refused = ", ".join(f"{count} {code}" for code, count in api.refused.most_common()) or "none"
    by_desk = f"{day.desk.given_up:,} by the desk: they came back, or would be late"
    rows = [
        ("orders placed", f"{len(board.orders):,} ({day.shoppers.gone:,} shoppers found nothing that suited them)"),
        ("served", f"{served:,}" + (f" ({brought})" if brought else "")),
        ("on time", f"{len(board.came_at) - board.late:,} of {len(board.came_at):,} deliveries"),
        ("late", f"{board.late:,}"),
        ("failed attempts", f"{board.attempts:,}"),
        ("cancelled", f"{states['cancelled']:,} ({by_desk})"),
        ("still open", f"{board.open_orders:,}"),
        ("cost per order", _cost_per_order(day)),
        ("positions sent", f"{day.drivers.positions:,}"),
        ("events on the stream", f"{board.events:,}"),
        ("arrivals", _arrivals(day)),
        ("requests", f"{api.requests:,}, refused: {refused}"),
    ]
    if day.desk.accepted:
        rows.append(("proposals accepted", f"{day.desk.accepted:,}"))
    return rows


def _cost_per_order(day: Day) -> str:
    """Return what picking, packing and bringing cost by the books, for each order that has arrived."""
    margins = list(day.world.api.pages("/v1/margins", by="mode"))
    orders = sum(margin["orders"] for margin in margins)
    if not orders:
        return "nothing has arrived"
    cost_minor = -sum(margin[name] for margin in margins for name in COSTS)
    return f"{cost_minor / orders / 100:.2f} {margins[0]['currency']}"


def _arrivals(day: Day) -> str:
    """Return how well arrivals were predicted half an hour to an hour before."""
    judged = day.board.judged
    if not judged:
        return "none was predicted half an hour to an hour before"
    off = sum(abs(said.expected_at - at) for said, at in judged) / len(judged) / 60
    planned = sum(abs(said.planned_at - at) for said, at in judged) / len(judged) / 60
    inside = sum(said.from_at <= at <= said.until_at for said, at in judged) / len(judged)
    return (
        f"{len(judged):,} predicted half an hour to an hour before, {off:.1f} minutes off on average "
        f"(the routes' own times {planned:.1f}), {inside:.0%} inside their interval of 90%"
    )
