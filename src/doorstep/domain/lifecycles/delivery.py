"""The life of a delivery to the door, by an own van or a carrier, with or without a parcel station on the way."""

from doorstep.domain.lifecycles.machine import Machine, Transition

BEFORE_PICKUP = ("created", "quoted", "booked", "assigned", "reassigning", "en_route_to_pickup", "at_pickup")
WITH_CARRIER = ("booked", "assigned", "en_route_to_pickup", "at_pickup")
ON_THE_ROAD = ("picked_up", "in_transit", "at_station", "station_released", "en_route_to_dropoff", "at_dropoff")
AFTER_ATTEMPT = ("attempted", "rescheduled", "redirected")

DELIVERY = Machine(
    name="delivery",
    initial="created",
    transitions=(
        Transition(event="quote", sources=("created",), target="quoted", publishes="delivery.quoted"),
        # Own vans give no quote; a carrier that fell out is followed by the next one.
        Transition(
            event="book", sources=("created", "quoted", "reassigning"), target="booked", publishes="delivery.booked"
        ),
        Transition(event="assign", sources=("booked",), target="assigned", publishes="delivery.assigned"),
        Transition(event="reassign", sources=WITH_CARRIER, target="reassigning", publishes="delivery.reassigned"),
        Transition(
            event="start_to_pickup",
            sources=("assigned",),
            target="en_route_to_pickup",
            publishes="delivery.pickup_enroute",
        ),
        Transition(
            event="arrive_at_pickup",
            sources=("en_route_to_pickup",),
            target="at_pickup",
            publishes="delivery.pickup_arrived",
        ),
        Transition(event="pick_up", sources=("at_pickup",), target="picked_up", publishes="delivery.picked_up"),
        Transition(
            event="start_to_station", sources=("picked_up",), target="in_transit", publishes="delivery.in_transit"
        ),
        # After a failed attempt a parcel may wait for its next day at the station.
        Transition(
            event="receive_at_station",
            sources=("in_transit", "rescheduled", "redirected"),
            target="at_station",
            publishes="delivery.station_received",
        ),
        Transition(
            event="release_from_station",
            sources=("at_station",),
            target="station_released",
            publishes="delivery.station_released",
        ),
        Transition(
            event="start_to_dropoff",
            sources=("picked_up", "station_released", "rescheduled", "redirected"),
            target="en_route_to_dropoff",
            publishes="delivery.dropoff_enroute",
        ),
        Transition(
            event="arrive_at_dropoff",
            sources=("en_route_to_dropoff",),
            target="at_dropoff",
            publishes="delivery.dropoff_arrived",
        ),
        Transition(
            event="attempt",
            sources=("en_route_to_dropoff", "at_dropoff"),
            target="attempted",
            publishes="delivery.attempted",
        ),
        Transition(event="reschedule", sources=("attempted",), target="rescheduled", publishes="delivery.rescheduled"),
        Transition(event="redirect", sources=("attempted",), target="redirected", publishes="delivery.redirected"),
        # Not only after an attempt: a broken cold chain or a van turns parcels round at any point.
        Transition(
            event="start_return",
            sources=(*ON_THE_ROAD, *AFTER_ATTEMPT),
            target="returning",
            publishes="delivery.returning",
        ),
        Transition(
            event="arrive_at_return", sources=("returning",), target="at_return", publishes="delivery.return_arrived"
        ),
        Transition(event="deliver", sources=("at_dropoff",), target="delivered", publishes="delivery.delivered"),
        Transition(event="take_back", sources=("at_return",), target="returned", publishes="delivery.returned"),
        # Lost, destroyed or disposed of: no custody may be without an end.
        Transition(
            event="abandon",
            sources=(*ON_THE_ROAD, *AFTER_ATTEMPT, "returning", "at_return"),
            target="abandoned",
            publishes="delivery.abandoned",
        ),
        Transition(event="cancel", sources=BEFORE_PICKUP, target="cancelled", publishes="delivery.cancelled"),
        Transition(event="reject", sources=BEFORE_PICKUP, target="rejected", publishes="delivery.rejected"),
        Transition(event="expire", sources=BEFORE_PICKUP, target="expired", publishes="delivery.expired"),
    ),
)
