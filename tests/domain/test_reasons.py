"""The vocabulary of why deliveries fail."""

from doorstep.connectors.doordash_drive.translate import CANCELLED
from doorstep.connectors.onfleet.translate import REASON_WORDS as ONFLEET
from doorstep.connectors.stuart.translate import REASON_WORDS as STUART
from doorstep.connectors.uber_direct.translate import UNDELIVERABLE
from doorstep.domain.reasons import ALL, REASONS


def test_every_reason_has_one_code_that_says_whom_it_lay_with():
    assert len(REASONS) == len(ALL) == 24
    assert {reason.party for reason in ALL} == {"consignee", "retailer", "carrier", "weather", "road"}


def test_what_vendors_call_it_is_translated_into_reasons_that_there_are():
    told = {reason for _, reason in (*CANCELLED.values(), *STUART, *ONFLEET)} | set(UNDELIVERABLE.values())
    assert told <= set(REASONS)
    assert len(told) > 12
