"""All pages, for the server: ``build_api(platform, routers=ROUTERS)``."""

from fastapi import APIRouter

from doorstep.console.shell import files, sign_in, start
from doorstep.console.shopper import giving
from doorstep.console.shopper import pages as shopper

ROUTERS: tuple[APIRouter, ...] = (
    files.router,
    sign_in.router,
    sign_in.inside,
    start.router,
    shopper.router,
    giving.router,
)
