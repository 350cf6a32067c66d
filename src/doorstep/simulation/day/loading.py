"""Vans loaded at the dock: what lies packed goes with them, and what does not come is left to another one."""

from doorstep.simulation.day.tour import Tour
from doorstep.simulation.day.world import World

GONE = ("handed_over", "closed")


def load(world: World, tour: Tour, *, leave_behind: bool) -> list[str]:
    """Send a route out with what is packed for its next trip; return the deliveries that are not aboard.

    Parameters
    ----------
    leave_behind
        Whether to go without them: their parcels wait for another route.
    """
    path = f"/v1/routes/{tour.route_id}/dispatch"
    answer = world.api.ask("POST", path)
    if answer.ok:
        tour.read(answer.body)
    missing = []
    for delivery_id in tour.trip():
        if delivery_id not in tour.aboard and not _is_gone(world, delivery_id):
            missing.append(delivery_id)
        else:
            tour.aboard.add(delivery_id)
    for delivery_id in missing if leave_behind else ():
        world.api.ask("POST", f"/v1/deliveries/{delivery_id}/cancel", {"reason": "no_vehicle"})
        tour.been.add(delivery_id)
        tour.stale = True
    return missing


def _is_gone(world: World, delivery_id: str) -> bool:
    """Return whether all parcels of a delivery have left their shelf."""
    order = world.api.ask("GET", f"/v1/orders/{world.orders.get(delivery_id, '-')}").body
    mine = [shipment for shipment in order.get("shipments", []) if shipment["delivery_id"] == delivery_id]
    return bool(mine) and all(shipment["state"] in GONE for shipment in mine)
