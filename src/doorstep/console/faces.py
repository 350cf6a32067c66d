"""All pages, for the server: ``build_api(platform, routers=ROUTERS)``."""

from fastapi import APIRouter

from doorstep.console.driver import installed as driver_installed
from doorstep.console.driver import pages as driver
from doorstep.console.shell import files, sign_in, start

ROUTERS: tuple[APIRouter, ...] = (
    files.router,
    sign_in.router,
    sign_in.inside,
    start.router,
    driver_installed.router,
    driver.router,
)
