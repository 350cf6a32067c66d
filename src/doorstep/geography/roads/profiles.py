"""Who may drive, ride or walk where and how fast, by the tags of OpenStreetMap.

Speeds are those that are driven on average where traffic is light, by class of road; a limit that is mapped replaces
them, times ``OF_LIMIT``. Of access tags the most particular counts
(https://wiki.openstreetmap.org/wiki/Key:access).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from doorstep.geography.roads.streets import Tags

OF_LIMIT = 0.8
WALK_KMH, PUSH_KMH, FERRY_KMH = 5.0, 4.0, 15.0
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
FORBIDDEN = frozenset({"no", "private", "agricultural", "forestry", "emergency", "psv", "customers_no", "use_sidepath"})
ALONG, AGAINST, REVERSIBLE = frozenset({"yes", "true", "1"}), frozenset({"-1", "reverse"}), frozenset({"reversible"})
OPEN_BARRIERS = frozenset({"entrance", "border_control", "toll_booth", "cattle_grid", "sally_port", "lift_gate", "kerb",
                           "height_restrictor", "hampshire_gate", "no", "gate"})  # fmt: skip
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_FEET = re.compile(r"""(\d+)\s*(?:'|ft)\s*(?:(\d+)\s*(?:"|in))?""")
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
    said = next((tags[key] for key in profile.heeds if key in tags), "")
    if not usual and said in ("yes", "designated", "permissive") and tags.get("highway") in WALKED:
        usual = PUSH_KMH if profile.name == "bike" else 0.0
    if not usual or said in FORBIDDEN or tags.get("area") == "yes" or not _fits(tags, profile):
        return 0.0, 0.0
    if tags.get("oneway") in REVERSIBLE and profile.one_way:
        return 0.0, 0.0
    along, against = (_speed(tags, profile, usual, way) for way in ("forward", "backward"))
    direction = _direction(tags, profile)
    return (along if direction >= 0 else 0.0), (against if direction <= 0 else 0.0)


def passes(tags: Tags, profile: Profile) -> bool:
    """Return whether a vehicle gets past a node: a bollard stops a van, and a gate that is private does."""
    said = next((tags[key] for key in profile.heeds if key in tags), "")
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


def _speed(tags: Tags, profile: Profile, usual: float, way: str) -> float:
    kmh = usual
    if profile.limits:
        limit = _limit(tags.get(f"maxspeed:{way}") or tags.get("maxspeed", ""))
        kmh = limit * OF_LIMIT if limit else usual
        kmh = min(kmh, SURFACES.get(tags.get("surface", ""), kmh))
        if tags.get("service") in ("alley", "driveway", "drive-through", "parking_aisle", "parking"):
            kmh = min(kmh, 5.0 if tags["service"] != "alley" else 10.0)
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
