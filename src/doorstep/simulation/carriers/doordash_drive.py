"""A simulated carrier that speaks as DoorDash Drive does.

Paths, fields, statuses, codes and reasons are those of the vendor's own client, events those of its documentation. Not
told there, and assumed: an expired quote is not known any more, a price that changes shows in the fee of the booking.

References
----------
https://developer.doordash.com/en-US/docs/drive, read in 2026; the package ``@doordash/sdk`` 0.6.13.
"""

import base64
import json
from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jws import JWSRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.connectors.carrier_wire import degrees_of, listed, moment_of, rfc3339, text_of, value_of, whole_of
from doorstep.simulation.carriers.clocks import Clock
from doorstep.simulation.carriers.fleet import CHANGE, Asked, Booking, Fleet, News, Quote, RefusedError
from doorstep.simulation.carriers.journey import BEFORE_PICKUP, Point
from doorstep.simulation.carriers.serving import (
    PICTURE,
    Gazetteer,
    Message,
    json_answer,
    require,
    said_in,
    served,
)

GRAMS_PER_POUND = 453.59237
LONGEST_TOKEN_S = 1_800
STATUS = {
    "created": "created",
    "assigned": "confirmed",
    "en_route_to_pickup": "enroute_to_pickup",
    "at_pickup": "arrived_at_pickup",
    "picked_up": "picked_up",
    "en_route_to_dropoff": "enroute_to_dropoff",
    "at_dropoff": "arrived_at_dropoff",
    "delivered": "delivered",
    "returning": "enroute_to_return",
    "at_return": "arrived_at_return",
    "returned": "returned",
    "cancelled": "cancelled",
}
EVENTS = {
    "assigned": "DASHER_CONFIRMED",
    "en_route_to_pickup": "DASHER_ENROUTE_TO_PICKUP",
    "at_pickup": "DASHER_CONFIRMED_PICKUP_ARRIVAL",
    "picked_up": "DASHER_PICKED_UP",
    "en_route_to_dropoff": "DASHER_ENROUTE_TO_DROPOFF",
    "at_dropoff": "DASHER_CONFIRMED_DROPOFF_ARRIVAL",
    "delivered": "DASHER_DROPPED_OFF",
    "returning": "DELIVERY_RETURN_INITIALIZED",
    "at_return": "DASHER_CONFIRMED_RETURN_ARRIVAL",
    "returned": "DELIVERY_RETURNED",
    "cancelled": "DELIVERY_CANCELLED",
}
"""Of creation nobody is told: the caller knows."""
CANCELLED = {"by_caller": "cancelled_by_creator", "no_courier": "failed_to_assign_and_refunded"}
CODES = {
    "busy": (429, "throttled", ""),
    "broken": (503, "service_fault", ""),
    "unauthorised": (401, "authentication_error", ""),
    "invalid": (400, "validation_error", ""),
    "pickup_not_covered": (422, "invalid_delivery_parameters", "pickup_address_not_in_coverage"),
    "dropoff_not_covered": (422, "invalid_delivery_parameters", "delivery_address_not_in_coverage"),
    "too_far": (422, "invalid_delivery_parameters", "distance_too_long"),
    "too_heavy": (400, "validation_error", ""),
    "unknown_quote": (404, "unknown_delivery_id", ""),
    "expired_quote": (404, "unknown_delivery_id", ""),
    "used_quote": (409, "duplicate_delivery_id", ""),
    "duplicate": (409, "duplicate_delivery_id", ""),
    "unknown_delivery": (404, "unknown_delivery_id", ""),
    "not_changeable": (409, "update_not_allowed", "delivery_completed"),
    "delivery_cancelled": (409, "cancel_not_allowed", "delivery_cancelled"),
    "delivery_completed": (409, "cancel_not_allowed", "delivery_completed"),
    "delivery_picked_up": (409, "cancel_not_allowed", "delivery_picked_up"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Whom the simulator believes, and how it shows itself in webhooks; the secret is base64, as the vendor's."""

    developer_id: str = "developer-1"
    key_id: str = "key-1"
    signing_secret: str = "c2lnbmluZy1zZWNyZXQtb2YtdGhlLXNpbXVsYXRvcg"
    webhook_authorization: str = "Basic c2ltdWxhdG9yOndlYmhvb2stMQ=="


@dataclass(slots=True)
class DoorDashDrive:
    """The dialect; ``wall`` is the clock by which tokens expire, which no speed changes."""

    fleet: Fleet
    wall: Clock
    keys: Keys = field(default_factory=Keys)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    app: Starlette = field(init=False)

    def __post_init__(self) -> None:
        delivery = "/drive/v2/deliveries/{external_id}"
        ways = (
            ("POST", "/drive/v2/quotes", self._quote, False),
            ("POST", "/drive/v2/quotes/{external_id}/accept", self._accept, True),
            ("POST", "/drive/v2/deliveries", self._create, True),
            ("GET", delivery, self._read, False),
            ("PATCH", delivery, self._change, False),
            ("PUT", f"{delivery}/cancel", self._cancel, False),
        )
        routes = [
            Route(path, served(self.fleet, way, refuse=refuse, commits=commits), methods=[method])
            for method, path, way, commits in ways
        ]
        self.app = Starlette(routes=[*routes, Route("/pictures/{name}", self._picture)])

    def messages(self, news: News) -> tuple[Message, ...]:
        """Return the webhook of a step."""
        name = EVENTS.get(news.step.state)
        if name is None:
            return ()
        told = self._delivery(news.booking, news.step.at)
        told.pop("delivery_status")  # the vendor's webhooks have the event alone
        told |= {"event_name": name, "created_at": rfc3339(news.step.at)}
        headers = {"content-type": "application/json", "authorization": self.keys.webhook_authorization}
        return (Message(headers=headers, body=json.dumps(told).encode()),)

    async def _quote(self, request: Request) -> Response:
        self._check(request)
        said = await said_in(request)
        asked = self._asked(said)
        if any(booking.asked.caller_id == asked.caller_id for booking in self.fleet.bookings.values()):
            raise RefusedError("duplicate")
        return json_answer(200, self._quoted(self.fleet.quote(asked, asked.caller_id)))

    async def _accept(self, request: Request) -> Response:
        self._check(request)
        quote = self.fleet.live_quote(str(request.path_params["external_id"]))
        changed = self.fleet.unlucky("price_change")
        booking = self.fleet.book(quote.asked, quote_id=quote.quote_id)
        if changed:
            booking.price_minor = round(CHANGE * booking.price_minor)
        self.fleet.change(booking, await said_in(request))
        return self._told(booking, request)

    async def _create(self, request: Request) -> Response:
        self._check(request)
        asked = self._asked(await said_in(request))
        if asked.caller_id in self.fleet.quotes:
            raise RefusedError("duplicate")
        return self._told(self.fleet.book(asked), request)

    async def _read(self, request: Request) -> Response:
        self._check(request)
        external_id = str(request.path_params["external_id"])
        booked = any(booking.asked.caller_id == external_id for booking in self.fleet.bookings.values())
        if not booked and external_id in self.fleet.quotes:
            return json_answer(200, self._quoted(self.fleet.live_quote(external_id)))
        return self._told(self._find(request), request)

    async def _change(self, request: Request) -> Response:
        self._check(request)
        booking = self._find(request)
        self.fleet.change(booking, await said_in(request))
        return self._told(booking, request)

    async def _cancel(self, request: Request) -> Response:
        self._check(request)
        booking = self._find(request)
        state = booking.journey.step(self.fleet.clock()).state
        if state not in BEFORE_PICKUP:
            words = {"cancelled": "delivery_cancelled", "delivered": "delivery_completed"}
            raise RefusedError(words.get(state, "delivery_picked_up"))
        self.fleet.cancel(booking)
        return self._told(booking, request)

    async def _picture(self, _request: Request) -> Response:
        return Response(PICTURE, media_type="image/png")

    def _check(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        secret = self.keys.signing_secret
        key = OctKey.import_key(base64.urlsafe_b64decode(secret + "=" * (-len(secret) % 4)))
        registry = JWSRegistry(algorithms=["HS256"], strict_check_header=False)
        try:
            signed = jwt.decode(token, key, algorithms=["HS256"], registry=registry)
        except (JoseError, ValueError) as fault:
            raise RefusedError("unauthorised", str(fault)) from fault
        claims, now = signed.claims, self.wall()
        expected = {"aud": "doordash", "iss": self.keys.developer_id, "kid": self.keys.key_id}
        right = signed.header.get("dd-ver") == "DD-JWT-V1" and expected.items() <= claims.items()
        ends_at = whole_of(claims, "exp")
        if not right or not now < ends_at <= now + LONGEST_TOKEN_S:
            raise RefusedError("unauthorised", "the token is of somebody else, or not valid now")

    def _find(self, request: Request) -> Booking:
        external_id = request.path_params["external_id"]
        return self.fleet.find(lambda booking: booking.asked.caller_id == external_id)

    def _asked(self, said: dict[str, object]) -> Asked:
        require(
            said, "external_delivery_id", "pickup_address", "pickup_phone_number", "dropoff_address",
            "dropoff_phone_number",
        )  # fmt: skip
        lat, lon = (degrees_of(said, "dropoff_location", name) for name in ("lat", "lng"))
        dropoff_point = Point(lat=lat, lon=lon) if lat == lat else None
        pickup, dropoff = self.gazetteer.ends(
            (text_of(said, "pickup_address"), None), (text_of(said, "dropoff_address"), dropoff_point)
        )
        pounds = sum(
            degrees_of(item, "weight") * whole_of(item, "quantity")
            for item in listed(said, "items")
            if value_of(item, "weight") is not None
        )
        return Asked(
            caller_id=text_of(said, "external_delivery_id"),
            pickup=pickup,
            dropoff=dropoff,
            ready_at=moment_of(said, "pickup_window", "start_time") or moment_of(said, "pickup_time"),
            weight_g=round(pounds * GRAMS_PER_POUND),
            said=said,
        )

    def _quoted(self, quote: Quote) -> dict[str, object]:
        return {
            **quote.asked.said,
            "delivery_status": "quote",
            "currency": self.fleet.terms.currency,
            "fee": quote.price_minor,
            "updated_at": rfc3339(quote.made_at),
            "pickup_time_estimated": rfc3339(quote.pickup_at),
            "dropoff_time_estimated": rfc3339(quote.dropoff_at),
        }

    def _told(self, booking: Booking, request: Request) -> Response:
        told = self._delivery(booking, self.fleet.clock())
        if told["delivery_status"] == "delivered":
            options = value_of(booking.asked.said, "dropoff_options")
            address = str(request.base_url) + "pictures/"
            if text_of(options, "proof_of_delivery").startswith("photo"):
                told["dropoff_verification_image_url"] = address + "dropoff.png"
            if text_of(options, "signature") == "required":
                told["dropoff_signature_image_url"] = address + "signature.png"
        return json_answer(200, told)

    def _delivery(self, booking: Booking, now: float) -> dict[str, object]:
        """Return a delivery as the vendor writes it, as of a moment; what is not known is left out."""
        step, way = booking.journey.step(now), booking.journey
        cost = booking.cost_minor(self.fleet.terms, now)
        told: dict[str, object] = {
            **booking.asked.said,
            "delivery_status": STATUS[step.state],
            "currency": self.fleet.terms.currency,
            "fee": cost,
            "fee_components": [{"type": "distance_based_fee", "amount": cost}],
            "updated_at": rfc3339(step.at),
            "support_reference": booking.ref,
            "tracking_url": f"https://www.doordash.com/drive/portal/track/{booking.ref}",
        }
        kinds = (("pickup", "at_pickup", "picked_up"), ("dropoff", "at_dropoff", "delivered"))
        for end, there, done in kinds:
            told[f"{end}_time_estimated"] = rfc3339(way.begins_at(there))
            if 0 < way.begins_at(done) <= now:
                told[f"{end}_time_actual"] = rfc3339(way.begins_at(done))
        if step.state == "cancelled":
            told["cancellation_reason"] = CANCELLED[step.reason]
        point = booking.journey.position(now)
        if point is not None:
            told |= {
                "dasher_id": 1,
                "dasher_name": "Cori R.",
                "dasher_dropoff_phone_number": "+15555550100",
                "dasher_location": {"lat": round(point.lat, 6), "lng": round(point.lon, 6)},
            }
        return told


def refuse(refused: RefusedError) -> Response:
    """Return the vendor's answer to a refusal."""
    status, code, reason = CODES[refused.code]
    content: dict[str, object] = {"code": code, "message": refused.ref or refused.code.replace("_", " ")}
    if reason:
        content["reason"] = reason
    if code == "validation_error":
        content["field_errors"] = [{"field": refused.ref.split(" ")[0], "error": refused.ref}]
    return json_answer(status, content)
