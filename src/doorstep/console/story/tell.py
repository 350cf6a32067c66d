"""The story of an order, chapter by chapter."""

import textwrap
from dataclasses import dataclass

import polars as pl

from doorstep.console import words as w
from doorstep.console.story.alternatives import weighed
from doorstep.console.story.order_file import OrderFile, Row, named
from doorstep.console.story.remedy import what_would_have_helped
from doorstep.domain import DayPlan, Retailer
from doorstep.domain.requirements import words_of
from doorstep.domain.tables import COST_PARTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """A heading and the sentences below it."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStory:
    """What became of an order and why."""

    order_id: str
    headline: str
    chapters: tuple[Chapter, ...]

    def text(self, width: int = 96) -> str:
        """Return the story as plain text, wrapped."""
        parts = [textwrap.fill(self.headline, width)]
        for chapter in self.chapters:
            told = [
                textwrap.fill(line, width, initial_indent="  - ", subsequent_indent="    ")
                for line in chapter.sentences
            ]
            parts.append("\n".join([chapter.title, *told]))
        return "\n\n".join(parts) + "\n"


def order_story(retailer: Retailer, plan: DayPlan, order_id: str, *, most_alternatives: int = 12) -> OrderStory:
    """Return one order's story.

    Parameters
    ----------
    most_alternatives
        Rejected alternatives told for each decision; of the others only the number is told.

    Raises
    ------
    NotFoundError
        If the plan has no such order; the message names similar ones.
    """
    file = OrderFile.gather(retailer, plan, order_id)
    if file.outcome["status"] == "unserved":
        chapters = [
            asked(file),
            Chapter(title="Why it is not served", sentences=why_unserved(file, most_alternatives)),
            Chapter(title="What would have helped", sentences=what_would_have_helped(file)),
        ]
    else:
        chapters = [
            asked(file),
            Chapter(title="Who picks it, and why", sentences=picked(file, most_alternatives)),
            Chapter(title="How it is packed", sentences=packed(file)),
            Chapter(title="Who brings it, and why", sentences=brought(file, most_alternatives)),
            Chapter(title="What it costs", sentences=costed(file)),
        ]
    told = tuple(chapter for chapter in chapters if chapter.sentences)
    return OrderStory(order_id=order_id, headline=headline(file), chapters=told)


def headline(file: OrderFile) -> str:
    """Return the outcome in one sentence."""
    order, outcome = file.order, file.outcome
    if outcome["status"] == "unserved":
        reason = w.REASON_NAMES.get(outcome["reason"], w.plain(outcome["reason"]))
        return f"Order {order['order_id']} is not served: {reason}."
    cost = w.money(outcome["cost_minor"], file.retailer.currency)
    collected = (file.deliveries["mode"].cast(pl.String) == "pickup").all()
    verb = "is ready for collection" if collected and file.deliveries.height else "arrives"
    moment = outcome["delivered_at"]
    at = f" at {w.when(moment, file.zone)}" if moment is not None else ""
    return f"Order {order['order_id']} {verb}{at}, {punctuality(outcome)}, and costs {cost}."


def punctuality(outcome: Row) -> str:
    """Return how the planned moment stands to the promise."""
    moment = outcome["delivered_at"]
    if outcome["on_time"]:
        return "inside its promise"
    if moment is None:
        return "outside its promise"
    if moment > outcome["window_end_at"]:
        return f"{w.duration(moment - outcome['window_end_at'])} after its promise"
    return f"{w.duration(outcome['window_start_at'] - moment)} before its promise"


def asked(file: OrderFile) -> Chapter:
    """Return what was ordered and what was promised."""
    order, level, outcome = file.order, file.level, file.outcome
    to = f" to {order['postal_code']}" if order["postal_code"] else ""
    method = w.plain(level.get("method", "no service level"))
    placed = f"Placed at {w.when(order['placed_at'], file.zone)} with {method}"
    where = f", to be collected at {file.site_name(order['pickup_site_id'])}" if order["pickup_site_id"] else to
    promise = f"Promised for {w.period(outcome['window_start_at'], outcome['window_end_at'], file.zone)}"
    fee = level.get("fee_minor", 0)
    paid = f"; the shopper pays a fee of {w.money(fee, file.retailer.currency)}" if fee else ""
    needs = words_of(";".join([order["requirements"], level.get("requirements", ""), *file.lines["flags"].to_list()]))
    lines = [goods(file.lines, most=10), placed + where, promise + paid]
    if needs:
        lines.append(f"It needs {w.listed([w.plain(each) for each in needs])}")
    return Chapter(title="What was ordered and promised", sentences=tuple(w.sentence(line) for line in lines))


def goods(lines: pl.DataFrame, *, most: int = 6) -> str:
    """Return quantities and products as an enumeration."""
    rows = lines.iter_rows(named=True)
    items = [f"{row['quantity']} x {named(row['product_id'], row['name'] or '')}" for row in rows]
    return w.listed(items, most=most, noun="other products")


def why_unserved(file: OrderFile, most: int) -> tuple[str, ...]:
    """Return the reason in words and what stood against each alternative."""
    detail = w.sentence(file.outcome["detail"])
    alternatives = weighed(file, pl.lit(value=True), most=most)
    return (detail, *alternatives) if detail else tuple(alternatives)


def picked(file: OrderFile, most: int) -> tuple[str, ...]:
    """Return which sites pick what, and what stood against the others."""
    lines = [
        w.sentence(f"{file.site_name(site)} picks {goods(group)}")
        for (site,), group in file.allocations.group_by("site_id", maintain_order=True)
    ]
    return (*lines, *weighed(file, pl.col("question").cast(pl.String) == "site", most=most))


def packed(file: OrderFile) -> tuple[str, ...]:
    """Return the parcels with their contents and the lanes that they take."""
    lines = []
    for parcel in file.parcels.iter_rows(named=True):
        contents = file.contents.filter(pl.col("parcel_id") == parcel["parcel_id"])
        box = f"carton {parcel['carton_id']}" if parcel["carton_id"] else "its own packaging"
        size = f"{w.weight(parcel['weight_g'])}, longest side {parcel['longest_side_mm'] / 10:.0f} cm"
        lines.append(w.sentence(f"{parcel['parcel_id']} in {box} ({size}): {goods(contents)}{lane(file, parcel)}"))
    return tuple(lines)


def lane(file: OrderFile, parcel: Row) -> str:
    """Return the lane that a parcel takes before its delivery, empty where it takes none."""
    if parcel["lane_departs_at"] is None:
        return ""
    to = file.deliveries.filter(pl.col("delivery_id") == parcel["delivery_id"])["dispatch_site_id"].head(1).to_list()
    towards = f" for {file.site_name(to[0])}" if to else ""
    departs = w.when(parcel["lane_departs_at"], file.site_zone(parcel["site_id"]))
    return f"; its lane leaves {file.site_name(parcel['site_id'])}{towards} at {departs}"


def brought(file: OrderFile, most: int) -> tuple[str, ...]:
    """Return how each delivery reaches its door, and what stood against the other modes."""
    lines: list[str] = []
    for delivery in file.deliveries.iter_rows(named=True):
        lines.append(w.sentence(journey(file, delivery)))
        of_mode = pl.col("question").cast(pl.String) == "mode"
        lines += weighed(file, of_mode & (pl.col("delivery_id") == delivery["delivery_id"]), most=most)
    return tuple(lines)


def journey(file: OrderFile, delivery: Row) -> str:
    """Return the way of one delivery in one sentence."""
    site = file.site_name(delivery["dispatch_site_id"])
    zone = file.site_zone(delivery["dispatch_site_id"])
    parcels = w.many(delivery["parcels"], "parcel")
    ready = w.when(delivery["ready_at"], zone)
    if delivery["mode"] == "pickup":
        return f"The shopper collects {parcels} at {site}, ready at {w.when(delivery['arrive_at'], zone)}"
    if delivery["mode"] != "own_fleet":
        named_carrier = file.retailer.carriers.filter(pl.col("carrier_id") == delivery["carrier_id"])["name"].to_list()
        carrier = named(delivery["carrier_id"], named_carrier[0] if named_carrier else "")
        latest = " at the latest" if delivery["mode"] == "parcel_carrier" else ""
        return (
            f"{w.MODE_NAMES[delivery['mode']]} {carrier} takes {parcels}, ready at {site} at {ready}, and is at the"
            f" door at {w.when(delivery['arrive_at'], zone)}{latest}, {w.distance(delivery['distance_m'])} away"
        )
    route, (stop, number) = file.route(delivery["route_id"]), file.stop(delivery["delivery_id"])
    if not route or not stop:
        return f"Own route {delivery['route_id']} brings {parcels} from {site} at {w.when(delivery['arrive_at'], zone)}"
    service = f"{w.clock(stop['service_at'], zone)} to {w.clock(stop['leave_at'], zone)}"
    return (
        f"Own route {delivery['route_id']} ({route['vehicle_id']}) leaves {site} at {w.when(route['starts_at'], zone)}"
        f" with {parcels} of this order; it is door {number} of {route['stops']}, reached at"
        f" {w.clock(stop['arrive_at'], zone)} and served {service}, {w.distance(delivery['distance_m'])} by road"
    )


def costed(file: OrderFile) -> tuple[str, ...]:
    """Return the cost by part and what remains."""
    outcome, currency = file.outcome, file.retailer.currency
    parts = [
        f"{w.PART_NAMES[part]} {w.money(outcome[f'{part}_minor'], currency)}"
        for part in COST_PARTS
        if outcome[f"{part}_minor"]
    ]
    total = w.money(outcome["cost_minor"], currency)
    left = outcome["revenue_minor"] - outcome["cost_minor"]
    remains = f"{w.money(left, currency)} remain" if left >= 0 else f"{w.money(-left, currency)} are lost"
    return (
        w.sentence(f"{w.listed(parts, most=len(parts) or 1)}: {total} in all"),
        w.sentence(f"Goods margin and fee bring {w.money(outcome['revenue_minor'], currency)}, so {remains}"),
    )
