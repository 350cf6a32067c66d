"""A network study as tables, for files and pages."""

import math
from collections.abc import Sequence

import h3
import numpy as np
import polars as pl

from doorstep.geography import nearest_places
from doorstep.network.design import OUTSIDE
from doorstep.network.design.evaluate import NetworkCost
from doorstep.network.design.ways import MILLI
from doorstep.operations.planning.coverage import NEAR_M, coverage_table, near_shares
from doorstep.operations.planning.network import NetworkStudy
from doorstep.operations.planning.verify import Verification
from doorstep.operations.planning.zones import SAME_DAY, TIERS

AREA = ("nearest_parcels_per_day", "within_parcels_per_day", "shared_parcels_per_day")
PARTS = ("sites", "changes", "inbound", "handling", "drop", "idle", "outside")


def study_tables(study: NetworkStudy) -> dict[str, pl.DataFrame]:
    """Return the tables of a study by name: regions and lanes if there are regions, verified if orders were routed."""
    tables = {
        "sites": site_table(study),
        "zones": zone_table(study),
        "steps": step_table(study),
        "catchments": catchment_table(study),
        "costs": cost_table(study),
        "coverage": coverage_table(study),
    }
    plan = study.regions
    if plan is not None:
        count = plan.centre.size
        tables["regions"] = pl.DataFrame({
            "region": np.arange(count),
            "name": study.region_names,
            "parcels_per_day": plan.weights[0] / study.problem.days,
            "mean_m": np.rint(plan.region_mean_m).astype(np.int64),
        })  # fmt: skip
        tables["lanes"] = pl.DataFrame({
            "from_region": plan.lanes.a,
            "to_region": plan.lanes.b,
            "distance_m": plan.lanes.distance_m,
            "duration_s": plan.lanes.duration_s,
            "cost_minor": plan.lanes.cost_minor,
        })  # fmt: skip
    if study.further is not None:
        tables["further"] = study.options.select("option_id", "site_id", "name", "lat", "lon")[study.further.option]
    if study.verification is not None:
        tables["verified"] = verified_table(study.verification, study.problem.options.option_id)
    return tables


def catchment_table(study: NetworkStudy) -> pl.DataFrame:
    """Return the area of each open site on the same day: parcels a day nearest to it, in its reach, and shared."""
    area, days = study.area, study.problem.days
    if area.plan is None:
        return pl.DataFrame(schema={"option_id": pl.String, **dict.fromkeys(AREA, pl.Float64)})
    found = (area.plan.load, area.plan.overlap.within, area.plan.overlap.shared)
    names = [study.problem.options.option_id[row] for row in area.option.tolist()]
    return pl.DataFrame({"option_id": names, **dict(zip(AREA, (values / days for values in found), strict=True))})


def verified_table(verified: Verification, option_id: Sequence[str]) -> pl.DataFrame:
    """Return what a drop of each site was predicted to cost and does cost on routes [minor units]."""
    rows = sorted(verified.by_site.items())
    return pl.DataFrame({
        "option_id": [option_id[row] for row, _ in rows],
        "doors": [one.doors for _, one in rows],
        "predicted_minor": [one.predicted_minor for _, one in rows],
        "routed_minor": [one.routed_minor for _, one in rows],
        "error_pct": [100 * one.error for _, one in rows],
        "stops_per_route": [one.stops_per_route for _, one in rows],
        "km_per_stop": [one.km_per_stop for _, one in rows],
    })  # fmt: skip


def site_table(study: NetworkStudy) -> pl.DataFrame:
    """Return the options with what becomes of each: kept, opened, closed, or left as it is."""
    options, plan = study.problem.options, study.plan
    before, after = options.exists, plan.open
    fate = np.select([before & after, after, before], ["kept", "opened", "closed"], "not needed")
    return study.options.select(
        "option_id", "site_id", pl.col("role").cast(pl.String), "name", "lat", "lon"
    ).with_columns(
        fate=pl.Series(fate),
        parcels_per_day_today=pl.Series(plan.today.load / study.problem.days),
        parcels_per_day=pl.Series(plan.cost.load / study.problem.days),
        region=pl.Series(_region_of_options(study), dtype=pl.Int64),
    )


def zone_table(study: NetworkStudy) -> pl.DataFrame:
    """Return the zones with their parcels a day and who serves each promise, today and by the plan."""
    names = [*study.problem.options.option_id]

    def served_by(cost: NetworkCost, tier: int) -> list[str]:
        return [
            names[row] if row >= 0 else ("third party" if row == OUTSIDE else "") for row in cost.option[tier].tolist()
        ]

    days, zones = study.problem.days, study.zones
    columns: dict[str, object] = {
        "cell": [h3.int_to_str(cell) for cell in zones.cell.tolist()],
        "lat": zones.places.lat,
        "lon": zones.places.lon,
    }
    for tier, name in enumerate(TIERS):
        columns[f"{name}_parcels_per_day"] = zones.parcels[tier] / days
        columns[f"{name}_site_today"] = served_by(study.plan.today, tier)
        columns[f"{name}_site"] = served_by(study.plan.cost, tier)
    if study.regions is not None:
        columns["region"] = study.regions.region
    return pl.DataFrame(columns)


def step_table(study: NetworkStudy) -> pl.DataFrame:
    """Return the steps from today's network to the plan, the one that pays back first at the top."""
    options = study.problem.options
    return pl.DataFrame(
        [
            (
                number,
                options.option_id[step.option],
                str(study.options["name"][step.option]),
                "open" if step.opens else "close",
                step.once_minor,
                step.saves_minor if math.isfinite(step.saves_minor) else None,
                step.payback_days if math.isfinite(step.payback_days) else None,
                step.day_minor if math.isfinite(step.day_minor) else None,
            )
            for number, step in enumerate(study.steps, start=1)
        ],
        schema={
            "step": pl.Int64,
            "option_id": pl.String,
            "name": pl.String,
            "change": pl.String,
            "once_minor": pl.Int64,
            "saves_minor_per_day": pl.Float64,
            "payback_days": pl.Float64,
            "day_minor": pl.Float64,
        },
        orient="row",
    )


def cost_table(study: NetworkStudy) -> pl.DataFrame:
    """Return the cost of a parcel by part, today and by the plan [minor units]."""
    parcels = max(int(study.problem.parcels.sum()), 1)

    def unit(cost: NetworkCost, part: str) -> float:
        return float(getattr(cost, f"{part}_milli")) / MILLI / parcels

    return pl.DataFrame({
        "part": PARTS,
        "today_minor": [unit(study.plan.today, part) for part in PARTS],
        "plan_minor": [unit(study.plan.cost, part) for part in PARTS],
    })  # fmt: skip


def same_day_reach(study: NetworkStudy, cost: NetworkCost) -> float:
    """Return the share of same-day parcels that own vans deliver."""
    parcels = study.problem.parcels[SAME_DAY]
    total = int(parcels.sum())
    return float(parcels[cost.option[SAME_DAY] >= 0].sum()) / total if total else 0.0


def figures(study: NetworkStudy) -> dict[str, object]:
    """Return the figures of a study: costs of a parcel [minor units], shares and counts, today and by the plan."""
    plan, problem = study.plan, study.problem
    parcels = max(int(problem.parcels.sum()), 1)

    def of(cost: NetworkCost, opened: np.ndarray) -> dict[str, object]:
        return {
            "cost_per_parcel_minor": cost.total_milli / MILLI / parcels,
            "sites_with_vans": int((opened & (problem.options.van >= 0)).sum()),
            "fcs": int((opened & problem.options.is_fc).sum()),
            "own_share": float(cost.load.sum()) / parcels,
            "same_day_own_share": same_day_reach(study, cost),
            "unserved_parcels": cost.unserved,
        }

    told: dict[str, object] = {
        "demand": study.zones.demand,
        "parcels_per_day": parcels / problem.days,
        "zones": len(problem.zones),
        "options": len(problem.options),
        "today": of(plan.today, problem.options.exists),
        "plan": of(plan.cost, plan.open),
        "bound_per_parcel_minor": plan.bound_milli / MILLI / parcels,
        "gap_pct": 100 * plan.gap,
        "same_day_reach_share": {"today": study.area_today.share, "plan": study.area.share},
        "coverage": {"within_m": NEAR_M, **near_shares(study)},
        "steps": len(study.steps),
        "violations": len(study.faults),
        "notes": list(study.notes),
    }
    if study.regions is not None:
        told["regions"] = {
            "count": int(study.regions.centre.size),
            "mean_m": study.regions.mean_m,
            "bound_m": study.regions.bound_m,
            "gap_pct": 100 * study.regions.gap,
            "balanced": study.regions.balanced,
            "moved_share": study.regions.moved_share,
        }
    if study.further is not None:
        told["further"] = {
            "share": study.further.share,
            "within_m": study.further.within_m,
            "sites": int(study.further.option.size),
            "needed_at_least": study.further.reach.fewest,
            "today": study.further.reach.before,
            "then": study.further.reach.after,
        }
    if study.verification is not None:
        total = study.verification.total
        told["verified"] = {
            "doors": total.doors,
            "predicted_minor": total.predicted_minor,
            "routed_minor": total.routed_minor,
            "error_pct": 100 * total.error,
            "unreached_doors": study.verification.left,
        }
    return told


def _region_of_options(study: NetworkStudy) -> list[int | None]:
    """Return the region of the zone nearest to each option, None without regions."""
    if study.regions is None:
        return [None] * len(study.problem.options)
    nearest = nearest_places(study.problem.options.places, study.problem.zones, count=1)[:, 0]
    labels: list[int | None] = study.regions.region[nearest].tolist()
    return labels
