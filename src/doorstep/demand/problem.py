"""What was sold where and when: what goes into a forecast."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from doorstep.demand.holidays import us_holidays
from doorstep.demand.reading import events_of, faults_of, offers_of, prepared
from doorstep.foundation import InputError
from doorstep.foundation.arrays import Bools, Floats, Ints, floats, index_of, ints


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandHistory:
    """S series, each a product in a zone, over T days, with what is known of F days to come.

    Parameters
    ----------
    product_ids, zone_ids
        P products and Z zones.
    product, zone : (S,)
        Product and zone of each series.
    attributes : (P, A)
        Codes of the attributes of each product, from coarse to fine; A may be 0.
    attribute_names
        Their names.
    first_day
        Day 0 [days since 1970-01-01].
    units : (S, T)
        Units sold.
    in_stock : (S, T)
        Share of the day on which the product could be bought; 0 where the shop was closed.
    price_minor : (S, T + F)
        Price of a unit, NaN where it is not known.
    promotion, display : (S, T + F)
        Share of the offer on promotion, and share on display in the shop.
    event_day, event_kind : (E,)
        Days that are special and which of the kinds they are.
    event_kinds
        Names of the kinds.
    notes
        What was noticed while reading and how it was handled.
    """

    product_ids: tuple[str, ...]
    zone_ids: tuple[str, ...]
    product: Ints
    zone: Ints
    attributes: Ints
    attribute_names: tuple[str, ...]
    first_day: int
    units: Floats
    in_stock: Floats
    price_minor: Floats
    promotion: Floats
    display: Floats
    event_day: Ints
    event_kind: Ints
    event_kinds: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        faults = self._shape_faults()
        if not faults:
            faults = [
                f"{name} must be finite and at least 0: series {int(np.argwhere(bad)[0, 0])}, "
                f"day {int(np.argwhere(bad)[0, 1])} is {values[bad][0]}."
                for name, values in self._checked()
                if (bad := ~((values >= 0) & np.isfinite(values))).any()
            ]
        if faults:
            raise InputError(" ".join(faults))

    def _shape_faults(self) -> list[str]:
        series, days = self.units.shape if self.units.ndim == 2 else (0, 0)
        faults = [] if series and days else [f"units {self.units.shape} must be (S, T) with at least one of each."]
        faults += [
            f"{name} {values.shape} must be ({series},)."
            for name, values in (("product", self.product), ("zone", self.zone))
            if values.shape != (series,)
        ]
        if self.in_stock.shape != self.units.shape:
            faults.append(f"in_stock {self.in_stock.shape} must be {self.units.shape}.")
        faults += [
            f"{name} {values.shape} must be ({series}, {days} or more)."
            for name, values in (("price_minor", self.price_minor), *self._checked()[2:])
            if values.ndim != 2 or values.shape[0] != series or values.shape[1] < days
        ]
        if self.attributes.shape != (len(self.product_ids), len(self.attribute_names)):
            faults.append(f"attributes {self.attributes.shape} must be a row a product and a column a name.")
        return faults

    def _checked(self) -> list[tuple[str, Floats]]:
        return [(name, getattr(self, name)) for name in ("units", "in_stock", "promotion", "display")]

    @property
    def series(self) -> int:
        """Number of series."""
        return int(self.units.shape[0])

    @property
    def days(self) -> int:
        """Number of days of sales."""
        return int(self.units.shape[1])

    @property
    def last_day(self) -> int:
        """The last day of sales [days since 1970-01-01]."""
        return self.first_day + self.days - 1

    def groups(self, attribute: int) -> Ints:
        """Return the code of an attribute for each series (S,)."""
        codes: Ints = self.attributes[self.product, attribute]
        return codes

    def until(self, day: int) -> "DemandHistory":
        """Return what was known at the end of a day [days since 1970-01-01]: later sales and prices paid are gone.

        Promotions and displays stay, because they are planned ahead; so do prices of days after the last sales.

        Raises
        ------
        InputError
            If the day is not one of the history.
        """
        count = day - self.first_day + 1
        if not 0 < count <= self.days:
            raise InputError(f"origin {day} must be from {self.first_day} to {self.last_day}, a day of the history.")
        if count == self.days:
            return self
        price = self.price_minor.copy()
        price[:, count : self.days] = np.nan
        return replace(self, units=self.units[:, :count], in_stock=self.in_stock[:, :count], price_minor=price)

    def only(self, series: Bools) -> "DemandHistory":
        """Return the history of some of the series (S,); products and zones keep their numbers."""
        return replace(
            self,
            product=self.product[series],
            zone=self.zone[series],
            units=self.units[series],
            in_stock=self.in_stock[series],
            price_minor=self.price_minor[series],
            promotion=self.promotion[series],
            display=self.display[series],
        )

    @classmethod
    def from_tables(
        cls,
        sales: pl.DataFrame,
        *,
        products: pl.DataFrame | None = None,
        events: pl.DataFrame | None = None,
        planned: pl.DataFrame | None = None,
    ) -> "DemandHistory":
        """Return the history that tables hold: ``SalesHistory``, ``ProductAttributes``, ``CalendarEvents``, offers.

        Days without a row of a series are days without a sale; days without any row are closed. A product
        and zone that has planned offers and no sales was never on offer: it is forecast from products like it. Both
        tables may have a column ``display``, the share of the offer on display, 0 where it is absent. Without events
        the holidays of the United States are used.

        Raises
        ------
        InputError
            With every fault: missing columns, empty cells, negative or fractional units, days given twice, shares
            beyond 1, unknown products.
        """
        faults = faults_of(sales, products, planned)
        if faults:
            raise InputError(" ".join(faults), hint="Maybe returns or weights are among the units: give units sold.")
        sold = prepared(sales)
        first, last = int(ints(sold["number"]).min()), int(ints(sold["number"]).max())
        offers = offers_of(sold, planned, last)
        pairs = offers.select("product_id", "zone_id").unique().sort("product_id", "zone_id").with_row_index("series")
        known = pairs["product_id"].unique().sort()
        zones = pairs["zone_id"].unique().sort()
        attributes, names = _attributes(products, known)
        ahead = max(int(ints(offers["number"]).max()) - last, 0)
        rows = sold.join(pairs, on=["product_id", "zone_id"])
        at = ints(rows["series"]), ints(rows["number"]) - first
        shape = pairs.height, last - first + 1
        units, in_stock = np.zeros(shape), np.zeros(shape)
        in_stock[np.unique(at[0])] = 1.0  # what has only planned offers was never on offer
        units[at], in_stock[at] = floats(rows["units"]), floats(rows["in_stock_share"])
        closed = np.setdiff1d(np.arange(shape[1]), at[1])
        in_stock[:, closed] = 0.0
        rows = offers.join(pairs, on=["product_id", "zone_id"])
        at = ints(rows["series"]), ints(rows["number"]) - first
        price, promotion, display = (np.full((shape[0], shape[1] + ahead), usual) for usual in (np.nan, 0.0, 0.0))
        price[at] = floats(rows["price_minor"].fill_null(np.nan))
        promotion[at], display[at] = floats(rows["promotion"]), floats(rows["display"])
        year = 1970 + first // 366
        special = us_holidays(year, 1971 + (last + ahead + 366) // 365) if events is None else events
        day, kind, kinds = events_of(special)
        return cls(
            product_ids=tuple(known.to_list()),
            zone_ids=tuple(zones.to_list()),
            product=index_of(pairs["product_id"], known, what="products"),
            zone=index_of(pairs["zone_id"], zones, what="zones"),
            attributes=attributes,
            attribute_names=names,
            first_day=first,
            units=units,
            in_stock=in_stock,
            price_minor=price,
            promotion=promotion,
            display=display,
            event_day=day,
            event_kind=kind,
            event_kinds=kinds,
            notes=_notes(units, closed, first),
        )


def _attributes(products: pl.DataFrame | None, known: pl.Series) -> tuple[Ints, tuple[str, ...]]:
    """Return codes (P, A) and names of the attributes in the table's order, without those that tell nothing apart."""
    if products is None:
        return np.zeros((known.len(), 0), dtype=np.int64), ()
    table = products[index_of(known, products["product_id"], what="products")].drop("product_id")
    text = table.select(pl.all().cast(pl.String).fill_null(""))
    names = tuple(name for name in text.columns if text[name].n_unique() > 1)
    codes = [ints(text[name].rank("dense").cast(pl.Int64)) - 1 for name in names]
    return np.stack(codes, axis=1) if names else np.zeros((known.len(), 0), dtype=np.int64), names


def _notes(units: Floats, closed: Ints, first: int) -> tuple[str, ...]:
    notes = []
    if closed.size:
        days = ", ".join(str(np.datetime64(int(first + day), "D")) for day in closed[:3])
        notes.append(f"{closed.size} days have no sale of anything and count as closed: {days}.")
    nothing = int((units.sum(axis=1) == 0).sum())
    if nothing:
        notes.append(f"{nothing} series never sold; they are forecast from products like them.")
    if units.shape[1] < 28:
        notes.append(f"{units.shape[1]} days of history are too few for weekdays and trends to be told.")
    return tuple(notes)
