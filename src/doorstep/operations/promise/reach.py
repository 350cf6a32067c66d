"""Whether anybody could bring a basket to a door at all: how far each site reaches, and what carriers can keep."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from doorstep.domain.calendar import seconds_of_day
from doorstep.domain.requirements import words_of
from doorstep.foundation.arrays import Ints
from doorstep.geography import great_circle_m
from doorstep.operations.intake.network import LiveNetwork
from doorstep.storage import Connection

NOBODY = -1
ANYWHERE = np.iinfo(np.int64).max
KMH_IN_M_PER_H, HOUR_S = 1_000, 3_600
Words = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What those who bring orders can do; ``judged`` is False where the retailer names neither vans nor carriers.

    Parameters
    ----------
    metres : (S,)
        Straight metres that somebody goes from each site, ``ANYWHERE`` without limit, ``NOBODY`` if none does.
    skills
        What each kind of vehicle and each carrier can keep; ``crewed`` are those of them that are no drones.
    needs
        Words of products and of service levels that have any.
    """

    judged: bool
    metres: Ints
    skills: frozenset[Words]
    crewed: frozenset[Words]
    needs: dict[str, Words]
    level_needs: dict[str, Words]

    def missing(self, products: Iterable[str], level: str, wanted: str = "") -> str:
        """Return the words of one product that nobody can keep, separated by ``;``; empty if there are none.

        ``wanted`` are those of the order itself, separated likewise.
        """
        always = self.level_needs.get(level, Words()) | Words(words_of(wanted))
        for product in products:
            words = always | self.needs.get(product, Words())
            if self.judged and words and not any(words <= skills for skills in self.skills):
                return ";".join(sorted(words))
        return ""

    def only_drones(self, products: Iterable[str], level: str, wanted: str = "") -> Words | None:
        """Return the words of all that is wanted where nobody but drones can keep them, None where others can."""
        always = self.level_needs.get(level, Words()) | Words(words_of(wanted))
        words = always.union(*(self.needs.get(product, Words()) for product in products))
        return words if self.judged and not any(words <= skills for skills in self.crewed) else None

    def is_here(self, network: LiveNetwork, sites: Sequence[str], *, lat: float, lon: float) -> bool:
        """Return whether somebody goes from one of some sites to a door."""
        if not self.judged:
            return True
        rows = np.array([network.site_rows[site] for site in sites], dtype=np.int64)
        far = great_circle_m(
            lat_a=np.full(rows.size, lat), lon_a=np.full(rows.size, lon), lat_b=network.places.lat[rows],
            lon_b=network.places.lon[rows],
        )  # fmt: skip
        return bool((far <= self.metres[rows]).any())


def reach_of(connection: Connection, tenant_id: str, network: LiveNetwork) -> Reach:
    """Return the reach of a tenant's network, kept for each version of the reference tables."""
    return connection.memo(("reach", tenant_id, network.version), lambda: _reach(network.tables))


def _reach(tables: dict[str, pl.DataFrame]) -> Reach:
    sites, policy = tables["sites"], tables["policy"].row(0, named=True)
    far = dict.fromkeys(sites["site_id"].to_list(), NOBODY)
    for van in tables["vehicles"].iter_rows(named=True):
        shift_s = seconds_of_day(van["shift_ends"]) - seconds_of_day(van["shift_starts"])
        there_and_back = shift_s * policy["far_speed_kmh"] * KMH_IN_M_PER_H // HOUR_S
        road_m = min(there_and_back, van["max_distance_m"] or there_and_back) // 2
        far[van["site_id"]] = max(far[van["site_id"]], 100 * road_m // policy["circuity_pct"])
    limits = dict(
        tables["carrier_rates"]
        .group_by("carrier_id")
        .agg(pl.when(pl.col("max_distance_m").is_null().any()).then(None).otherwise(pl.col("max_distance_m").max()))
        .iter_rows()
    )
    kinds = dict(sites.select(pl.col("site_id"), pl.col("kind").cast(pl.String)).iter_rows())
    for carrier in tables["carriers"].iter_rows(named=True):
        if carrier["carrier_id"] not in limits:
            continue
        limit, from_kinds = limits[carrier["carrier_id"]], words_of(carrier["serves_kinds"])
        metres = ANYWHERE if limit is None else 100 * limit // policy["circuity_pct"]
        for site, kind in kinds.items():
            if not from_kinds or kind in from_kinds:
                far[site] = max(far[site], metres)
    return Reach(
        judged=bool(tables["vehicles"].height or tables["carriers"].height),
        metres=np.array(list(far.values()), dtype=np.int64),
        skills=frozenset(Words(words_of(tags)) for name in ("vehicles", "carriers") for tags in tables[name]["skills"]),
        crewed=frozenset(
            Words(words_of(tags))
            for table in (tables["vehicles"], tables["carriers"].join(tables["drones"], on="carrier_id", how="anti"))
            for tags in table["skills"]
        ),
        needs=_words(tables["products"], "product_id", "flags"),
        level_needs=_words(tables["service_levels"], "service_level_id", "requirements"),
    )


def _words(table: pl.DataFrame, key: str, column: str) -> dict[str, Words]:
    return {name: Words(words_of(tags)) for name, tags in table.select(key, column).iter_rows() if tags}
