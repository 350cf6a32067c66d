"""Who may drive, ride or walk where and how fast, by the tags of OpenStreetMap.

Speeds are those that are driven on average where traffic is light, by class of road; a limit that is mapped replaces
them, times ``OF_LIMIT``. Of access tags the most particular counts, and of several values the kindest
(https://wiki.openstreetmap.org/wiki/Key:access). Conditions on the vehicle (``no @ (weight>7.5)``) are heeded, those of
hours and days are not.
"""

import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.geography.roads.streets import Tags

OF_LIMIT = 0.8
WALK_KMH, PUSH_KMH, FERRY_KMH, OPENED_KMH = 5.0, 4.0, 15.0, 10.0
MPH, KNOTS = 1.609344, 1.852
CLASSES: Mapping[str, float] = {
    "motorway": 90, "motorway_link": 45, "trunk": 85, "trunk_link": 40, "primary": 65, "primary_link": 30,
    "secondary": 55, "secondary_link": 25, "tertiary": 40, "tertiary_link": 20, "unclassified": 25, "residential": 25,
    "living_street": 10, "road": 20, "service": 15,
}  # fmt: skip
"""Roads for motor vehicles and their usual speeds [km/h]."""
RIDDEN: Mapping[str, float] = {
    "primary": 15, "primary_link": 15, "secondary": 15, "secondary_link": 15, "tertiary": 15, "tertiary_link": 15,
    "unclassified": 15, "residential": 15, "living_street": 12, "road": 15, "service": 14, "cycleway": 16, "track": 12,
    "path": 12, "bridleway": 8,
}  # fmt: skip
WALKED = frozenset(CLASSES) - {"motorway", "motorway_link", "trunk", "trunk_link"} | {
    "pedestrian", "footway", "path", "steps", "track", "cycleway", "bridleway", "corridor", "platform",
}  # fmt: skip
SURFACES: Mapping[str, float] = {
    "cement": 80, "compacted": 80, "fine_gravel": 80, "paving_stones": 60, "metal": 60, "grass_paver": 40,
    "cobblestone": 30, "sett": 40, "unhewn_cobblestone": 20, "wood": 40, "gravel": 40, "unpaved": 40, "ground": 40,
    "dirt": 40, "earth": 40, "sand": 30, "mud": 15, "grass": 20, "pebblestone": 40,
}  # fmt: skip
"""What a surface allows at most [km/h]."""
SMOOTHNESS: Mapping[str, float] = {"intermediate": 80, "bad": 40, "very_bad": 20, "horrible": 10, "very_horrible": 5}
IMPLIED: Mapping[str, float] = {"living_street": 7, "urban": 50, "rural": 90, "trunk": 110, "motorway": 130,
                                "nsl_single": 60 * MPH, "nsl_dual": 70 * MPH, "DE:rural": 100, "AT:rural": 100,
                                "CH:rural": 80, "FR:rural": 80, "DK:rural": 80, "NL:rural": 80, "NO:rural": 80,
                                "CH:motorway": 120, "BE:motorway": 120, "GB:motorway": 70 * MPH}  # fmt: skip
"""Limits that are mapped by a rule, such as ``DE:urban`` (https://wiki.openstreetmap.org/wiki/Speed_limits) [km/h]."""
ADVISED_KMH = 130.0
"""Where a motorway has no limit."""
LIMITS = ("maxspeed", "source:maxspeed", "maxspeed:type")
FORBIDDEN = frozenset({
    "no", "private", "agricultural", "forestry", "emergency", "emergency_vehicle", "psv", "bus", "minibus", "taxi",
    "share_taxi", "foot", "military", "official", "restricted", "customers_no", "use_sidepath",
})  # fmt: skip
ONLY_THERE = frozenset({"destination", "delivery", "customers", "residents", "permit", "private"})
"""Nobody drives through, but who begins or ends there may; ``private`` is one of them for motor vehicles on ways."""
NO_THROUGH = frozenset({"driveway", "parking_aisle", "drive-through"})
OPENED = frozenset({"yes", "designated", "permissive", "destination", "delivery"})
ALONG, AGAINST, REVERSIBLE = frozenset({"yes", "true", "1"}), frozenset({"-1", "reverse"}), frozenset({"reversible"})
OPEN_BARRIERS = frozenset({"entrance", "border_control", "toll_booth", "cattle_grid", "sally_port", "lift_gate", "kerb",
                           "height_restrictor", "hampshire_gate", "no", "gate"})  # fmt: skip
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FEET = re.compile(r"""(\d+)\s*(?:'|ft)\s*(?:(\d+)\s*(?:"|in))?""")
_APART = re.compile(r";(?![^(]*\))")
_TERM = re.compile(r"(weight|height|width)\s*(<=|>=|<|>)\s*([\d.]+)\s*(?:t|m)?")
_COMPARED = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt}
_HOURS = re.compile(r"(?:(\d+):)?(\d+):(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A kind of vehicle: which access tags it heeds, the most particular first, how fast it goes, and its measures.

    Attributes
    ----------
    speeds
        Usual speed by class of road [km/h]; other roads are not used.
    heeds
        Keys of access tags, the most particular first.
    most_kmh
        It never goes faster.
    height_m, width_m, weight_t
        Lower, narrower and weaker roads are not used; 0: whatever they are.
    turns
        Whether turning takes time and restrictions hold.
    """

    name: str
    speeds: Mapping[str, float]
    heeds: tuple[str, ...]
    most_kmh: float = 140.0
    height_m: float = 0.0
    width_m: float = 0.0
    weight_t: float = 0.0
    turns: bool = True
    limits: bool = True
    one_way: tuple[str, ...] = field(default=("oneway",))


CAR = Profile(name="car", speeds=CLASSES, heeds=("motorcar", "motor_vehicle", "vehicle", "access"))
VAN = Profile(name="van", speeds=CLASSES, heeds=("goods", "motorcar", "motor_vehicle", "vehicle", "access"),
              most_kmh=120.0, height_m=2.8, width_m=2.1, weight_t=3.5)  # fmt: skip
TRUCK = Profile(name="truck", speeds=CLASSES, heeds=("hgv", "goods", "motor_vehicle", "vehicle", "access"),
                most_kmh=80.0, height_m=4.0, width_m=2.55, weight_t=18.0)  # fmt: skip
BIKE = Profile(name="bike", speeds=RIDDEN, heeds=("bicycle", "vehicle", "access"), most_kmh=20.0, turns=False,
               limits=False, one_way=("oneway:bicycle", "oneway"))  # fmt: skip
FOOT = Profile(name="foot", speeds=dict.fromkeys(WALKED, WALK_KMH), heeds=("foot", "access"), most_kmh=WALK_KMH,
               turns=False, limits=False, one_way=())  # fmt: skip
PROFILES: Mapping[str, Profile] = {each.name: each for each in (CAR, VAN, TRUCK, BIKE, FOOT)}


def speeds_of(tags: Tags, profile: Profile, length_m: float = 0.0) -> tuple[float, float]:
    """Return how fast a vehicle goes along a way and against it [km/h], 0 where it may not.

    Parameters
    ----------
    length_m
        Of the way, for ferries, which say how long they take.
    """
    usual = FERRY_KMH if tags.get("route") == "ferry" else profile.speeds.get(tags.get("highway", ""), 0.0)
    if tags.get("route") == "ferry" and tags.get("duration"):
        usual = _ferry_kmh(tags["duration"], length_m)
    said = _said(tags, profile)
    if not usual and tags.get("highway") in WALKED:
        usual = _opened_kmh(tags, profile, said)
    if not usual or _forbidden(said, profile) or tags.get("area") == "yes" or not _fits(tags, profile):
        return 0.0, 0.0
    if (tags.get("oneway") in REVERSIBLE and profile.one_way) or tags.get("smoothness") == "impassable":
        return 0.0, 0.0
    along, against = (_speed(tags, profile, usual, way) for way in ("forward", "backward"))
    direction = _direction(tags, profile)
    return (along if direction >= 0 else 0.0), (against if direction <= 0 else 0.0)


def goes_nowhere(tags: Tags, profile: Profile) -> bool:
    """Return whether a vehicle may use a way only if it begins or ends there: nobody drives through."""
    return profile.turns and (_said(tags, profile) in ONLY_THERE or tags.get("service") in NO_THROUGH)


def passes(tags: Tags, profile: Profile) -> bool:
    """Return whether a vehicle gets past a node: a bollard stops a van, and a gate that is private does."""
    said = _said(tags, profile)
    if said:
        return said not in FORBIDDEN
    barrier = tags.get("barrier", "")
    if not barrier or barrier in OPEN_BARRIERS:
        return _fits(tags, profile)
    return profile.name == "foot" or (profile.name == "bike" and barrier in ("bollard", "cycle_barrier", "block"))


def holds_for(tags: Tags, profile: Profile) -> bool:
    """Return whether a restriction of turns is meant for a vehicle."""
    if not profile.turns or set(profile.heeds) & set(tags.get("except", "").split(";")):
        return False
    return "restriction" in tags or any(f"restriction:{key}" in tags for key in profile.heeds)


def _said(tags: Tags, profile: Profile) -> str:
    """Return what access tags say to a vehicle, of several values the kindest, nothing where they say nothing."""
    for key in profile.heeds:
        condition = tags.get(f"{key}:conditional", "")
        said = (condition and _conditioned(condition, profile)) or tags.get(key, "")
        if said:
            return min((each.strip() for each in said.split(";")), key=_strictness)
    return ""


def _strictness(said: str) -> int:
    return 1 if said in ONLY_THERE else 2 if said in FORBIDDEN else 0


def _forbidden(said: str, profile: Profile) -> bool:
    return said in FORBIDDEN and not (profile.turns and said in ONLY_THERE)


def _opened_kmh(tags: Tags, profile: Profile, said: str) -> float:
    """Return how fast a vehicle goes on a way that is not of its classes but opened to it, 0 if it is not [km/h]."""
    if profile.name == "bike":
        return PUSH_KMH if said in ("yes", "designated", "permissive") else 0.0
    own = any(key in tags for key in profile.heeds if key not in ("access", "vehicle"))
    return OPENED_KMH if profile.turns and own and said in OPENED else 0.0


def _conditioned(text: str, profile: Profile) -> str:
    """Return the value of the last condition that the measures of a vehicle fulfil, nothing if none is."""
    own = {"weight": profile.weight_t, "height": profile.height_m, "width": profile.width_m}
    found = ""
    for part in _APART.split(text):
        value, _, condition = part.partition("@")
        terms = [_TERM.fullmatch(term.strip()) for term in condition.strip(" ()").split(" AND ")]
        if all(term and own[term[1]] and _COMPARED[term[2]](own[term[1]], float(term[3])) for term in terms):
            found = value.strip()
    return found


def _speed(tags: Tags, profile: Profile, usual: float, way: str) -> float:
    kmh = usual
    if profile.limits:
        said = (tags.get(f"maxspeed:{way}", ""), *(tags.get(key, "") for key in LIMITS))
        limit = next((found for text in said if (found := _limit(text))), 0.0)
        if tags.get("maxspeed") == "none" and tags.get("highway") in ("motorway", "trunk"):
            limit = ADVISED_KMH
        kmh = limit * OF_LIMIT if limit else usual
        kmh = min(kmh, SURFACES.get(tags.get("surface", ""), kmh), SMOOTHNESS.get(tags.get("smoothness", ""), kmh))
    return max(1.0, min(kmh, profile.most_kmh))


def _direction(tags: Tags, profile: Profile) -> int:
    """Return 1 if a way goes only along, -1 if only against, 0 if both."""
    if not profile.one_way:
        return 0
    said = next((tags[key] for key in profile.one_way if key in tags), "")
    if profile.name == "bike" and tags.get("cycleway", "").startswith("opposite"):
        return 0
    if said in ALONG:
        return 1
    if said in AGAINST:
        return -1
    round_ = tags.get("junction") in ("roundabout", "circular") or tags.get("highway") == "motorway"
    return 1 if round_ and said != "no" else 0


def _limit(text: str) -> float:
    """Return a limit in km/h, 0 if it says none or cannot be read."""
    if text in ("walk",):
        return WALK_KMH
    if text.partition(":")[2] in IMPLIED:
        return IMPLIED.get(text, IMPLIED[text.partition(":")[2]])
    found = _NUMBER.search(text) if text[:1].isdigit() or ":" in text else None
    if found is None:
        return 0.0
    factor = MPH if "mph" in text else KNOTS if "knots" in text else 1.0
    return float(found[0]) * factor


def _fits(tags: Tags, profile: Profile) -> bool:
    measures = (("maxheight", profile.height_m), ("maxwidth", profile.width_m), ("maxweight", profile.weight_t))
    return all(not own or not (most := _measure(tags.get(key, ""))) or own <= most for key, own in measures)


def _measure(text: str) -> float:
    """Return metres or tonnes, 0 if nothing is said that can be read."""
    feet = _FEET.match(text)
    if feet:
        return (int(feet[1]) + int(feet[2] or 0) / 12) * 0.3048
    found = _NUMBER.match(text)
    if found is None:
        return 0.0
    return float(found[0]) * (0.907185 if "st" in text else 0.000453592 if "lbs" in text else 1.0)


def _ferry_kmh(duration: str, length_m: float) -> float:
    found = _HOURS.fullmatch(duration)
    minutes = (
        (int(found[1] or 0) * 60 + int(found[2]) if found[1] else int(found[2]) * 60 + int(found[3])) if found else 0
    )
    if not minutes or not length_m:
        return FERRY_KMH
    return min(40.0, max(1.0, length_m / 1000 / (minutes / 60)))
