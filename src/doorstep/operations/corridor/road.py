"""Metres and seconds between points as the checkers ask for them, recomputed where the plan's are an estimate."""

import math
from typing import Protocol

import numpy as np
import polars as pl

from doorstep.geography import Places, TravelTimes


class Road(Protocol):
    """Metres and seconds from a point to another."""

    def __call__(self, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[int, int]:
        """Return metres and seconds."""
        ...


class EstimatedRoad:
    """Metres and seconds by the policy's circuity and speeds."""

    def __init__(self, policy: dict[str, int]) -> None:
        self.policy = policy

    def __call__(self, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[int, int]:
        """Return metres and seconds."""
        half_phi = math.radians(lat_b - lat_a) / 2
        half_lambda = math.radians(lon_b - lon_a) / 2
        h = math.sin(half_phi) ** 2
        h += math.cos(math.radians(lat_a)) * math.cos(math.radians(lat_b)) * math.sin(half_lambda) ** 2
        straight = 2 * 6_371_008.8 * math.asin(math.sqrt(min(1.0, h)))
        metres = round(straight * self.policy["circuity_pct"] / 100)
        near = min(metres, self.policy["near_distance_m"])
        slow, fast = self.policy["near_speed_kmh"], self.policy["far_speed_kmh"]
        return metres, -(-(near * fast + (metres - near) * slow) * 3600 // (slow * fast * 1000))


class AskedRoad:
    """Metres and seconds of any travel times, one pair at a time."""

    def __init__(self, travel: TravelTimes) -> None:
        self.travel = travel

    def __call__(self, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[int, int]:
        """Return metres and seconds."""
        ends = [Places(lat=np.array([lat]), lon=np.array([lon])) for lat, lon in ((lat_a, lon_a), (lat_b, lon_b))]
        metres, seconds = self.travel.between(*ends)
        return int(metres[0]), int(seconds[0])


class ToldRoad:
    """Metres and seconds as the stops of a plan tell them: for all that can be checked without the plan's streets."""

    def __init__(self, stops: pl.DataFrame) -> None:
        """Take the drives from a table of stops."""
        before = pl.col("lat", "lon", "leave_at").shift(1).over("route_id").name.suffix("_before")
        drives = stops.sort("route_id", "sequence").with_columns(before).filter(pl.col("lat_before").is_not_null())
        seconds = (pl.col("arrive_at") - pl.col("leave_at_before")).alias("seconds")
        kept = drives.select("lat_before", "lon_before", "lat", "lon", "distance_m", seconds)
        self.told = {(a, b, c, d): (metres, s) for a, b, c, d, metres, s in kept.iter_rows()}

    def __call__(self, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[int, int]:
        """Return metres and seconds."""
        return self.told[lat_a, lon_a, lat_b, lon_b]
