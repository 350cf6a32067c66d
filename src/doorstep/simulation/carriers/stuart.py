"""A simulated carrier that speaks as Stuart does; its jobs have one drop-off each.

Fields of a job, its statuses, codes of errors and what a return looks like are those of the vendor's own repositories,
guides and community; there some statuses of deliveries stand, the others only in code of others. Not told there, and
assumed: in which words a reference that is taken, a job that is not there and a cancellation that comes too late are
refused, who is said to have cancelled, what a webhook about a delivery holds, and how fees show in the price.

References
----------
https://api-docs.stuart.com and https://community.stuart.engineering (topics 152, 427, 584, 1166), read in 2026; the
package ``stuart-client-js`` 1.2.1; the repositories ``stuart-client-php`` and ``stuart-rails-api-v3`` of StuartApp.
"""

import base64
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.connectors.carrier_wire import listed, moment_of, rfc3339, text_of, value_of
from doorstep.simulation.carriers.clocks import Clock
from doorstep.simulation.carriers.fleet import Asked, Booking, Fleet, News, RefusedError
from doorstep.simulation.carriers.journey import ENDS, Step
from doorstep.simulation.carriers.serving import (
    PICTURE,
    Gazetteer,
    Message,
    json_answer,
    require,
    said_in,
    served,
)

TOKEN_S = 2_592_000
FIRST_JOB, FIRST_DELIVERY = 100_000_000, 200_000_000
STATUS = {
    "created": ("searching", "pending"),
    "assigned": ("in_progress", "picking"),
    "en_route_to_pickup": ("in_progress", "picking"),
    "at_pickup": ("in_progress", "waiting_at_pickup"),
    "picked_up": ("in_progress", "delivering"),
    "en_route_to_dropoff": ("in_progress", "delivering"),
    "at_dropoff": ("in_progress", "waiting_at_dropoff"),
    "delivered": ("finished", "delivered"),
    "returning": ("in_progress", "picking"),
    "at_return": ("in_progress", "waiting_at_dropoff"),
    "returned": ("finished", "delivered"),
    "cancelled": ("canceled", "cancelled"),
}
"""Of a job and of its delivery, which is brought back under the statuses that brought it."""
CANCELLED = {"by_caller": ("client", None), "customer_unavailable": ("operations", "end-customer_unreachable")}
CODES = {
    "busy": (429, "TOO_MANY_REQUESTS", "Too many requests"),
    "broken": (503, "SERVICE_UNAVAILABLE", "Service unavailable"),
    "unauthorised": (401, "INVALID_GRANT", "The access token is missing, unknown or expired"),
    "invalid": (422, "RECORD_INVALID", "Unable to save record"),
    "pickup_not_covered": (422, "OUT_OF_RANGE", "This location is out of range"),
    "dropoff_not_covered": (422, "OUT_OF_RANGE", "This location is out of range"),
    "too_far": (422, "JOB_DISTANCE_NOT_ALLOWED", "Job distance exceeded the maximum range"),
    "duplicate": (422, "RECORD_INVALID", "Unable to save record: client_reference must be unique"),
    "unknown_delivery": (404, "RECORD_NOT_FOUND", "The job does not exist"),
    "not_cancellable": (422, "RECORD_INVALID", "The job cannot be canceled"),
    "not_changeable": (422, "RECORD_INVALID", "The job has ended"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Whom the simulator believes, and how it shows itself in webhooks."""

    client_id: str = "client-1"
    client_secret: str = "secret-1"
    authentication_header: str = "Authorization"
    authentication_key: str = "webhook-1"
    token_s: int = TOKEN_S


@dataclass(slots=True)
class Stuart:
    """The dialect; ``wall`` is the clock by which tokens expire, which no speed changes."""

    fleet: Fleet
    wall: Clock
    keys: Keys = field(default_factory=Keys)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    app: Starlette = field(init=False)
    _tokens: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        job = "/v2/jobs/{job_ref:int}"
        ways = (
            ("POST", "/v2/jobs/pricing", self._price, False),
            ("POST", "/v2/jobs/eta", self._eta, False),
            ("POST", "/v2/jobs/validate", self._validate, False),
            ("POST", "/v2/jobs", self._create, True),
            ("GET", "/v2/jobs", self._list, False),
            ("GET", job, self._read, False),
            ("PATCH", job, self._change, False),
            ("POST", f"{job}/cancel", self._cancel, False),
        )
        routes = [
            Route(path, served(self.fleet, way, refuse=refuse, commits=commits), methods=[method])
            for method, path, way, commits in ways
        ]
        token = Route("/oauth/token", self._token, methods=["POST"])
        self.app = Starlette(routes=[token, *routes, Route("/pictures/{name}", self._picture)])

    def messages(self, news: News) -> tuple[Message, ...]:
        """Return the webhook of a step with a new status: about the job at its ends, about its delivery in between."""
        booking, step = news.booking, news.step
        before = booking.journey.steps[news.number - 1] if news.number else None
        if before is not None and STATUS[before.state] == STATUS[step.state]:
            return ()
        told = self._current(booking, step.at)
        if before is None or step.state == "cancelled":
            said: dict[str, object] = {
                "event": "job",
                "type": "update" if before else "create",
                "data": {
                    "id": FIRST_JOB + int(booking.ref),
                    "status": job_status(step),
                    "createdAt": rfc3339(booking.made_at),
                    "endedAt": rfc3339(step.at) if step.state in ENDS else None,
                    "currentDelivery": told,
                    "deliveries": [{"id": told["id"], "clientReference": told["clientReference"]}],
                },
            }
        else:
            said = {"event": "delivery", "type": "update", "data": told}
        headers = {"content-type": "application/json", self.keys.authentication_header: self.keys.authentication_key}
        return (Message(headers=headers, body=json.dumps(said).encode()),)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        basic = base64.b64encode(f"{self.keys.client_id}:{self.keys.client_secret}".encode()).decode()
        given = (form.get("client_id"), form.get("client_secret")) == (self.keys.client_id, self.keys.client_secret)
        if not given and request.headers.get("authorization") != f"Basic {basic}":
            return json_answer(401, {"error": "invalid_client"})
        if form.get("grant_type") != "client_credentials":
            return json_answer(400, {"error": "unsupported_grant_type"})
        token = f"token-{len(self._tokens) + 1}"
        self._tokens[token] = self.wall() + self.keys.token_s
        return json_answer(
            200, {"access_token": token, "token_type": "bearer", "expires_in": self.keys.token_s, "scope": "api"}
        )

    async def _price(self, request: Request) -> Response:
        quote = self.fleet.quote(await self._asked(request))
        return json_answer(200, {"amount": quote.price_minor / 100, "currency": self.fleet.terms.currency})

    async def _eta(self, request: Request) -> Response:
        quote = self.fleet.quote(await self._asked(request))
        return json_answer(200, {"eta": quote.pickup_at - quote.made_at})

    async def _validate(self, request: Request) -> Response:
        self.fleet.quote(await self._asked(request))
        return json_answer(200, {"valid": True})

    async def _create(self, request: Request) -> Response:
        return self._told(201, self.fleet.book(await self._asked(request)), request)

    async def _list(self, request: Request) -> Response:
        self._check(request)
        asked, now = request.query_params, self.fleet.clock()
        kept = [
            self._job(booking, now, request)
            for booking in reversed(self.fleet.bookings.values())
            if asked.get("client_reference", booking.asked.caller_id) == booking.asked.caller_id
            and asked.get("status", job_status(booking.journey.step(now))) == job_status(booking.journey.step(now))
        ]
        page, each = int(asked.get("page", 1)), int(asked.get("per_page", 25))
        return Response(json.dumps(kept[(page - 1) * each : page * each]), media_type="application/json")

    async def _read(self, request: Request) -> Response:
        self._check(request)
        return self._told(200, self._find(request), request)

    async def _change(self, request: Request) -> Response:
        self._check(request)
        booking = self._find(request)
        changes = next(iter(listed(await said_in(request), "job", "deliveries")), None)
        if not isinstance(changes, dict):
            raise RefusedError("invalid", "job.deliveries is required")
        ends = {
            end: {**_object(booking.asked.said, end), **_object(changes, end)} for end in ("pickup", "dropoff")
        }  # fmt: skip
        self.fleet.change(booking, {**ends, **{k: v for k, v in changes.items() if k not in ("id", *ends)}})
        return self._told(200, booking, request)

    async def _cancel(self, request: Request) -> Response:
        self._check(request)
        self.fleet.cancel(self._find(request))
        return Response(status_code=204)

    async def _picture(self, _request: Request) -> Response:
        return Response(PICTURE, media_type="image/png")

    def _check(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) <= self.wall():
            raise RefusedError("unauthorised")

    def _find(self, request: Request) -> Booking:
        return self.fleet.find(lambda booking: FIRST_JOB + int(booking.ref) == request.path_params["job_ref"])

    async def _asked(self, request: Request) -> Asked:
        self._check(request)
        job = value_of(await said_in(request), "job")
        ends = [listed(job, name) for name in ("pickups", "dropoffs")]
        if [len(end) for end in ends] != [1, 1]:
            raise RefusedError("invalid", "one pickup and one dropoff are required")
        (pickup,), (dropoff,) = ends
        for end in (pickup, dropoff):
            require(end if isinstance(end, dict) else {}, "address")
        start, there = self.gazetteer.ends((text_of(pickup, "address"), None), (text_of(dropoff, "address"), None))
        return Asked(
            caller_id=text_of(dropoff, "client_reference"),
            pickup=start,
            dropoff=there,
            ready_at=moment_of(job, "pickup_at"),
            said={"pickup": pickup, "dropoff": dropoff},
        )

    def _told(self, status: int, booking: Booking, request: Request) -> Response:
        return json_answer(status, self._job(booking, self.fleet.clock(), request))

    def _job(self, booking: Booking, now: float, request: Request) -> dict[str, object]:
        """Return a job as the vendor writes it, as of a moment."""
        step, way = booking.journey.step(now), booking.journey
        done, cost = step.state == "delivered", 0.0
        if job_status(step) != "expired":  # "it didn't cost any money"
            cost = booking.cost_minor(self.fleet.terms, now) / 100
        by, why = CANCELLED.get(step.reason, (None, None))
        pictures = str(request.base_url) + "pictures/"
        delivery: dict[str, object] = {
            "id": FIRST_DELIVERY + int(booking.ref),
            "status": STATUS[step.state][1],
            "picked_at": self._past(booking, "picked_up", now),
            "delivered_at": self._past(booking, "delivered", now),
            "tracking_url": f"https://stuart.followmy.delivery/{booking.ref}",
            "client_reference": booking.asked.said.get("client_reference", booking.asked.caller_id),
            "package_description": text_of(booking.asked.said, "dropoff", "package_description"),
            "package_type": text_of(booking.asked.said, "dropoff", "package_type"),
            "cancellation": {"canceled_by": by, "reason_key": why, "comment": None},
            "eta": {
                "pickup": rfc3339(way.begins_at("at_pickup")),
                "dropoff": rfc3339(way.begins_at("at_dropoff")),
            },
            "proof": {"signature_url": pictures + "signature.png" if done else None},
            "package_image_url": pictures + "package.png" if done else None,
        }
        for end, point in (("pickup", booking.asked.pickup), ("dropoff", booking.asked.dropoff)):
            said = _object(booking.asked.said, end)
            delivery[end] = {
                "address": {"formatted_address": said.get("address")},
                "latitude": point.lat,
                "longitude": point.lon,
                "comment": said.get("comment"),
                "contact": said.get("contact"),
            }
        return {
            "id": FIRST_JOB + int(booking.ref),
            "created_at": rfc3339(booking.made_at),
            "status": job_status(step),
            "ended_at": rfc3339(step.at) if step.state in ENDS else None,
            "deliveries": [delivery],
            "driver": self._driver(booking, now),
            "pricing": {
                "price_tax_included": cost,
                "price_tax_excluded": cost,
                "tax_amount": 0.0,
                "currency": self.fleet.terms.currency,
            },
        }

    def _current(self, booking: Booking, now: float) -> dict[str, object]:
        """Return a delivery as the vendor's webhooks write it."""
        step, way = booking.journey.step(now), booking.journey
        by, why = CANCELLED.get(step.reason, (None, None))
        driver = self._driver(booking, now)
        return {
            "id": FIRST_DELIVERY + int(booking.ref),
            "trackingUrl": f"https://stuart.followmy.delivery/{booking.ref}",
            "clientReference": booking.asked.caller_id,
            "driver": driver and {**driver, "name": driver["display_name"], "status": "busy"},
            "status": STATUS[step.state][1],
            "etaToDestination": rfc3339(way.begins_at("at_dropoff")),
            "etaToOrigin": rfc3339(way.begins_at("at_pickup")),
            "cancellation": {"canceledBy": by, "reasonKey": why, "comment": None},
        }

    def _driver(self, booking: Booking, now: float) -> dict[str, object] | None:
        point = booking.journey.position(now)
        if point is None:
            return None
        place = {"latitude": round(point.lat, 6), "longitude": round(point.lon, 6)}
        return {"id": 1, "display_name": "Cori R.", "phone": "+33155550100", "transport_type": "bike", **place}

    def _past(self, booking: Booking, state: str, now: float) -> str | None:
        at = booking.journey.begins_at(state)
        return rfc3339(at) if 0 < at <= now else None


def job_status(step: Step) -> str:
    """Return the status of a job in a step; one that nobody accepted has expired."""
    return "expired" if step.reason == "no_courier" else STATUS[step.state][0]


def refuse(refused: RefusedError) -> Response:
    """Return the vendor's answer to a refusal."""
    status, code, message = CODES[refused.code]
    told = f"{message}: {refused.ref}" if refused.code == "invalid" and refused.ref else message
    return json_answer(status, {"error": code, "message": told, "data": {}})


def _object(said: object, name: str) -> dict[str, object]:
    value = value_of(said, name)
    return value if isinstance(value, dict) else {}
