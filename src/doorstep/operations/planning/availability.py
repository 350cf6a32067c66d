"""When products could be bought, read from the ledger: a product that is out of stock is not a product unwanted."""

import numpy as np
import polars as pl
from sqlalchemy import select

from doorstep.foundation.arrays import Ints
from doorstep.storage import Connection
from doorstep.storage.schema.ledger import STOCK, ledger_entries, positions

SPARE = {"position_id": pl.Int64, "product_id": pl.String, "spare": pl.Int64}
CHANGE = {"position_id": pl.Int64, "at": pl.Int64, "change": pl.Int64}


def shares_in_stock(connection: Connection, tenant_id: str, midnights: Ints) -> pl.DataFrame:
    """Return the share of each day on which any site had units of a product to promise, where it is below 1.

    Parameters
    ----------
    midnights : (D + 1,)
        Day d is from ``midnights[d]`` to ``midnights[d + 1]`` [epoch s].

    Returns
    -------
    ``product_id``, ``day`` (0 to D - 1) and ``in_stock_share``.
    """
    begun_at, ended_at = int(midnights[0]), int(midnights[-1])
    spare, changes = _positions(connection, tenant_id), _changes(connection, tenant_id, begun_at)
    later = changes.group_by("position_id").agg(pl.col("change").sum())
    opening = spare.join(later, on="position_id", how="left", maintain_order="left").select(
        "position_id", pl.lit(begun_at, pl.Int64).alias("at"), change=pl.col("spare") - pl.col("change").fill_null(0)
    )
    there = pl.concat([opening, changes.filter(pl.col("at") < ended_at)]).with_columns(
        has=(pl.col("change").cum_sum().over("position_id") > 0).cast(pl.Int64)
    )
    there = there.with_columns(turn=pl.col("has") - pl.col("has").shift(1, fill_value=0).over("position_id"))
    there = there.join(spare.select("position_id", "product_id"), on="position_id", maintain_order="left")
    by_moment = there.group_by("product_id", "at").agg(pl.col("turn").sum()).sort("product_id", "at")
    gaps = by_moment.with_columns(
        sites=pl.col("turn").cum_sum().over("product_id"),
        until=pl.col("at").shift(-1).over("product_id").fill_null(pl.lit(ended_at, pl.Int64)),
    ).filter(pl.col("sites") == 0, pl.col("until") > pl.col("at"))
    return _by_day(gaps, midnights)


def _by_day(gaps: pl.DataFrame, midnights: Ints) -> pl.DataFrame:
    """Return the share of each day outside the gaps of a product, where there are any."""
    days = pl.DataFrame({"day": np.arange(midnights.size - 1), "from": midnights[:-1], "to": midnights[1:]})
    long = pl.min_horizontal("until", "to") - pl.max_horizontal("at", "from")
    cut = gaps.join(days, how="cross").filter(long > 0).with_columns(gone=long / (pl.col("to") - pl.col("from")))
    shares = cut.group_by("product_id", "day").agg(in_stock_share=1.0 - pl.col("gone").sum())
    return shares.with_columns(pl.col("in_stock_share").clip(0.0, 1.0))


def _positions(connection: Connection, tenant_id: str) -> pl.DataFrame:
    """Return what of each product at each site may be promised now; below 0 where less is there than is kept back."""
    mine = (positions.c.tenant_id == tenant_id) & (positions.c.kind == STOCK)
    spare = positions.c.on_hand - positions.c.reserved - positions.c.safety
    rows = connection.execute(select(positions.c.position_id, positions.c.item, spare).where(mine))
    return pl.DataFrame([tuple(row) for row in rows], schema=SPARE, orient="row")


def _changes(connection: Connection, tenant_id: str, begun_at: int) -> pl.DataFrame:
    """Return every change of that since a moment, in the order in which they came."""
    entry = ledger_entries.c
    change = entry.on_hand_delta - entry.reserved_delta - entry.safety_delta
    query = select(entry.position_id, entry.at, change).join(positions, positions.c.position_id == entry.position_id)
    mine = (positions.c.tenant_id == tenant_id) & (positions.c.kind == STOCK) & (entry.at >= begun_at)
    rows = connection.execute(query.where(mine).order_by(entry.entry_id))
    return pl.DataFrame([tuple(row) for row in rows], schema=CHANGE, orient="row")
