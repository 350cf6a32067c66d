"""Requests are strict, replies are written as documented, and every model shows an example that it accepts."""

import importlib
import json
import pkgutil

import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr, ValidationError

from doorstep.api import models
from doorstep.api.models.base import Page, Reply, Request
from doorstep.api.models.deliveries import DeliveryEventCreate
from doorstep.api.models.fields import LARGEST
from doorstep.api.models.keys import SCOPES, ApiKeyCreate
from doorstep.api.models.options import OptionsRequest
from doorstep.api.models.orders import Cancellation, Order, OrderCreate, OrdersBulk, RowFaults
from doorstep.api.models.parts import Address, Contact, Money, Place, Window, WindowWish
from doorstep.api.models.returns import ReturnCreate
from doorstep.api.models.rows import Row
from doorstep.api.models.stock import StockAdjustment
from doorstep.api.models.subscriptions import SubscriptionCreate
from doorstep.api.models.webhooks import WebhookEndpointCreate
from doorstep.api.problems.faults import faults_of
from tests.api.shell import client

WITHOUT_EXAMPLE = {Request, Reply, Row, RowFaults}  # bases, and what is never shown


def all_models() -> list[type[BaseModel]]:
    found = {}
    for module in pkgutil.iter_modules(models.__path__):
        for value in vars(importlib.import_module(f"{models.__name__}.{module.name}")).values():
            ours = isinstance(value, type) and issubclass(value, Request | Reply) and not issubclass(value, Page)
            if ours and value not in WITHOUT_EXAMPLE:
                found[value.__name__] = value
    return list(found.values())


def examples(model: type[BaseModel]) -> list[dict[str, object]]:
    shown = model.model_json_schema(mode="serialization").get("examples", [])
    assert isinstance(shown, list)
    return shown


def faults(model: type[BaseModel], value: object) -> list[tuple[str, str]]:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(value)
    return [(fault.pointer, fault.code) for fault in faults_of(caught.value.errors())]


def changed(model: type[BaseModel], **changes: object) -> dict[str, object]:
    return examples(model)[0] | changes


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.__name__)
def test_every_model_shows_an_example_that_it_accepts_and_writes_again(model):
    assert examples(model)
    for example in examples(model):
        written = json.loads(model.model_validate(example).model_dump_json(exclude_unset=True))
        hidden = {name for name, value in model.model_validate(example) if isinstance(value, SecretStr)}
        again = written | {name: example[name] for name in hidden}
        assert all(str(example[name]) not in written[name] for name in hidden)
        assert model.model_validate(again) == model.model_validate(example)


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.__name__)
def test_every_model_is_described_and_refuses_unknown_fields(model):
    assert model.__doc__
    assert ("/more", "unknown_field") in faults(model, examples(model)[0] | {"more": 1})


def strings(schema: object, place: str = "") -> list[tuple[str, dict[str, object]]]:
    """Return every text in a schema with its place."""
    if isinstance(schema, list):
        return [each for item in schema for each in strings(item, place)]
    if not isinstance(schema, dict):
        return []
    own = [(place, schema)] if schema.get("type") == "string" else []
    return own + [
        each
        for key, item in schema.items()
        if key not in ("examples", "enum")
        for each in strings(item, f"{place}/{key}")
    ]


def numbers(schema: object, place: str = "") -> list[tuple[str, dict[str, object]]]:
    """Return every whole number in a schema with its place."""
    if isinstance(schema, list):
        return [each for item in schema for each in numbers(item, place)]
    if not isinstance(schema, dict):
        return []
    own = [(place, schema)] if schema.get("type") == "integer" else []
    return own + [each for key, item in schema.items() if key != "examples" for each in numbers(item, f"{place}/{key}")]


REQUESTS = [model for model in all_models() if issubclass(model, Request)]


@pytest.mark.parametrize("model", REQUESTS, ids=lambda model: model.__name__)
def test_every_text_of_a_request_has_a_longest_length_or_a_form(model):
    loose = [
        place
        for place, schema in strings(model.model_json_schema())
        if not {"maxLength", "pattern", "enum", "const", "format"} & set(schema)
    ]
    assert loose == []


@pytest.mark.parametrize("model", REQUESTS, ids=lambda model: model.__name__)
def test_every_number_of_a_request_has_both_bounds(model):
    loose = [place for place, schema in numbers(model.model_json_schema()) if not {"minimum", "maximum"} <= set(schema)]
    assert loose == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"lines": []}, ("/lines", "too_short")),
        ({"lines": [{"product_id": "p", "quantity": 1}] * 201}, ("/lines", "too_long")),
        ({"lines": [{"product_id": "p", "quantity": 0}]}, ("/lines/0/quantity", "out_of_range")),
        ({"lines": [{"product_id": "p", "quantity": 10_001}]}, ("/lines/0/quantity", "out_of_range")),
        ({"lines": [{"product_id": "p", "quantity": "1"}]}, ("/lines/0/quantity", "wrong_type")),
        ({"lines": [{"product_id": "p", "quantity": True}]}, ("/lines/0/quantity", "wrong_type")),
        ({"lines": [{"product_id": "p", "quantity": 1.5}]}, ("/lines/0/quantity", "wrong_type")),
        ({"lines": [{"product_id": "", "quantity": 1}]}, ("/lines/0/product_id", "too_short")),
        ({"lines": [{"product_id": "a\x00b", "quantity": 1}]}, ("/lines/0/product_id", "bad_text")),
        ({"lines": [{"product_id": "a\ud800", "quantity": 1}]}, ("/lines/0/product_id", "bad_text")),
        ({"lines": [{"product_id": "x" * 201, "quantity": 1}]}, ("/lines/0/product_id", "too_long")),
        ({"external_id": "web 10042"}, ("/external_id", "bad_format")),
        ({"external_id": "x" * 65}, ("/external_id", "bad_format")),
        ({"external_id": "x\n"}, ("/external_id", "bad_format")),
        ({"external_id": ""}, ("/external_id", "bad_format")),
        ({"place": {"lat": 91, "lon": 0}}, ("/place/lat", "out_of_range")),
        ({"place": {"lat": float("nan"), "lon": 0}}, ("/place/lat", "out_of_range")),
        ({"place": {"lat": "1", "lon": 0}}, ("/place/lat", "wrong_type")),
        ({"place": {"lat": 1}}, ("/place/lon", "required")),
        ({"service_level_id": None}, ("/service_level_id", "wrong_type")),
        ({"payment": "later"}, ("/payment", "not_allowed")),
        ({"if_short": ""}, ("/if_short", "not_allowed")),
        ({"requirements": ["Chilled"]}, ("/requirements/0", "bad_format")),
        ({"requirements": ["x"] * 21}, ("/requirements", "too_long")),
        ({"requirements": "chilled"}, ("/requirements", "wrong_type")),
        ({"hold_id": "../x"}, ("/hold_id", "bad_format")),
        ({"note": "x" * 1_001}, ("/note", "too_long")),
        ({"contact": {"phone": "5550143"}}, ("/contact/phone", "bad_format")),
        ({"contact": {"email": "nobody"}}, ("/contact/email", "bad_format")),
        ({"contact": {"locale": "english please"}}, ("/contact/locale", "bad_format")),
        ({"contact": {"name": "\x00"}}, ("/contact/name", "bad_text")),
        ({"window": {"start": 5, "end": 6}}, ("/window/start", "wrong_type")),
        ({"window": {"start": "2026-03-02T15:00:00", "end": "2026-03-02T16:00:00Z"}}, ("/window/start", "bad_format")),
        ({"window": {"start": "2026-03-02T15:00:00Z", "end": "2026-03-02T15:00:00Z"}}, ("/window", "inconsistent")),
    ],
)
def test_a_fault_of_an_order_has_its_pointer_and_code(changes, fault):
    assert fault in faults(OrderCreate, changed(OrderCreate, **changes))


def test_a_whole_number_may_be_written_with_a_point_and_zeros():
    order = OrderCreate.model_validate(changed(OrderCreate, lines=[{"product_id": "p", "quantity": 7.0}]))
    assert (order.lines[0].quantity, type(order.lines[0].quantity)) == (7, int)


def test_a_phone_number_is_kept_as_e164():
    assert Contact(phone="+1 (202) 555-0143").phone == "+12025550143"


def test_a_phone_number_that_is_refused_is_not_repeated():
    with pytest.raises(ValidationError) as caught:
        Contact(phone="+1202555")
    assert "+1202555" not in faults_of(caught.value.errors())[0].detail


def test_a_window_is_half_open_outside_and_closed_inside():
    wish = WindowWish.model_validate({"start": "2026-03-02T09:00:00-06:00", "end": "2026-03-02T11:00:00-06:00"})
    assert wish.closed == (1_772_463_600, 1_772_470_799)
    written = Window.of_closed(*wish.closed).model_dump()
    assert written == {"start": "2026-03-02T15:00:00Z", "end": "2026-03-02T17:00:00Z"}


@given(st.integers(-LARGEST, LARGEST))
def test_money_is_whole_and_has_a_currency_of_iso_4217(amount):
    assert Money(amount=amount, currency="JPY").model_dump() == {"amount": amount, "currency": "JPY"}


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ({"amount": 1.5, "currency": "USD"}, ("/amount", "wrong_type")),
        ({"amount": LARGEST + 1, "currency": "USD"}, ("/amount", "out_of_range")),
        ({"amount": 10**400, "currency": "USD"}, ("/amount", "out_of_range")),
        ({"amount": 1, "currency": "usd"}, ("/currency", "bad_format")),
        ({"amount": 1, "currency": "XXL"}, ("/currency", "not_allowed")),
    ],
)
def test_strange_money_is_refused(value, fault):
    assert faults(Money, value) == [fault]


def test_a_bulk_row_that_cannot_be_read_does_not_spoil_the_others():
    bulk = OrdersBulk.model_validate({"orders": [{}, examples(OrderCreate)[0], 7]})
    broken, sound, strange = bulk.orders
    assert isinstance(sound, OrderCreate)
    assert isinstance(broken, RowFaults)
    assert [fault.pointer for fault in broken.faults] == ["/service_level_id", "/place", "/lines"]
    assert isinstance(strange, RowFaults)


def test_a_bulk_request_is_documented_as_a_list_of_orders():
    schema = OrdersBulk.model_json_schema()
    assert schema["properties"]["orders"]["items"] == {"$ref": "#/$defs/OrderCreate"}
    assert "RowFaults" not in schema["$defs"]


@pytest.mark.parametrize(("count", "code"), [(0, "too_short"), (1_001, "too_long")])
def test_a_bulk_request_has_one_to_a_thousand_orders(count, code):
    assert faults(OrdersBulk, {"orders": [{}] * count}) == [("/orders", code)]


@pytest.mark.parametrize(
    ("model", "changes", "fault"),
    [
        (StockAdjustment, {"counted": 5}, ("", "inconsistent")),
        (StockAdjustment, {"delta": None}, ("", "inconsistent")),
        (StockAdjustment, {"delta": 10**12}, ("/delta", "out_of_range")),
        (StockAdjustment, {"reason": "because"}, ("/reason", "not_allowed")),
        (OptionsRequest, {"at": "tomorrow"}, ("/at", "bad_format")),
        (Cancellation, {"reason": ""}, ("/reason", "bad_format")),
        (DeliveryEventCreate, {"type": "teleport"}, ("/type", "not_allowed")),
        (DeliveryEventCreate, {"event_id": "a/b"}, ("/event_id", "bad_format")),
        (
            DeliveryEventCreate,
            {"point": {"type": "Point", "coordinates": [0, 91]}},
            ("/point/coordinates/1", "out_of_range"),
        ),
        (DeliveryEventCreate, {"proofs": [{"kind": "selfie", "proof_id": "prf_1"}]}, ("/proofs/0/kind", "not_allowed")),
        (ReturnCreate, {"lines": []}, ("/lines", "too_short")),
        (SubscriptionCreate, {"rule": "FREQ=HOURLY"}, ("/rule", "bad_format")),
        (SubscriptionCreate, {"time_zone": "Mars/Olympus"}, ("/time_zone", "not_allowed")),
        (SubscriptionCreate, {"time_zone": "../etc/passwd"}, ("/time_zone", "not_allowed")),
        (WebhookEndpointCreate, {"url": "ftp://x"}, ("/url", "bad_format")),
        (WebhookEndpointCreate, {"url": "https://u:p@x/"}, ("/url", "bad_format")),
        (WebhookEndpointCreate, {"url": "https://[::1"}, ("/url", "bad_format")),
        (WebhookEndpointCreate, {"url": "https://x/\x00"}, ("/url", "bad_format")),
        (WebhookEndpointCreate, {"types": ["Order"]}, ("/types/0", "bad_format")),
        (ApiKeyCreate, {"scopes": ["everything"]}, ("/scopes/0", "not_allowed")),
        (ApiKeyCreate, {"scopes": []}, ("/scopes", "too_short")),
        (Address, {"country": "USA"}, ("/country", "bad_format")),
        (Place, {"address": {"lines": [], "country": "US"}}, ("/address/lines", "too_short")),
    ],
)
def test_the_other_requests_are_as_strict(model, changes, fault):
    assert faults(model, changed(model, **changes)) == [fault]


def test_every_scope_can_be_given():
    assert ApiKeyCreate(name="all", scopes=[*SCOPES], expires_at=None).scopes == list(SCOPES)  # type: ignore[list-item]


def test_a_page_holds_items_of_one_kind_and_leads_on():
    page = Page[Money](items=[Money(amount=1, currency="EUR")], next_cursor="abc")
    assert page.model_dump() == {"items": [{"amount": 1, "currency": "EUR"}], "next_cursor": "abc"}


def test_replies_require_every_field_in_their_schema():
    schema = Order.model_json_schema(mode="serialization")
    assert set(schema["required"]) == set(schema["properties"])


def test_a_problem_of_an_order_reaches_the_caller_with_its_pointer():
    router = APIRouter(prefix="/v1")

    @router.post("/baskets")
    def place_order(order: OrderCreate) -> OrderCreate:
        return order

    shell = client(routers=[router])
    order = changed(OrderCreate, window={"start": "2026-03-02T09:00:00-06:00", "end": "2026-03-02T11:00:00-06:00"})
    assert shell.post("/v1/baskets", json=order).json()["window"] == {
        "start": "2026-03-02T15:00:00Z",
        "end": "2026-03-02T17:00:00Z",
    }
    order["contact"] = {"phone": "12"}
    (fault,) = shell.post("/v1/baskets", json=order).json()["errors"]
    assert (fault["pointer"], fault["code"]) == ("/contact/phone", "bad_format")
