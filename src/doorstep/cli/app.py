"""The commands and how they start and end."""

import os
import sys
from collections.abc import Sequence

import cyclopts

from doorstep import __version__
from doorstep.foundation import ConflictError, DoorstepError, InputError, NotFoundError

COMMANDS = {
    "check": ("doorstep.cli.check_command:check", "Report every fault of a retailer folder or a plan at once."),
    "db": ("doorstep.cli.db_command:db", "Upgrade, back up, restore or check the database."),
    "demo": ("doorstep.cli.demo_command:demo", "Plan a day of a made-up retailer and show the result."),
    "explain": ("doorstep.cli.explain_command:explain", "Tell the story of one order of a plan."),
    "forecast": ("doorstep.cli.forecast_command:forecast", "Forecast what will be sold where, with its spread."),
    "key": ("doorstep.cli.key_command:key", "Make an API key."),
    "lifecycles": ("doorstep.cli.lifecycles_command:lifecycles", "Describe the states of orders and the rest."),
    "network": ("doorstep.cli.network_command:network", "Design the network: which sites send vans, in which regions."),
    "person": ("doorstep.cli.person_command:person", "Let a person sign in."),
    "place": ("doorstep.cli.place_command:place", "Plan the stock: how much of each product should lie where."),
    "plan": ("doorstep.cli.plan_command:plan", "Plan all orders of a retailer folder, beside two baselines."),
    "replay": ("doorstep.cli.replay_command:replay", "Route a folder's orders by other policies, and compare."),
    "roads": ("doorstep.cli.roads_command:roads", "Build the streets of an extract of OpenStreetMap."),
    "routes": ("doorstep.cli.routes_command:routes", "Plan the routes of one file: a benchmark or a table of stops."),
    "sample": ("doorstep.cli.sample_command:sample", "Write a plausible made-up retailer in a real city."),
    "serve": ("doorstep.cli.serve_command:serve", "Run the platform: API and worker on one database."),
    "settings": ("doorstep.cli.settings_command:settings", "Show every setting, its value and its origin."),
    "simulate-carrier": (
        "doorstep.cli.simulate_carrier_command:simulate_carrier",
        "Run a simulated carrier: an API as a vendor's, with couriers and faults.",
    ),
    "tables": ("doorstep.cli.tables_command:tables", "Describe the tables of a retailer folder."),
    "worker": ("doorstep.cli.worker_command:work", "Run a worker beside the servers."),
}
"""Each command: where its function is, and its line in the overview; its module is imported only when it runs."""

app = cyclopts.App(
    name="doorstep",
    version=__version__,
    help="Last-mile delivery for retailers: from the basket to the parcel at the door.",
    result_action="return_value",
)
for _name, (_place, _line) in COMMANDS.items():
    app.command(_place, name=_name, help=_line)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit code."""
    try:
        result = app(None if arguments is None else list(arguments))
        sys.stdout.flush()
    except DoorstepError as error:
        print("\n".join(filter(None, (f"doorstep: {error.message}", error.hint))), file=sys.stderr)
        return 2 if isinstance(error, InputError | NotFoundError | ConflictError) else 1
    except BrokenPipeError:  # who read our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return result if isinstance(result, int) else 0
