"""The gateway: it takes each message once, refuses numbers that are none, and has no time where it is told so."""

from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

RETRY_AFTER_S = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """A message as it reached a telephone."""

    to: str
    sender: str
    text: str
    reference: str


@dataclass(slots=True)
class Gateway:
    """Keeps what it took in ``messages``, by our reference; the next ``busy`` requests are turned away."""

    key: str = "simulated"
    busy: int = 0
    messages: dict[str, TextMessage] = field(default_factory=dict)
    app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        self.app = Starlette(routes=[Route("/messages", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {self.key}":
            return JSONResponse({"code": "unauthorised"}, status_code=401)
        if self.busy > 0:
            self.busy -= 1
            return JSONResponse({"code": "busy"}, status_code=429, headers={"Retry-After": str(RETRY_AFTER_S)})
        said = await request.json()
        if not str(said["to"]).startswith("+") or not str(said["to"])[1:].isdigit():
            return JSONResponse({"code": "invalid_number"}, status_code=422)
        reference = str(said["reference"])
        known = reference in self.messages
        if not known:
            self.messages[reference] = TextMessage(
                to=said["to"], sender=said["from"], text=said["text"], reference=reference
            )
        return JSONResponse({"id": f"sms-{reference}"}, status_code=200 if known else 201)
