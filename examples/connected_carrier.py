"""Deliveries booked with a carrier that fails in many ways: none is booked twice, none is lost, and the books agree.

A made-up retailer without vans has one courier, a simulated Uber Direct. Its answers get lost, it is busy, its couriers
drop out before pickup or find nobody at the door, its webhooks come twice and out of order. Time is virtual, and
nothing listens on a port. How that is put together stands in `doorstep/cli/demo_carrier.py`:

    python examples/connected_carrier.py
"""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from doorstep.cli.demo_carrier import carrier_day

ORDERS = 60


def main(folder: Path) -> None:
    """Live the day and print what came of it."""
    day = carrier_day(folder / "carrier.db", ORDERS)
    print(", ".join(f"{count} deliveries {state}" for state, count in sorted(day.states.items())))
    print(", ".join(f"{count} bookings {end}" for end, count in sorted(day.ends.items())))
    print(f"{sum(day.made.values())} bookings at the carrier, {sum(n > 1 for n in day.made.values())} of them twice")
    print(f"faults of the books: {', '.join(day.faults) or 'none'}")


if __name__ == "__main__":
    logging.disable(logging.WARNING)  # of every answer that does not come
    with TemporaryDirectory() as place:
        main(Path(place))
