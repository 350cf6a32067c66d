"""A national network from public data: who lives near a store, where more are needed, centres, regions and areas.

``python examples/us_network.py DIR`` reads census block groups, cells and a chain's stores from DIR: files
us_blockgroups_2020.csv.gz and us_h3r5_2020.csv.gz (lat, lon, pop, the first with state), walmart_stores_2018.csv
(latitude, longitude, country).
"""

import sys
from pathlib import Path

import numpy as np
import polars as pl

from doorstep.foundation import Seconds
from doorstep.foundation.arrays import floats, ints
from doorstep.foundation.units import METRES_PER_MILE
from doorstep.geography import GreatCircleTimes, Places
from doorstep.network import cover
from doorstep.network.catchments import catchment_problem, draw_catchments
from doorstep.network.fewest import fewest_sites
from doorstep.network.regions import RegionsProblem, adjacency, divide
from doorstep.network.siting import CostRows, choose_sites, p_median

folder, patience = Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
people = pl.read_csv(folder / "us_blockgroups_2020.csv.gz")
cells = pl.read_csv(folder / "us_h3r5_2020.csv.gz").filter(pl.col("lat").is_between(24, 50), pl.col("lon") > -125)
stores = pl.read_csv(folder / "walmart_stores_2018.csv").filter(pl.col("country") == "US")
sites = Places.from_table(stores.rename({"latitude": "lat", "longitude": "lon"}))
homes, areas = Places.from_table(people), Places.from_table(cells)
count, weight = ints(people["pop"]), ints(cells["pop"])
rng = np.random.default_rng(1)

states = people["state"].unique().sort()
state = people["state"].replace_strict(states, np.arange(states.len()), return_dtype=pl.Int64).to_numpy()
miles = (3, 5, 10, 15, 20)
found = cover(homes, count.astype(float), sites, [m * METRES_PER_MILE for m in miles], group=state)
shares = ", ".join(f"{share:.1%} within {m}" for m, share in zip(miles, found.share(), strict=True))
print(f"{len(homes):,} block groups, {len(sites):,} stores: {shares} miles.")
worst = np.argsort(found.share_by_group()[:, 2])[:4].tolist()
print("Fewest within ten: " + ", ".join(f"{states[s]} {found.share_by_group()[s, 2]:.0%}" for s in worst) + ".")

more = fewest_sites(
    homes, count, sites, areas, within_m=10 * METRES_PER_MILE, share=0.9, rng=rng, stop=Seconds(limit=patience)
)
print(f"For 90 % within ten miles {more.chosen.size} more are enough; {more.fewest} are needed at least.")


problem = p_median(CostRows.of_places(areas, sites), weight, 31)
plan = choose_sites(problem, rng=rng, stop=Seconds(limit=patience), gap=1e-3)
mean = plan.cost / weight.sum() / METRES_PER_MILE
print(f"31 of the stores as centres: {mean:.1f} miles on average, at most {plan.gap:.2%} above the least possible.")

eight = RegionsProblem(
    areas=areas, weights=floats(cells["pop"])[None, :], edges=adjacency(areas), regions=8, tolerance=np.array([0.05])
)
regions = divide(eight, rng=rng, stop=Seconds(limit=2 * patience))
share = regions.weights[0] / regions.weights[0].sum()
mean = regions.mean_m / METRES_PER_MILE
print(
    f"8 regions of {share.min():.1%} to {share.max():.1%} of the people, {mean:.1f} miles to their centres on average,"
)
print(f"at most {regions.gap:.1%} above any such division; {regions.lanes.a.size} lanes between them.")

drive = draw_catchments(catchment_problem(areas, weight, sites, reach_s=30 * 60), GreatCircleTimes(far_speed_kmh=60))
print(f"{drive.reach.share():.1%} live within half an hour's drive of a store (an estimate from straight lines).")
