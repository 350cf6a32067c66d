"""Tables of those who deliver: own vehicles, and carriers with their rate cards."""

import dataframely as dy
import polars as pl

from doorstep.domain.tables import columns as c

CARRIER_KINDS = ("parcel", "on_demand")
DRONE_KINDS = ("air", "pavement", "road")
ALL_WEEKDAYS = "1234567"


class Vehicles(dy.Schema):
    """Own vehicles, identical ones in one row; each works one shift on every planned day."""

    vehicle_id = c.key("vehicle type at a site")
    site_id = c.key("site where it starts, reloads and ends", primary=False)
    vehicle_type = c.text("van, bike, truck ...", default="van")
    count = c.whole("how many", low=1, default=1)
    shift_starts = c.time_of_day("earliest departure", default="08:00")
    shift_ends = c.time_of_day("latest return", default="20:00")
    max_weight_g = c.whole("payload [g]", low=1)
    max_volume_ml = c.whole("load volume [ml]", low=1)
    max_parcels = c.limit("parcels on board", low=1)
    max_distance_m = c.limit("range of one shift [m]", low=1)
    max_reloads = c.whole("times it may come back to load again", default=2)
    fixed_cost_minor = c.whole("cost of a day on which it is used", default=0)
    cost_per_km_minor = c.whole("cost of a kilometre", default=0)
    cost_per_hour_minor = c.whole("cost of an hour from departure to return", default=0)
    skills = c.tags("requirements it can keep, for example chilled;two_person")

    @dy.rule()
    def shift_ends_after_it_starts(cls) -> pl.Expr:
        """A shift ends on the day it starts."""
        return pl.col("shift_starts") < pl.col("shift_ends")


class Carriers(dy.Schema):
    """Third parties: parcel carriers collect once a day, on-demand couriers come when called."""

    carrier_id = c.key("carrier")
    name = c.text("name for people")
    kind = c.choice(
        "parcel: priced by parcel, day-definite; on_demand: priced by drop, can hit a window", CARRIER_KINDS
    )
    basis = c.choice("what the rate card is by", ("distance", "zone"), default="distance")
    serves_kinds = c.tags("kinds of site it collects from (empty: all)")
    collects = c.time_of_day("daily collection of a parcel carrier", default="18:00")
    delivers_from = c.time_of_day("start of its deliveries", default="08:00")
    delivers_by = c.time_of_day("end of its deliveries", default="20:00")
    weekdays = dy.String(
        nullable=False,
        regex=r"^[1-7]{1,7}$",
        metadata={"default": ALL_WEEKDAYS},
        description="days it works, 1 = Monday ... 7 = Sunday",
    )
    lead_s = c.whole("from call to departure of an on-demand courier [s]", default=1200)
    dim_ml_per_kg = c.limit("dimensional weight: millilitres that bill as one kilogram", low=1)
    max_weight_g = c.limit("heaviest parcel (parcel) or drop (on_demand) [g]", low=1)
    max_side_mm = c.limit("longest side of a parcel [mm]", low=1)
    daily_limit = c.limit("parcels (parcel) or drops (on_demand) a day over all sites")
    fuel_surcharge_bp = c.whole("surcharge on the rate [basis points]", default=0)
    failure_bp = c.whole("failed share of its deliveries [basis points]", default=250, high=10_000)
    skills = c.tags("requirements it can keep, for example age_restricted")

    @dy.rule()
    def delivers_by_is_after_delivers_from(cls) -> pl.Expr:
        """Deliveries of a day end after they start."""
        return pl.col("delivers_from") < pl.col("delivers_by")


class Drones(dy.Schema):
    """Drones of an on-demand carrier at a site: machines without a person that bring one drop a trip, and come back.

    A carrier with drones has nothing else. What it asks, takes at most (``max_weight_g``, ``max_side_mm``) and when
    trips may be under way (``delivers_from``, ``delivers_by``) is said by its own row.
    """

    drone_id = c.key("drones of one kind at one site")
    carrier_id = c.key("on-demand carrier that they are of", primary=False)
    site_id = c.key("site where they start and end", primary=False)
    kind = c.choice(
        "air: straight and in the wind; pavement: robots, road: vans without a driver, both along the road",
        DRONE_KINDS,
        default="air",
    )
    count = c.whole("how many", low=1, default=1)
    speed_kmh = c.whole("speed in still air, or on the pavement [km/h]", low=1)
    range_m = c.whole("way that a full battery lasts at that speed [m]", low=1)
    reserve_pct = c.whole("share of the battery that is left when it is back [%]", default=20, high=99)
    handover_s = c.whole("time at the door, the battery in use [s]", default=60)
    turnaround_s = c.whole("from being back to the next start: battery and load [s]", default=300)
    max_wind_kmh = c.limit("strongest wind [km/h]")
    max_gust_kmh = c.limit("strongest gust [km/h]")
    max_rain_mm_h = c.limit("heaviest rain or snow [mm/h of water]")
    min_visibility_m = c.whole("least visibility [m]", default=0)
    min_temperature_c = dy.Int64(nullable=True, min=-90, max=60, description="coldest air [C]; empty: no limit")
    max_temperature_c = dy.Int64(nullable=True, min=-90, max=60, description="hottest air [C]; empty: no limit")


class Weather(dy.Schema):
    """Weather measured or forecast at sites, each row from its moment to the next one of the site.

    The first row of a site holds before it too; where a site has no row, nothing of the weather stops drones.
    """

    weather_id = c.key("row, for example S1-2026-03-03T14")
    site_id = c.key("site", primary=False)
    from_at = c.moment("when it begins")
    wind_kmh = c.whole("mean wind [km/h]", default=0, high=500)
    wind_from_deg = c.whole("where the wind comes from, clockwise from north [degrees]", default=0, high=360)
    gust_kmh = c.whole("gusts [km/h]", default=0, high=500)
    rain_mm_h = c.whole("rain or snow [mm/h of water]", default=0, high=500)
    visibility_m = c.whole("visibility [m]", default=10_000)
    temperature_c = dy.Int64(
        nullable=False, min=-90, max=60, metadata={"default": 15}, description="temperature of the air [C]"
    )


class CarrierRates(dy.Schema):
    """Rate cards: the row with the nearest limits that hold the zone, distance and billable weight applies."""

    carrier_id = c.key("carrier", primary=False)
    zone = c.text("zone; for carriers by zone")
    max_distance_m = c.limit("road distance up to which the row applies [m]", low=1)
    max_weight_g = c.limit("billable weight up to which the row applies [g]", low=1)
    transit_days = c.whole("service days from collection to delivery", default=1, high=30)
    price_minor = c.whole("price")
    price_per_km_minor = c.whole("price of each kilometre beyond included_m", default=0)
    included_m = c.whole("road distance in the price [m]", default=0)


class CarrierZones(dy.Schema):
    """Zones by postal code; the longest prefix wins, a row with the site before one without."""

    carrier_id = c.key("carrier")
    site_id = dy.String(
        primary_key=True, nullable=False, metadata={"default": ""}, description="sending site; empty: every site"
    )
    postal_prefix = dy.String(
        primary_key=True, nullable=False, metadata={"default": ""}, description="postal code prefix"
    )
    zone = c.key("zone", primary=False)


class CarrierSurcharges(dy.Schema):
    """Extra charges; a row applies when every condition that it gives holds."""

    carrier_id = c.key("carrier")
    surcharge = c.key("name of the surcharge")
    over_side_mm = dy.Int64(nullable=True, min=0, description="parcels with a longer side [mm]")
    over_weight_g = dy.Int64(nullable=True, min=0, description="parcels heavier than this [g]")
    requirement = c.tags("parcels with this requirement")
    amount_minor = c.whole("added to the price", default=0)
    percent_bp = c.whole("added share of the rate [basis points]", default=0)
