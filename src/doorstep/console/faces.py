"""All pages, for the server: ``build_api(platform, routers=ROUTERS, straights=STRAIGHTS)``."""

from fastapi import APIRouter

from doorstep.api.middleware.straight import Straights
from doorstep.console import store
from doorstep.console.dispatcher import driven
from doorstep.console.dispatcher import pages as dispatcher
from doorstep.console.driver import installed as driver_installed
from doorstep.console.driver import pages as driver
from doorstep.console.planner import carriers, compare
from doorstep.console.planner import pages as planner
from doorstep.console.shell import files, sign_in, start, streets
from doorstep.console.shopper import giving
from doorstep.console.shopper import pages as shopper

ROUTERS: tuple[APIRouter, ...] = (
    files.router,
    streets.router,
    sign_in.router,
    sign_in.inside,
    start.router,
    dispatcher.router,
    dispatcher.doing,
    driven.router,
    planner.router,
    planner.network,
    planner.stock,
    compare.router,
    carriers.router,
    carriers.network,
    store.router,
    driver_installed.router,
    driver.router,
    shopper.router,
    giving.router,
)
STRAIGHTS: Straights = {**dispatcher.STRAIGHTS, **shopper.STRAIGHTS}
"""Of them, what maps ask for by the thousand."""
