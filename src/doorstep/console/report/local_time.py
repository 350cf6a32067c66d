"""Moments of whole tables on the clocks of their places."""

import polars as pl


def local_clock(moment: str, zone: str, zones: pl.Series) -> pl.Expr:
    """Return a column of moments [epoch s] as local wall-clock time without a zone.

    Parameters
    ----------
    moment
        Column of epoch seconds.
    zone
        Column of the place's IANA time zone.
    zones
        Every zone that occurs.
    """
    utc = pl.from_epoch(pl.col(moment), time_unit="s").dt.replace_time_zone("UTC")
    clocks = [
        pl.when(pl.col(zone) == name).then(utc.dt.convert_time_zone(name).dt.replace_time_zone(None))
        for name in zones.unique().sort()
    ]
    return pl.coalesce(*clocks) if clocks else pl.lit(None, dtype=pl.Datetime("us"))
