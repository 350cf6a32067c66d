"""Tables that plans of the network read beside the retailer's own: what sites could be, and where people live."""

import dataframely as dy
import polars as pl

from doorstep.domain.tables import columns as c
from doorstep.domain.tables.places import SITE_KINDS


class SiteOptions(dy.Schema):
    """Roles that sites have or could have in the network; several rows may be the same site, of which one is chosen."""

    option_id = c.key("option")
    site_id = c.text("the site that it is about; empty: a new site")
    role = c.choice("what the site would be; parcels start at an FC", SITE_KINDS)
    name = c.text("name for people; empty: the site's")
    lat = dy.Float64(nullable=True, min=-90.0, max=90.0, description="WGS 84 latitude [degrees]; empty: the site's")
    lon = dy.Float64(nullable=True, min=-180.0, max=180.0, description="WGS 84 longitude [degrees]; empty: the site's")
    exists = dy.Bool(nullable=False, metadata={"default": False}, description="it runs today")
    must_stay = dy.Bool(nullable=False, metadata={"default": False}, description="it has to be part of the network")
    sends_vans = dy.Bool(nullable=False, metadata={"default": True}, description="own vans start there")
    holds_stock = dy.Bool(nullable=False, metadata={"default": True}, description="it can send on the day of the order")
    running_cost_minor = c.whole("cost of a day, whatever its volume", default=0)
    opening_cost_minor = c.whole("what opening costs once", default=0)
    closing_cost_minor = c.whole("what closing costs once", default=0)
    handling_cost_minor = c.whole("cost of a parcel that goes through", default=0)
    parcels_per_day = c.limit("parcels that it can handle on a day", low=1)

    @dy.rule()
    def new_site_has_a_place(cls) -> pl.Expr:
        """An option without a site says where it is."""
        return (pl.col("site_id") != "") | (pl.col("lat").is_not_null() & pl.col("lon").is_not_null())

    @dy.rule()
    def only_an_fc_may_do_without_vans(cls) -> pl.Expr:
        """A site that sends no vans is an FC that feeds the others."""
        return pl.col("sends_vans") | (pl.col("role") == "fc")


class DemandAreas(dy.Schema):
    """Where people live, one row an area; a network can be planned for them in place of the orders."""

    area_id = c.key("area, for example a postal code or a census block group")
    lat = c.latitude()
    lon = c.longitude()
    population = c.whole("people who live there", high=10**9)
    orders_per_day = dy.Float64(
        nullable=True, min=0.0, max=1e9, description="parcels a day; empty: those of its people, at the rate asked for"
    )
    same_day_bp = dy.Int64(
        nullable=True,
        min=0,
        max=10_000,
        description="share of them promised for the same day [basis points]; empty: as among the folder's orders",
    )
    land_km2 = dy.Float64(
        nullable=True,
        min=0.0,
        max=1e9,
        description="land that its doors are spread over [km2]; empty: its part of a cell that tells areas apart",
    )
    postal_code = c.text("postal code by which carriers find their zone; empty: only zones of every place fit")
    group = c.text("state, or another group whose share is told")
