"""A simulated party that works with Onfleet: its drivers bring what comes as a task of pick-up and one of drop-off.

Fields and states of tasks, triggers, signatures and the form of errors are those of the vendor's documentation and
clients; a task that has begun cannot be deleted, as the documentation says of orders. Not told there, and assumed: that
what a driver has done is told before a task is completed, most numbers of errors, and the words of a failure. What the
vendor leaves to people is agreed with this party: who cannot hand over makes a task with the metadata of the drop-off
and ``doorstep_leg`` ``return``, and brings the parcel back.

References
----------
https://docs.onfleet.com, read in 2026; the packages ``pyonfleet`` 1.6.0 and ``gonfleet`` of the vendor.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from doorstep.connectors.carrier_wire import listed, text_of, value_of, whole_of
from doorstep.simulation.carriers.fleet import Asked, Booking, Fleet, News, RefusedError
from doorstep.simulation.carriers.journey import Point, Step
from doorstep.simulation.carriers.onfleet_words import CODES, LEGS, ORGANISATION, TEAM, TOLD, TRIGGERS
from doorstep.simulation.carriers.serving import (
    PICTURE,
    Gazetteer,
    Handler,
    Message,
    json_answer,
    require,
    said_in,
    served,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Whom the simulator believes, and with what it signs; the secret is hexadecimal, as the vendor's."""

    api_key: str = "key-1"
    webhook_secret: str = "5ec4e7"


@dataclass(slots=True, kw_only=True)
class Task:
    """A task as it was asked for; ``booking`` is the delivery that it is a leg of, once both its legs are there."""

    task_id: str
    leg: str
    said: dict[str, object]
    place: Point
    made_at: int
    booking: Booking | None = None
    deleted: bool = False

    def bears(self, wanted: Set[tuple[str, object]]) -> bool:
        """Return whether its metadata has these names and values."""
        return wanted <= {_pair(entry) for entry in listed(self.said, "metadata")}


@dataclass(slots=True)
class Onfleet:
    """The dialect; each delivery has a driver of its own."""

    fleet: Fleet
    keys: Keys = field(default_factory=Keys)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    app: Starlette = field(init=False)
    _tasks: dict[str, Task] = field(default_factory=dict)
    _made: dict[str, dict[str, object]] = field(default_factory=dict)
    _both: dict[str, tuple[Task, Task]] = field(default_factory=dict)
    _named: dict[object, list[Task]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ways = (
            ("GET", "/auth/test", self._greet, False),
            ("GET", "/teams", self._teams, False),
            ("GET", "/workers", self._workers, False),
            ("GET", "/workers/{ref}", self._worker, False),
            ("POST", "/destinations", self._make, False),
            ("POST", "/recipients", self._make, False),
            ("POST", "/tasks", self._create, True),
            ("POST", "/tasks/metadata", self._match, False),
            ("GET", "/tasks/all", self._list, False),
            ("GET", "/tasks/{ref}", self._read, False),
            ("PUT", "/tasks/{ref}", self._change, False),
            ("DELETE", "/tasks/{ref}", self._delete, False),
        )
        routes = [
            Route(
                f"/api/v2{path}",
                counted(served(self.fleet, self._known(way), refuse=refuse, commits=commits)),
                methods=[method],
            )
            for method, path, way, commits in ways
        ]
        self.app = Starlette(routes=[*routes, Route("/attachments/{ref}/800x.png", self._picture)])

    def messages(self, news: News) -> tuple[Message, ...]:
        """Return the webhooks of a step, one for each trigger."""
        step = news.step
        legs = {task.leg: task for task in self._legs(news.booking, step.at)}
        told = TOLD.get(step.reason) or TOLD[step.state]
        return tuple(self._message(trigger, legs[leg], step) for trigger, leg in told)

    def _message(self, trigger: int, task: Task, step: Step) -> Message:
        content = self._told(task, step.at)
        said = {
            "triggerId": trigger,
            "triggerName": TRIGGERS[trigger],
            "time": 1_000 * step.at,
            "taskId": task.task_id,
            "workerId": content["worker"],
            "data": {"task": content, "worker": self._driver(task.booking, step.at) if content["worker"] else None},
        }
        body = json.dumps(said).encode()
        signature = hmac.new(bytes.fromhex(self.keys.webhook_secret), body, hashlib.sha512).hexdigest()
        return Message(headers={"content-type": "application/json", "x-onfleet-signature": signature}, body=body)

    async def _greet(self, _request: Request) -> Response:
        return json_answer(200, {"message": f"Hello organization '{ORGANISATION}', you are now authenticated!"})

    async def _teams(self, _request: Request) -> Response:
        drivers = [driver_id(booking) for booking in self.fleet.bookings.values()]
        return JSONResponse([{"id": TEAM, "name": "Couriers", "workers": drivers, "managers": [], "tasks": []}])

    async def _workers(self, _request: Request) -> Response:
        now = self.fleet.clock()
        return JSONResponse([self._driver(booking, now) for booking in self.fleet.bookings.values()])

    async def _worker(self, request: Request) -> Response:
        booking = self.fleet.find(lambda one: driver_id(one) == request.path_params["ref"])
        return json_answer(200, self._driver(booking, self.fleet.clock()))

    async def _make(self, request: Request) -> Response:
        made = {**await said_in(request), "id": f"made{len(self._made):020d}", "organization": ORGANISATION}
        self._made[str(made["id"])] = made
        return json_answer(200, made)

    async def _create(self, request: Request) -> Response:
        said = await said_in(request)
        require(said, "destination")
        pickup = said.get("pickupTask") is True
        before = next(
            (task for ref in listed(said, "dependencies") if (task := self._tasks.get(str(ref))) and not task.deleted),
            None,
        )
        if not pickup and before is None:
            raise RefusedError("invalid", "this party takes a drop-off only with the pick-up that it depends on")
        task = Task(
            task_id=f"task{len(self._tasks):020d}",
            leg="pickup" if pickup else "dropoff",
            said={**said, "destination": self._entity(said["destination"]),
                  "recipients": [self._entity(one) for one in listed(said, "recipients")]},
            place=self._place(self._entity(said["destination"])),
            made_at=self.fleet.now,
        )  # fmt: skip
        if before is not None and not pickup:
            task.booking = before.booking = self.fleet.book(
                Asked(
                    caller_id="",
                    pickup=before.place,
                    dropoff=task.place,
                    ready_at=whole_of(before.said, "completeAfter") // 1_000,
                    said={"pickup": before.said, "dropoff": task.said},
                )
            )
            self._both[task.booking.ref] = (before, task)
        self._tasks[task.task_id] = task
        for name, value in map(_pair, listed(said, "metadata")):
            if name == "doorstep_delivery":
                self._named.setdefault(value, []).append(task)
        return json_answer(200, self._told(task, self.fleet.clock()))

    async def _match(self, request: Request) -> Response:
        try:
            wanted = json.loads(await request.body())
        except ValueError as fault:
            raise RefusedError("invalid", "the body is not JSON") from fault
        asked = {_pair(entry) for entry in wanted}
        now = self.fleet.clock()
        names = [value for name, value in asked if name == "doorstep_delivery"]
        tasks = self._of_delivery(names[0], now) if names else self._all()
        return JSONResponse([self._told(task, now) for task in tasks if not task.deleted and task.bears(asked)])

    async def _list(self, request: Request) -> Response:
        since = int(request.query_params.get("from", 0))
        told = [self._told(task, self.fleet.clock()) for task in self._all()]
        return json_answer(200, {"tasks": [one for one in told if whole_of(one, "timeCreated") >= since]})

    async def _read(self, request: Request) -> Response:
        return json_answer(200, self._told(self._find(request), self.fleet.clock()))

    async def _change(self, request: Request) -> Response:
        task = self._find(request)
        if self._told(task, self.fleet.clock())["state"] == 3:
            raise RefusedError("not_changeable")
        task.said.update(await said_in(request))
        return json_answer(200, self._told(task, self.fleet.clock()))

    async def _delete(self, request: Request) -> Response:
        task = self._find(request)
        now = self.fleet.clock()
        if whole_of(self._told(task, now), "state") > 1:
            raise RefusedError("not_cancellable")
        if task.booking is not None and task.booking.journey.step(now).state != "cancelled":
            self.fleet.cancel(task.booking)
        task.deleted = True
        return Response(status_code=200)

    async def _picture(self, _request: Request) -> Response:
        return Response(PICTURE, media_type="image/png")

    def _known(self, handler: Handler) -> Handler:
        """Return a handler that answers to the key alone."""
        right = base64.b64encode(f"{self.keys.api_key}:".encode()).decode()

        async def answer(request: Request) -> Response:
            if request.headers.get("authorization") != f"Basic {right}":
                raise RefusedError("unauthorised")
            return await handler(request)

        return answer

    def _entity(self, said: object) -> object:
        return self._made.get(said, {}) if isinstance(said, str) else said

    def _place(self, destination: object) -> Point:
        location = [number for number in listed(destination, "location") if isinstance(number, int | float)]
        if len(location) == 2:
            return Point(lat=location[1], lon=location[0])
        return self.gazetteer.find(text_of(destination, "address", "unparsed"))

    def _find(self, request: Request) -> Task:
        ref = str(request.path_params["ref"])
        task = self._tasks.get(ref) or next((task for task in self._all() if task.task_id == ref), None)
        if task is None or task.deleted:
            raise RefusedError("unknown_delivery")
        return task

    def _all(self) -> list[Task]:
        """Return the tasks that are there now, those included that drivers made to bring parcels back."""
        now = self.fleet.clock()
        made = [task for task in self._tasks.values() if not task.deleted]
        back = [task for booking in self.fleet.bookings.values() for task in self._legs(booking, now)]
        return [*made, *(task for task in back if task.leg == "return")]

    def _of_delivery(self, name: object, now: float) -> list[Task]:
        """Return the tasks that bear the name of a delivery, also those that were deleted."""
        made = self._named.get(name, [])
        bookings = {task.booking.ref: task.booking for task in made if task.booking is not None}
        back = [task for booking in bookings.values() for task in self._legs(booking, now)]
        return [*made, *(task for task in back if task.leg == "return")]

    def _legs(self, booking: Booking, now: float) -> list[Task]:
        """Return the tasks of a delivery, also those that were deleted."""
        tasks = self._both[booking.ref]
        began_at = passed(booking, now).get("returning")
        if began_at is None:
            return list(tasks)
        pickup, dropoff = tasks
        metadata = [
            {**entry, "value": "return"} if text_of(entry, "name") == "doorstep_leg" else entry
            for entry in listed(dropoff.said, "metadata")
            if isinstance(entry, dict)
        ]
        back = Task(
            task_id=f"back{booking.ref:0>20}",
            leg="return",
            said={"destination": pickup.said["destination"], "metadata": metadata, "dependencies": [dropoff.task_id]},
            place=pickup.place,
            made_at=began_at,
            booking=booking,
        )
        return [*tasks, back]

    def _told(self, task: Task, now: float) -> dict[str, object]:
        """Return a task as the vendor writes it, as of a moment."""
        booking, said = task.booking, task.said
        been = {} if booking is None else passed(booking, now)
        state, details = self._progress(task, been)
        eta = 0 if booking is None else booking.journey.begins_at(LEGS[task.leg][1])
        changed_at = max((at for at in been.values()), default=task.made_at)
        return {
            "id": task.task_id,
            "shortId": task.task_id[-8:],
            "trackingURL": f"https://onf.lt/{task.task_id[-10:]}",
            "organization": ORGANISATION,
            "timeCreated": 1_000 * task.made_at,
            "timeLastModified": 1_000 * changed_at,
            "state": state,
            "worker": driver_id(booking) if booking is not None and state else None,
            "pickupTask": task.leg == "pickup",
            "dependencies": said.get("dependencies", []),
            "destination": {"location": [task.place.lon, task.place.lat], **_object(said["destination"])},
            "recipients": said.get("recipients", []),
            "completeAfter": said.get("completeAfter"),
            "completeBefore": said.get("completeBefore"),
            "notes": said.get("notes", ""),
            "quantity": said.get("quantity", 0),
            "metadata": said.get("metadata", []),
            "estimatedArrivalTime": 1_000 * eta or None,
            "completionDetails": details,
        }

    def _progress(self, task: Task, been: Mapping[str, int]) -> tuple[int, dict[str, object]]:
        """Return the state of a task, and what its driver did."""
        start, arrival, end = LEGS[task.leg]
        failed = {"pickup": "no_courier", "dropoff": "returning", "return": ""}[task.leg]
        done_at = been.get(end) or been.get(failed)
        names = {"start": start, "arrival": arrival}
        events = [{"name": name, "time": 1_000 * been[state]} for name, state in names.items() if state in been]
        won = end in been
        details: dict[str, object] = {
            "events": events,
            "success": won,
            "time": 1_000 * done_at if done_at else None,
            "failureReason": "CUSTOMER_UNAVAILABLE" if done_at and not won and task.leg == "dropoff" else "NONE",
            "failureNotes": "",
        }
        if won and value_of(task.said, "requirements", "photo") is True:
            details["photoUploadIds"] = ["photo"]
        if won and value_of(task.said, "requirements", "signature") is True:
            details["signatureUploadId"] = "signature"
        state = 3 if done_at else 2 if start in been else 1 if "assigned" in been else 0
        return state, details

    def _driver(self, booking: Booking | None, now: float) -> dict[str, object]:
        point = None if booking is None else booking.journey.position(now)
        return {
            "id": driver_id(booking) if booking is not None else None,
            "name": "Cori R.",
            "phone": "+15555550100",
            "organization": ORGANISATION,
            "teams": [TEAM],
            "onDuty": True,
            "location": [round(point.lon, 6), round(point.lat, 6)] if point is not None else None,
        }


def passed(booking: Booking, now: float) -> dict[str, int]:
    """Return when the courier who has a delivery came to each state, by its name or the reason that it ended for."""
    steps = booking.journey.steps[: booking.journey.number(now)]
    first = max(number for number, step in enumerate(steps) if step.state == "created")
    return {step.reason if step.state == "cancelled" else step.state: step.at for step in steps[first:]}


def driver_id(booking: Booking) -> str:
    """Return the id of the driver who has a delivery."""
    return f"wrkr{booking.ref:0>20}"


def counted(handler: Handler) -> Handler:
    """Return a handler that says how many more requests may come; the vendor's clients fail without it."""

    async def answer(request: Request) -> Response:
        answered = await handler(request)
        answered.headers["X-RateLimit-Remaining"] = "19"
        return answered

    return answer


def refuse(refused: RefusedError) -> Response:
    """Return the vendor's answer to a refusal."""
    status, code, number, message = CODES[refused.code]
    told = {
        "error": number,
        "message": message,
        "cause": refused.ref,
        "request": "00000000-0000-4000-8000-000000000000",
    }
    return json_answer(status, {"code": code, "message": told})


def _object(said: object) -> dict[str, object]:
    return said if isinstance(said, dict) else {}


def _pair(entry: object) -> tuple[str, object]:
    value = value_of(entry, "value")
    return text_of(entry, "name"), value if isinstance(value, str | int | float | bool) else None
