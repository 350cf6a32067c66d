"""What another policy would have made of orders."""

from doorstep.api.models.parts import CostPart, Money
from doorstep.api.models.shadow import DifferingOrder, Shadow, ShadowCost, ShadowOutcome, ShadowRequest
from doorstep.operations.corridor import shadow
from doorstep.operations.corridor.shadow import ShadowCase, ShadowReport
from doorstep.operations.fulfil.shadow import load_open, load_period
from doorstep.storage import Connection


def load_shadow(connection: Connection, tenant_id: str, asked: ShadowRequest, *, now: int) -> ShadowCase:
    """Return the orders that a request is about; ``InputError`` if there are too many."""
    if asked.period is None:
        return load_open(connection, tenant_id, now=now, due_before=asked.due_before)
    return load_period(connection, tenant_id, start_at=asked.period.start, end_at=asked.period.end, now=now)


def show_shadow(report: ShadowReport, orders: int, currency: str) -> Shadow:
    """Return the report on so many orders, as callers read it."""

    def money(minor: int) -> Money:
        return Money(amount=minor, currency=currency)

    def cost(found: shadow.ShadowCost) -> ShadowCost:
        return ShadowCost(
            orders=found.orders,
            served=found.served,
            unserved=found.orders - found.served,
            split=found.split,
            packages=found.packages,
            cost=money(found.cost_minor),
            cost_parts=[CostPart(part=part, amount=minor) for part, minor in sorted(found.parts_minor.items())],
            cost_per_order=money(round(found.cost_minor / found.served)) if found.served else None,
        )

    return Shadow(
        orders=orders,
        decided=cost(report.decided),
        policies=[
            ShadowOutcome(
                policy=outcome.policy,
                cost=cost(outcome.cost),
                difference=money(outcome.difference_minor),
                differing=outcome.differing,
                most_differing=[
                    DifferingOrder(
                        order_id=each.order_id,
                        sites=list(each.sites),
                        shadow_sites=list(each.shadow_sites),
                        difference=money(each.difference_minor),
                    )
                    for each in outcome.most
                ],
            )
            for outcome in report.outcomes
        ],
        not_reached=list(report.not_reached),
    )
