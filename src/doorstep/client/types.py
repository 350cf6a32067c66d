"""What the API takes and gives, as dictionaries; made by ``python -m doorstep.api.client_source``."""

from typing import Literal, NotRequired, TypedDict


JsonValue = object


class Access(TypedDict):
    """How to get to the door."""

    code: NotRequired[str]
    floor: NotRequired[str]
    unit: NotRequired[str]
    preference: NotRequired[Literal["", "front_door", "back_door", "side_porch", "building_reception", "mailroom_or_staff", "garage"]]


class Address(TypedDict):
    """A postal address as people write it."""

    lines: list[str]
    country: str
    access: NotRequired["Access | None"]


class Allocation(TypedDict):
    """Which site serves how many units of a line."""

    line_no: int
    site_id: str
    quantity: int
    receipt_id: str | None


class Alternative(TypedDict):
    """An alternative that was weighed."""

    option: str
    site_id: str | None
    mode: str | None
    carrier_id: str | None
    cost: "Money | None"
    price: "Money | None"
    cost_parts: "list[CostPart]"
    chosen: bool
    code: str | None
    why: str


class ApiKey(TypedDict):
    """A key, without its secret."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None


class ApiKeyCreate(TypedDict):
    """A key to make."""

    name: str
    scopes: list[Literal["orders:read", "orders:write", "deliveries:read", "deliveries:write", "routes:read", "routes:write", "routes:drive", "network:read", "network:write", "stock:read", "stock:write", "quotes:write", "tracking:ingest", "webhooks:manage", "decisions:read", "money:read", "money:write", "jobs:read", "jobs:write", "admin"]]
    expires_at: NotRequired[str | None]


class ApiKeyCreated(TypedDict):
    """A new key, shown this once only."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    key: str


class Arrival(TypedDict):
    """A shopper who is there."""

    bay: NotRequired[int | None]


class AuditRow(TypedDict):
    """Who did what to which object; each row seals the one before it."""

    audit_no: int
    at: str
    actor: str
    kind: str
    object_id: str
    event: str
    from_state: str
    to_state: str
    reason: str
    hash: str


class Balance(TypedDict):
    """What a party is owed."""

    account: str
    party_id: str
    owed: "Money"


class BayAssignment(TypedDict):
    """Where a shopper who is there should stand."""

    bay: NotRequired[int | None]


class BulkRow(TypedDict):
    """What became of one row: an order, or a problem."""

    row: int
    status: int
    order_id: str | None
    problem: "Problem | None"


class Cancellation(TypedDict):
    """Why something is cancelled, held or changed by hand."""

    reason: str


class Carrier(TypedDict):
    """Third parties: parcel carriers collect once a day, on-demand couriers come when called."""

    carrier_id: str
    name: NotRequired[str]
    kind: Literal["parcel", "on_demand"]
    basis: NotRequired[Literal["distance", "zone"]]
    serves_kinds: NotRequired[list[str]]
    collects: NotRequired[str]
    delivers_from: NotRequired[str]
    delivers_by: NotRequired[str]
    weekdays: NotRequired[str]
    lead_s: NotRequired[int]
    dim_ml_per_kg: NotRequired[int | None]
    max_weight_g: NotRequired[int | None]
    max_side_mm: NotRequired[int | None]
    daily_limit: NotRequired[int | None]
    fuel_surcharge_bp: NotRequired[int]
    failure_bp: NotRequired[int]
    skills: NotRequired[list[str]]


class CarrierBooking(TypedDict):
    """A delivery as it was asked of a connected carrier."""

    id: str
    carrier_id: str
    carrier_ref: str
    state: Literal["asked", "confirmed", "refused", "dropped", "called_off", "ended"]
    reason: str
    expected: "Money"
    price: "Money"
    tracking_url: str
    courier: str
    arrive_at: str | None
    asked_at: str


class CarrierInvoice(TypedDict):
    """What a carrier billed, and how far it agrees with the books."""

    id: str
    carrier_id: str
    number: str
    state: Literal["open", "closed"]
    version: int
    created_at: str
    totals: "list[InvoiceTotal]"
    to_dispute: "Money"


class CarrierRate(TypedDict):
    """Rate cards: the row with the nearest limits that hold the zone, distance and billable weight applies."""

    zone: NotRequired[str]
    max_distance_m: NotRequired[int | None]
    max_weight_g: NotRequired[int | None]
    transit_days: NotRequired[int]
    price_minor: int
    price_per_km_minor: NotRequired[int]
    included_m: NotRequired[int]


class CarrierSurcharge(TypedDict):
    """Extra charges; a row applies when every condition that it gives holds."""

    surcharge: str
    over_side_mm: NotRequired[int | None]
    over_weight_g: NotRequired[int | None]
    requirement: NotRequired[list[str]]
    amount_minor: NotRequired[int]
    percent_bp: NotRequired[int]


class CarrierZone(TypedDict):
    """Zones by postal code; the longest prefix wins, a row with the site before one without."""

    site_id: NotRequired[str]
    postal_prefix: NotRequired[str]
    zone: str


class ClosedDay(TypedDict):
    """Days on which a site, or every site, is closed: nobody prepares, hands over, drives or collects there."""

    closed_day_id: str
    site_id: NotRequired[str]
    day: str
    name: NotRequired[str]


class Collection(TypedDict):
    """A delivery that its shopper fetches, for the people at the site."""

    delivery_id: str
    order_id: str
    order_code: str
    site_id: str
    version: int
    state: Literal["created", "preparing", "ready_for_collection", "customer_on_the_way", "customer_arrived", "bay_assigned", "deposited", "handed_over", "collected", "uncollected", "restocked", "cancelled"]
    parcels: int
    ready_at: str | None
    keep_until: str | None
    vehicle: str
    expected_at: str | None
    arrived_at: str | None
    bay: int | None
    needs_code: bool
    compartments: "list[CompartmentTaken]"


class CollectionCode(TypedDict):
    """A code that is asked for at hand-over, shown this once only; one that was there before is void."""

    code: str


class CollectionSite(TypedDict):
    """Where it waits."""

    name: str
    address: str
    point: "Point"
    bays: int


class Collections(TypedDict):
    """Those who are there and those who are coming."""

    items: "list[Collection]"


class ComingOccurrence(TypedDict):
    """A moment of the rule that is to come."""

    occurrence_at: str
    placed_at: str | None


class Compartment(TypedDict):
    """Compartments in which parcels wait for shoppers: a row is several of one size at one site, numbered from 1."""

    compartment_id: str
    site_id: str
    length_mm: int
    width_mm: int
    height_mm: int
    count: NotRequired[int]


class CompartmentTaken(TypedDict):
    """A compartment in which a parcel lies."""

    parcel_id: str
    compartment_id: str
    number: int


class Contact(TypedDict):
    """Who receives it. Kept apart from the order, and erased in time."""

    name: NotRequired[str]
    phone: NotRequired[str]
    email: NotRequired[str]
    locale: NotRequired[str]


class Contractor(TypedDict):
    """A contractor."""

    id: str
    carrier_id: str
    name: str
    phone: str
    vehicle: str
    state: Literal["active", "paused", "ended"]
    version: int
    max_weight_g: int | None
    max_volume_ml: int | None
    skills: list[str]
    site_ids: list[str]
    zones: list[str]
    most_at_once: int
    created_at: str


class ContractorCreate(TypedDict):
    """Somebody who brings single deliveries with a vehicle of their own."""

    carrier_id: str
    name: str
    phone: NotRequired[str]
    vehicle: NotRequired[str]
    max_weight_g: NotRequired[int | None]
    max_volume_ml: NotRequired[int | None]
    skills: NotRequired[list[str]]
    site_ids: NotRequired[list[str]]
    zones: NotRequired[list[str]]
    most_at_once: NotRequired[int]


class ContractorDelivery(TypedDict):
    """A delivery that a contractor is offered, or has accepted: for how much, from where, to where, and when."""

    offer_id: str
    offer_state: Literal["offered", "accepted", "declined", "expired", "withdrawn", "given_back"]
    delivery_id: str
    delivery_state: Literal["created", "quoted", "booked", "assigned", "reassigning", "en_route_to_pickup", "at_pickup", "picked_up", "in_transit", "at_station", "station_released", "en_route_to_dropoff", "at_dropoff", "attempted", "rescheduled", "redirected", "returning", "at_return", "delivered", "returned", "abandoned", "cancelled", "rejected", "expired"]
    order_code: str
    pay: "Money"
    expires_at: str
    pick_up_from: str | None
    window: "Window"
    parcels: int
    weight_g: int
    volume_ml: int
    requirements: list[str]
    neighbour_ok: bool
    pickup: "Pickup"
    dropoff: "DropOff"


class ContractorDesk(TypedDict):
    """What a contractor sees: what they are offered, what they have in hand, and what they are owed."""

    name: str
    state: Literal["active", "paused", "ended"]
    offered: "list[ContractorDelivery]"
    in_hand: "list[ContractorDelivery]"
    owed: "Money"


class ContractorLink(TypedDict):
    """A link for a contractor, shown this once only; one that was there before ends with it."""

    token: str
    path: str


class ContractorOffer(TypedDict):
    """A delivery as it was offered to one contractor."""

    id: str
    delivery_id: str
    booking_id: str
    contractor_id: str
    state: Literal["offered", "accepted", "declined", "expired", "withdrawn", "given_back"]
    version: int
    reason: str
    pay: "Money"
    offered_at: str
    expires_at: str


class CostPart(TypedDict):
    """A part of a cost."""

    part: str
    amount: int


class CourseChangeShown(TypedDict):
    """What a route was to do, and is to do instead: deliveries, trip by trip, those done left out."""

    route_id: str | None
    vehicle_id: str
    before: list[list[str]]
    after: list[list[str]]


class CoverageFigures(TypedDict):
    """Share of all parcels within a distance of a site that sends vans, as the crow flies."""

    within_m: int
    today: float
    plan: float


class CustodyException(TypedDict):
    """Something that does not add up."""

    id: str
    code: Literal["broken_custody", "unknown_label", "not_expected", "written_off", "called_off", "given_back_after_pickup", "wrong_pin", "shopper_problem", "low_rating", "shopper_asked"]
    state: Literal["open", "explained", "resolved"]
    version: int
    site_id: str
    sscc: str
    parcel_id: str | None
    scan_id: str
    detail: str
    created_at: str


class Decision(TypedDict):
    """A decision with every alternative, the chosen one marked."""

    id: str
    order_id: str
    question: str
    at: str
    alternatives: "list[Alternative]"


class Delivery(TypedDict):
    """The parcels of one order that reach the shopper together."""

    id: str
    order_id: str
    kind: Literal["door", "collection"]
    state: Literal["created", "quoted", "booked", "assigned", "reassigning", "en_route_to_pickup", "at_pickup", "picked_up", "in_transit", "at_station", "station_released", "en_route_to_dropoff", "at_dropoff", "attempted", "rescheduled", "redirected", "returning", "at_return", "delivered", "returned", "abandoned", "cancelled", "rejected", "expired", "preparing", "ready_for_collection", "customer_on_the_way", "customer_arrived", "bay_assigned", "deposited", "handed_over", "collected", "uncollected", "restocked"]
    version: int
    site_id: str
    mode: Literal["own_fleet", "on_demand", "parcel_carrier", "pickup"]
    carrier_id: str | None
    route_id: str | None
    attempts: int
    neighbour_ok: bool
    ready_at: str | None
    arrive_at: str | None
    eta: "Eta | None"
    window: "Window"
    parcels: int
    weight_g: int
    volume_ml: int
    cost: "Money"
    cost_parts: "list[CostPart]"


class DeliveryCancel(TypedDict):
    """Why a delivery is not made."""

    reason: str
    note: NotRequired[str]


class DeliveryEvent(TypedDict):
    """A report, or a decision that people made here, and what it changed."""

    event_id: str
    type: str
    occurred_at: str
    recorded_at: str
    source: str
    reason: str
    note: str
    point: "Point | None"
    proofs: "list[ProofReference]"
    neighbour: "Neighbour | None"
    place: "Place | None"
    outcome: Literal["applied", "terminal", "late", "repeated", "unreachable"]
    state: Literal["created", "quoted", "booked", "assigned", "reassigning", "en_route_to_pickup", "at_pickup", "picked_up", "in_transit", "at_station", "station_released", "en_route_to_dropoff", "at_dropoff", "attempted", "rescheduled", "redirected", "returning", "at_return", "delivered", "returned", "abandoned", "cancelled", "rejected", "expired", "preparing", "ready_for_collection", "customer_on_the_way", "customer_arrived", "bay_assigned", "deposited", "handed_over", "collected", "uncollected", "restocked"]
    version: int


class DeliveryEventCreate(TypedDict):
    """Something that happened to a delivery. The same ``event_id`` of a source counts once, however often it comes."""

    event_id: str
    type: Literal["quote", "book", "assign", "reassign", "start_to_pickup", "arrive_at_pickup", "pick_up", "start_to_station", "receive_at_station", "release_from_station", "start_to_dropoff", "arrive_at_dropoff", "attempt", "reschedule", "redirect", "start_return", "arrive_at_return", "deliver", "take_back", "abandon", "cancel", "reject", "expire", "prepare", "make_ready", "set_out", "arrive", "assign_bay", "turn_back", "deposit", "hand_over", "collect", "lapse", "restock", "call"]
    occurred_at: str
    source: str
    reason: NotRequired[str]
    note: NotRequired[str]
    point: NotRequired["Point | None"]
    proofs: NotRequired["list[ProofReference]"]
    neighbour: NotRequired["Neighbour | None"]


class DeliveryLink(TypedDict):
    """A link for the shopper of a delivery, shown this once only."""

    token: str
    path: str
    expires_at: str


class DeliveryMove(TypedDict):
    """Where a dispatcher wants a delivery."""

    route_id: str
    after: NotRequired[str | None]


class DeliveryRedirect(TypedDict):
    """Another door, or a site to collect at, after a failed attempt; or a neighbour, also while it is under way."""

    reason: str
    note: NotRequired[str]
    place: NotRequired["Place | None"]
    site_id: NotRequired[str | None]
    neighbour_ok: NotRequired["Literal[True] | None"]


class DeliveryReschedule(TypedDict):
    """Another window after a failed attempt."""

    reason: str
    note: NotRequired[str]
    window: "WindowWish"


class DemandArea(TypedDict):
    """Where people live, one row an area; a network can be planned for them in place of the orders."""

    area_id: str
    lat: float
    lon: float
    population: int
    orders_per_day: NotRequired[float | None]
    same_day_bp: NotRequired[int | None]
    land_km2: NotRequired[float | None]
    postal_code: NotRequired[str]
    group: NotRequired[str]


class Destination(TypedDict):
    """Where a parcel goes from here."""

    to: Literal["route", "carrier", "collection", "site", "shelf"]
    id: str
    vehicle_id: str
    driver: str
    starts_at: str | None
    stop: int
    load_order: int


class Device(TypedDict):
    """A device that may say where it is."""

    id: str
    name: str
    app: Literal["owntracks", "traccar", "osmand", "overland", "driver_page"]
    vehicle_id: str
    driver: str
    route_id: str
    version: int
    created_at: str
    heard_at: str | None


class DeviceChange(TypedDict):
    """What changes about a device; what is absent stays, and an empty text takes it off."""

    name: NotRequired[str | None]
    vehicle_id: NotRequired[str | None]
    driver: NotRequired[str | None]
    route_id: NotRequired[str | None]


class DeviceCreate(TypedDict):
    """A phone or tracker that will say where it is."""

    name: str
    app: Literal["owntracks", "traccar", "osmand", "overland", "driver_page"]
    vehicle_id: NotRequired[str]
    driver: NotRequired[str]
    route_id: NotRequired[str]


class DeviceCreated(TypedDict):
    """A device with its token, which is shown this once only."""

    id: str
    name: str
    app: Literal["owntracks", "traccar", "osmand", "overland", "driver_page"]
    vehicle_id: str
    driver: str
    route_id: str
    version: int
    created_at: str
    heard_at: str | None
    token: str
    set_up: "SetUp"


class DifferingOrder(TypedDict):
    """An order that would have other sites; no sites: nobody serves it."""

    order_id: str
    sites: list[str]
    shadow_sites: list[str]
    difference: "Money"


class DispatchLimitsChange(TypedDict):
    """How routes may change during the day, in place of what was said before."""

    automatic: NotRequired[list[Literal["reorder", "swap", "help", "carrier", "call"]]]
    most_cost_minor: NotRequired[int]
    moved_pct: NotRequired[int]
    shift_s: NotRequired[int]
    margin_s: NotRequired[int]
    late_per_hour_minor: NotRequired[int]
    call_minor: NotRequired[int]
    least_gain_minor: NotRequired[int]


class DispatchLimitsShown(TypedDict):
    """How routes may change during the day."""

    automatic: list[Literal["reorder", "swap", "help", "carrier", "call"]]
    most_cost_minor: int
    moved_pct: int
    shift_s: int
    margin_s: int
    late_per_hour_minor: int
    call_minor: int
    least_gain_minor: int
    version: int


class DispatchProposal(TypedDict):
    """What could be done about promises at risk, what it costs and mends, and what became of it."""

    id: str
    state: Literal["proposed", "accepted", "refused", "expired", "undone"]
    version: int
    kind: Literal["reorder", "swap", "help", "carrier", "call"]
    site_id: str
    delivery_id: str | None
    carrier_id: str | None
    until_at: str | None
    cost: "Money"
    gain: "Money"
    late_before: int
    late_before_s: int
    late_after: int
    late_after_s: int
    moved: int
    shift_s: int
    changes: "list[CourseChangeShown]"
    reason: str
    decided_by: str | None
    created_at: str
    decided_at: str | None


class DroneFleet(TypedDict):
    """Drones of an on-demand carrier at a site: machines without a person that bring one drop a trip, and come back."""

    drone_id: str
    carrier_id: str
    site_id: str
    kind: NotRequired[Literal["air", "pavement", "road"]]
    count: NotRequired[int]
    speed_kmh: int
    range_m: int
    reserve_pct: NotRequired[int]
    handover_s: NotRequired[int]
    turnaround_s: NotRequired[int]
    max_wind_kmh: NotRequired[int | None]
    max_gust_kmh: NotRequired[int | None]
    max_rain_mm_h: NotRequired[int | None]
    min_visibility_m: NotRequired[int]
    min_temperature_c: NotRequired[int | None]
    max_temperature_c: NotRequired[int | None]


class DropOff(TypedDict):
    """Where a delivery goes: the neighbourhood while it is offered, the door once it is accepted."""

    postal_code: str
    point: "Point"
    name: str
    phone: str
    address: str
    note: str


class Errand(TypedDict):
    """Something that an agent sees to for an order."""

    id: str
    order_id: str
    sequence: int
    kind: Literal["request", "call_ahead", "collect", "return", "purchase"]
    text: str
    site_id: str | None
    place: str
    limit: "Money | None"
    spent: "Money | None"
    agent_id: str
    state: Literal["open", "done", "refused", "cancelled"]
    version: int
    reason: str
    created_at: str


class ErrandAssign(TypedDict):
    """Who sees to an errand from now on."""

    agent_id: str


class ErrandEnd(TypedDict):
    """How an errand ended: a refusal says why, a purchase what it cost."""

    reason: NotRequired[str]
    spent_minor: NotRequired[int | None]


class ErrandWish(TypedDict):
    """Something to see to: ``request`` and ``call_ahead`` at the door, the other kinds at a site or another place."""

    kind: Literal["request", "call_ahead", "collect", "return", "purchase"]
    text: NotRequired[str]
    site_id: NotRequired[str | None]
    place: NotRequired[str]
    limit_minor: NotRequired[int | None]


class Errands(TypedDict):
    """All errands of an order."""

    errands: "list[Errand]"


class ErrandsCreate(TypedDict):
    """What an agent is to see to for an order."""

    agent_id: str
    errands: "list[ErrandWish]"


class Eta(TypedDict):
    """When a van that is out is likely to be at the door: with 90 % probability from `from` until `until`."""

    expected_at: str
    from_at: str
    until_at: str
    made_at: str


class Evaluation(TypedDict):
    """Which sites would serve the order now, and what else was weighed."""

    reason: str
    allocations: "list[Allocation]"
    alternatives: "list[Alternative]"


class EvaluationRequest(TypedDict):
    """An order that is only tried out."""

    service_level_id: str
    place: "Place"
    lines: "list[Line]"
    requirements: NotRequired[list[str]]
    pickup_site_id: NotRequired[str | None]


class Event(TypedDict):
    """Something that happened to an object, as webhooks tell it."""

    id: str
    type: str
    timestamp: str
    kind: str
    object_id: str
    sequence: int
    data: "dict[str, JsonValue]"


class EventsPage(TypedDict):
    """Events, the oldest first, and where to go on, now or later."""

    items: "list[Event]"
    next_cursor: str


class ExtraAtTheDoor(TypedDict):
    """Work at the door that an order may ask for besides being brought, such as assembly or haul-away."""

    extra_id: str
    name: NotRequired[str]
    service_s: NotRequired[int]
    price_minor: NotRequired[int]
    requirements: NotRequired[list[str]]


class Feature(TypedDict):
    """A place, a way or an area with what is known about it."""

    type: NotRequired[Literal["Feature"]]
    id: NotRequired[str | None]
    geometry: "Point | LineString | Polygon"
    properties: dict[str, str | int | float | bool | None]


class FeatureCollection(TypedDict):
    """Several features."""

    type: NotRequired[Literal["FeatureCollection"]]
    features: "list[Feature]"


class FieldFault(TypedDict):
    """One fault of the request: ``pointer`` leads to it within ``part`` (body, query, path, header, cookie)."""

    part: str
    pointer: str
    code: str
    detail: str
    file: NotRequired[str]
    row: NotRequired[int]
    column: NotRequired[str]


class ForecastFigures(TypedDict):
    """The forecast that a plan is made for; its tables are `forecast` and `days`."""

    first_day: str
    days: int
    expected_per_day: float
    sold_per_day: float
    method: str


class FurtherFigures(TypedDict):
    """Further sites that a wished reach needs; the table further names them."""

    share: float
    within_m: int
    sites: int
    needed_at_least: int
    today: float
    then: float


class HandOver(TypedDict):
    """What the shopper says at hand-over."""

    code: NotRequired[str]


class Health(TypedDict):
    """The process answers."""

    status: NotRequired[Literal["ok"]]


class Hold(TypedDict):
    """A hold on a slot."""

    id: str
    slot_id: str
    work: int
    state: Literal["held", "confirmed", "consumed", "released", "expired"]
    version: int
    expires_at: str | None
    order_id: str | None


class HoldCreate(TypedDict):
    """A hold on a slot, for the time of a checkout."""

    minutes: NotRequired[int | None]
    work: NotRequired[int]
    member_id: NotRequired[str | None]


class HourSpeed(TypedDict):
    """How long drives take at some hours, of what they take where traffic is light."""

    weekend: bool
    from_hour: int
    to_hour: int
    percent: int
    observations: int


class ImportReply(TypedDict):
    """What was stored of a folder."""

    rows: dict[str, int]
    orders: int
    refused: dict[str, str]
    uncounted: dict[str, str]
    warnings: list[str]


class InspectedLine(TypedDict):
    """Units of a line as they were found."""

    line_no: int
    quantity: int
    restockable: bool


class InvoiceDecision(TypedDict):
    """Which lines a step is about, and why."""

    lines: NotRequired[list[int] | None]
    reason: NotRequired[str]


class InvoiceLine(TypedDict):
    """A line of a carrier's invoice, and what became of it."""

    line_no: int
    reference: str
    kind: Literal["delivery", "cancellation", "return", "adjustment"]
    day: str
    billed: "Money"
    expected: "Money"
    outcome: Literal["matched", "price_differs", "unknown_delivery", "duplicate", "not_delivered"]
    state: Literal["open", "approved", "disputed", "withdrawn"]
    reason: str
    delivery_id: str


class InvoiceTotal(TypedDict):
    """What lines of an invoice with one state and outcome come to."""

    state: Literal["open", "approved", "disputed", "withdrawn"]
    outcome: Literal["matched", "price_differs", "unknown_delivery", "duplicate", "not_delivered"]
    lines: int
    billed: "Money"
    expected: "Money"


class Job(TypedDict):
    """A piece of work and how far it is."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    attempts: int
    created_at: str
    run_at: str
    ended_at: str | None
    parent_id: str | None
    children: dict[str, int]
    error: str


class Lane(TypedDict):
    """Line-haul between sites, by road or by air: once a day at most, at a fixed local time of the sending site."""

    from_site_id: str
    to_site_id: str
    departs: str
    duration_s: int
    parcel_cost_minor: int
    capacity_parcels: NotRequired[int | None]
    mode: NotRequired[Literal["road", "air", "rail", "water"]]
    weekdays: NotRequired[str]
    kg_cost_minor: NotRequired[int]
    capacity_g: NotRequired[int | None]


class LateDelivery(TypedDict):
    """A delivery that will be late."""

    delivery_id: str
    late_s: int


class Line(TypedDict):
    """Units of one product; a product may stand on two lines."""

    product_id: str
    quantity: int


class LineString(TypedDict):
    """A way through at least two places."""

    type: NotRequired[Literal["LineString"]]
    coordinates: list[list[float]]


class LinesSwap(TypedDict):
    """Other lines, from now on or at one moment."""

    lines: "list[Line]"
    at: NotRequired[str | None]


class Location(TypedDict):
    """Where a shopper on the way is; only when they should be there is kept."""

    point: "Point"


class LogIn(TypedDict):
    """Who wants to come in."""

    email: str
    password: str
    tenant_id: NotRequired[str | None]


class Margin(TypedDict):
    """What a group of orders left: what was earned and, negative, what it cost, in minor units."""

    key: str
    orders: int
    currency: str
    delivery_fee: int
    goods: int
    goods_cost: int
    pick: int
    carton: int
    line_haul: int
    last_mile: int
    failure: int
    write_off: int
    refund: int
    margin: int


class Membership(TypedDict):
    """A membership."""

    id: str
    customer_id: str
    plan_id: str
    state: Literal["trial", "active", "past_due", "cancelled"]
    version: int
    starts_at: str
    ends_at: str
    created_at: str


class MembershipCreate(TypedDict):
    """A customer who becomes a member."""

    customer_id: str
    plan_id: str
    starts_at: NotRequired[str | None]
    on_trial: NotRequired[bool]


class MembershipPlan(TypedDict):
    """What shoppers may be members of, and what it makes of delivery; price rules may ask for a plan besides."""

    plan_id: str
    name: NotRequired[str]
    fee_minor: NotRequired[int]
    period_days: NotRequired[int]
    trial_days: NotRequired[int]
    free_over_minor: NotRequired[int | None]
    percent_bp: NotRequired[int]
    service_levels: NotRequired[list[str]]
    members_only: NotRequired[list[str]]
    slot_priority: NotRequired[bool]


class ModeEvaluation(TypedDict):
    """The ways of the orders that wait to be brought; others are left out."""

    orders: "list[WeighedModes]"


class ModeRequest(TypedDict):
    """Orders whose ways to the door are to be weighed."""

    order_ids: list[str]


class Money(TypedDict):
    """An amount in whole minor units of a currency: 1299 of USD are 12.99 dollars."""

    amount: int
    currency: str


class MoneyEntry(TypedDict):
    """A line of a posting; the lines of each posting sum to zero, and none is ever changed."""

    id: str
    subject_id: str
    posting_no: int
    account: str
    party_id: str
    amount: "Money"
    order_id: str
    delivery_id: str
    zone: str
    mode: str
    carrier_id: str
    day: str
    reason: str
    occurred_at: str
    posted_at: str


class MovedDelivery(TypedDict):
    """A delivery that was moved, and who will be late on its new route."""

    delivery_id: str
    route_id: str
    late: "list[LateDelivery]"


class Neighbour(TypedDict):
    """With whom a delivery was left; told to the shopper, and erased with them."""

    name: str
    number: str


class NetworkFigures(TypedDict):
    """A network in figures."""

    cost_per_parcel_minor: float
    sites_with_vans: int
    fcs: int
    own_share: float
    same_day_own_share: float
    unserved_parcels: int


class NetworkStudy(TypedDict):
    """A network study, and what came of it."""

    id: str
    state: Literal["asked", "done", "failed", "cancelled", "adopted"]
    version: int
    asked: "NetworkWishes"
    job_id: str
    stage: str
    created_at: str
    ended_at: str | None
    figures: "StudyFigures | None"
    tables: list[str]
    error: str


class NetworkStudyCreate(TypedDict):
    """Wishes, and what sites could be and where people live, if the retailer's own tables and orders do not say."""

    name: NotRequired[str]
    period: NotRequired["WindowWish | None"]
    regions: NotRequired[int]
    tolerance: NotRequired[float]
    most_moved: NotRequired[float]
    hubs: NotRequired[int]
    keep: NotRequired[list[str]]
    close: NotRequired[list[str]]
    reach: NotRequired[float]
    reach_m: NotRequired[int]
    verify: NotRequired[bool]
    assumptions: NotRequired["StudyAssumptions"]
    patience_s: NotRequired[int]
    seed: NotRequired[int]
    options: NotRequired["list[SiteOption] | None"]
    areas: NotRequired["list[DemandArea] | None"]


class NetworkWishes(TypedDict):
    """What a planner asks of the network beyond least cost."""

    name: NotRequired[str]
    period: NotRequired["WindowWish | None"]
    regions: NotRequired[int]
    tolerance: NotRequired[float]
    most_moved: NotRequired[float]
    hubs: NotRequired[int]
    keep: NotRequired[list[str]]
    close: NotRequired[list[str]]
    reach: NotRequired[float]
    reach_m: NotRequired[int]
    verify: NotRequired[bool]
    assumptions: NotRequired["StudyAssumptions"]
    patience_s: NotRequired[int]
    seed: NotRequired[int]


class Notice(TypedDict):
    """Something that a shopper was told, or why not; nothing of it says who they are."""

    id: str
    topic: Literal["confirmed", "out_for_delivery", "arriving", "delayed", "delivered", "attempted", "ready_for_collection"]
    delivery_id: str | None
    channel: Literal["email", "sms"] | None
    state: Literal["waiting", "sent", "dropped", "failed"]
    reason: str
    attempts: int
    due_at: str | None
    created_at: str
    sent_at: str | None


class NoticePreferences(TypedDict):
    """By which channels a shopper can be told, and whether they want that; null: no address is known."""

    email: bool | None
    sms: bool | None


class NoticePreferencesChange(TypedDict):
    """What a shopper wants from now on; what is not said stays."""

    email: NotRequired[bool | None]
    sms: NotRequired[bool | None]


class NoticeRulesChange(TypedDict):
    """What shoppers are told: all of it, in place of what was said before."""

    topics: NotRequired[list[Literal["confirmed", "out_for_delivery", "arriving", "delayed", "delivered", "attempted", "ready_for_collection"]]]
    quiet_from: NotRequired[str]
    quiet_until: NotRequired[str]
    most: NotRequired[int]
    texts: NotRequired["list[NoticeText]"]


class NoticeRulesShown(TypedDict):
    """What shoppers are told."""

    topics: list[Literal["confirmed", "out_for_delivery", "arriving", "delayed", "delivered", "attempted", "ready_for_collection"]]
    quiet_from: str
    quiet_until: str
    most: int
    texts: "list[NoticeText]"
    version: int


class NoticeText(TypedDict):
    """A retailer's own words for a topic: a template (Jinja) of `name`, `code`, `shop`, `place`, `day`, and others."""

    topic: Literal["confirmed", "out_for_delivery", "arriving", "delayed", "delivered", "attempted", "ready_for_collection"]
    channel: Literal["email", "sms"]
    locale: str
    subject: NotRequired[str]
    text: str


class OccurrenceSkip(TypedDict):
    """One moment to leave out."""

    at: str


class OccurrenceSwap(TypedDict):
    """Lines that are ordered at one moment in place of the others."""

    at: str
    lines: "list[Line]"


class OfferAnswer(TypedDict):
    """Why a contractor declines or gives back; usual reasons: ``too_far``, ``busy``, ``breakdown``, ``other``."""

    reason: NotRequired[str]


class OfferRecall(TypedDict):
    """Why a delivery is taken from the contractor who accepted it."""

    reason: str


class OfferReport(TypedDict):
    """Something that happened to a delivery; the same ``event_id`` counts once, however often it comes."""

    event_id: str
    type: Literal["start_to_pickup", "arrive_at_pickup", "pick_up", "start_to_dropoff", "arrive_at_dropoff", "deliver", "attempt", "start_return", "arrive_at_return", "take_back"]
    occurred_at: str
    reason: NotRequired[str]
    note: NotRequired[str]
    point: NotRequired["Point | None"]
    proofs: NotRequired["list[ProofReference]"]
    neighbour: NotRequired["Neighbour | None"]


class OnMyWay(TypedDict):
    """A shopper who sets out, or has more to tell about it."""

    vehicle: NotRequired[str]
    point: NotRequired["Point | None"]
    arrive_at: NotRequired[str | None]


class Option(TypedDict):
    """A delivery option that this basket can have, or why it cannot."""

    option_id: str | None
    slot_id: str | None
    service_level_id: str
    method: str
    window: "Window | None"
    cutoff_at: str | None
    fee: "Money"
    fee_rule_id: str | None
    membership_discount: "Money"
    fee_reason: str
    sites: list[str]
    splits: int
    kept_probability: float | None
    cost: "OptionCost | None"
    feasible: bool
    reason_code: Literal["out_of_stock", "pickers_busy", "after_cutoff", "slot_full", "not_here", "no_way", "no_place", "no_compartment", "too_big", "members_only", "closed", "drone_too_heavy", "drone_too_big", "drone_no_landing", "drone_too_far", "drone_wind", "drone_rain", "drone_visibility", "drone_temperature", "drone_curfew", "drone_busy", "lane_late", "lane_full"] | None
    reason: str
    what_works: str
    available_from: str | None
    awaits_receipt: bool


class OptionCost(TypedDict):
    """What an option is expected to cost the merchant, and to leave."""

    expected: "Money"
    margin: "Money"
    own_van: "OwnVanCost | None"


class OptionsReply(TypedDict):
    """All delivery options of the merchant for this basket, the possible ones first."""

    options: "list[Option]"


class OptionsRequest(TypedDict):
    """A basket and its door."""

    place: "Place"
    lines: "list[Line]"
    extras: NotRequired[list[str]]
    membership: NotRequired[str]
    member_id: NotRequired[str | None]
    with_costs: NotRequired[bool]
    at: NotRequired[str | None]


class Order(TypedDict):
    """An order."""

    id: str
    code: str
    external_id: str | None
    state: Literal["draft", "placed", "backordered", "allocated", "preparing", "ready", "fulfilling", "partially_completed", "on_hold", "completed", "return_open", "returned", "cancelled"]
    version: int
    placed_at: str
    promise: "Promise"
    lines: "list[OrderLine]"
    allocations: "list[Allocation]"
    shipments: "list[OrderShipment]"
    deliveries: list[str]


class OrderContent(TypedDict):
    """What is wanted, where and how fast."""

    service_level_id: str
    place: "Place"
    lines: "list[Line]"
    contact: NotRequired["Contact | None"]
    requirements: NotRequired[list[str]]
    extras: NotRequired[list[str]]
    pickup_site_id: NotRequired[str | None]
    if_short: NotRequired[Literal["refuse", "backorder"]]
    note: NotRequired[str]
    membership: NotRequired[str]
    member_id: NotRequired[str | None]
    neighbour_ok: NotRequired[bool]


class OrderCreate(TypedDict):
    """An order to place."""

    service_level_id: str
    place: "Place"
    lines: "list[Line]"
    contact: NotRequired["Contact | None"]
    requirements: NotRequired[list[str]]
    extras: NotRequired[list[str]]
    pickup_site_id: NotRequired[str | None]
    if_short: NotRequired[Literal["refuse", "backorder"]]
    note: NotRequired[str]
    membership: NotRequired[str]
    member_id: NotRequired[str | None]
    neighbour_ok: NotRequired[bool]
    external_id: NotRequired[str | None]
    window: NotRequired["WindowWish | None"]
    payment: NotRequired[Literal["settled", "pending"]]
    option_id: NotRequired[str | None]
    hold_id: NotRequired[str | None]


class OrderLine(TypedDict):
    """A line of an order."""

    line_no: int
    product_id: str
    quantity: int


class OrderShipment(TypedDict):
    """The lines of an order that one site picks and hands over."""

    id: str
    site_id: str
    state: Literal["planned", "picking", "packed", "staged", "handed_over", "closed", "cancelled"]
    delivery_id: str | None
    ready_at: str | None


class OrdersBulk(TypedDict):
    """Many orders at once; each row is accepted or refused for itself."""

    orders: "list[OrderCreate]"


class OrdersBulkReply(TypedDict):
    """What became of each row, in the order of the request."""

    accepted: int
    refused: int
    rows: "list[BulkRow]"


class OwnVanCost(TypedDict):
    """What bringing it by an own van would add, before the risk of failure, or why none can."""

    marginal: "Money | None"
    basis: Literal["standing_route", "new_route", "estimate"]
    route_id: str | None
    feasible: bool
    reason: str


class PageApiKey(TypedDict):
    """Page[ApiKey]."""

    items: "list[ApiKey]"
    next_cursor: str | None


class PageAuditRow(TypedDict):
    """Page[AuditRow]."""

    items: "list[AuditRow]"
    next_cursor: str | None


class PageBalance(TypedDict):
    """Page[Balance]."""

    items: "list[Balance]"
    next_cursor: str | None


class PageCarrierBooking(TypedDict):
    """Page[CarrierBooking]."""

    items: "list[CarrierBooking]"
    next_cursor: str | None


class PageCarrierInvoice(TypedDict):
    """Page[CarrierInvoice]."""

    items: "list[CarrierInvoice]"
    next_cursor: str | None


class PageCarrier(TypedDict):
    """Page[Carrier]."""

    items: "list[Carrier]"
    next_cursor: str | None


class PageClosedDay(TypedDict):
    """Page[ClosedDay]."""

    items: "list[ClosedDay]"
    next_cursor: str | None


class PageCompartment(TypedDict):
    """Page[Compartment]."""

    items: "list[Compartment]"
    next_cursor: str | None


class PageContractorOffer(TypedDict):
    """Page[ContractorOffer]."""

    items: "list[ContractorOffer]"
    next_cursor: str | None


class PageContractor(TypedDict):
    """Page[Contractor]."""

    items: "list[Contractor]"
    next_cursor: str | None


class PageCustodyException(TypedDict):
    """Page[CustodyException]."""

    items: "list[CustodyException]"
    next_cursor: str | None


class PageDecision(TypedDict):
    """Page[Decision]."""

    items: "list[Decision]"
    next_cursor: str | None


class PageDeliveryEvent(TypedDict):
    """Page[DeliveryEvent]."""

    items: "list[DeliveryEvent]"
    next_cursor: str | None


class PageDelivery(TypedDict):
    """Page[Delivery]."""

    items: "list[Delivery]"
    next_cursor: str | None


class PageDevice(TypedDict):
    """Page[Device]."""

    items: "list[Device]"
    next_cursor: str | None


class PageDispatchProposal(TypedDict):
    """Page[DispatchProposal]."""

    items: "list[DispatchProposal]"
    next_cursor: str | None


class PageDroneFleet(TypedDict):
    """Page[DroneFleet]."""

    items: "list[DroneFleet]"
    next_cursor: str | None


class PageErrand(TypedDict):
    """Page[Errand]."""

    items: "list[Errand]"
    next_cursor: str | None


class PageExtraAtTheDoor(TypedDict):
    """Page[ExtraAtTheDoor]."""

    items: "list[ExtraAtTheDoor]"
    next_cursor: str | None


class PageInvoiceLine(TypedDict):
    """Page[InvoiceLine]."""

    items: "list[InvoiceLine]"
    next_cursor: str | None


class PageJob(TypedDict):
    """Page[Job]."""

    items: "list[Job]"
    next_cursor: str | None


class PageLane(TypedDict):
    """Page[Lane]."""

    items: "list[Lane]"
    next_cursor: str | None


class PageMargin(TypedDict):
    """Page[Margin]."""

    items: "list[Margin]"
    next_cursor: str | None


class PageMembershipPlan(TypedDict):
    """Page[MembershipPlan]."""

    items: "list[MembershipPlan]"
    next_cursor: str | None


class PageMembership(TypedDict):
    """Page[Membership]."""

    items: "list[Membership]"
    next_cursor: str | None


class PageMoneyEntry(TypedDict):
    """Page[MoneyEntry]."""

    items: "list[MoneyEntry]"
    next_cursor: str | None


class PageNetworkStudy(TypedDict):
    """Page[NetworkStudy]."""

    items: "list[NetworkStudy]"
    next_cursor: str | None


class PageNotice(TypedDict):
    """Page[Notice]."""

    items: "list[Notice]"
    next_cursor: str | None


class PageOrder(TypedDict):
    """Page[Order]."""

    items: "list[Order]"
    next_cursor: str | None


class PagePerson(TypedDict):
    """Page[Person]."""

    items: "list[Person]"
    next_cursor: str | None


class PagePriceRule(TypedDict):
    """Page[PriceRule]."""

    items: "list[PriceRule]"
    next_cursor: str | None


class PageProduct(TypedDict):
    """Page[Product]."""

    items: "list[Product]"
    next_cursor: str | None


class PageReceipt(TypedDict):
    """Page[Receipt]."""

    items: "list[Receipt]"
    next_cursor: str | None


class PageReturn(TypedDict):
    """Page[Return]."""

    items: "list[Return]"
    next_cursor: str | None


class PageRoadEvent(TypedDict):
    """Page[RoadEvent]."""

    items: "list[RoadEvent]"
    next_cursor: str | None


class PageRoute(TypedDict):
    """Page[Route]."""

    items: "list[Route]"
    next_cursor: str | None


class PageServiceLevel(TypedDict):
    """Page[ServiceLevel]."""

    items: "list[ServiceLevel]"
    next_cursor: str | None


class PageShipment(TypedDict):
    """Page[Shipment]."""

    items: "list[Shipment]"
    next_cursor: str | None


class PageSite(TypedDict):
    """Page[Site]."""

    items: "list[Site]"
    next_cursor: str | None


class PageSlot(TypedDict):
    """Page[Slot]."""

    items: "list[Slot]"
    next_cursor: str | None


class PageStationUnit(TypedDict):
    """Page[StationUnit]."""

    items: "list[StationUnit]"
    next_cursor: str | None


class PageStockPlan(TypedDict):
    """Page[StockPlan]."""

    items: "list[StockPlan]"
    next_cursor: str | None


class PageStockPosition(TypedDict):
    """Page[StockPosition]."""

    items: "list[StockPosition]"
    next_cursor: str | None


class PageStockProposal(TypedDict):
    """Page[StockProposal]."""

    items: "list[StockProposal]"
    next_cursor: str | None


class PageSubscription(TypedDict):
    """Page[Subscription]."""

    items: "list[Subscription]"
    next_cursor: str | None


class PageVehicle(TypedDict):
    """Page[Vehicle]."""

    items: "list[Vehicle]"
    next_cursor: str | None


class PageWeatherRow(TypedDict):
    """Page[WeatherRow]."""

    items: "list[WeatherRow]"
    next_cursor: str | None


class PageWebhookEndpoint(TypedDict):
    """Page[WebhookEndpoint]."""

    items: "list[WebhookEndpoint]"
    next_cursor: str | None


class PageWebhookMessage(TypedDict):
    """Page[WebhookMessage]."""

    items: "list[WebhookMessage]"
    next_cursor: str | None


class Parcel(TypedDict):
    """A packed parcel."""

    id: str
    sscc: str | None
    carton_id: str
    weight_g: int
    volume_ml: int
    longest_side_mm: int
    holder: str


class Party(TypedDict):
    """Somebody who hands over or takes."""

    kind: Literal["site", "driver", "carrier", "contractor"]
    id: str


class PasswordChange(TypedDict):
    """A password to take the place of the present one."""

    current: str
    new: str


class Person(TypedDict):
    """Somebody who may sign in."""

    id: str
    email: str
    name: str
    role: str
    sites: list[str]
    state: Literal["active", "disabled"]
    has_password: bool
    issuer: str
    created_at: str


class PersonChange(TypedDict):
    """What changes about a person; what is absent stays."""

    name: NotRequired[str | None]
    role: NotRequired[Literal["admin", "planner", "dispatcher", "store_associate", "driver", "support", "analyst"] | None]
    sites: NotRequired[list[str] | None]
    state: NotRequired[Literal["active", "disabled"] | None]


class PersonCreate(TypedDict):
    """Somebody to invite."""

    email: str
    name: str
    role: Literal["admin", "planner", "dispatcher", "store_associate", "driver", "support", "analyst"]
    sites: NotRequired[list[str]]
    sign_in: NotRequired[Literal["password", "openid"]]


class PersonWithPassword(TypedDict):
    """Somebody with a new password, shown this once only."""

    id: str
    email: str
    name: str
    role: str
    sites: list[str]
    state: Literal["active", "disabled"]
    has_password: bool
    issuer: str
    created_at: str
    password: str


class Pickup(TypedDict):
    """Where a contractor loads."""

    site_id: str
    name: str
    phone: str
    address: str
    point: "Point"


class Place(TypedDict):
    """The door."""

    lat: float
    lon: float
    postal_code: NotRequired[str]
    address: NotRequired["Address | None"]
    landing_site: NotRequired[bool]


class PlanRequest(TypedDict):
    """Routes to plan for all that is packed or soon will be."""

    site_ids: NotRequired[list[str] | None]


class Point(TypedDict):
    """A place."""

    type: NotRequired[Literal["Point"]]
    coordinates: list[float]


class Polygon(TypedDict):
    """An area: its outline first, then its holes, each a ring that ends where it begins."""

    type: NotRequired[Literal["Polygon"]]
    coordinates: list[list[list[float]]]


class PriceRule(TypedDict):
    """What delivery costs the shopper where it is not the fee of the service level or slot; one rule is applied."""

    rule_id: str
    service_level_id: NotRequired[str]
    postal_prefix: NotRequired[str]
    basket_from_minor: NotRequired[int]
    basket_below_minor: NotRequired[int | None]
    membership: NotRequired[str]
    slot_load_from_pct: NotRequired[int]
    fee_minor: NotRequired[int | None]
    percent_bp: NotRequired[int]
    amount_minor: NotRequired[int]
    priority: NotRequired[int]


Problem = TypedDict("Problem", {"type": "str", "title": "str", "status": "int", "detail": "str", "code": "Literal[\"bad_request\", \"malformed_json\", \"bad_cursor\", \"bad_version\", \"unknown_host\", \"unauthenticated\", \"login_refused\", \"forbidden\", \"wrong_code\", \"not_found\", \"not_configured\", \"method_not_allowed\", \"conflict\", \"illegal_transition\", \"duplicate\", \"insufficient_stock\", \"no_compartment\", \"slot_full\", \"gone\", \"version_changed\", \"body_too_large\", \"unsupported_media_type\", \"invalid\", \"idempotency_key_reused\", \"version_needed\", \"rate_limited\", \"internal\", \"upstream\", \"unavailable\"]", "request_id": "str", "hint": "NotRequired[str]", "errors": "NotRequired[list[ProblemFault]]", "from": "NotRequired[str]", "event": "NotRequired[str]", "allowed": "NotRequired[list[str]]"})


ProblemFault = TypedDict("ProblemFault", {"in": "str", "pointer": "str", "code": "Literal[\"required\", \"unknown_field\", \"wrong_type\", \"not_allowed\", \"out_of_range\", \"too_short\", \"too_long\", \"bad_format\", \"bad_text\", \"inconsistent\", \"invalid\"]", "detail": "str", "file": "NotRequired[str]", "row": "NotRequired[int]", "column": "NotRequired[str]"})


class Product(TypedDict):
    """What is sold, one row a stock-keeping unit."""

    product_id: str
    name: NotRequired[str]
    length_mm: int
    width_mm: int
    height_mm: int
    weight_g: int
    price_minor: int
    margin_minor: int
    flags: NotRequired[list[str]]


class Promise(TypedDict):
    """What was promised."""

    window: "Window"
    service_level_id: str
    fee: "Money"
    extras: list[str]
    membership: str
    membership_discount: "Money"


class ProofKept(TypedDict):
    """A proof that is kept."""

    id: str
    delivery_id: str
    media_type: str
    bytes: int


class ProofReference(TypedDict):
    """A proof that was uploaded or taken before."""

    kind: Literal["photo", "signature", "barcode", "pin", "age", "note", "geo"]
    proof_id: str


class ProposalRefusal(TypedDict):
    """Why a proposal is refused."""

    reason: str


class ProposalRejection(TypedDict):
    """Why a proposal is turned down."""

    reason: str


class ReachFigures(TypedDict):
    """Share of all parcels within the drive of a same-day tour."""

    today: float
    plan: float


class Ready(TypedDict):
    """All parts can do their work."""

    status: NotRequired[Literal["ready"]]
    parts: "dict[str, Literal[True]]"


class Receipt(TypedDict):
    """Units on their way to a site."""

    id: str
    external_id: str | None
    state: Literal["expected", "late", "received", "cancelled"]
    version: int
    site_id: str
    product_id: str
    units: int
    promised: int
    received_units: int | None
    expected_at: str


class ReceiptArrival(TypedDict):
    """What has come."""

    units: NotRequired[int | None]


class ReceiptChange(TypedDict):
    """How many units are expected, and when."""

    units: int
    expected_at: str


class ReceiptCreate(TypedDict):
    """Units on their way to a site, for example a line of a purchase order or a transfer."""

    units: int
    expected_at: str
    external_id: NotRequired[str | None]
    site_id: str
    product_id: str


class Refund(TypedDict):
    """Money given back to the shopper."""

    id: str
    order_id: str
    amount: "Money"
    reason: str
    created_at: str
    left: "Money"


class RefundCreate(TypedDict):
    """Money to give back to the shopper."""

    amount_minor: int
    reason: str


class RegionFigures(TypedDict):
    """Regions in figures."""

    count: int
    mean_m: float
    bound_m: float
    gap_pct: float
    balanced: bool
    moved_share: float


class Remark(TypedDict):
    """Something that a shopper said of a delivery; ``text`` is empty once the person is forgotten."""

    kind: Literal["instruction", "safe_place", "rating", "problem"]
    stars: int
    reason: str
    text: str
    at: str


class Remarks(TypedDict):
    """What a shopper said of a delivery; of each kind the newest counts."""

    links: int
    items: "list[Remark]"


class ReplayFigures(TypedDict):
    """What orders found in some stock, by the real order routing."""

    orders: int
    lost_share: float
    own_zone_share: float
    in_region_share: float
    one_site_share: float
    km_per_unit: float
    lost_margin_minor: int


class Restock(TypedDict):
    """Why goods that nobody came for are on the shelf again."""

    reason: NotRequired[str]


class Return(TypedDict):
    """A return."""

    id: str
    order_id: str
    state: Literal["requested", "approved", "in_transit", "lost", "received", "closed", "declined", "cancelled", "expired"]
    version: int
    lines: "list[ReturnLine]"
    reason: str
    method: str
    site_id: str | None
    created_at: str


class ReturnCreate(TypedDict):
    """A return to ask for."""

    order_id: str
    lines: "list[ReturnLineCreate]"
    reason: Literal["unwanted", "wrong_item", "damaged", "defective", "late", "other"]
    method: Literal["courier", "store", "locker"]
    site_id: NotRequired[str | None]


class ReturnLine(TypedDict):
    """Units of a line of the order that come back."""

    line_no: int
    quantity: int
    restockable: bool | None


class ReturnLineCreate(TypedDict):
    """Units of a line of the order that come back."""

    line_no: int
    quantity: int


class ReturnReceipt(TypedDict):
    """What came back, as it was found."""

    inspected: "list[InspectedLine]"


class RoadEvent(TypedDict):
    """A line that cannot be crossed, or an area in which drives take longer, for a while."""

    id: str
    line: list[list[float]]
    centre: "Point | None"
    radius_m: int
    slower_pct: int
    starts_at: str
    ends_at: str
    note: str
    created_at: str


class RoadEventCreate(TypedDict):
    """A line that cannot be crossed, or an area in which drives take longer, for a while."""

    line: NotRequired[list[list[float]]]
    centre: NotRequired["Point | None"]
    radius_m: NotRequired[int]
    slower_pct: NotRequired[int]
    starts_at: NotRequired[str | None]
    ends_at: str
    note: NotRequired[str]


class Route(TypedDict):
    """A shift of one own vehicle."""

    id: str
    site_id: str
    vehicle_id: str
    driver: str
    state: Literal["draft", "planned", "assigned", "dispatched", "in_progress", "completed", "cancelled"]
    version: int
    starts_at: str
    ends_at: str
    distance_m: int
    trips: int
    parcels: int
    cost: "Money"
    line: "LineString | None"
    stops: "list[RouteStop]"


class RouteAssignment(TypedDict):
    """Who drives a route."""

    driver: str


class RouteCourse(TypedDict):
    """The streets that the van of a route drove, by the positions of who rode with it."""

    began_at: str
    ended_at: str
    positions: int
    matched_pct: int
    distance_m: int
    planned_m: int
    stretches: "list[Stretch]"
    stops: "list[StopPassed]"


class RouteHalt(TypedDict):
    """A van that goes no further: it broke down, or its driver did not come."""

    parcels: Literal["back_at_site", "stranded"]
    back_at: NotRequired[str | None]
    until_at: NotRequired[str | None]
    reason: str


class RouteStop(TypedDict):
    """A stop of a route, the site included."""

    sequence: int
    kind: Literal["start", "delivery", "reload", "end"]
    delivery_id: str | None
    point: "Point"
    arrive_at: str
    service_at: str
    leave_at: str
    distance_m: int
    eta: "Eta | None"


class RowFaults(TypedDict):
    """A row of a bulk request that cannot be read; it does not spoil the others."""

    faults: "list[FieldFault]"


class SalesGiven(TypedDict):
    """What was sold on whole days: each day that is named is replaced by its rows."""

    sales: "list[SoldUnits]"


class SalesGivenReply(TypedDict):
    """What is on record now."""

    days: int
    rows: int


class ScanBatch(TypedDict):
    """Scans made at a site, in any order."""

    scans: "list[ScanCreate]"


class ScanCreate(TypedDict):
    """One scan of a parcel's label; one that hands it over names both parties."""

    id: str
    kind: Literal["receive", "shelve", "load", "unload", "depart", "damaged", "missing"]
    sscc: str
    occurred_at: str
    from_party: NotRequired["Party | None"]
    to_party: NotRequired["Party | None"]
    place: NotRequired[str]
    reason: NotRequired[str]


class ScanResult(TypedDict):
    """What became of a scan, who has the parcel now, and where it goes."""

    id: str
    outcome: Literal["applied", "late", "repeated", "terminal", "unreachable", "unknown", "refused"]
    known: bool
    sscc: str
    parcel_id: str | None
    unit_id: str | None
    state: str
    holder: str
    exceptions: list[str]
    destination: "Destination | None"
    detail: str


class ScanResults(TypedDict):
    """What became of a batch, in the order in which it was sent."""

    results: "list[ScanResult]"


class ServiceLevel(TypedDict):
    """Delivery options: a promise is a window on a day counted from the day the order was placed."""

    service_level_id: str
    method: Literal["express", "same_day", "next_day", "two_day", "scheduled", "concierge", "click_and_collect", "curbside", "locker", "pickup_point"]
    cutoff: NotRequired[str]
    promise_days: NotRequired[int]
    window_starts: NotRequired[str]
    window_ends: NotRequired[str]
    early_allowed: NotRequired[bool]
    fee_minor: NotRequired[int]
    requirements: NotRequired[list[str]]
    service_s: NotRequired[int | None]
    within_minutes: NotRequired[int | None]
    keep_hours: NotRequired[int | None]


class Session(TypedDict):
    """Who is signed in, and what pages need to act for them."""

    person_id: str
    tenant_id: str
    email: str
    name: str
    role: str
    scopes: list[str]
    csrf: str


class SetUp(TypedDict):
    """What to enter in the app, in its own words."""

    fields: dict[str, str]
    link: str


class Shadow(TypedDict):
    """What was decided, and what each policy would have cost; nothing was written."""

    orders: int
    decided: "ShadowCost"
    policies: "list[ShadowOutcome]"
    not_reached: list[str]


class ShadowCost(TypedDict):
    """What some orders cost by the estimates that sites are chosen by."""

    orders: int
    served: int
    unserved: int
    split: int
    packages: int
    cost: "Money"
    cost_parts: "list[CostPart]"
    cost_per_order: "Money | None"


class ShadowOutcome(TypedDict):
    """What a policy would have made of all these orders."""

    policy: str
    cost: "ShadowCost"
    difference: "Money"
    differing: int
    most_differing: "list[DifferingOrder]"


class ShadowRequest(TypedDict):
    """Policies, and the orders to show them: those of which nothing is picked yet, or those placed in a period."""

    policies: list[Literal["sort_order", "nearest", "fewest_splits", "myopic", "foresight", "reoptimised"]]
    period: NotRequired["WindowWish | None"]
    due_before: NotRequired[str | None]


class Shipment(TypedDict):
    """The part of an order that one site serves, from planned to handed over."""

    id: str
    order_id: str
    site_id: str
    state: Literal["planned", "picking", "packed", "staged", "handed_over", "closed", "cancelled"]
    version: int
    delivery_id: str | None
    ready_at: str | None
    parcels: "list[Parcel]"


class ShopperCollection(TypedDict):
    """What waits for a shopper, as their link tells it."""

    order_code: str
    method: Literal["click_and_collect", "curbside", "locker", "pickup_point"] | None
    site: "CollectionSite | None"
    state: Literal["created", "preparing", "ready_for_collection", "customer_on_the_way", "customer_arrived", "bay_assigned", "deposited", "handed_over", "collected", "uncollected", "restocked", "cancelled"]
    parcels: int
    ready_at: str | None
    keep_until: str | None
    vehicle: str
    expected_at: str | None
    arrived_at: str | None
    bay: int | None
    needs_code: bool
    compartments: "list[CompartmentTaken]"


class Site(TypedDict):
    """Places that hold stock, prepare orders, run vans, receive parcels or hand them to shoppers."""

    site_id: str
    kind: Literal["store", "fc", "hub", "parcel_station", "locker_bank", "pickup_point"]
    name: NotRequired[str]
    lat: float
    lon: float
    time_zone: str
    opens: NotRequired[str]
    closes: NotRequired[str]
    order_cutoff: NotRequired[str]
    preparation_s: NotRequired[int]
    pick_lines_per_day: NotRequired[int | None]
    package_cost_minor: NotRequired[int]
    line_cost_minor: NotRequired[int]
    unit_cost_minor: NotRequired[int]
    staging_cost_minor: NotRequired[int]
    cross_dock_cost_minor: NotRequired[int]
    cross_dock_s: NotRequired[int]
    loading_s: NotRequired[int]
    skills: NotRequired[list[str]]
    region: NotRequired[str]
    address: NotRequired[str]
    phone: NotRequired[str]
    curbside_bays: NotRequired[int]
    stock_litres: NotRequired[int | None]
    next_day_cutoff: NotRequired[str]


class SiteOption(TypedDict):
    """Roles that sites have or could have in the network; several rows may be the same site, of which one is chosen."""

    option_id: str
    site_id: NotRequired[str]
    role: Literal["store", "fc", "hub", "parcel_station", "locker_bank", "pickup_point"]
    name: NotRequired[str]
    lat: NotRequired[float | None]
    lon: NotRequired[float | None]
    exists: NotRequired[bool]
    must_stay: NotRequired[bool]
    sends_vans: NotRequired[bool]
    holds_stock: NotRequired[bool]
    running_cost_minor: NotRequired[int]
    opening_cost_minor: NotRequired[int]
    closing_cost_minor: NotRequired[int]
    handling_cost_minor: NotRequired[int]
    parcels_per_day: NotRequired[int | None]


class Slot(TypedDict):
    """A window with limited room."""

    id: str
    zone: str
    site_id: str
    service_level_id: str
    state: Literal["open", "full", "closed"]
    window: "Window"
    time_zone: str
    cutoff_at: str
    unit: Literal["orders", "lines", "minutes"]
    capacity: int
    available: int
    fee: "Money"


class SlotChange(TypedDict):
    """What changes about a slot; holds and bookings stay."""

    capacity: int
    fee_minor: int
    state: Literal["open", "closed"]


class SlotCreate(TypedDict):
    """A window with limited room to offer."""

    zone: str
    site_id: str
    service_level_id: str
    window: "WindowWish"
    cutoff_at: str
    capacity: int
    fee_minor: NotRequired[int]
    unit: NotRequired[Literal["orders", "lines", "minutes"]]


class Slots(TypedDict):
    """Slots that were defined."""

    slots: "list[Slot]"


class SlotsCreate(TypedDict):
    """Slots to offer; all of them are defined, or none."""

    slots: "list[SlotCreate]"


class SoldUnits(TypedDict):
    """Units of a product sold near a site on a local day, in its shop and by orders."""

    product_id: str
    zone_id: str
    day: str
    units: int
    price_minor: NotRequired[int | None]
    promotion: NotRequired[float]
    display: NotRequired[float]
    in_stock_share: NotRequired[float]


class Station(TypedDict):
    """What is at a site that lanes go to."""

    site_id: str
    units: dict[str, int]
    overdue: int
    open_exceptions: int


class StationUnit(TypedDict):
    """A parcel at a site that a lane takes it to."""

    id: str
    site_id: str
    state: Literal["expected", "received", "shelved", "overstay", "damaged", "loaded", "missing", "departed", "withdrawn", "written_off"]
    version: int
    parcel_id: str
    order_id: str
    sscc: str
    place: str
    holder: str
    departs_at: str | None
    due_at: str | None
    seen_at: str | None
    destination: "Destination | None"


class StockAdjustment(TypedDict):
    """A change of stock: by how much it changed, or how much was counted; and how much of it is kept back."""

    site_id: str
    product_id: str
    delta: NotRequired[int | None]
    counted: NotRequired[int | None]
    safety_stock: NotRequired[int | None]
    reason: Literal["received", "counted", "damaged", "lost", "found", "sold_in_store", "other"]


class StockBulk(TypedDict):
    """Many changes of stock at once; each row is done or refused for itself."""

    adjustments: "list[StockAdjustment]"


class StockBulkReply(TypedDict):
    """What became of each row, in the order of the request."""

    accepted: int
    refused: int
    rows: "list[StockBulkRow]"


class StockBulkRow(TypedDict):
    """What became of one row: the position after it, or a problem."""

    row: int
    status: int
    position: "StockPosition | None"
    problem: "Problem | None"


class StockFigures(TypedDict):
    """Some stock in figures, by the demand that is expected."""

    units: int
    stock_value_minor: int
    value_minor: float
    own_share: float
    in_region_share: float
    unserved_share: float
    replayed: "ReplayFigures | None"


class StockPlan(TypedDict):
    """A plan of the stock, and what came of it."""

    id: str
    state: Literal["asked", "done", "failed", "cancelled"]
    version: int
    asked: "StockPlanWishes"
    job_id: str
    stage: str
    created_at: str
    ended_at: str | None
    figures: "StockPlanFigures | None"
    tables: list[str]
    error: str


class StockPlanCreate(TypedDict):
    """Wishes for a plan of the stock."""

    name: NotRequired[str]
    days: NotRequired[int]
    period: NotRequired["WindowWish | None"]
    space: NotRequired[float]
    only_move: NotRequired[bool]
    holding: NotRequired[float]
    assortment: NotRequired[dict[str, object]]
    replay_days: NotRequired[int]
    propose: NotRequired[bool]
    patience_s: NotRequired[int]
    seed: NotRequired[int]


class StockPlanFigures(TypedDict):
    """A plan in figures: the stock as it lies beside the plan."""

    days: int
    expected_units: float
    today: "StockFigures"
    plan: "StockFigures"
    bound_minor: float
    gap_pct: float
    violations: int
    notes: list[str]
    proposals: int
    forecast: "ForecastFigures | None"


class StockPlanWishes(TypedDict):
    """What a planner asks of the stock."""

    name: NotRequired[str]
    days: NotRequired[int]
    period: NotRequired["WindowWish | None"]
    space: NotRequired[float]
    only_move: NotRequired[bool]
    holding: NotRequired[float]
    assortment: NotRequired[dict[str, object]]
    replay_days: NotRequired[int]
    propose: NotRequired[bool]
    patience_s: NotRequired[int]
    seed: NotRequired[int]


class StockPosition(TypedDict):
    """Units of a product at a site."""

    site_id: str
    product_id: str
    on_hand: int
    reserved: int
    safety_stock: int
    available: int


class StockProposal(TypedDict):
    """What the last plan proposes for units of a product, and what became of it."""

    id: str
    state: Literal["proposed", "accepted", "rejected", "expired"]
    version: int
    action: Literal["buy", "transfer", "ship_from", "markdown"]
    product_id: str
    site_id: str
    from_site_id: str | None
    units: int
    value: "Money"
    reason: str
    deadline_at: str
    arrives_at: str
    receipt_id: str | None


class StopPassed(TypedDict):
    """How near the van came to a stop."""

    sequence: int
    delivery_id: str
    distance_m: int | None
    at: str | None


class StreetDriven(TypedDict):
    """A street that was driven, and how far."""

    name: str
    distance_m: int


class StreetSpeeds(TypedDict):
    """What own vans taught about the speed of streets in the last weeks."""

    learnt_at: str | None
    drives: int
    observations: int
    streets_driven: int
    streets: int
    hours: "list[HourSpeed]"


class Stretch(TypedDict):
    """What was driven without a gap in the positions."""

    line: list[list[float]]
    confidence_pct: int
    streets: "list[StreetDriven]"


class StudyAssumptions(TypedDict):
    """What the tables do not say."""

    orders_per_thousand: NotRequired[float]
    same_day_s: NotRequired[int]
    hub_day_minor: NotRequired[int]
    opening_minor: NotRequired[int]
    closing_minor: NotRequired[int]
    truck_km_minor: NotRequired[int]
    truck_parcels: NotRequired[int]
    amortised_days: NotRequired[int]


class StudyFigures(TypedDict):
    """A study in figures: today's network beside the plan."""

    demand: Literal["orders", "population"]
    parcels_per_day: float
    zones: int
    options: int
    today: "NetworkFigures"
    plan: "NetworkFigures"
    bound_per_parcel_minor: float
    gap_pct: float
    same_day_reach_share: "ReachFigures"
    coverage: "CoverageFigures"
    further: "FurtherFigures | None"
    steps: int
    violations: int
    regions: "RegionFigures | None"
    verified: "VerifiedFigures | None"
    notes: list[str]


class Subscription(TypedDict):
    """A subscription."""

    id: str
    state: Literal["active", "paused", "ended"]
    version: int
    rule: str
    time_zone: str
    starts_at: str
    on_closed_day: Literal["after", "before", "skip"]
    next_at: str | None
    coming: "list[ComingOccurrence]"
    skips: list[str]
    lines: "list[Line]"
    swaps: "list[OccurrenceSwap]"
    created_at: str


class SubscriptionCreate(TypedDict):
    """An order and when it is placed again."""

    rule: str
    time_zone: str
    starts_at: str
    order: "OrderContent"
    on_closed_day: NotRequired[Literal["after", "before", "skip"]]


class TariffChange(TypedDict):
    """The whole tariff of a carrier, in place of what it asked before."""

    rates: NotRequired["list[CarrierRate]"]
    zones: NotRequired["list[CarrierZone]"]
    surcharges: NotRequired["list[CarrierSurcharge]"]


class TariffShown(TypedDict):
    """The tariff of a carrier; it has the version of the carrier."""

    carrier_id: str
    version: int
    rates: "list[CarrierRate]"
    zones: "list[CarrierZone]"
    surcharges: "list[CarrierSurcharge]"


class Vehicle(TypedDict):
    """Own vehicles, identical ones in one row; each works one shift on every planned day."""

    vehicle_id: str
    site_id: str
    vehicle_type: NotRequired[str]
    count: NotRequired[int]
    shift_starts: NotRequired[str]
    shift_ends: NotRequired[str]
    max_weight_g: int
    max_volume_ml: int
    max_parcels: NotRequired[int | None]
    max_distance_m: NotRequired[int | None]
    max_reloads: NotRequired[int]
    fixed_cost_minor: NotRequired[int]
    cost_per_km_minor: NotRequired[int]
    cost_per_hour_minor: NotRequired[int]
    skills: NotRequired[list[str]]


class VehiclePosition(TypedDict):
    """Where a device and what it rides with are; null: the device does not say."""

    device_id: str
    name: str
    vehicle_id: str
    driver: str
    route_id: str
    at: str
    received_at: str
    place: "Point"
    speed_mps: float | None
    course_deg: int | None
    accuracy_m: int | None
    battery: float | None
    moving: bool | None
    source: str


class VehiclePositions(TypedDict):
    """Where everything is that was heard lately."""

    items: "list[VehiclePosition]"


class VerifiedFigures(TypedDict):
    """What a drop was said to cost, and what it costs on routes."""

    doors: int
    predicted_minor: float
    routed_minor: float
    error_pct: float
    unreached_doors: int


class WeatherRow(TypedDict):
    """Weather measured or forecast at sites, each row from its moment to the next one of the site."""

    weather_id: str
    site_id: str
    from_at: int
    wind_kmh: NotRequired[int]
    wind_from_deg: NotRequired[int]
    gust_kmh: NotRequired[int]
    rain_mm_h: NotRequired[int]
    visibility_m: NotRequired[int]
    temperature_c: NotRequired[int]


class WebhookEndpoint(TypedDict):
    """An endpoint that is told of events."""

    id: str
    url: str
    types: list[str]
    state: Literal["enabled", "disabled"]
    version: int
    failures: int
    disabled_reason: str
    created_at: str


class WebhookEndpointChange(TypedDict):
    """What changes about an endpoint; what is absent stays."""

    url: NotRequired[str | None]
    types: NotRequired[list[str] | None]
    state: NotRequired[Literal["enabled"] | None]


class WebhookEndpointCreate(TypedDict):
    """Where events shall go."""

    url: str
    types: NotRequired[list[str]]


class WebhookEndpointCreated(TypedDict):
    """A new endpoint with its secret, which is shown this once only."""

    id: str
    url: str
    types: list[str]
    state: Literal["enabled", "disabled"]
    version: int
    failures: int
    disabled_reason: str
    created_at: str
    secret: str


class WebhookMessage(TypedDict):
    """A message to an endpoint and how far it got."""

    id: str
    endpoint_id: str
    event_id: str
    type: str
    state: Literal["pending", "retrying", "delivered", "dead"]
    version: int
    attempts: int
    next_at: str | None
    last_status: int | None
    last_error: str
    created_at: str


class WebhookReplay(TypedDict):
    """Messages to send once more: all since a moment, or those named."""

    since: NotRequired[str | None]
    message_ids: NotRequired[list[str]]


class WebhookReplayed(TypedDict):
    """Messages that will be sent once more, or the event of a trial."""

    message_ids: list[str]


class WebhookTested(TypedDict):
    """The event of a trial, which is on its way."""

    event_id: str


class WeighedModes(TypedDict):
    """How an order could be brought now, each way with its cost; the cheapest that keeps the promise is marked."""

    order_id: str
    alternatives: "list[Alternative]"


class Window(TypedDict):
    """A half-open span of time: ``end`` does not belong to it."""

    start: str
    end: str


class WindowWish(TypedDict):
    """A half-open span of time that the caller wants: ``end`` does not belong to it."""

    start: str
    end: str
