"""Checks when parcels are ready at the present: what is known, what a site prepares from now on, and lanes."""

from collections import Counter

import numpy as np
import polars as pl

from doorstep.domain.calendar import Calendar
from doorstep.domain.closed_days import closed_days
from doorstep.domain.recurrence import local_day
from doorstep.domain.requirements import words_of
from doorstep.foundation.arrays import ints
from doorstep.operations.corridor.present import Present
from doorstep.operations.corridor.world import handed_from, prepared_from
from doorstep.warehouse import PreparationClock, ready_times

Tables = dict[str, pl.DataFrame]


def as_released(tables: Tables, planned: Tables) -> tuple[Tables, Tables]:
    """Return tables and plan with each delivery as an order of its own, ready where and when the plan says.

    Sites prepare in no time at any hour, and all parcels lie where they are handed over.
    """
    deliveries = planned["deliveries"]
    of_order = deliveries.select("delivery_id", "order_id", "ready_at", "dispatch_site_id")
    renamed = pl.col("delivery_id").alias("order_id")
    orders = of_order.join(tables["orders"], on="order_id").with_columns(renamed, placed_at=pl.col("ready_at"))
    at_once = tables["sites"].with_columns(
        preparation_s=pl.lit(0, dtype=pl.Int64),
        opens=pl.lit("00:00"),
        closes=pl.lit("24:00"),
        order_cutoff=pl.lit("24:00"),
    )
    parcels = planned["parcels"].join(of_order, on="delivery_id", how="left", suffix="_of_delivery")
    mine = pl.col("order_id") == pl.col("order_id_of_delivery")
    released = {
        "deliveries": deliveries.with_columns(renamed, line_haul_minor=pl.lit(0, dtype=pl.Int64)),
        "order_outcomes": of_order.join(planned["order_outcomes"], on="order_id").with_columns(renamed),
        "parcels": parcels.with_columns(
            order_id=pl.when(mine).then("delivery_id").otherwise("order_id"),
            site_id=pl.col("dispatch_site_id"),
            lane_departs_at=pl.lit(None, dtype=pl.Int64),
        ),
    }
    return tables | {"orders": orders, "sites": at_once}, planned | released


def check_releases(tables: Tables, planned: Tables, present: Present) -> list[str]:
    """Return one sentence for each delivery or lane that leaves before its parcels are ready, or costs something else.

    Parcels that are packed are ready when that is known; sites prepare the others, from now on at the earliest. Lanes
    exist, depart by their clock, have room, and end where requirements can be kept. No route starts before now.
    """
    if not planned["deliveries"].height:
        return []
    return [
        *_Dock(tables, planned, present).faults(),
        *(
            f"route {route} starts at {starts_at}, before now, {present.now}."
            for route, starts_at in planned["routes"].select("route_id", "starts_at").iter_rows()
            if starts_at < present.now
        ),
    ]


class _Dock:
    """Parcels with the moment at which each is ready where it is handed over."""

    def __init__(self, tables: Tables, planned: Tables, present: Present) -> None:
        self.sites = {row["site_id"]: row for row in tables["sites"].iter_rows(named=True)}
        self.lanes = {(row["from_site_id"], row["to_site_id"]): row for row in tables["lanes"].iter_rows(named=True)}
        self.deliveries = {row["delivery_id"]: row for row in planned["deliveries"].iter_rows(named=True)}
        self.parcels = planned["parcels"]
        self.ready_at = _ready_at(tables, planned["parcels"], present)
        self.departures = _departures(tables, planned["parcels"])
        self.load: Counter[tuple[str, str, int]] = Counter()
        self.load_g: Counter[tuple[str, str, int]] = Counter()
        self.package_g: Counter[tuple[str, str, str]] = Counter()
        for load in present.lane_load:
            self.load[load.from_site_id, load.to_site_id, load.departs_at] += load.parcels
            self.load_g[load.from_site_id, load.to_site_id, load.departs_at] += load.weight_g

    def faults(self) -> list[str]:
        """Return the faults of all parcels, then of deliveries and of the lanes that they share."""
        found, latest, haul = [], Counter[str](), Counter[str]()
        for parcel in self.parcels.iter_rows(named=True):
            delivery = self.deliveries.get(parcel["delivery_id"])
            if delivery is None:
                continue  # another checker's fault
            ready, cost, faults = self._parcel(parcel, delivery["dispatch_site_id"])
            found += [f"parcel {parcel['parcel_id']}: {fault}" for fault in faults]
            latest[parcel["delivery_id"]] = max(latest[parcel["delivery_id"]], ready)
            haul[parcel["delivery_id"]] += cost
        for (name, *ends), weight_g in self.package_g.items():
            haul[name] += (2 * weight_g * self.lanes[ends[0], ends[1]]["kg_cost_minor"] + 1000) // 2000
        for name, row in self.deliveries.items():
            for column, expected in (("ready_at", latest[name]), ("line_haul_minor", haul[name])):
                if row[column] != expected:
                    found.append(f"delivery {name}: {column} is {row[column]}, not {expected}.")
        for (sender, receiver, at), parcels in self.load.items():
            most = self.lanes[sender, receiver]["capacity_parcels"]
            if most is not None and parcels > most:
                found.append(f"lane {sender} to {receiver} at {at}: {parcels} parcels, room for {most}.")
            heaviest, weight_g = self.lanes[sender, receiver]["capacity_g"], self.load_g[sender, receiver, at]
            if heaviest is not None and weight_g > heaviest:
                found.append(f"lane {sender} to {receiver} at {at}: {weight_g} g, room for {heaviest}.")
        return found

    def _parcel(self, parcel: dict[str, str | None], dispatch: str) -> tuple[int, int, list[str]]:
        """Return when a parcel is ready at its dispatching site, what its lane costs, and what is wrong."""
        origin, departs = str(parcel["site_id"]), parcel["lane_departs_at"]
        ready = self.ready_at[str(parcel["order_id"]), origin]
        if departs is None:
            return ready, 0, [] if origin == dispatch else [f"lies at {origin}, the delivery leaves {dispatch}."]
        if (origin, dispatch) not in self.lanes:
            return ready, 0, [f"there is no lane from {origin} to {dispatch}."]
        lane, site, at = self.lanes[origin, dispatch], self.sites[dispatch], int(departs)
        self.load[origin, dispatch, at] += 1
        self.load_g[origin, dispatch, at] += int(str(parcel["weight_g"]))
        self.package_g[str(parcel["delivery_id"]), origin, dispatch] += int(str(parcel["weight_g"]))
        faults = []
        if at < ready or at not in self.departures[origin, dispatch]:
            faults.append(f"cannot take a lane at {at}, it is ready at {ready}.")
        if missing := set(words_of(str(parcel["requirements"]))) - set(words_of(site["skills"])):
            faults.append(f"{dispatch} cannot keep {sorted(missing)}.")
        cost = lane["parcel_cost_minor"] + site["cross_dock_cost_minor"]
        return at + lane["duration_s"] + site["cross_dock_s"], cost, faults


def _ready_at(tables: Tables, parcels: pl.DataFrame, present: Present) -> dict[tuple[str, str], int]:
    """Return when each package, named by order and picking site, is ready there."""
    packages = parcels.select("order_id", "site_id").unique(maintain_order=True)
    placed = packages.join(tables["orders"].select("order_id", "placed_at"), on="order_id", maintain_order="left")
    site_of = {site: row for row, site in enumerate(tables["sites"]["site_id"].to_list())}
    asked = ints(placed["placed_at"])
    latest = max(int(asked.max()), present.now)
    zones = tables["sites"]["time_zone"].to_list()
    calendar = Calendar.spanning(zones, int(asked.min()), latest, further_days=2, closed=closed_days(tables))
    clock = PreparationClock.from_tables(tables["sites"], calendar)
    site = np.array([site_of[name] for name in packages["site_id"]], dtype=np.int64)
    prepared = ready_times(clock, calendar, asked, site[:, None]).ready_at[:, 0]
    anew = prepared_from(clock, calendar, np.full_like(asked, present.now), site[:, None]).ready_at[:, 0]
    prepared = np.where(prepared - clock.preparation_s[site] < present.now, anew, prepared)
    known = [max(present.ready_at.get(package, 0), present.now) for package in packages.iter_rows()]
    packed = handed_from(clock, calendar, np.array(known, dtype=np.int64), site).tolist()
    return {
        package: at if package in present.ready_at else begun
        for package, at, begun in zip(packages.iter_rows(), packed, prepared.tolist(), strict=True)
    }


def _departures(tables: Tables, parcels: pl.DataFrame) -> dict[tuple[str, str], set[int]]:
    """Return all departures of each lane in the days on which parcels depart."""
    taken = parcels["lane_departs_at"].drop_nulls()
    lanes = tables["lanes"].join(
        tables["sites"].select("site_id", "time_zone"),
        left_on="from_site_id",
        right_on="site_id",
        maintain_order="left",
    )
    lanes = lanes.filter(pl.col("to_site_id").is_in(tables["sites"]["site_id"].implode()))
    if not taken.len() or not lanes.height:
        return {}
    low, high = sorted((int(taken.min()), int(taken.max())))  # type: ignore[arg-type]
    sites = {row["site_id"]: row for row in tables["sites"].iter_rows(named=True)}
    shut = dict(zip(sites, closed_days(tables), strict=True))
    calendar = Calendar.spanning(
        lanes["time_zone"].to_list(), low, high, further_days=1, closed=[shut[name] for name in lanes["from_site_id"]]
    )
    weekdays = calendar.weekdays().tolist()

    def arrives(lane: dict[str, str], at: int) -> bool:
        """Return whether the receiver is open on the day on which parcels of a departure are ready there."""
        to = sites[lane["to_site_id"]]
        return local_day(to["time_zone"], at + int(lane["duration_s"]) + to["cross_dock_s"]) not in shut[to["site_id"]]

    return {
        (lane["from_site_id"], lane["to_site_id"]): {
            at
            for at, day, closed in zip(moments, weekdays, never, strict=True)
            if str(day) in lane["weekdays"] and not closed and arrives(lane, at)
        }
        for lane, moments, never in zip(
            lanes.iter_rows(named=True),
            calendar.at(lanes["departs"].to_list()).tolist(),
            calendar.closed.tolist(),
            strict=True,
        )
    }
