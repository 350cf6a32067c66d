"""A simulated carrier that speaks as Uber Direct does.

Fields, codes and statuses are those of the vendor's documentation and of its own JavaScript client. Not told there, and
assumed: the fee of a cancellation and of a return, and what ``undeliverable_reason`` says when no courier is left.

References
----------
https://developer.uber.com/docs/deliveries, read in 2026; the package ``uber-direct`` 0.1.8.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from doorstep.connectors.carrier_wire import degrees_of, listed, moment_of, rfc3339, text_of, whole_of
from doorstep.simulation.carriers.clocks import Clock
from doorstep.simulation.carriers.fleet import Asked, Booking, Fleet, News, RefusedError
from doorstep.simulation.carriers.journey import ENDS, Point
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
SCOPE = "eats.deliveries"
STATUS = {
    "created": "pending",
    "assigned": "pickup",
    "en_route_to_pickup": "pickup",
    "at_pickup": "pickup",
    "picked_up": "pickup_complete",
    "en_route_to_dropoff": "dropoff",
    "at_dropoff": "dropoff",
    "delivered": "delivered",
    "cancelled": "canceled",
    "returning": "returned",
    "at_return": "returned",
    "returned": "returned",
}
RETURN_STATUS = {"returning": "dropoff", "at_return": "dropoff", "returned": "delivered"}
"""The status of the second delivery that brings a parcel back."""
IMMINENT = frozenset(("at_pickup", "at_dropoff", "at_return"))
UNDELIVERABLE = {"customer_unavailable": "customer_unavailable", "no_courier": "no_courier_available"}
CODES = {
    "busy": (429, "customer_limited", "Too many requests."),
    "broken": (503, "service_unavailable", "Service is currently unavailable."),
    "unauthorised": (401, "unauthorized", "The bearer token is missing, unknown or expired."),
    "invalid": (400, "invalid_params", "The parameters of your request were invalid."),
    "pickup_not_covered": (400, "address_undeliverable", "The pickup address is not in a deliverable area."),
    "dropoff_not_covered": (400, "address_undeliverable", "The dropoff address is not in a deliverable area."),
    "too_far": (400, "address_undeliverable", "The addresses are too far apart."),
    "too_heavy": (400, "invalid_params", "The manifest is too heavy."),
    "unknown_quote": (400, "invalid_params", "The quote does not exist."),
    "expired_quote": (400, "expired_quote", "The price quote specified has expired."),
    "used_quote": (400, "used_quote", "The price quote specified has already been used."),
    "price_changed": (400, "mismatched_price_quote", "The price quote does not match the delivery."),
    "duplicate": (409, "duplicate_delivery", "An active delivery like this already exists."),
    "unknown_customer": (404, "customer_not_found", "Customer does not exist."),
    "unknown_delivery": (404, "delivery_not_found", "The requested delivery does not exist."),
    "not_cancellable": (400, "noncancelable_delivery", "Delivery cannot be cancelled."),
    "not_changeable": (400, "not_allowed", "The delivery has ended."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Whom the simulator believes, and with what it signs."""

    client_id: str = "client-1"
    client_secret: str = "secret-1"
    customer_id: str = "cus_1"
    webhook_secret: str = "signing-1"
    token_s: int = TOKEN_S


@dataclass(slots=True)
class UberDirect:
    """The dialect; ``wall`` is the clock by which tokens expire, which no speed changes."""

    fleet: Fleet
    wall: Clock
    keys: Keys = field(default_factory=Keys)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    app: Starlette = field(init=False)
    _tokens: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        customer = "/v1/customers/{customer_id}"
        ways = (
            ("POST", "/delivery_quotes", self._quote, False),
            ("POST", "/deliveries", self._book, True),
            ("GET", "/deliveries", self._list, False),
            ("GET", "/deliveries/{ref}", self._read, False),
            ("POST", "/deliveries/{ref}", self._change, False),
            ("POST", "/deliveries/{ref}/cancel", self._cancel, False),
            ("POST", "/deliveries/{ref}/proof-of-delivery", self._prove, False),
        )
        routes = [
            Route(customer + path, served(self.fleet, way, refuse=refuse, commits=commits), methods=[method])
            for method, path, way, commits in ways
        ]
        self.app = Starlette(routes=[Route("/oauth/v2/token", self._token, methods=["POST"]), *routes])

    def messages(self, news: News) -> tuple[Message, ...]:
        """Return the webhook of a step; steps of a return are told of the second delivery."""
        at, state = news.step.at, news.step.state
        back = state in ("at_return", "returned")
        content = self._returning(news.booking, at) if back else self._delivery(news.booking, at)
        told = {
            "id": f"evt_{news.booking.ref}_{news.number:02d}",
            "kind": "event.delivery_return" if back else "event.delivery_status",
            "created": rfc3339(at),
            "status": content["status"],
            "delivery_id": content["id"],
            "customer_id": self.keys.customer_id,
            "live_mode": False,
            "data": content,
        }
        body = json.dumps(told).encode()
        signature = hmac.new(self.keys.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"x-uber-signature": signature, "x-postmates-signature": signature}
        return (Message(headers={"content-type": "application/json", **headers}, body=body),)

    async def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        known = (form.get("client_id"), form.get("client_secret")) == (self.keys.client_id, self.keys.client_secret)
        if not known:
            return json_answer(401, {"error": "invalid_client"})
        if form.get("grant_type") != "client_credentials" or SCOPE not in form.get("scope", "").split():
            return json_answer(400, {"error": "invalid_scope"})
        token = f"token-{len(self._tokens) + 1}"
        self._tokens[token] = self.wall() + self.keys.token_s
        return json_answer(
            200, {"access_token": token, "token_type": "Bearer", "expires_in": self.keys.token_s, "scope": SCOPE}
        )

    async def _quote(self, request: Request) -> Response:
        self._check(request)
        said = await said_in(request)
        require(said, "pickup_address", "dropoff_address")
        quote = self.fleet.quote(self._asked(said))
        return json_answer(
            200,
            {
                "kind": "delivery_quote",
                "id": f"dqt_{quote.quote_id}",
                "created": rfc3339(quote.made_at),
                "expires": rfc3339(quote.expires_at),
                "fee": quote.price_minor,
                "currency": self.fleet.terms.currency.lower(),
                "currency_type": self.fleet.terms.currency,
                "dropoff_eta": rfc3339(quote.dropoff_at),
                "duration": (quote.dropoff_at - quote.made_at) // 60,
                "pickup_duration": (quote.pickup_at - quote.made_at) // 60,
                "dropoff_deadline": rfc3339(quote.dropoff_at + 1_800),
            },
        )

    async def _book(self, request: Request) -> Response:
        self._check(request)
        said = await said_in(request)
        ends = ("pickup", "dropoff")
        require(said, *(f"{end}_{part}" for end in ends for part in ("name", "address", "phone_number")))
        require(said, "manifest_items")
        quote_id = text_of(said, "quote_id").removeprefix("dqt_")
        if quote_id and self.fleet.unlucky("price_change"):
            raise RefusedError("price_changed")
        booking = self.fleet.book(self._asked(said), quote_id=quote_id)
        return json_answer(200, self._delivery(booking, self.fleet.clock()))

    async def _list(self, request: Request) -> Response:
        self._check(request)
        asked = request.query_params
        now = self.fleet.clock()
        told = [self._delivery(booking, now) for booking in reversed(self.fleet.bookings.values())]
        wanted = asked.get("filter", "")
        kept = [one for one in told if wanted in ("", one["status"]) or (wanted == "ongoing" and not one["complete"])]
        offset, limit = int(asked.get("offset", 0)), int(asked.get("limit", 20))
        return json_answer(
            200, {"object": "list", "data": kept[offset : offset + limit], "total_count": -1, "url": str(request.url)}
        )

    async def _read(self, request: Request) -> Response:
        self._check(request)
        ref = str(request.path_params["ref"])
        booking = self._find(ref)
        told = self._returning if ref.startswith("ret_") else self._delivery
        return json_answer(200, told(booking, self.fleet.clock()))

    async def _change(self, request: Request) -> Response:
        self._check(request)
        booking = self._find(request.path_params["ref"])
        self.fleet.change(booking, await said_in(request))
        return json_answer(200, self._delivery(booking, self.fleet.clock()))

    async def _cancel(self, request: Request) -> Response:
        self._check(request)
        booking = self._find(request.path_params["ref"])
        self.fleet.cancel(booking)
        return json_answer(200, self._delivery(booking, self.fleet.clock()))

    async def _prove(self, request: Request) -> Response:
        self._check(request)
        booking = self._find(request.path_params["ref"])
        said = await said_in(request)
        if text_of(said, "waypoint") not in ("pickup", "dropoff", "return"):
            raise RefusedError("invalid", "waypoint is invalid")
        wanted = text_of(said, "type")
        done = booking.journey.step(self.fleet.clock()).state == "delivered"
        if not done or wanted not in self._proof(booking):
            raise RefusedError("unknown_delivery")
        return json_answer(200, {"document": base64.b64encode(PICTURE).decode()})

    def _check(self, request: Request) -> None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) <= self.wall():
            raise RefusedError("unauthorised")
        if request.path_params["customer_id"] != self.keys.customer_id:
            raise RefusedError("unknown_customer")

    def _find(self, ref: str) -> Booking:
        return self.fleet.find(lambda booking: ref in (f"del_{booking.ref}", f"ret_{booking.ref}"))

    def _asked(self, said: dict[str, object]) -> Asked:
        ends = []
        for end in ("pickup", "dropoff"):
            lat, lon = degrees_of(said, f"{end}_latitude"), degrees_of(said, f"{end}_longitude")
            ends.append((text_of(said, f"{end}_address"), Point(lat=lat, lon=lon) if lat == lat else None))
        pickup, dropoff = self.gazetteer.ends(ends[0], ends[1])
        items = listed(said, "manifest_items")
        return Asked(
            caller_id=text_of(said, "idempotency_key") or text_of(said, "external_id"),
            pickup=pickup,
            dropoff=dropoff,
            ready_at=moment_of(said, "pickup_ready_dt"),
            weight_g=sum(whole_of(item, "weight") * whole_of(item, "quantity") for item in items),
            said=said,
        )

    def _proof(self, booking: Booking) -> dict[str, object]:
        """Return what the drop-off will prove, by the verification that was asked for."""
        wanted = booking.asked.said.get("dropoff_verification")
        wanted = wanted if isinstance(wanted, dict) else {}
        proof: dict[str, object] = {}
        if wanted.get("picture") is True:
            proof["picture"] = {"image_url": "https://pictures.example/picture.png"}
        if wanted.get("signature_requirement"):
            proof["signature"] = {"image_url": "https://pictures.example/signature.png", "signer_name": "A. Reader"}
        if wanted.get("pincode"):
            proof["pincode"] = {"entered": text_of(wanted, "pincode", "value")}
        return proof

    def _delivery(self, booking: Booking, now: float) -> dict[str, object]:
        """Return a delivery as the vendor writes it, as of a moment."""
        step, said, way = booking.journey.step(now), booking.asked.said, booking.journey
        status = STATUS[step.state]
        proof = self._proof(booking) if step.state == "delivered" else {}
        told: dict[str, object] = {
            "kind": "delivery",
            "id": f"del_{booking.ref}",
            "quote_id": f"dqt_{booking.quote_id}" if booking.quote_id else "",
            "external_id": said.get("external_id", ""),
            "status": status,
            "complete": step.state in ENDS or status == "returned",
            "courier": self._courier(booking, now),
            "courier_imminent": step.state in IMMINENT,
            "created": rfc3339(booking.made_at),
            "updated": rfc3339(step.at),
            "currency": self.fleet.terms.currency.lower(),
            "fee": booking.price_minor if booking.fee_minor is None else booking.fee_minor,
            "tip": whole_of(said, "tip_by_customer") or whole_of(said, "tip"),
            "pickup_eta": rfc3339(way.begins_at("at_pickup")),
            "dropoff_eta": rfc3339(way.begins_at("at_dropoff")),
            "tracking_url": f"https://www.ubereats.com/orders/{booking.ref}",
            "live_mode": False,
            "undeliverable_action": "return" if status == "returned" else "",
            "undeliverable_reason": UNDELIVERABLE.get(step.reason, ""),
            "manifest_items": said.get("manifest_items", []),
            "related_deliveries": [{"id": f"ret_{booking.ref}", "relationship": "returned"}]
            if status == "returned"
            else [],
        }
        for end in ("pickup", "dropoff"):
            point = booking.asked.pickup if end == "pickup" else booking.asked.dropoff
            told[end] = {
                "name": said.get(f"{end}_name", ""),
                "phone_number": said.get(f"{end}_phone_number", ""),
                "address": said.get(f"{end}_address", ""),
                "notes": said.get(f"{end}_notes", ""),
                "location": {"lat": point.lat, "lng": point.lon},
                "verification": proof if end == "dropoff" else {},
            }
        return told

    def _returning(self, booking: Booking, now: float) -> dict[str, object]:
        """Return the second delivery, which brings the parcel back."""
        state = booking.journey.step(now).state
        if state not in RETURN_STATUS:
            raise RefusedError("unknown_delivery")
        return self._delivery(booking, now) | {
            "id": f"ret_{booking.ref}",
            "status": RETURN_STATUS[state],
            "complete": state == "returned",
            "fee": self.fleet.terms.return_fee_minor,
            "related_deliveries": [{"id": f"del_{booking.ref}", "relationship": "original"}],
        }

    def _courier(self, booking: Booking, now: float) -> dict[str, object] | None:
        point = booking.journey.position(now)
        if point is None:
            return None
        location = {"lat": round(point.lat, 6), "lng": round(point.lon, 6)}
        return {"name": "Cori R.", "phone_number": "+15555550100", "vehicle_type": "car", "location": location}


def refuse(refused: RefusedError) -> Response:
    """Return the vendor's answer to a refusal."""
    status, code, message = CODES[refused.code]
    content: dict[str, object] = {"kind": "error", "code": code, "message": message}
    if refused.code == "duplicate":
        content["metadata"] = {"delivery_id": f"del_{refused.ref}"}
    elif refused.ref:
        content["metadata"] = {"param_details": refused.ref}
    return json_answer(status, content)
