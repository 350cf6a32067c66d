"""Addresses of a map: found as people write them, told with how near and how sure; and back, from a point to a door.

``AddressTables`` hold what a map or a register says, ``AddressIndex`` makes streets of it (what has one name and lies
together), ``find`` weighs every street that is alike with the house number, the postal code and the town, and
``AddressesNearby`` goes the other way. An answer says ``house`` only where street and number are beyond doubt; where
two streets fit as well, it says so. ``geocode_table`` does a whole table. Places without addresses have names too:
plus codes (``plus_codes``) and cells (``doorstep.geography``).
"""

from doorstep.geography.addresses.answer import Answer, Doubt, Precision, Question
from doorstep.geography.addresses.bulk import geocode_table, has_addresses
from doorstep.geography.addresses.find import find
from doorstep.geography.addresses.index import AddressIndex
from doorstep.geography.addresses.problem import AddressTables
from doorstep.geography.addresses.reverse import AddressesNearby

__all__ = [
    "AddressIndex",
    "AddressTables",
    "AddressesNearby",
    "Answer",
    "Doubt",
    "Precision",
    "Question",
    "find",
    "geocode_table",
    "has_addresses",
]
