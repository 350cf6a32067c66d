"""``doorstep replay DIR``: what other policies of order routing would have made of a folder's orders."""

import contextlib
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from doorstep.cli.check_command import print_reading
from doorstep.cli.interrupting import asked_by_ctrl_c
from doorstep.cli.on_streets import streets_or_estimate
from doorstep.cli.progress_bars import StageClock
from doorstep.cli.scoreboard_text import MINOR_DIGITS
from doorstep.cli.seeds import Seed
from doorstep.connectors.retailer_folder import read_folder
from doorstep.domain import Retailer
from doorstep.foundation import InputError
from doorstep.operations.corridor.replay import PolicyOutcome, Replay, replay_day
from doorstep.operations.planning.drives import drives_of
from doorstep.order_routing.replay import POLICIES

PARTS = ("package", "lines", "units", "delivery")


def replay(
    folder: Path,
    /,
    *,
    policy: tuple[str, ...] = tuple(POLICIES),
    history: Path | None = None,
    roads: str = "",
    seed: Seed = 1,
    as_json: Annotated[bool, Parameter(name="--json")] = False,
) -> int:
    """Route the orders of a folder by other policies, and tell what each would have cost; exit code 2 on broken input.

    Every policy gets the same stock, pick capacity and prices, and decides the orders in the sequence in which they
    were placed. Costs are the estimates that sites are chosen by; nothing is packed or routed.

    Parameters
    ----------
    folder
        The retailer folder.
    policy
        What to replay, repeatable: sort_order, nearest, fewest_splits, myopic, foresight, reoptimised; default all.
    history
        A retailer folder whose orders foresight takes for what may come; default: the orders themselves, shuffled.
    roads
        Bring orders on these streets (``doorstep roads list``); by default times are estimated from straight lines.
    seed
        Of the orders that foresight imagines.
    as_json
        Print one JSON object instead of the table.
    """
    unknown = [name for name in policy if name not in POLICIES]
    if unknown:
        raise InputError(f"--policy {', '.join(unknown)} unknown; known: {', '.join(POLICIES)}.")
    shops = [_read(path, quiet=as_json) for path in (folder, history) if path is not None]
    if any(shop is None for shop in shops):
        print("Nothing was replayed.", file=sys.stderr)
        return 2
    found = [shop for shop in shops if shop is not None]
    clock, drives = StageClock(quiet=as_json), drives_of(found[0], streets_or_estimate(roads, found[0]))
    with asked_by_ctrl_c() as interrupt, clock.bars:
        result = replay_day(
            found[0],
            [POLICIES[name] for name in policy],
            history=found[1] if history else None,
            travel=drives.travel,
            seed=seed,
            progress=clock,
            interrupt=interrupt,
        )
        clock.close()
    told = (*replay_lines(result, found[0].currency), *drives.notes)
    print(json.dumps({**asdict(result), "notes": drives.notes}) if as_json else "\n".join(told))
    return 0


def replay_lines(result: Replay, currency: str) -> list[str]:
    """Return the outcomes as a table, the cheapest of those that serve most last, and what was proved."""
    head = ["policy", "unserved", "packages/order", *(f"{part}/order" for part in PARTS), "cost/order", "above bound"]
    rows = [_cells(outcome, currency) for outcome in result.outcomes]
    widths = [max(len(row[k]) for row in [head, *rows]) for k in range(len(head))]
    lines = [
        "  ".join(
            cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in [head, *rows]
    ]
    served = "cost of the served orders; 'above bound' counts unserved orders at their cost of not being served"
    lines += [
        "",
        f"Costs in {currency}: {served}.",
        "No policy can cost less than the bound, even one that knew all orders.",
    ]
    return [*lines, "Interrupted: policies that are missing were not replayed."] if result.interrupted else lines


def _cells(outcome: PolicyOutcome, currency: str) -> list[str]:
    served = max(1, outcome.orders - outcome.unserved)
    digits = MINOR_DIGITS.get(currency, 2)

    def money(minor: int) -> str:
        return f"{minor / served / 10**digits:,.{digits}f}"

    return [
        outcome.policy,
        f"{outcome.unserved:,}",
        f"{outcome.packages / served:.3f}",
        *(money(outcome.parts_minor[part]) for part in PARTS),
        money(outcome.cost_minor),
        f"{outcome.above_bound_share:.2%}",
    ]


def _read(folder: Path, *, quiet: bool) -> Retailer | None:
    reading = read_folder(folder)
    if reading.retailer is None:
        with contextlib.redirect_stdout(sys.stderr if quiet else sys.stdout):
            print_reading(reading, folder)
    return reading.retailer
