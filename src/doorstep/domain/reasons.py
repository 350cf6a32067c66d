"""Why a delivery failed, was put off or went another way, in one vocabulary for drivers, stores and carriers.

Each code begins with whom it lay with. What others call it, connectors translate. Reasons that nobody foresaw are kept
as they were given.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason in words, and what helps: ``again``, ``elsewhere``, ``back``, ``another``, or ``decide``, by people.

    ``another`` is another carrier, ``elsewhere`` another door or a site to collect at, ``back`` a return.
    """

    code: str
    words: str
    helps: str

    @property
    def party(self) -> str:
        """Whom it lay with: consignee, retailer, carrier, weather or road."""
        return self.code.partition("_")[0]


def _reasons(helps: str, **words: str) -> tuple[Reason, ...]:
    return tuple(Reason(code=code, words=text, helps=helps) for code, text in words.items())


ALL = (
    *_reasons(
        "again",
        consignee_unavailable="nobody was there",
        consignee_asked="the shopper asked for another time or place",
        consignee_unsafe="the door was not safe to reach: a dog, a threat",
        consignee_no_identification="no document was shown that the goods ask for",
        carrier_late="there was no time left on the route",
        carrier_breakdown="the vehicle broke down",
        weather_severe="the weather allowed no drive",
        road_closed="the road was closed",
    ),
    *_reasons(
        "elsewhere",
        consignee_address_unknown="the address was not found",
        consignee_no_access="the door could not be reached: a gate, a code, a lift",
    ),
    *_reasons(
        "back",
        consignee_refused="the shopper did not take it",
        consignee_underage="whoever was there is too young for the goods",
        retailer_cancelled="the retailer called it off",
        retailer_wrong_parcel="the parcel is another's",
        carrier_damaged="it was damaged on the way",
        carrier_delivery_failed="the carrier could not hand it over, and says no more",
    ),
    *_reasons(
        "another",
        carrier_no_courier="nobody came for it",
        retailer_unpaid="the carrier was not paid",
    ),
    *_reasons(
        "decide",
        retailer_closed="the site was closed when it was to be picked up",
        retailer_not_ready="it was not packed when it was to be picked up",
        retailer_pickup_failed="it could not be picked up, and nobody says why",
        carrier_lost="it was lost on the way",
        carrier_return_failed="it could not be brought back",
        carrier_other="the carrier names a reason that has no word here",
    ),
)
REASONS = {reason.code: reason for reason in ALL}
"""All reasons by their code."""


def to_markdown() -> str:
    """Return a heading and the table, one row a reason."""
    rows = [f"| `{reason.code}` | {reason.words} | {reason.helps} |" for reason in ALL]
    told = "Why a delivery was attempted in vain, put off, sent elsewhere or brought back; others are kept as given."
    return "\n".join(
        ("## Reasons", "", told, "", "| reason | what happened | what usually helps |", "|---|---|---|", *rows, "")
    )
