"""What a phone keeps to open the driver's page without a network; nothing of it is about anybody, so it is open."""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from doorstep.console.driver.icons import drawn
from doorstep.console.shell.files import address_of, names, path_of
from doorstep.console.shell.pages import page
from doorstep.foundation import NotFoundError

router = APIRouter(prefix="/driver", include_in_schema=False)
SHELL, SCOPE = "/driver/shell", "/driver"
STYLES = ("tokens.css", "base.css", "driver.css", "mark.svg")
WORKER = "built/driver-worker.js"
A_DAY_S = 86_400
ICONS = {"icon-192.png": (192, "any"), "icon-512.png": (512, "any"), "icon-maskable.png": (512, "maskable")}
"""Name, side and purpose of the icons that phones show; a maskable one they cut to the shape of their own."""


@router.get("/shell")
async def show_shell(request: Request) -> Response:
    """Show the page without anybody's route: the phone has that."""
    return page(request, "driver/shell.html", {"title": "Driver", "face": "Driver"})


@router.get("/sw.js")
async def send_worker() -> Response:
    """Send the service worker, and which files it keeps; it changes whenever one of them does."""
    kept = {"version": address_of("").split("/")[2], "files": [SHELL, *(address_of(name) for name in _kept())]}
    text = f"self.KEPT = {json.dumps(kept)}\n{path_of(WORKER).read_text('utf-8')}"
    headers = {"Service-Worker-Allowed": SCOPE, "Cache-Control": "no-cache"}
    return Response(text, media_type="text/javascript", headers=headers)


@router.get("/manifest.webmanifest")
async def send_manifest() -> Response:
    """Send what makes the page installable."""
    told = {
        "id": SCOPE,
        "name": "doorstep driver",
        "short_name": "Driver",
        "start_url": SCOPE,
        "scope": SCOPE,
        "display": "standalone",
        "background_color": "#f5f6f8",
        "theme_color": "#005f94",
        "icons": [
            {"src": f"{SCOPE}/{name}", "sizes": f"{side}x{side}", "type": "image/png", "purpose": purpose}
            for name, (side, purpose) in ICONS.items()
        ],
    }
    return Response(json.dumps(told), media_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


@router.get("/{name}.png")
async def send_icon(name: str) -> Response:
    """Send an icon of the page for a phone's home screen."""
    if f"{name}.png" not in ICONS:
        raise NotFoundError(f"there is no icon {name}.png.", hint=f"Maybe one of {', '.join(ICONS)}.")
    side, purpose = ICONS[f"{name}.png"]
    kept = {"Cache-Control": f"public, max-age={A_DAY_S}"}
    return Response(drawn(side, maskable=purpose == "maskable"), media_type="image/png", headers=kept)


def _kept() -> list[str]:
    """Return the files that the page needs: styles, and every small part of the elements, but no maps."""
    parts = [name for name in names() if name.startswith("built/") and name.endswith(".js")]
    return [*STYLES, *(name for name in parts if not name.startswith("built/map") and name != WORKER)]
