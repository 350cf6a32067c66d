"""A carrier that works by files: its card prices, its manifest closes, its tracking file is read with all faults."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from doorstep.connectors.rate_card import Account, RateCardCarrier
from doorstep.foundation import InputError
from doorstep.ports import CarrierRefusedError, Item, Shipping
from doorstep.simulation.carriers import VirtualClock
from tests.connectors.carrier_desks import ASKED, CARD, NOW, card_desk

ZONED = {
    "carriers": "carrier_id,kind,basis,collects,delivers_from,delivers_by,weekdays,max_weight_g,fuel_surcharge_bp\n"
    "CF,parcel,zone,18:00,08:00,20:00,12345,30000,1000\n",
    "carrier_rates": "carrier_id,zone,max_weight_g,transit_days,price_minor\n"
    "CF,near,5000,1,700\nCF,near,5000,3,500\nCF,near,20000,1,900\n",
    "carrier_zones": "carrier_id,postal_prefix,zone\nCF,941,near\n",
    "carrier_surcharges": "carrier_id,surcharge,over_weight_g,amount_minor\nCF,heavy,10000,250\n",
}
MONDAY_18 = NOW + 36 * 3_600  # 2026-03-09, 18:00 UTC; NOW is a Sunday
DAYS_S = 86_400
PATIENT = replace(ASKED, requirements=(), arrive_by=NOW + 9 * DAYS_S)


def weighing(weight_g: int, **changes: object) -> Shipping:
    item = Item(name="Box", quantity=1, weight_g=weight_g, volume_ml=4_000, price_minor=0)
    return replace(PATIENT, items=(item,), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "price_minor", "days"),
    [
        (weighing(5_000), 550, 3),  # the cheapest that is there in time, and a tenth for fuel
        (weighing(5_000, arrive_by=NOW + 3 * DAYS_S), 770, 1),
        (weighing(12_000), 1_240, 1),  # 900, 90 for fuel, 250 for more than ten kilograms
    ],
)
def test_the_card_prices_by_zone_weight_fuel_surcharge_and_the_time_that_there_is(asked, price_minor, days):
    quote = card_desk(ZONED).carrier.quote(asked)
    assert (quote.price_minor, quote.pickup_at) == (price_minor, MONDAY_18)
    assert quote.dropoff_at == MONDAY_18 + days * DAYS_S + 2 * 3_600


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (replace(PATIENT, dropoff=replace(PATIENT.dropoff, postal_code="10001")), "out_of_coverage"),
        (weighing(25_000), "too_heavy"),
        (weighing(31_000), "too_heavy"),
        (replace(PATIENT, arrive_by=NOW + DAYS_S), "closed"),
        (replace(PATIENT, requirements=("chilled",)), "invalid"),
    ],
)
def test_what_the_card_does_not_hold_is_refused_in_our_words(asked, reason):
    with pytest.raises(CarrierRefusedError) as caught:
        card_desk(ZONED).carrier.quote(asked)
    assert caught.value.reason == reason


def test_the_manifest_of_a_day_has_a_line_for_each_delivery_and_none_runs_as_a_formula():
    desk = card_desk(ZONED)
    odd = replace(PATIENT, dropoff=replace(PATIENT.dropoff, instructions='=HYPERLINK("x"),\nring'))
    for name in ("b1", "b2", "b1"):
        desk.carrier.book(replace(odd, delivery_id=name))
    (file,) = folder_of(desk).glob("manifest-*.csv")
    lines = rows_of(file)
    assert (file.name, [line["reference"] for line in lines]) == ("manifest-2026-03-09.csv", ["b1", "b2"])
    assert (lines[0]["collect_at"], lines[0]["price_minor"]) == ("2026-03-09T18:00:00Z", "550")
    assert lines[0]["instructions"] == '\'=HYPERLINK("x"), ring'
    assert lines[0]["dropoff_address"] == "500 Castro St, San Francisco, CA 94114, US"


def test_a_closed_manifest_is_not_changed_any_more_and_the_next_takes_what_is_booked_then():
    desk = card_desk(ZONED)
    desk.carrier.book(replace(PATIENT, delivery_id="b1"))
    desk.clock.now = MONDAY_18
    with pytest.raises(CarrierRefusedError) as caught:
        desk.carrier.cancel("b1", "retailer_cancelled")
    assert caught.value.reason == "not_cancellable"
    assert desk.carrier.book(replace(PATIENT, delivery_id="b2")).pickup_at == MONDAY_18 + DAYS_S


def test_the_carriers_own_words_and_prices_are_taken_and_what_comes_back_costs_more():
    desk = card_desk(ZONED, statuses={"PU": "picked_up", "RTS": "returned"}, return_fee_minor=400)
    for name in ("b1", "b2"):
        desk.carrier.book(replace(PATIENT, delivery_id=name))
    tells(desk, f"b1,RTS,{NOW + 90},consignee_refused,\nb1,PU,{NOW + 60},,\nb2,PU,2026-03-08T06:01:00Z,,610\n")
    back, gone = desk.carrier.find("b1"), desk.carrier.find("b2")
    assert (back.event, back.event_at, back.reason, back.price_minor) == (
        "take_back", NOW + 90, "consignee_refused", 950,
    )  # fmt: skip
    assert (gone.event, gone.event_at, gone.price_minor) == ("pick_up", NOW + 60, 610)


def test_faults_of_a_tracking_file_are_listed_beside_it_and_its_other_rows_count():
    desk = card_desk(ZONED)
    desk.carrier.book(replace(PATIENT, delivery_id="b1"))
    tells(desk, f"b1,picked_up,{NOW + 60},,\nb9,delivered,{NOW + 70},,\nb1,gone,{NOW + 80},,\nb1,delivered,noon,,\n")
    assert desk.carrier.find("b1").event == "pick_up"
    beside = folder_of(desk) / "faults-tracking.csv"
    found = [(row["row"], row["column"], row["value"]) for row in rows_of(beside)]
    assert sorted(found) == [("3", "reference", "b9"), ("4", "status", "gone"), ("5", "occurred_at", "noon")]
    tells(desk, f"b1,delivered,{NOW + 90},,\n")
    assert (desk.carrier.find("b1").event, beside.exists()) == ("deliver", False)


def test_a_card_with_faults_tells_all_of_them(tmp_path: Path):
    for name, text in (CARD | {"carrier_rates": "carrier_id,price_minor\nCF,cheap\nCF,-1\n"}).items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    account = Account(folder=str(tmp_path), carrier_id="CF", currency="USD", time_zone="UTC")
    with pytest.raises(InputError, match=r"line 2 price_minor 'cheap'.*line 3 price_minor '-1'"):
        RateCardCarrier(account, clock=VirtualClock(NOW))
    with pytest.raises(InputError, match=r"statuses gone are none of"):
        replace(account, statuses={"X": "gone"})


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))


def folder_of(desk: object) -> Path:
    return Path(desk.dialect.folder)  # type: ignore[attr-defined]


def tells(desk: object, rows: str) -> None:
    text = "reference,status,occurred_at,reason,price_minor\n" + rows
    (folder_of(desk) / "tracking.csv").write_text(text, encoding="utf-8")
