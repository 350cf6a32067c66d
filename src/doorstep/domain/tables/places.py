"""Tables of the network: sites, lanes between them, and the retailer's policy."""

import dataframely as dy
import polars as pl

from doorstep.domain.tables import columns as c

SITE_KINDS = ("store", "fc", "hub", "parcel_station", "locker_bank", "pickup_point")
LANE_MODES = ("road", "air", "rail", "water")
HANDING_OUT = ("locker_bank", "pickup_point")
"""Kinds of site that only hand out: they are looked at for orders that are collected there, and for no others."""


class Sites(dy.Schema):
    """Places that hold stock, prepare orders, run vans, receive parcels or hand them to shoppers."""

    site_id = c.key("site")
    kind = c.choice("what the site is", SITE_KINDS)
    name = c.text("name for people")
    lat = c.latitude()
    lon = c.longitude()
    time_zone = dy.String(nullable=False, min_length=1, description="IANA time zone, for example America/Chicago")
    opens = c.time_of_day("start of preparation and hand-over", default="07:00")
    closes = c.time_of_day("end of preparation and hand-over", default="22:00")
    order_cutoff = c.time_of_day("orders placed later are prepared on the next day", default="24:00")
    preparation_s = c.whole("from start of preparation to ready [s]", default=3600)
    pick_lines_per_day = c.limit("order lines that can be picked on one day")
    package_cost_minor = c.whole("handling cost of a package (one order at one site)", default=50)
    line_cost_minor = c.whole("pick cost of an order line", default=60)
    unit_cost_minor = c.whole("pick cost of a unit", default=10)
    staging_cost_minor = c.whole("cost of staging and handing over a collected order", default=80)
    cross_dock_cost_minor = c.whole("cost of receiving and sorting a parcel that came by a lane", default=25)
    cross_dock_s = c.whole("from arrival of a lane to parcels ready for vans [s]", default=1800)
    loading_s = c.whole("loading a vehicle before each trip [s]", default=900)
    skills = c.tags("requirements that the site can keep for parcels from other sites, for example chilled")
    region = c.text("region of the network that it belongs to; empty: none")
    address = c.text("street address as people write it; carriers ask for it")
    phone = c.text("telephone of the site, for example +13125550100; carriers ask for it")
    curbside_bays = c.whole("numbered bays for cars, from 1; 0: none is numbered", default=0)
    stock_litres = dy.Int64(
        nullable=True, min=0, description="room for stock [litres]; empty: what its stock takes when stock is planned"
    )
    next_day_cutoff = c.time_of_day(
        "orders to doors nearest to it that promise a later day may be placed until then, where their service level's "
        "cut-off is earlier; 00:00: no later than that",
        default="00:00",
    )

    @dy.rule()
    def opens_before_it_closes(cls) -> pl.Expr:
        """A site closes after it opens, on the same day."""
        return pl.col("opens") < pl.col("closes")


class Compartments(dy.Schema):
    """Compartments in which parcels wait for shoppers: a row is several of one size at one site, numbered from 1."""

    compartment_id = c.key("compartments of this size at this site")
    site_id = c.key("locker bank or pick-up point", primary=False)
    length_mm = c.whole("inner length [mm]", low=1)
    width_mm = c.whole("inner width [mm]", low=1)
    height_mm = c.whole("inner height [mm]", low=1)
    count = c.whole("how many there are", low=1, default=1)


class Lanes(dy.Schema):
    """Line-haul between sites, by road or by air: once a day at most, at a fixed local time of the sending site."""

    from_site_id = c.key("sending site")
    to_site_id = c.key("receiving site: a store, hub or parcel station")
    departs = c.time_of_day("departure")
    duration_s = c.whole("from departure to arrival [s]")
    parcel_cost_minor = c.whole("cost of one parcel on the lane")
    capacity_parcels = c.limit("parcels per departure")
    mode = c.choice("what goes there", LANE_MODES, default="road")
    weekdays = dy.String(
        nullable=False,
        regex=r"^[1-7]{1,7}$",
        metadata={"default": "1234567"},
        description="days on which it departs, 1 = Monday ... 7 = Sunday",
    )
    kg_cost_minor = c.whole("cost of a kilogram of a package (one order at one site), on top", default=0)
    capacity_g = c.limit("weight per departure [g]")


class ClosedDays(dy.Schema):
    """Days on which a site, or every site, is closed: nobody prepares, hands over, drives or collects there."""

    closed_day_id = c.key("row, for example S1-2026-12-25")
    site_id = c.text("site that is closed; empty: every site")
    day = dy.String(nullable=False, regex=c.DAY, description="local day, YYYY-MM-DD")
    name = c.text("name for people, for example Christmas Day")

    @dy.rule()
    def day_exists(cls) -> pl.Expr:
        """The day is one of the calendar."""
        return pl.col("day").str.to_date("%Y-%m-%d", strict=False).is_not_null()


class Policy(dy.Schema):
    """The retailer's own weights, one row; every column has a default."""

    currency = dy.String(nullable=False, regex=r"^[A-Z]{3}$", metadata={"default": "USD"}, description="ISO 4217")
    circuity_pct = c.whole("road metres per 100 straight metres (an estimate)", low=100, default=130, high=300)
    near_speed_kmh = c.whole("speed on the first part of a drive", low=1, default=30)
    far_speed_kmh = c.whole("speed beyond the first part", low=1, default=50)
    near_distance_m = c.whole("length of the first part of a drive [m]", default=5000)
    door_service_s = c.whole("time at a door where the order gives none [s]", default=180)
    carton_fill_pct = c.whole("share of a carton's volume that goods can fill [%]", low=1, default=85, high=100)
    failed_delivery_cost_minor = c.whole("cost of a failed delivery: return, call, second try", default=1400)
    own_failure_bp = c.whole("failed share of own deliveries [basis points]", default=150, high=10_000)
    unserved_cost_minor = c.whole("what an unserved order counts in decisions, on top of its margin", default=20_000)
    refusal_cost_minor = c.whole("cost of a site that refuses: a search in vain, the order routed again", default=500)
    late_cost_minor = c.whole("cost of a package that comes late: the fee refunded, a call", default=800)
    out_of_region_cost_minor = c.whole(
        "what a package from a site of another region than the door's counts in decisions, on top of its cost",
        default=0,
    )
    slots_for_members_pct = c.whole(
        "last share of each slot, kept for members whose plan has slot priority [%]", default=0, high=100
    )
    gs1_company_prefix = dy.String(
        nullable=False,
        regex=r"^\d{7,10}$",
        metadata={"default": "9520000"},
        description="GS1 company prefix for parcel labels; GS1 keeps 952 for examples",
    )
