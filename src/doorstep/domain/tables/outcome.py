"""Tables that a day's plan consists of."""

import dataframely as dy

from doorstep.domain.tables import columns as c

MODES = ("own_fleet", "on_demand", "parcel_carrier", "pickup")
UNSERVED_REASONS = ("out_of_stock", "no_capacity", "no_admissible_mode", "window_cannot_be_met")
WINDOW_BANDS = ("up_to_2_hours", "up_to_4_hours", "up_to_8_hours", "longer")
"""How long a promised window is."""
COST_PARTS = ("pick", "carton", "line_haul", "stem", "drop", "carrier_fee", "failure_risk")


class OrderOutcomes(dy.Schema):
    """What became of each order, one row an order; costs are zero where it is unserved."""

    order_id = c.key("order")
    status = c.choice("outcome", ("served", "unserved"))
    reason = c.text("why it is unserved: out_of_stock, no_capacity, no_admissible_mode, window_cannot_be_met")
    detail = c.text("the reason in words")
    method = c.text("method of its service level")
    window_start_at = c.moment("start of the promise")
    window_end_at = c.moment("end of the promise")
    delivered_at = c.moment("when its last part is planned to arrive, or to be ready for collection", nullable=True)
    on_time = dy.Bool(nullable=False, description="served inside the promise")
    same_or_next_day = dy.Bool(nullable=False, description="served by the day after it was placed")
    sites = c.whole("sites that pick for it")
    parcels = c.whole("parcels")
    distance_m = c.whole("straight line from the picking sites to the door, mean over parcels [m]")
    in_region_parcels = dy.Int64(
        nullable=True,
        min=0,
        description="parcels picked in the order's region: the pickup site's, else of the site nearest to the door; "
        "empty: that has none",
    )
    hand_offs = c.whole("times a parcel changed hands, mean over parcels, in hundredths")
    pick_minor = c.whole("pick and stage")
    carton_minor = c.whole("cartons")
    line_haul_minor = c.whole("lanes and cross-docking")
    stem_minor = c.whole("share of vehicles used, and of driving out and back")
    drop_minor = c.whole("share of driving between stops, waiting and service")
    carrier_fee_minor = c.whole("carriers")
    failure_risk_minor = c.whole("expected cost of failed deliveries")
    cost_minor = c.whole("sum of the parts")
    revenue_minor = dy.Int64(nullable=False, description="margin of the goods plus the fee")


class Allocations(dy.Schema):
    """Which site picks how many units of which product for which order."""

    order_id = c.key("order")
    product_id = c.key("product")
    site_id = c.key("picking site")
    quantity = c.whole("units", low=1)


class Parcels(dy.Schema):
    """Parcels as packed by volume, weight and sorted sides."""

    parcel_id = c.key("parcel")
    order_id = c.key("order", primary=False)
    site_id = c.key("site that picks and packs it", primary=False)
    carton_id = c.text("carton; empty: the product travels in its own packaging")
    delivery_id = c.key("delivery that brings it", primary=False)
    lane_departs_at = c.moment("departure of the lane it takes to the dispatching site", nullable=True)
    weight_g = c.whole("goods and carton [g]")
    volume_ml = c.whole("outer volume [ml]")
    longest_side_mm = c.whole("longest side [mm]")
    requirements = c.tags("what it needs on the way")
    carton_minor = c.whole("cost of the carton")


class ParcelLines(dy.Schema):
    """What is in each parcel."""

    parcel_id = c.key("parcel")
    product_id = c.key("product")
    quantity = c.whole("units", low=1)


class Deliveries(dy.Schema):
    """Drops: the parcels of one order that leave one site by one mode together."""

    delivery_id = c.key("delivery")
    order_id = c.key("order", primary=False)
    dispatch_site_id = c.key("site it leaves from, or where it is collected", primary=False)
    mode = c.choice("who brings it", MODES)
    carrier_id = c.text("carrier, for the carrier modes")
    route_id = c.text("route, for own_fleet")
    ready_at = c.moment("when its last parcel is ready at the dispatching site")
    arrive_at = c.moment("start of service at the door, carrier's latest arrival, or ready for collection")
    parcels = c.whole("parcels", low=1)
    weight_g = c.whole("all its parcels [g]")
    volume_ml = c.whole("all its parcels [ml]")
    distance_m = c.whole("road distance from the dispatching site to the door, estimated [m]")
    line_haul_minor = c.whole("lanes and cross-docking of its parcels")
    stem_minor = c.whole("its share of the route")
    drop_minor = c.whole("its share of the route")
    carrier_fee_minor = c.whole("carrier")
    failure_risk_minor = c.whole("expected cost of failure")


class Routes(dy.Schema):
    """A shift of one own vehicle."""

    route_id = c.key("route")
    vehicle_id = c.key("vehicle type", primary=False)
    site_id = c.key("site", primary=False)
    starts_at = c.moment("departure")
    ends_at = c.moment("return")
    distance_m = c.whole("driven [m]")
    stem_m = c.whole("driven between the site and the first or last stop of a trip [m]")
    stops = c.whole("doors", low=1)
    parcels = c.whole("parcels", low=1)
    trips = c.whole("times it leaves the site", low=1)
    fixed_minor = c.whole("cost of the day")
    distance_minor = c.whole("cost of the kilometres")
    time_minor = c.whole("cost of the hours")
    stem_minor = c.whole("the part of all three that stems cause")
    cost_minor = c.whole("all three")


class Stops(dy.Schema):
    """The stops of each route in order, the site included."""

    route_id = c.key("route")
    sequence = dy.Int64(primary_key=True, nullable=False, min=0, description="place in the route")
    kind = c.choice("what happens", ("start", "delivery", "reload", "end"))
    delivery_id = c.text("delivery, for doors")
    lat = c.latitude()
    lon = c.longitude()
    arrive_at = c.moment("arrival")
    service_at = c.moment("start of service or loading")
    leave_at = c.moment("departure")
    distance_m = c.whole("from the stop before [m]")


class DropCosts(dy.Schema):
    """What own drops were expected to cost before routes existed, and what they cost, by site, cell and window."""

    site_id = c.key("site they leave from")
    cell = c.key("H3 cell of the door, resolution 8")
    window_band = dy.Enum(list(WINDOW_BANDS), primary_key=True, nullable=False, description="length of the window")
    drops = c.whole("own drops", low=1)
    density_per_km2 = dy.Float64(nullable=False, min=0.0, description="doors of a day around, mean of drops")
    expected_minor = c.whole("by a price fitted to routes of other sites or days, all drops")
    realised_minor = c.whole("share of the routes' cost, all drops")
    error_minor = dy.Int64(nullable=False, description="expected less realised")
    error_pct = dy.Float64(nullable=False, min=0.0, description="size of the error of a drop, mean of drops [%]")


class Decisions(dy.Schema):
    """Every alternative that was weighed for an order, the chosen one marked."""

    order_id = c.key("order", primary=False)
    question = c.choice("what was decided", ("site", "mode"))
    delivery_id = c.text("delivery, for modes")
    option = c.text("the alternative in words")
    site_id = c.text("site of the alternative")
    mode = c.text("mode of the alternative")
    carrier_id = c.text("carrier of the alternative")
    cost_minor = dy.Int64(nullable=True, description="what it would have cost; empty: impossible")
    price_minor = dy.Int64(
        nullable=True,
        description="worth of its stock and picking to other orders: it decides, nobody pays it; sites only",
    )
    chosen = dy.Bool(nullable=False, description="the one taken")
    code = c.text("why it was not possible, as a code, where there is one, for example drone_wind")
    why = c.text("one plain sentence")


class Scoreboard(dy.Schema):
    """Measures of the plan and of the baselines, long form."""

    plan = c.key("doorstep, nearest_fc_cheapest_carrier or fewest_splits_own_fleet")
    measure = c.key("measure")
    value = dy.Float64(nullable=False, description="value in the unit that the name carries")
