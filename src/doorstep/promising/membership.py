"""What a membership makes of the fee of a delivery, and which service levels and slots it opens."""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from doorstep.domain.requirements import words_of
from doorstep.promising.price import OWN_BP


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan that shoppers are members of.

    Parameters
    ----------
    free_over_minor
        Value of the goods from which delivery is free [minor units], None if it never is.
    percent_bp
        Share of the fee that members pay below it [basis points].
    levels
        Service levels for which these two hold, empty for every one.
    opens
        Service levels that only members may have.
    """

    plan_id: str
    name: str
    period_days: int
    trial_days: int
    free_over_minor: int | None
    percent_bp: int
    levels: frozenset[str]
    opens: frozenset[str]
    has_slot_priority: bool

    def is_free(self, service_level_id: str, basket_minor: int) -> bool:
        """Return whether goods of this value are brought for nothing."""
        over = self.free_over_minor
        return over is not None and basket_minor >= over and self._is_for(service_level_id)

    def fee(self, service_level_id: str, fee_minor: int, basket_minor: int) -> int:
        """Return what a member pays where others pay ``fee_minor``, a share of it rounded half up."""
        if not self._is_for(service_level_id):
            return fee_minor
        if self.is_free(service_level_id, basket_minor):
            return 0
        return (fee_minor * self.percent_bp + OWN_BP // 2) // OWN_BP

    def _is_for(self, service_level_id: str) -> bool:
        return not self.levels or service_level_id in self.levels


def plans_of(membership_plans: pl.DataFrame) -> dict[str, Plan]:
    """Return the plans of a retailer folder by id."""
    return {
        row["plan_id"]: Plan(
            plan_id=row["plan_id"],
            name=row["name"] or row["plan_id"],
            period_days=row["period_days"],
            trial_days=row["trial_days"],
            free_over_minor=row["free_over_minor"],
            percent_bp=row["percent_bp"],
            levels=frozenset(words_of(row["service_levels"])),
            opens=frozenset(words_of(row["members_only"])),
            has_slot_priority=row["slot_priority"],
        )
        for row in membership_plans.iter_rows(named=True)
    }


def opened_by(plans: Iterable[Plan]) -> dict[str, tuple[str, ...]]:
    """Return the plans that open each service level that is only for members."""
    opened: dict[str, list[str]] = {}
    for plan in plans:
        for level in sorted(plan.opens):
            opened.setdefault(level, []).append(plan.plan_id)
    return {level: tuple(ids) for level, ids in opened.items()}


def kept_for_members(capacity: int, share_pct: int) -> int:
    """Return how much of a slot only members with slot priority may book, rounded up."""
    return -(-capacity * share_pct // 100)
